"""Entering one row of an imported table: the same entry gate, duplicate check and conflict check as in the chat (D15, R14)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.command import Turn
from bot.sheets.rows import Result, Row
from domain.desk import Clash
from domain.matching import Match, Verdict
from domain.model import OFFICE, Contact, Customer, Member, Role, Slot, Visit
from domain.refusal import Refusal
from handlers import _after, _assign, _customers, _dup_rules, _fields, _plan, _views

LISTED = frozenset(
    {
        "rep_overlap",
        "participant_overlap",
        "customer_overlap",
        "third_team",
        "owned_by_other",
        "customer_window",
        "duplicate_visit",
    }
)
"""Conflicts of imported visits that are named; buffers and office hours of old data concern nobody."""


class Entering:
    """Some rows of one transaction, entered one after the other; `entered` are the customers of rows before them, by place."""

    def __init__(self, turn: Turn, entered: Mapping[int, str]) -> None:
        self.turn = turn
        self._before = entered
        self._here: dict[int, str] = {}
        self._people: dict[tuple[str, str], Member | Refusal] = {}
        self._taken: set[tuple[str, str]] = set()

    def all(self, rows: Sequence[Mapping[str, Any]]) -> list[Result]:
        """A result for each row. The exact keys of all customers are asked for at once."""
        wanted = [key for row in rows if row["kind"] == "customers" for key in row["keys"]]
        if wanted:
            self.turn.tx.lock("customer-entry")
            self._taken = self.turn.tx.pages.having(wanted)
        return [self._enter(row) for row in rows]

    def _enter(self, row: Mapping[str, Any]) -> Result:
        """Whole or not at all."""
        try:
            with self.turn.tx.savepoint():
                return {"members": self._member, "customers": self._customer, "visits": self._visit}[row["kind"]](row)
        except Refusal as e:
            return Result("error", e.text)

    # ------------------------------------------------------------------ customers
    def _customer(self, row: Mapping[str, Any]) -> Result:
        turn, data = self.turn, row["data"]
        owner = self.person(data["owner"], "负责人") if data.get("owner") else None
        if owner is not None:
            _answers_for(turn, owner)
        draft = _draft(turn, data, owner)
        matches = [m for m in self._matches(draft, row) if m.verdict in ("duplicate", "possible")]
        if data.get("apart"):
            matches = [m for m in matches if m.verdict == "duplicate"]
        if matches:
            return _known(turn, draft, matches)
        saved = _enter_customer(turn, draft)
        self._taken.update(row["keys"])
        self._here[row["place"]] = saved.id
        return Result("ok", f"编号：{saved.code}", saved.id)

    def _matches(self, draft: Customer, row: Mapping[str, Any]) -> list[Match]:
        """The chat's own check; the engine's part may have been done beforehand (`likes`), exact keys are asked here and now."""
        likes = row.get("likes")
        if likes is None:
            return _customers.check(self.turn, draft)
        found = []
        for id_, score, verdict, why in likes:
            place = int(id_.removeprefix("row:")) if id_.startswith("row:") else None
            known = id_ if place is None else self._here.get(place) or self._before.get(place)
            if known:
                found.append(Match(known, score, Verdict(verdict), tuple(why)))
        found = _dup_rules.judged(self.turn, draft, found)
        if not self._taken.intersection(row["keys"]):
            return found
        engine, self.turn.matcher = self.turn.matcher, None
        try:
            exact = _customers.check(self.turn, draft)
        finally:
            self.turn.matcher = engine
        return [*exact, *(m for m in found if m.id not in {e.id for e in exact})]

    # ------------------------------------------------------------------ people
    def person(self, said: str, what: str) -> Member:
        """A colleague by id or name, looked up once. Raises Refusal."""
        if (key := (said, what)) not in self._people:
            try:
                self._people[key] = _person(self.turn, said, what)
            except Refusal as e:
                self._people[key] = e
        found = self._people[key]
        if isinstance(found, Refusal):
            raise Refusal(found.text)
        return found

    def _member(self, row: Mapping[str, Any]) -> Result:
        self._people.clear()
        return _member(self.turn, row["data"])

    def _visit(self, row: Mapping[str, Any]) -> Result:
        turn, data = self.turn, row["data"]
        if not data.get("rep") and turn.tx.people.get(turn.me.id) is None:
            raise Refusal("没有填销售")
        rep = self.person(data["rep"], "销售") if data.get("rep") else turn.me
        people = tuple(self.person(p, "参与人").id for p in data.get("people", ()))
        return _visit(turn, data, rep, people)


def foresee(turn: Turn, rows: Sequence[Row], results: list[Result]) -> None:
    """What can be told beforehand of rows that look good: people, rights, and whether a visit's customer is known."""
    look = Entering(turn, {})
    coming = {str(r.data.get(k)) for r in rows if r.kind == "members" for k in ("name", "id") if r.data.get(k)}
    named = {str(r.data["name"]) for r in rows if r.kind == "customers" and r.data.get("name")}
    known: dict[str, str] = {}
    for n, row in enumerate(rows):
        if results[n].state != "ok" or row.kind == "members":
            continue
        try:
            for field, what in (("owner", "负责人"), ("rep", "销售")):
                if (said := str(row.data.get(field) or "")) and said not in coming:
                    _answers_for(turn, look.person(said, what))
            said = str(row.data.get("customer") or "")
            if row.kind == "visits" and said not in named and said not in known:
                known[said] = _its_customer(turn, said).id
        except Refusal as e:
            results[n] = Result("error", e.text)


# ---------------------------------------------------------------------- people
def _person(turn: Turn, said: str, what: str) -> Member:
    """A colleague by id or name. Raises Refusal."""
    found = turn.tx.people.get(said)
    named = [found] if found and found.active else turn.tx.people.named(said)
    if len(named) == 1:
        return named[0]
    if not named:
        raise Refusal(f"{what}「{said}」不是成员")
    raise Refusal(f"{what}「{said}」有 {len(named)} 位同名，请改填账号（{'、'.join(m.id for m in named)}）")


def _answers_for(turn: Turn, member: Member) -> None:
    """Imports: a manager for his team, directors and admins for all (contract.md 7b "Rights"). Raises Refusal."""
    if turn.me.role in (Role.DIRECTOR, Role.ADMIN) or turn.me.id == member.id or turn.me.id in _views.managers(turn, member.id):
        return
    raise Refusal(f"无权：{member.name}不在您的团队")


def _member(turn: Turn, data: Mapping[str, Any]) -> Result:
    role = Role(data.get("role", Role.REP.value))
    order = list(Role)
    if turn.me.role not in (Role.DIRECTOR, Role.ADMIN) or order.index(role) > order.index(turn.me.role):
        raise Refusal("无权：成员由总监或管理员导入，角色不能高于自己")
    name, team = data["name"], data.get("team", "")
    known = turn.tx.people.get(data["id"]) if data.get("id") else None
    if known is None:
        same = [m for m in turn.tx.people.named(name) if m.name == name and (not data.get("id") or m.id == data["id"])]
        known = next((m for m in same if not team or m.team == team), None)
    if known is not None:
        return Result("duplicate", f"已有成员：{known.name}（{known.id}）", known.id)
    above = _person(turn, data["manager"], "上级").id if data.get("manager") else None
    id_ = data.get("id") or _new_id(turn, name)
    turn.tx.people.put(
        Member(
            id_, name, role, team, data.get("department", ""), above, tuple(data.get("aliases", ())), data.get("line", ""),
            data.get("wecom") or id_, data.get("dingtalk") or id_,
        )
    )  # fmt: skip
    return Result("ok", "" if data.get("id") else f"账号：{id_}", id_)


def _new_id(turn: Turn, name: str) -> str:
    """wanglei for 王磊, wanglei2 for the second one."""
    from pypinyin import lazy_pinyin

    base = "".join(c for c in "".join(lazy_pinyin(name)).lower() if c.isascii() and c.isalnum())[:40] or "member"
    n, made = 1, base
    while turn.tx.people.get(made) is not None:
        n += 1
        made = f"{base}{n}"
    return made


# ---------------------------------------------------------------------- customers
def _draft(turn: Turn, data: Mapping[str, Any], owner: Member | None) -> Customer:
    phones, emails = tuple(data.get("phones", ())), tuple(data.get("emails", ()))
    created = datetime.fromisoformat(data["created"]) if data.get("created") else turn.now
    status = data.get("status") or ("active" if owner else "pool")
    if owner is None and status == "active":
        status = "pool"
    contact = data.get("contact")
    return Customer(
        "", data["name"], aliases=tuple(data.get("aliases", ())), city=data.get("city", ""), grade=data.get("grade", ""),
        owner=owner.id if owner and status != "pool" else None, stage=data.get("stage") or "线索", status=status, phones=phones,
        emails=emails, uscc=data.get("uscc", ""), created=created, protected_until=_until(turn, created, owner if status != "pool" else None),
        contacts=(Contact(contact, data.get("title", ""), next(iter(phones), ""), next(iter(emails), "")),) if contact else (),
        address=data.get("address", ""),
        extra={**_own(turn, "customer", data), **({"source": data["source"]} if data.get("source") else {})},
    )  # fmt: skip


def _own(turn: Turn, object_: str, data: Mapping[str, Any]) -> dict[str, object]:
    """The values of fields made in the chat, from columns of the same name. Raises Refusal."""
    more = data.get("more") or {}
    fields = [f for f in turn.tx.fields.of(object_) if f.name in more and f.kind != "formula"] if more else []
    return {f.name: _fields.checked(turn, f, str(more[f.name])) for f in fields}


def _enter_customer(turn: Turn, draft: Customer) -> Customer:
    """A row that names no owner goes where the company's rules send it, else to the pool (R104)."""
    given = _assign.decide(turn, draft) if draft.status == "pool" and draft.owner is None else None
    if given is None or given.mode == "first":
        saved = turn.tx.customers.add(draft)
        turn.event("customer.created", customer=_views.customer_json(saved))
        return saved
    saved = turn.tx.customers.add(_assign.entered(turn, draft, given))
    turn.event("customer.created", customer=_views.customer_json(saved))
    _assign.tell(turn, saved, given)
    return saved


def _until(turn: Turn, created: datetime, owner: Member | None) -> date | None:
    return (created + timedelta(days=turn.rules.protect_days)).astimezone(OFFICE).date() if owner else None


def _known(turn: Turn, draft: Customer, matches: Sequence[Match]) -> Result:
    _customers.found(turn, draft, matches)
    best = turn.tx.customers.get(matches[0].id)
    owner = _views.owner(turn, best) if best else ""
    sure = "已有客户" if matches[0].verdict == "duplicate" else "可能是已有客户"
    name = f"{best.name}（{best.code}，{owner}）" if best else matches[0].id
    way = "" if matches[0].verdict == "duplicate" else "；确实不同就加一列「不是同一家」填「是」再导入"
    return Result("duplicate", f"{sure}：{name}，{'、'.join(matches[0].why)}{way}", matches[0].id)


# ---------------------------------------------------------------------- visits
def _visit(turn: Turn, data: Mapping[str, Any], rep: Member, people: tuple[str, ...]) -> Result:
    customer = _its_customer(turn, data["customer"])
    _answers_for(turn, rep)
    start = datetime.fromisoformat(data["start"])
    end = datetime.fromisoformat(data["end"]) if data.get("end") else start + timedelta(minutes=turn.rules.default_visit_min)
    status = data.get("status") or ("planned" if start >= turn.now else "done")
    same = turn.tx.visits.of_person(rep.id, start, end, statuses=("planned", "pending", "done", "cancelled", "missed", "empty"))
    twin = next((v for v in same if v.rep == rep.id and v.customer == customer.id and v.start == start), None)
    if twin is not None:
        return Result("duplicate", f"已有这次拜访（{twin.id}）", twin.id)
    visit = Visit(
        "", customer.id, customer.name, rep.id, start, end, people, data.get("mode") or "onsite", data.get("purpose", ""),
        data.get("contact", ""), data.get("location", ""), status, 1, rep.line, "", "import",
    )  # fmt: skip
    own = _own(turn, "visit", data)
    checked = _plan.check(turn, _plan_of(visit)) if visit.live else None
    saved = turn.tx.visits.add(visit, at=turn.now, by=turn.me.id, why="import", standing=True)
    if saved is None:
        raise Refusal("这个时段刚刚被占用了")
    for name, value in own.items():
        turn.tx.fields.set_value("visit", saved.id, name, value)
    _after.plan_jobs(turn, saved)
    turn.event("visit.imported", visit=_views.visit_json(saved))
    return Result("ok", _conflicts(turn, checked, saved) if checked else "", saved.id)


def _its_customer(turn: Turn, said: str) -> Customer:
    """A customer by number, id, full name or alias. Raises Refusal."""
    found = turn.tx.customers.get(said) or turn.tx.customers.by_code(said)
    if found is not None and found.status not in ("void", "merged"):
        return found
    ids = dict.fromkeys([*turn.tx.customers.by_key("name", said), *turn.named(said)])
    known = [c for c in turn.tx.customers.many(list(ids)).values() if c.status not in ("void", "merged")]
    if len(known) == 1:
        return known[0]
    if not known:
        raise Refusal(f"客户「{said}」不在系统里，请先导入客户")
    raise Refusal(f"客户「{said}」有 {len(known)} 家，请改填编号（{'、'.join(c.code for c in known[:5])}）")


def _plan_of(v: Visit) -> _plan.Plan:
    return _plan.Plan("book", v.customer, v.rep, v.start.isoformat(), v.end.isoformat(), v.participants, mode=v.mode)


def _conflicts(turn: Turn, checked: _plan.Checked, saved: Visit) -> str:
    """What an imported visit clashes with: listed and kept on record, not dropped (R162)."""
    kinds = tuple(k for k in checked.verdict.kinds if k in LISTED)
    if not kinds:
        return ""
    sides = [w for w in checked.verdict.with_ if w.kind in kinds]
    others = tuple(
        {"visit": w.visit or None, "rep": w.rep, "start": w.start.isoformat(), "end": w.end.isoformat()} for w in sides
    )
    hard = any(k in checked.verdict.hard for k in kinds)
    draft = {**_views.visit_json(saved), "again": True}
    turn.tx.conflicts.add(Clash("", kinds, hard, saved.rep, saved.customer, turn.now, draft, others, visit=saved.id))
    data = {"kinds": list(kinds), "hard": hard, "draft": _views.visit_json(saved), "with": list(others), "alternatives": []}
    turn.event("conflict.found", **data)
    words = "、".join(_plan.KIND_WORDS[k] for k in kinds)
    with_ = "；".join(dict.fromkeys(f"{_views.name(turn, w.rep)} {_views.span(Slot(w.start, w.end))}" for w in sides if w.rep))
    return f"冲突：{words}" + (f"（{with_}）" if with_ else "")
