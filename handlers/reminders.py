"""个人提醒：提前多久、早上的拜访前一晚提醒、静音；必须提醒的说明原因。"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import says
from bot.cards import Block, Button, Card, Items, Text, Tone
from bot.command import Reply, Turn, command, job
from domain.desk import Job
from domain.model import OFFICE, Customer, Visit, When
from domain.refusal import NotFound
from handlers import _leads, _reminder_card, _views, _who

LONGEST_MIN = 7 * 24 * 60
_EVENING = re.compile(
    r"(?:早上|上午|一早|早晨)[^，。,]{0,6}(?:前一天|头天|前一晚|提前一天)|(?:前一天|头天|前一晚)(?:的)?(?:晚上|晚)"
)
_MUST = (
    (re.compile(r"纪要|报告|小结"), "纪要超过时限没交，会提醒您和主管，这是公司规定（24 小时纪要），不能关闭"),
    (re.compile(r"审批"), "等您审批的事项关系到同事的预约，不能关闭"),
    (re.compile(r"公海|漏访|撞单"), "公海预警、漏访和撞单预警关系到客户归属，不能关闭"),
)


@dataclass(frozen=True, slots=True)
class Set:
    """How long before; for one customer, or for all one's visits."""

    before_min: int | None = None
    customer: str | None = None
    customer_id: str | None = None
    draft: str = ""


@command("reminder.set", Set, group="提醒", example="以后提前两小时提醒我")
def set_lead(ask: Set, turn: Turn) -> Reply:
    """A personal setting, at once, with an undo; says which visits it changes now (R102, 55)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said.with_slots(draft=None), "设给")
    if ask.customer and not found:
        raise NotFound(f"没有找到客户「{ask.customer}」，没有改动")
    customer = found[0] if found else None
    text = turn.said.text
    evening = bool(_EVENING.search(text)) and customer is None
    if ask.before_min is None and not evening:
        return _resume(turn, customer)
    minutes = ask.before_min
    if evening and minutes == 24 * 60 and "小时" not in text and "分钟" not in text:
        minutes = None
    if minutes is not None and not 0 < minutes <= LONGEST_MIN:
        return Reply(Card("提前量要在 1 分钟到 7 天之间，没有改动"))
    before = _leads.settings(turn, customer.id if customer else "")
    if minutes is not None:
        turn.tx.settings.set_personal(turn.me.id, f"lead:{customer.id}" if customer else "lead", minutes)
    if evening:
        turn.tx.settings.set_personal(turn.me.id, "evening", True)
        _leads.plan_evening(turn)
    turn.did("reminder.set", before=before)
    return _set_card(turn, customer, minutes, evening)


def _set_card(turn: Turn, customer: Customer | None, minutes: int | None, evening: bool) -> Reply:
    visits = _leads.upcoming(turn, turn.me.id, customer.id if customer else "")
    lines = tuple(x for v in visits[:5] if (x := _when_line(turn, v)))
    what = [f"提前{lead_words(minutes)}提醒" if minutes is not None else "", "上午的拜访前一晚 20:00 提醒" if evening else ""]
    who = f"{customer.short}的拜访" if customer else "以后的拜访"
    blocks: list[Block] = []
    if lines:
        blocks += [Text("现在受影响的拜访："), Items(lines)]
    blocks.append(Text("24 小时纪要提醒不受影响。"))
    turn.because("提醒提前量：客户设置优先，其次个人设置，再次公司设置（R102）")
    title = f"已设置：{who}{'，'.join(w for w in what if w)}"
    return Reply(Card(title, tuple(blocks), (Button("撤销", says.write("dialog.undo")),), Tone.DONE))


def _when_line(turn: Turn, visit: Visit) -> str:
    """华岳 6月11日 周四 14:00 → 12:00 提醒."""
    at = _leads.replan(turn, visit)
    evening = _leads.evening_of(visit) if _leads.wants_evening(turn, turn.me.id) else None
    at = min(filter(None, (at, evening if evening and evening > turn.now else None)), default=None)
    name = _views.label(turn, visit)
    return f"{_views.moment(visit.start)} {name} → {_views.moment(at)} 提醒" if at else ""


def lead_words(minutes: int) -> str:
    """两小时 as 2 小时, 90 分钟, 1 天."""
    if minutes % 1440 == 0:
        return f" {minutes // 1440} 天"
    return f" {minutes // 60} 小时" if minutes % 60 == 0 else f" {minutes} 分钟"


def _resume(turn: Turn, customer: Customer | None) -> Reply:
    """恢复提醒; without anything muted, how it stands."""
    if any(w in turn.said.text for w in ("恢复", "打开", "开启", "启用", "重新")):
        before = _leads.settings(turn)
        if _leads.unmute(turn, customer.id if customer else ""):
            turn.did("reminder.set", before=before)
            return Reply(Card("已恢复提醒", (), (Button("撤销", says.write("dialog.undo")),), Tone.DONE))
        return Reply(Card("提醒本来就是开着的，没有改动"))
    draft = turn.ask(turn.said.with_slots(draft=None), "lead")
    slots = {"customer_id": customer.id} if customer else {}
    buttons = tuple(
        Button(f"提前{lead_words(m).strip()}", says.write("reminder.set", before_min=m, draft=draft.id, **slots))
        for m in (30, 60, 120, 1440)
    )
    own = turn.tx.settings.personal(turn.me.id, "lead")
    now = int(own) if isinstance(own, int) else turn.rules.remind_before_min
    return Reply(Card(f"提前多久提醒？现在是提前{lead_words(now)}", (), buttons), subject=f"draft:{draft.id}")


# ---------------------------------------------------------------------- mute
@dataclass(frozen=True, slots=True)
class Mute:
    """What to mute: `scope` from a button, else what was said."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    scope: str = ""
    draft: str = ""


@command("reminder.mute", Mute, group="提醒", example="别再提醒我宏远的了")
def mute(ask: Mute, turn: Turn) -> Reply:
    """Asks for the scope when it is open; what must come says why (58)."""
    text = turn.said.text
    for words, why in _MUST:
        if words.search(text) and not text.startswith("/"):
            turn.because(why)
            return Reply(Card(f"这类提醒不能关：{why}", (Text("拜访提醒、晨报可以按客户或时间关闭。"),)))
    if ask.scope:
        return _muted(turn, ask.scope, None)
    if "晨报" in text or "早报" in text or "早上好" in text:
        return _muted(turn, "morning", None)
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said, "关掉")
    if ask.customer and not found:
        raise NotFound(f"没有找到客户「{ask.customer}」，没有改动")
    if found:
        return _ask_scope(turn, found[0])
    span = _who.day_range(ask.time)
    if span is not None and span[1] > turn.now:
        return _muted(turn, "all", span[1])
    return _ask_all(turn)


def _ask_scope(turn: Turn, customer: Customer) -> Reply:
    """This visit, this customer, or all of the kind."""
    visits = _leads.upcoming(turn, turn.me.id, customer.id)[:1]
    buttons = [Button(f"只这次（{_views.moment(v.start)}）", says.write("reminder.mute", scope=f"visit:{v.id}")) for v in visits]
    buttons += [
        Button(f"{customer.short}以后都不提醒"[:20], says.write("reminder.mute", scope=f"customer:{customer.id}")),
        Button("所有拜访提醒", says.write("reminder.mute", scope="all")),
        Button("算了", says.write("draft.drop")),
    ]
    text = Text("纪要逾期提醒是公司规定，始终会发。")
    return Reply(Card(f"{customer.short}的提醒关到什么范围？还没改动", (text,), tuple(buttons)))


def _ask_all(turn: Turn) -> Reply:
    buttons = (
        Button("所有拜访提醒", says.write("reminder.mute", scope="all")),
        Button("只关晨报", says.write("reminder.mute", scope="morning")),
        Button("算了", says.write("draft.drop")),
    )
    return Reply(Card("要关哪些提醒？还没改动", (Text("纪要逾期、审批、公海预警始终会发。"),), buttons))


def _muted(turn: Turn, scope: str, until: datetime | None) -> Reply:
    kind, _, id_ = scope.partition(":")
    if kind not in ("all", "morning", "customer", "visit"):
        raise NotFound("没有这样的提醒范围，没有改动")
    before = _leads.settings(turn)
    _leads.mute(turn, scope, until)
    turn.did("reminder.set", before=before)
    end = f"，到 {_views.moment(until - timedelta(minutes=1))}" if until else ""
    what = {"all": "拜访提醒", "morning": "晨报"}.get(kind, "")
    if kind == "customer" and (c := turn.tx.customers.get(id_)) is not None:
        what = f"{c.short}的拜访提醒"
    if kind == "visit" and (v := turn.tx.visits.get(id_)) is not None:
        what = f"{_views.moment(v.start)} {_views.label(turn, v)}的提醒"
    text = Text("纪要逾期提醒照常。要恢复就说「恢复提醒」。")
    return Reply(Card(f"已关闭：{what}{end}", (text,), (Button("撤销", says.write("dialog.undo")),), Tone.DONE))


# ---------------------------------------------------------------------- jobs
@job("evening")
def evening(turn: Turn, work: Job) -> None:
    """At 20:00 those who want it hear of tomorrow morning's visits; the reminder on the day then stays away."""
    wanting = [m for m in turn.tx.people.all() if _leads.wants_evening(turn, m.id)]
    if not wanting:
        return
    _leads.plan_evening(turn)
    midnight = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for member in wanting:
        for visit in turn.tx.visits.of_person(member.id, midnight, midnight + timedelta(hours=12), statuses=("planned",)):
            custom = turn.tx.settings.personal(visit.rep, f"lead:{visit.customer}") is not None
            customer = turn.tx.customers.get(visit.customer)
            if customer is None or custom or visit.start < midnight:
                continue
            _reminder_card.send(turn, visit, customer, member.id, late=turn.now - work.due > timedelta(minutes=1))
