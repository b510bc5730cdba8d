"""Approval flows as data (R190): the steps of a kind of request, perhaps for one grade only.

A flow is written `manager > director`: steps one after the other; in a step `a + b` both must agree (会签), `a | b` either.
Who: `owner`, `manager` (of the owner for requests about a customer, else of the applicant), `director`, `admin`, or a member's id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

KINDS: Mapping[str, tuple[str, str]] = {
    "transfer": ("客户转移", r"转移|转让|换负责人|归属变更"),
    "cooperate": ("申请协作", r"协作|协助"),
    "dispute": ("撞单裁定", r"裁定|撞单"),
    "ownership": ("归属审核", r"归属审核|报备|录入审核"),
    "pool": ("进公海", r"释放|进公海"),
    "third_team": ("第三个团队拜访", r"第三(?:个)?团队"),
    "owned_by_other": ("拜访保护中的客户", r"保护(?:期|中)"),
    "confirm": ("拜访确认", r"拜访确认|预约确认"),
    "stage": ("阶段进报价", r"报价审(?:批|核)|进报价|报价阶段"),
}
"""Kind of request → how it is called, and how people speak of it."""
WHO: Mapping[str, str] = {"owner": "负责人", "manager": "主管", "director": "总监", "admin": "管理员"}
_WORDS = (("manager", r"主管|经理|上级|组长"), ("director", r"总监|老板|大区"), ("admin", r"管理员"), ("owner", r"负责人"))
_WORD = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _WORDS))
_ASKS = re.compile(r"会签|审批|批准|同意|点头|先.{0,6}再|批$|批[，,。]")


@dataclass(frozen=True, slots=True)
class Step:
    """Who decides at this point of a flow; `all` = everybody has to agree."""

    who: tuple[str, ...]
    all: bool = False


def parse(text: str) -> tuple[Step, ...]:
    """`manager > director + admin` as steps. Raises ValueError for anything else."""
    steps = []
    for part in text.split(">"):
        together = "+" in part
        who = tuple(w.strip() for w in re.split(r"[+|]", part) if w.strip())
        if not who or ("+" in part and "|" in part) or not all(re.fullmatch(r"[\w.@-]+", w) for w in who):
            raise ValueError(f"no approval flow: {text!r}")
        steps.append(Step(who, together and len(who) > 1))
    return tuple(steps)


def flow_for(kind: str, grade: str, flows: Mapping[str, str]) -> tuple[Step, ...]:
    """The configured steps of a kind, the grade's own first; () where the default holds (contract.md 7b "Who approves")."""
    text = flows.get(f"{kind}.{grade}") or flows.get(kind) or ""
    return parse(text) if text else ()


def steps_in(text: str) -> str:
    """The flow a sentence describes, "" when it describes none: 总监会签 · 主管批了再总监批 · 由总监审批."""
    if not _ASKS.search(text):
        return ""
    found = [m.lastgroup or "" for m in _WORD.finditer(text) if not text[m.end() :].startswith("转")]
    who = list(dict.fromkeys(f for f in found if f))
    if not who:
        return ""
    if "会签" in text or re.search(r"都(?:要)?(?:同意|批|点头)", text):
        return " + ".join(dict.fromkeys(("manager", *who)))
    if re.search(r"再|然后|之后|加(?:一级|上)?", text) and who != ["manager"]:
        return " > ".join(dict.fromkeys(who if len(who) > 1 else ("manager", *who)))
    return " > ".join(who) if re.search(r"先", text) else " | ".join(who)


def words(text: str) -> str:
    """A flow in Chinese: 主管 → 总监 · 主管和总监会签."""
    out = []
    for step in parse(text):
        names = [WHO.get(w, w) for w in step.who]
        out.append("和".join(names) + "会签" if step.all else "或".join(names))
    return " → ".join(out)
