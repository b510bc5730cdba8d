"""Which customer, which colleagues, which visit is meant: found, or asked, never guessed (D31)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot import says
from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Reply, Turn
from domain.model import OFFICE, Customer, Member, Visit, When
from domain.permissions import may_change_visit
from domain.refusal import NotFound
from handlers import _views
from handlers._rights import check_owner
from nlp.said import Said


def ids(said: Said, key: str) -> list[str]:
    """A list of candidate ids from the hints."""
    value = said.hints.get(key)
    return [str(x) for x in value] if isinstance(value, list | tuple) else []


def candidates(turn: Turn, customer: str | None, customer_id: str | None = None) -> list[Customer]:
    """The customers a name may mean; an id (from a button) decides."""
    if customer_id:
        found = live(turn, customer_id)
        return [found] if found else []
    wanted = ids(turn.said, "customer_ids")
    known = turn.tx.customers.many(wanted) if wanted else {}
    return [known[i] for i in wanted if i in known]


def live(turn: Turn, customer_id: str) -> Customer | None:
    """The customer with this id, or the one it was merged into: an older card may still name the merged one."""
    found = turn.tx.customers.get(customer_id)
    for _ in range(5):
        if found is None or found.status != "merged":
            break
        found = turn.tx.customers.get(str(found.extra.get("merged_into") or ""))
    return found


class Meaning(Protocol):
    """Anything that names a customer, by words or by a button."""

    @property
    def customer(self) -> str | None: ...
    @property
    def customer_id(self) -> str | None: ...
    @property
    def draft(self) -> str: ...


def one_customer(turn: Turn, ask: Meaning, verb: str, unchanged: str = "") -> Customer | Reply:
    """The one customer meant, or the one just talked about, or the question which; `unchanged` ends the answer that there is
    none (a command that would have changed something says so). Raises NotFound.
    """
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return which_customer(turn, found, turn.said.with_slots(draft=None), verb)
    if found:
        return found[0]
    noted = turn.tx.talk.noted(turn.me.id, "customer")
    if not ask.customer and noted and (last := live(turn, str(noted))):
        return last
    hints = () if unchanged else ("可以说：新建客户…，或换个叫法。",)
    raise NotFound((f"没有找到客户「{ask.customer}」" if ask.customer else "请说出客户名称") + unchanged, *hints)


def which_customer(turn: Turn, found: Sequence[Customer], said: Said, verb: str) -> Reply:
    """Several customers fit: show each with its owner and ask (6: 后天去趟鼎盛)."""
    draft = turn.ask(said, "customer", candidates=[c.id for c in found])
    lines, buttons = [], []
    for c in list(found)[:5]:
        owner = f"负责人{_views.name(turn, c.owner)}" if c.owner else _views.owner(turn, c)
        lines.append(f"{c.name}（{owner}）")
        buttons.append(Button(c.name[:16], says.write("draft.fill", draft=draft.id, customer_id=c.id)))
    buttons.append(Button("都不是", says.write("draft.drop", draft=draft.id)))
    name = said.slots.get("customer") or said.slots.get("contact") or "这个名字"
    title = f"「{name}」有 {len(found)} 家，{verb}哪一家？"
    return Reply(Card(title, (Items(tuple(lines)), *also_time(said)), tuple(buttons), Tone.WARN), subject=f"draft:{draft.id}")


def people(turn: Turn, wanted: Sequence[str], said: Said) -> list[Member] | Reply:
    """The colleagues named, or the question which of two people of one name is meant (3: 带上张伟)."""
    options = said.hints.get("people_ids")
    lists: list[list[str]] = [list(map(str, x)) for x in options] if isinstance(options, list | tuple) else []
    out: list[Member] = []
    for i, spoken in enumerate(wanted):
        if i < len(lists) and lists[i]:
            found = [m for p in lists[i] if (m := turn.tx.people.get(p))]
        else:
            found = turn.tx.people.named(spoken)
        found = [m for m in found if m.active]
        if not found:
            raise NotFound(f"没找到同事「{spoken}」，没有保存", "请写全名再试。")
        if len(found) > 1:
            return which_person(turn, found, spoken, i, said)
        if found[0].id != turn.me.id:
            out.append(found[0])
    return list(dict.fromkeys(out))


def which_person(turn: Turn, found: Sequence[Member], spoken: str, index: int, said: Said) -> Reply:
    """Two people of one name: ask with team and department."""
    draft = turn.ask(said, "people", index=index, candidates=[m.id for m in found])
    buttons = tuple(
        Button(f"{m.name}（{m.team or m.department}）", says.write("draft.fill", draft=draft.id, person=m.id, index=index))
        for m in list(found)[:5]
    )
    title = f"有 {len(found)} 位{spoken}，是哪一位？"
    return Reply(Card(title, also_time(said), buttons, Tone.WARN), subject=f"draft:{draft.id}")


def also_time(said: Said) -> tuple[Text, ...]:
    """A booking that lacks its clock as well: one card says so, and one answer may give both (3, 6)."""
    if said.intent != "visit.book" or not _lacks_clock(said):
        return ()
    return (Text("几点也还没定，可以一起回复，例如：1，下午三点。"),)


def _lacks_clock(said: Said) -> bool:
    """Whether a booking still lacks its clock: neither a moment nor a stretch of clocks was said."""
    time = said.slots.get("time")
    kind = time.get("kind") if isinstance(time, Mapping) else None
    flags = said.hints.get("time_flags")
    clocks = isinstance(flags, list | tuple | frozenset | set) and "has_clock" in flags
    return not (kind in ("instant", "recurrence") or (kind == "range" and clocks))


# ---------------------------------------------------------------------- visits
def day_range(when: When | None) -> tuple[datetime, datetime] | None:
    """The stretch a time slot covers when it says which visit is meant: an instant means that moment, a date that day."""
    if when is None or when.start is None:
        return None
    if when.kind == "instant":
        return when.start, when.start + timedelta(minutes=1)
    if when.end is not None:
        return when.start, when.end
    first = datetime.combine(when.start.astimezone(OFFICE).date(), datetime.min.time(), OFFICE)
    return first, first + timedelta(days=1)


def find_visits(
    turn: Turn, when: When | None, customers: Sequence[Customer], *, statuses: tuple[str, ...] = ("planned", "pending")
) -> list[Visit]:
    """The visits that fit what was said: the asker's own; with none of his, those of others at the customers or of the
    colleague that he named. What he may not change is refused here, with the name of its rep (contract.md section 7b)."""
    tx = turn.tx
    span = day_range(when)
    first, last = span or (turn.now - timedelta(hours=12), turn.now + timedelta(days=120))
    mine = tx.visits.of_person(turn.me.id, first, last, statuses=statuses)
    reps = _reps_named(turn)
    if reps:
        fit = [v for v in mine if v.rep == turn.me.id and set(reps) & set(v.participants)]
        others = [v for p in reps for v in tx.visits.of_person(p, first, last, statuses=statuses) if v.rep == p]
    else:
        fit = [v for v in mine if v.rep == turn.me.id or customers]
        others = [v for c in customers for v in tx.visits.at_customer_between(c.id, first, last, statuses=statuses)]
    found = _fitting(fit, when, customers)
    if found or not (reps or customers):
        return found
    found = _fitting(others, when, customers)
    allowed = [v for v in found if may_change_visit(turn.me, v, _views.managers(turn, v.rep))]
    if found and not allowed:
        check_owner(turn, found[0])
    return allowed


def _reps_named(turn: Turn) -> list[str]:
    """The colleagues whose visits are meant: 取消薛静周五的拜访; in an invitation people are companions instead."""
    if turn.said.intent not in ("visit.cancel", "visit.reschedule", "visit.update", "visit.restore"):
        return []
    lists = turn.said.hints.get("people_ids")
    return [str(x[0]) for x in lists if len(x) == 1 and x[0] != turn.me.id] if isinstance(lists, list | tuple) else []


def _fitting(visits: Sequence[Visit], when: When | None, customers: Sequence[Customer]) -> list[Visit]:
    if customers:
        wanted = {c.id for c in customers}
        visits = [v for v in visits if v.customer in wanted]
    if when is not None and when.kind == "instant" and when.start is not None:
        at = when.start
        visits = [v for v in visits if v.start == at] or [v for v in visits if v.start <= at < v.end]
    return sorted({v.id: v for v in visits}.values(), key=lambda v: v.start)


def last_visit(turn: Turn) -> Visit | None:
    """The visit talked about last in this chat by this person, if it still stands."""
    noted = turn.tx.talk.noted(turn.me.id, "visit")
    visit = turn.tx.visits.get(str(noted)) if noted else None
    return visit if visit and visit.status in ("planned", "pending") and visit.end > turn.now else None


def which_visit(turn: Turn, found: Sequence[Visit], said: Said, question: str) -> Reply:
    """Several visits fit: show them as choices."""
    draft = turn.ask(said, "visit", candidates=[v.id for v in found])
    buttons = [
        Button(
            f"{_views.moment(v.start)} {_views.label(turn, v)}"[:24],
            says.write("draft.fill", draft=draft.id, visit_id=v.id),
        )
        for v in list(found)[:5]
    ]
    buttons.append(Button("都不是", says.write("draft.drop", draft=draft.id)))
    lines = tuple(_views.visit_line(turn, v, with_day=True) for v in list(found)[:5])
    return Reply(Card(question, (Items(lines),), tuple(buttons), Tone.WARN), subject=f"draft:{draft.id}")


def nothing_found(turn: Turn, what: str) -> Reply:
    """No visit fits: say so and show what there is."""
    soon = find_visits(turn, None, ())[:3]
    lines = tuple(_views.visit_line(turn, v, with_day=True) for v in soon)
    blocks = (Text("您接下来的拜访："), Items(lines)) if lines else (Text("您近期没有安排拜访。"),)
    return Reply(Card(f"没有找到{what}，没有任何改动", blocks))


def visit_for(
    turn: Turn, visit_id: str | None, when: When | None, customers: Sequence[Customer], said: Said, verb: str
) -> Visit | Reply:
    """The one visit meant: by its id, by what was said, or the one just talked about; else a question or 没有找到."""
    if visit_id:
        visit = turn.tx.visits.get(visit_id)
        if visit is None:
            raise NotFound("这次拜访已经找不到了，没有任何改动")
        return visit
    if when is None and not customers and not _reps_named(turn):
        if (last := last_visit(turn)) is not None:
            return last
        found = find_visits(turn, None, ())
        if len(found) == 1 and verb != "取消":
            return found[0]
        return which_visit(turn, found[:3], said, f"要{verb}哪一次拜访？") if found else nothing_found(turn, "要处理的拜访")
    found = find_visits(turn, when, customers)
    if len(found) == 1:
        return found[0]
    if not found:
        return nothing_found(turn, "符合条件的拜访")
    return which_visit(turn, found, said, f"有 {len(found)} 次拜访，要{verb}哪一次？")


def slots_of(data: Mapping[str, object]) -> Mapping[str, object]:
    """The slots stored in a draft's ask."""
    slots = data.get("slots")
    return slots if isinstance(slots, Mapping) else {}
