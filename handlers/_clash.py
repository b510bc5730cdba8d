"""What is in the way, in words, and every way out as a button (R15)."""

from bot import says
from bot.cards import MAX_BUTTONS, Button
from bot.command import Turn
from domain import conflicts
from domain.desk import Draft
from domain.model import OFFICE, Slot, Visit
from domain.wishes import With
from handlers import _views
from handlers._wish import Checked

KIND_WORDS = {
    "rep_overlap": "您的时间撞了",
    "participant_overlap": "同行的人没空",
    "customer_overlap": "客户这个时段已被约",
    "third_team": "7 天内第三个团队",
    "owned_by_other": "客户在同事的保护期或锁定中",
    "customer_window": "同事近期也约了这家",
    "duplicate_visit": "当天已约过这家",
    "buffer": "前后间隔不够",
    "overload": "当天拜访太多",
    "off_hours": "不在工作时间",
    "holiday": "节假日",
    "owner_notice": "这是同事的客户",
}


def short_kinds(kinds: tuple[str, ...]) -> str:
    return "、".join(KIND_WORDS[k] for k in kinds[:2])


def describe(turn: Turn, checked: Checked) -> list[str]:
    """One concrete line for each thing in the way."""
    out = []
    for kind in checked.verdict.kinds:
        out += _KIND_LINES[kind](turn, checked, [w for w in checked.verdict.with_ if w.kind == kind])
    return list(dict.fromkeys(out))


def _visit_facts(turn: Turn, checked: Checked, w: With) -> str:
    visit = turn.tx.visits.get(w.visit) if w.visit else None
    where = f"{_views.span(Slot(w.start, w.end))}"
    if visit is None:
        return f"{where} 请假/外出"
    side = "线上" if visit.mode == "online" else "电话" if visit.mode == "phone" else "线下"
    return f"{where} {_views.label(turn, visit)}（{side}）"


def _own(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    who = "您" if checked.rep.id == turn.me.id else checked.rep.name
    return [f"{who}已有：{_visit_facts(turn, checked, w)}" for w in ws]


def _others(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    return [f"{_views.name(turn, w.rep)} {_views.span(Slot(w.start, w.end))} 没空" for w in ws]


def _holders(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    verb = {True: "已拜访", False: "已约"}
    return [f"{_views.name(turn, w.rep)} {_views.span(Slot(w.start, w.end))} {verb[w.end <= turn.now]}这家客户" for w in ws]


def _teams(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    return [f"前后 {turn.rules.customer_window_days} 天内已有：{'、'.join(checked.verdict.teams)}", *_holders(turn, checked, ws)]


def _owner(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    c = checked.customer
    if c.awaiting:
        return [f"{_views.name(turn, c.awaiting)}先报备了这家客户，主管正在审核归属"]
    protected = c.protected(turn.now.astimezone(OFFICE).date()) and not c.locked
    early = turn.rules.stage_booking and "owned_by_other" in checked.verdict.kinds
    until = f"，保护期到 {_views.day(c.protected_until)}" if protected and c.protected_until else ""
    return [f"负责人是{_views.name(turn, c.owner)}（{c.stage or '未定阶段'}{'，已锁定' if c.locked else until}）"] + (
        ["按规则，深度沟通之前只由负责人约访"] if early and not protected and not c.locked else []
    )


def _buffer(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    v = checked.verdict
    return [f"缓冲不足：与 {_visit_facts(turn, checked, w)} 只隔 {v.gap_min} 分钟，需要 {v.need_min} 分钟" for w in ws[:1]]


def _overload(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    lighter = conflicts.lighter_day(checked.wish, checked.facts, turn.rules, turn.now)
    hint = f"；{_views.day(lighter)}比较空" if lighter else ""
    return [
        f"{_views.day(checked.plan.slot.start)} 这是第 {checked.verdict.day_count} 个拜访（上限 {turn.rules.visits_per_day}）{hint}"
    ]


def _hours(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    rules = turn.rules
    return [f"{_views.moment(checked.plan.slot.start)} 不在工作时间（工作日 {rules.work_start:%H:%M}–{rules.work_end:%H:%M}）"]


def _holiday(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    d = checked.plan.slot.start.astimezone(OFFICE).date()
    return [f"{_views.day(d)} 是{turn.calendar.holiday_name(d) or '节假日'}假期"]


_KIND_LINES = {
    "rep_overlap": _own, "participant_overlap": _others, "customer_overlap": _holders, "third_team": _teams,
    "owned_by_other": _owner, "customer_window": _holders, "duplicate_visit": _own, "buffer": _buffer,
    "overload": _overload, "off_hours": _hours, "holiday": _holiday, "owner_notice": _owner,
}  # fmt: skip


def reasons(turn: Turn, checked: Checked) -> list[str]:
    """For 为什么: the rules that fired and their facts."""
    return [f"{KIND_WORDS[k]}（规则 {k}）" for k in checked.verdict.kinds] + describe(turn, checked)


def ways_out(turn: Turn, checked: Checked, slots: list[Slot], draft: Draft) -> list[Button]:
    """At most six buttons: going on where it is allowed, three free times, joining or asking the other, giving up."""
    verdict = checked.verdict

    def choice(text: str, how: str, style: str = "default", **more: object) -> Button:
        return Button(text, says.write("visit.settle", draft=draft.id, how=how, **more), style)

    def when(slot: Slot) -> Button:
        return choice(_views.moment(slot.start), "alternative", start=slot.start.isoformat())

    first: list[Button] = []
    if verdict.level == "soft":
        first.append(choice("仍然预约", "anyway", "primary"))
    elif verdict.level == "approval":
        first.append(choice("申请审批", "approval", "primary"))
    more: list[Button] = []
    double = next((w for w in verdict.with_ if w.kind == "duplicate_visit" and w.visit), None)
    only = {w.visit for w in verdict.with_ if w.kind == "rep_overlap"} if verdict.hard == ("rep_overlap",) else set()
    movable = double is not None and (verdict.level == "soft" or only == {double.visit})
    if double is not None and movable and checked.plan.do == "book":
        more.append(choice("改那一次的时间", "shift", visit=double.visit))
    if verdict.overridable and turn.me.role.leads:
        more.append(choice("说明原因后特批", "override"))
    elif verdict.overridable and verdict.with_ and verdict.with_[0].visit:
        more.append(choice("改约原来那个", "moved", visit=verdict.with_[0].visit))
    if (other := joinable(turn, checked)) is not None:
        more.append(choice("同行", "joined", visit=other.id))
    if verdict.hard and "customer_overlap" in verdict.hard and checked.plan.do == "book":
        more.append(choice("请对方改约", "asked"))
    elif verdict.overridable and not turn.me.role.leads:
        more.append(choice("请主管特批", "special"))
    # three times are promised (R15); 算了 may also be typed when there is no room for its button
    times = [when(s) for s in slots[:3]]
    more = more[: MAX_BUTTONS - len(first) - len(times)]
    giving_up = [choice("算了", "dropped")] if len(first) + len(times) + len(more) < MAX_BUTTONS else []
    lasting = [b for b in (for_the_customer(checked),) if b and len(first) + len(times) + len(more) + 1 < MAX_BUTTONS]
    return [*first, *times, *more, *lasting, *giving_up]


def for_the_customer(checked: Checked) -> Button | None:
    """The way to a colleague's customer for good: to follow it together, or (C takes no co-owner) to take it over (1, 8)."""
    customer = checked.customer
    if checked.plan.do != "book" or not {"owned_by_other", "owner_notice"} & set(checked.verdict.kinds):
        return None
    if customer.grade == "C":
        return Button("申请转移", says.write("owner.transfer", customer=customer.short, customer_id=customer.id))
    return Button("申请协作", says.write("owner.cooperate", customer=customer.short, customer_id=customer.id))


def joinable(turn: Turn, checked: Checked) -> Visit | None:
    """A standing visit of a colleague at this customer that the booker could join (同行)."""
    if checked.plan.do != "book" or (checked.customer.grade == "C" and checked.customer.owner != checked.rep.id):
        return None
    for w in checked.verdict.with_:
        if w.kind in ("customer_overlap", "customer_window", "third_team") and w.visit and w.rep != checked.rep.id:
            visit = turn.tx.visits.get(w.visit)
            if visit and visit.status in ("planned", "pending") and visit.start > turn.now:
                return visit
    return None
