"""What each command takes from its sentence: one filler per intent, made of the pickers."""

import re

from domain.text import integer
from nlp import pick
from nlp.bookings import book, companions
from nlp.changes import cancel, correct, move, setting, task, update
from nlp.clients import check, create, listing, merge, show
from nlp.draft import Draft, Filler
from nlp.grammar import CUSTOMER
from nlp.notes import followup, report
from nlp.words import read


def plain(draft: Draft) -> None:
    """Time, customer and people, whatever is there."""
    pick.customer(draft)
    pick.when(draft)
    people_or_contacts(draft)


def people_or_contacts(draft: Draft) -> None:
    """Colleagues and contacts of the sentence."""
    companions(draft)
    pick.contacts(draft)


def figures(draft: Draft) -> None:
    """A number, a ranking or a summary: metric, period, people, team."""
    pick.look_up(draft)
    pick.grade(draft)
    metric(draft)


def metric(draft: Draft) -> None:
    """The figure asked for, the longest name first."""
    low = draft.scene.low
    table = read("slots.toml")["metrics"]
    best = max(((len(w), name) for name, several in table.items() for w in several.split() if w in low), default=None)
    if best and not (
        draft.intent in ("ranking.show", "summary.show") and best[1] == "visits" and "拜访" not in low and "跑" not in low
    ):
        draft.put("metric", best[1])


def ownership(draft: Draft) -> None:
    """A customer and the colleagues it goes from and to."""
    scene = draft.scene
    draft.hints.setdefault("customer_ids", [])
    pick.customer(draft, several=len(scene.of(CUSTOMER)) > 1)
    me = re.search(r"转给我|转到我|给我|归我|移交给我|划给我|到我名下|我来接手|我接手|转过来|转我", scene.low)
    if not me or draft.intent == "owner.handover":
        pick.people(draft)
    pick.team(draft)
    reason = re.search(r"(?:因为|原因是?|理由是?|：|:|，|,)\s*((?:客户|对方|他|她|我|离)[^，,。]{2,30})$", scene.text)
    if reason and draft.intent != "owner.handover":
        draft.put("content", reason[1])
    if draft.intent == "owner.handover":
        pick.when(draft)


def dispute(draft: Draft) -> None:
    """Whose customer it is, argued about: customer, rival colleague, the argument."""
    pick.customer(draft)
    pick.people(draft)
    draft.put("content", draft.scene.text.strip())


def approval(draft: Draft) -> None:
    """A decision: whose request, which one of several, why."""
    scene = draft.scene
    pick.people(draft)
    pick.customer(draft, guess=False)
    chosen = ordinal(scene.low)
    if chosen:
        draft.put("choice", chosen)
    reason = re.search(r"(?:，|,|：|:|因为|理由是?|原因是?)\s*([^，,]{2,40}(?:[，,].{2,40})?)$", scene.text)
    if reason and draft.intent == "approval.reject":
        draft.put("content", reason[1].strip())


_ORDINAL = re.compile(
    r"第\s*([0-9一二三四五六七八九十两]{1,3})\s*(?:个|条|项|号|家|位|种|份|单|次|场)?|(?:选项|方案|编号|选|no\.?)\s*([0-9一二三四五六七八九十]{1,3})|^[就选要那我约用按定还是]*([0-9一二三四五六七八九十两]{1,3})(?:号|个)?[吧呢好了行。.!！]*$|([0-9]{1,2})号(?:方案|选项)"
)
_LAST = re.compile(r"(?:最后|末尾?|最下面|后面|下面)(?:一)?(?:那)?(?:个|条|家|位)|后者")


def ordinal(low: str) -> int | None:
    """第二个, 选3, 就4吧 → the number; 最后一个 → -1."""
    found = _ORDINAL.search(low.strip())
    if found:
        return integer(next(g for g in found.groups() if g))
    if re.search(r"前者|前面那个|上面那个|最上面|头一个|首个", low):
        return 1
    if re.search(r"中间那?个", low):
        return 2
    return -1 if _LAST.search(low) else None


def choose(draft: Draft) -> None:
    """The number of the choice; words that name it otherwise are left to the dialogue."""
    chosen = ordinal(draft.scene.low)
    if chosen is not None:
        draft.put("choice", chosen)
    else:
        pick.look_up(draft)


def field_add(draft: Draft) -> None:
    """A new field: its name and its options."""
    text = re.sub(r"[：:“”\"「」]", " ", draft.scene.text)
    found = re.search(
        r"(?:字段|必填项|选填项|选项|一列|一栏|栏位|属性|列|栏|项)(?:叫做|叫|名称|名字|名|是|为|:|：|，|,|\s)*([\u4e00-\u9fffA-Za-z0-9]{2,12})",
        text,
    )
    name = found[1] if found else None
    if not name:
        found = re.search(
            r"(?:加|新增|添加|增加|建|新建|补)(?:上|个|一个|一下)?(?:自定义|必填|选填)?(?:的)?([\u4e00-\u9fffA-Za-z0-9]{2,12}?)(?:这个|这一|的)?(?:字段|列|栏|必填项|选项|属性|项)",
            text,
        )
        name = found[1] if found else None
    if name:
        draft.put("field", re.split(r"(?:单选|多选|文本|数字|日期|下拉|必填|选填|吧$)", name)[0] or name)
    options = re.search(r"(?:单选|多选|下拉|选项)(?:为|是|有|:|：|\s|，|,)*(.+)$", text)
    if options:
        draft.put("value", [w for w in re.split(r"[\s,，、/]+", options[1].strip()) if w])


def nothing(draft: Draft) -> None:
    """A command without slots."""


def when_only(draft: Draft) -> None:
    """A period and people."""
    pick.when(draft)
    pick.people(draft)


def absence(draft: Draft) -> None:
    """Leave: when, how long, who, what kind."""
    pick.when(draft)
    pick.duration(draft)
    pick.people(draft)
    kind = re.search(r"年假|病假|事假|婚假|产假|陪产假|丧假|调休|出差|培训|体检|团建|请假|休假|外出|开会|休息", draft.scene.low)
    if kind and draft.intent == "leave.add":
        draft.put("content", kind[0])


def invite(draft: Draft) -> None:
    """Who joins or leaves which visit."""
    pick.customer(draft, guess=bool(re.search(r"那个|那场|的会|的拜访", draft.scene.low)))
    pick.when(draft)
    companions(draft)
    if "people" not in draft.slots:
        draft.lack("people")


FILLERS: dict[str, Filler] = {
    "visit.book": book, "visit.reschedule": move, "visit.update": update, "visit.cancel": cancel, "visit.restore": plain,
    "visit.list": pick.schedule, "visit.free_time": pick.look_up, "visit.check_in": plain, "visit.invite": invite, "visit.uninvite": invite,
    "visit.substitute": plain, "visit.route": pick.look_up, "visit.prepare": plain,
    "report.file": report, "report.pending": pick.look_up, "report.show": plain, "followup.add": followup,
    "task.add": task, "task.list": pick.look_up, "task.done": task,
    "customer.create": create, "customer.check": check, "customer.show": show, "customer.update": setting,
    "customer.merge": merge, "customer.list": listing, "customer.due": listing,
    "owner.show": show, "owner.claim": show, "owner.release": show, "owner.transfer": ownership, "owner.handover": ownership,
    "owner.dispute": dispute, "owner.cooperate": ownership, "pool.list": listing,
    "approval.list": pick.look_up, "approval.approve": approval, "approval.reject": approval,
    "summary.show": figures, "ranking.show": figures, "kpi.show": figures, "conflict.list": pick.look_up,
    "leave.add": absence, "leave.cancel": when_only, "leave.list": pick.look_up,
    "reminder.set": setting, "reminder.mute": setting, "rule.set": setting, "rule.list": nothing, "field.add": field_add,
    "data.export": pick.look_up, "data.import": nothing,
    "dialog.choose": choose, "dialog.correct": correct,
}  # fmt: skip
"""Intents without an entry take nothing from their sentence."""
