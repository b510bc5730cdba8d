"""Looking at and entering customers: what each reader may see, the duplicate check before every entry."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from domain.matching import Match, Verdict
from domain.model import Contact, Customer
from domain.permissions import Layer
from domain.visibility import FIELDS
from handlers import _assign, _audit, _dup_rules, _fields, _gates, _owners, _shown, _tasks, _views, _who

VERDICTS = {"duplicate": "就是这家", "possible": "可能是这家", "related": "关联公司"}


def sees(turn: Turn, c: Customer) -> Layer:
    """What all readers of the reply may see of a customer: the least of their layers."""
    return _shown.of(turn, c).level


def mask(phone: str) -> str:
    """138****5678."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 8 else "****"


def check(turn: Turn, draft: Customer) -> list[Match]:
    """Every record is searched, whoever may see it (D14); exact keys inside the transaction, so that two at once get one."""
    tx = turn.tx
    phones = [p for p in (*draft.phones, *(c.phone for c in draft.contacts)) if p]
    emails = [e for e in (*draft.emails, *(c.email for c in draft.contacts)) if e]
    tx.lock("customer-entry")
    found = {m.id: m for m in turn.match(draft)}
    exact: dict[str, list[str]] = {}
    for kind, word, values in (("phone", "电话相同", phones), ("email", "邮箱相同", emails), ("name", "名称相同", [draft.name])):
        for value in values:
            for known in tx.customers.by_key(kind, value):
                exact.setdefault(known, []).append(word)
    for known, why in exact.items():
        if known not in found or found[known].verdict != "duplicate":
            found[known] = Match(known, 1.0, Verdict.DUPLICATE, tuple(dict.fromkeys(why)))
    out: dict[str, Match] = {}
    for m in sorted(found.values(), key=lambda m: -m.score):
        there = _who.live(turn, m.id)
        if there is None or there.status == "void" or there.id in apart_from(draft) or draft.id in apart_from(there):
            continue
        out.setdefault(there.id, replace(m, id=there.id))
    return _dup_rules.judged(turn, draft, list(out.values()))[:5]


def apart_from(c: Customer) -> set[str]:
    """The customers that this one is known not to be (不是同一家), said at either of the two."""
    value = c.extra.get("apart")
    return {str(x) for x in value} if isinstance(value, list | tuple) else set()


def keep_apart(turn: Turn, a: str, b: str) -> None:
    """Remember on both that they are different firms."""
    turn.tx.lock(f"customer:{a}", f"customer:{b}")
    for mine, other in ((a, b), (b, a)):
        c = turn.tx.customers.get(mine)
        if c is not None and other not in apart_from(c):
            turn.tx.customers.put(replace(c, extra={**c.extra, "apart": sorted({*apart_from(c), other})}))


def match_json(m: Match) -> dict[str, object]:
    """One match of contract.md section 6."""
    return {"id": m.id, "score": round(m.score, 3), "verdict": m.verdict, "why": list(m.why)}


def match_line(turn: Turn, m: Match) -> str:
    """A known customer as anybody may see it: name, owner, stage (R34)."""
    c = turn.tx.customers.get(m.id)
    if c is None:
        return ""
    owner = f"负责人{_views.name(turn, c.owner)}" if c.owner else _views.owner(turn, c)
    return f"{c.name}（{owner}，{c.stage or '未定阶段'}）：{VERDICTS.get(m.verdict, '')}，{'、'.join(m.why)}"


def found(turn: Turn, draft: Customer, matches: Sequence[Match]) -> None:
    """The event of a likeness, whichever door it came up at (contract.md section 7)."""
    shown: dict[str, object] = {
        "name": draft.name, "phones": list(draft.phones), "emails": list(draft.emails), "city": draft.city,
        "grade": draft.grade,
    }  # fmt: skip
    turn.event("customer.duplicate_found", draft=shown, matches=[match_json(m) for m in matches])


def duplicate_reply(turn: Turn, draft: Customer, matches: Sequence[Match], draft_id: str) -> Reply:
    """Nothing is saved: the known customers, why, and the ways on."""
    found(turn, draft, matches)
    sure = any(m.verdict == "duplicate" for m in matches)
    best = turn.tx.customers.get(matches[0].id)
    buttons: list[Button] = []
    if not sure:
        buttons.append(Button("不是同一家", says.write("customer.apart", draft=draft_id), "primary"))
    if best is not None:
        buttons.append(Button(f"看{best.short}"[:10], says.write("owner.show", customer_id=best.id)))
        if best.status == "pool":
            buttons.append(Button(f"认领{best.short}"[:10], says.write("owner.claim", customer_id=best.id)))
        elif best.owner not in (None, turn.me.id):
            buttons.append(Button("申请协作", says.write("owner.cooperate", customer_id=best.id)))
    buttons.append(Button("算了", says.write("draft.drop", draft=draft_id)))
    title = f"没有新建：{draft.name}{'已经在系统里' if sure else '可能已经在系统里'}"
    lines = Items(tuple(filter(None, (match_line(turn, m) for m in matches))))
    turn.because(*(match_line(turn, m) for m in matches))
    return Reply(Card(title, (lines,), tuple(buttons), Tone.WARN), subject=f"draft:{draft_id}")


def create(turn: Turn, draft: Customer) -> Customer:
    """Enter a customer: who entered it owns it and is protected from today, unless the company's rules say otherwise."""
    given = _assign.decide(turn, draft)
    saved = turn.tx.customers.add(_assign.entered(turn, replace(draft, created=turn.now, stage=draft.stage or "线索"), given))
    for other in apart_from(saved):
        keep_apart(turn, saved.id, other)
    known = {"apart": sorted(apart_from(saved))} if apart_from(saved) else {}
    turn.event("customer.created", customer=_views.customer_json(saved), **known)
    _assign.tell(turn, saved, given)
    turn.because(f"{saved.short}归属：{given.why}")
    turn.did("customer.created", customer=saved.id, version=saved.version)
    turn.tx.talk.note(turn.me.id, "customer", saved.id)
    return saved


def created_reply(turn: Turn, c: Customer) -> Reply:
    """已新建, with number, owner and protection."""
    phones = [*c.phones, *(x.phone for x in c.contacts if x.phone)]
    rows = [
        ("编号", c.code),
        ("负责人", _views.owner(turn, c)),
        ("联系人", "、".join(f"{x.name}{'（' + x.title + '）' if x.title else ''}" for x in c.contacts)),
        ("电话", "、".join(mask(p) if turn.group else p for p in dict.fromkeys(phones))),
        ("保护期到", _views.day(c.protected_until) if c.protected_until else ""),
        *_fields.rows(turn, "customer", c.extra),
    ]
    buttons: tuple[Button, ...] = (Button("撤销", says.write("dialog.undo")),)
    if turn.me.id in (c.owner, c.awaiting):
        buttons += (Button("约拜访", says.write("visit.book", customer_id=c.id)),)
    facts = Facts(tuple((n, v) for n, v in rows if v))
    note = (Text("主管审核通过后归您，录入时间已记下。"),) if c.awaiting else ()
    note = (Text("已发给同事抢单，先认领先得。"),) if c.status == "pool" else note
    if c.owner not in (None, turn.me.id):
        note = (Text(f"按规则分给{_views.name(turn, c.owner)}，已通知对方。"),)
    return Reply(Card(f"已新建客户：{c.name}", (facts, *note), buttons, Tone.DONE), subject=f"customer:{c.id}")


def contacts_of(name: str, title: str, phone: str, email: str) -> tuple[Contact, ...]:
    """One contact from slots, or none."""
    return (Contact(name, title, phone, email),) if name else ()


def blocks_for(turn: Turn, c: Customer) -> list[Block]:
    """The customer's card as far as every reader may see (contract.md 7b "Who sees what"); a group reads no whole number."""
    shown = _shown.of(turn, c)
    rows = [("客户", c.name), ("编号", c.code), ("负责人", _views.owner(turn, c)), ("阶段", _gates.words(turn, c))]
    words = {"active": "在跟", "pool": "公海", "lost": "流失", "won": "成交"}
    public = {"grade": c.grade, "status": words.get(c.status, c.status), "co_owners": _views.names(turn, c.co_owners)}
    rows += [(FIELDS[f].name, value) for f, value in public.items() if shown.has(f)]
    if shown.level >= Layer.PUBLIC and c.protected_until and c.protected(_owners.today(turn)):
        rows.append(("保护期到", _views.day(c.protected_until)))
    if c.locked:
        rows.append(("锁定", "已锁定"))
    inside = private_rows(turn, shown)
    rows += [(FIELDS[f].name, value) for f, value in inside.items() if value]
    rows += [(name, value) for name, value in _fields.rows(turn, "customer", c.extra) if shown.has(name)]
    if seen := [f for f, value in inside.items() if value]:
        _audit.read(turn, "customer.show", c.id, *seen)
    blocks: list[Block] = [Facts(tuple((n, v) for n, v in rows if v))]
    ahead = turn.tx.visits.at_customer_between(c.id, turn.now, turn.now + timedelta(days=60), statuses=("planned", "pending"))
    if ahead and shown.level >= Layer.PUBLIC:  # whose schedule holds a locked customer is not told under its name
        lines = tuple(_views.visit_line(turn, v, with_day=True, with_rep=True) for v in ahead[:3])
        blocks += [Text("接下来的拜访："), Items(lines)]
    if shown.follower and not turn.group:
        blocks += _inside(turn, c)
    return blocks


def own_view(turn: Turn, c: Customer) -> list[Block]:
    """The same card as the asker alone may read it: what a group may not goes to him in private (contract.md section 4)."""
    group, readers = turn.group, turn.readers
    turn.group, turn.readers = None, [turn.me]
    try:
        return blocks_for(turn, c)
    finally:
        turn.group, turn.readers = group, readers


def private_rows(turn: Turn, shown: _shown.Shown) -> dict[str, str]:
    """Contacts, numbers, address, last touch as far as the readers may see them; a group reads no whole number."""
    c = shown.customer
    people = [f"{x.name} {x.title} {mask(x.phone) if turn.group and x.phone else x.phone}".strip() for x in shown.contacts]
    return {
        "contacts": "；".join(people),
        "phones": "、".join(mask(p) if turn.group else p for p in c.phones) if shown.has("phones") else "",
        "address": c.address if shown.has("address") and c.address else c.city if shown.has("city") else "",
        "last_touch": last_touch(turn, c) if shown.has("last_touch") else "",
    }


def last_touch(turn: Turn, c: Customer) -> str:
    """Who was in touch last, when, by what channel, with what result; no text (R41, 26)."""
    f = turn.tx.followups.last_of(c.id)
    if f is None or (c.last_followup is not None and c.last_followup - f.at > timedelta(hours=1)):
        return _views.day(c.last_followup) if c.last_followup else ""
    result = f"，{f.result}" if f.result else ""
    return f"{_views.day(f.at)} {_views.name(turn, f.by)} {_owners.channel(f.channel)}{result}"


def _inside(turn: Turn, c: Customer) -> list[Block]:
    """What only those who follow it see: what was said, and what is still owed to the customer (27)."""
    out: list[Block] = []
    rows = turn.tx.followups.of_customer(c.id, limit=3)
    lines = [f"{_views.day(f.at)} {_views.name(turn, f.by)}：{f.content[:40]}" for f in rows if f.content]
    if lines:
        out += [Text("跟进："), Items(tuple(lines))]
        _audit.read(turn, "customer.show", c.id, "followups")
    if tasks := turn.tx.tasks.of_customer(c.id):
        out += [Text("还没办完："), Items(tuple(_tasks.line(turn, t, with_person=True) for t in tasks[:4]))]
    return out
