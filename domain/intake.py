"""How a new customer gets its owner (R44, R49–R51, R104): which mode holds for it, and whose turn it is.

A company's rule sets are data: customer type, grade and lead source each name a mode, a region or line of business names a
team or person. Without any of them the first who enters a customer has it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.rules import Rules

Mode = Literal["first", "audit", "round_robin", "grab", "fewest", "lowest", "partner", "territory"]
MODES: Mapping[str, str] = {
    "first": "先到先得", "audit": "主管审核后归属", "round_robin": "轮流分配", "grab": "抢单",
    "fewest": "分给客户最少的人", "lowest": "分给业绩最低的人", "partner": "归渠道负责人",
}  # fmt: skip
"""What a company may choose for a type, grade or source, with its words."""
MODE_WORDS = (
    ("round_robin", r"轮流|轮转|轮着|轮派|轮询"),
    ("grab", r"抢单|抢着|谁抢到"),
    ("fewest", r"客户最少|名下最少|最少的"),
    ("lowest", r"业绩最低|业绩最差|业绩最少"),
    ("partner", r"渠道负责人|渠道对接人"),
    ("first", r"先到先得|谁录归谁|谁先录"),
    ("audit", r"审核|审批|批准后归属"),
)
TYPES: Mapping[str, tuple[str, ...]] = {
    "大客户": ("大客户", "重点客户", "战略客户", "KA客户"),
    "小客户": ("小客户", "散客"),
    "渠道客户": ("渠道客户", "代理商客户", "经销客户"),
}
"""The customer types that select a rule set (R49), with what people call them."""


@dataclass(frozen=True, slots=True)
class Lead:
    """What is known of a new customer when its owner is decided; `by_sales` = entered by somebody who sells himself."""

    name: str
    kind: str = ""
    grade: str = ""
    source: str = ""
    city: str = ""
    address: str = ""
    business: str = ""
    by_sales: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a lead may go to: what he holds, what he got today, what he has won this month, whether he is here."""

    member: str
    holding: int
    today: int
    won: float
    away: bool = False
    busy: bool = False
    full: bool = False


def kind_in(text: str) -> str:
    """The customer type a text names, "" when none."""
    return next((kind for kind, words in TYPES.items() if any(w in text for w in words)), "")


def without_kind(name: str) -> str:
    """A company's name without the type said before it: 大客户瑞丰食品 → 瑞丰食品."""
    words = "|".join(w for many in TYPES.values() for w in many)
    return re.sub(rf"^(?:{words}|[ABCDabcd]类客户)(?=.{{2}})[:：,，]?", "", name)


def source_in(text: str) -> str:
    """Where a lead comes from, as said: 来源展会, 官网来的线索."""
    m = re.search(r"来源(?:是|为|：|:)?\s*([\u4e00-\u9fffA-Za-z0-9]{2,10})", text) or re.search(
        r"(官网|展会|广告|热线|转介绍|老客户介绍|公众号|抖音|百度|网络)(?:上)?(?:来的|线索|咨询|渠道)", text
    )
    return m[1] if m else ""


def mode_for(lead: Lead, rules: Rules) -> tuple[str, str]:
    """(mode, the rule that says so): the type's rule set, then the grade's, then the source's, then region or business.

    A region or business decides only what nobody who sells entered himself: he who found the customer has it (R44).
    """
    for value, table, what in (
        (lead.kind, rules.assign_types, lead.kind),
        (lead.grade, rules.assign_grades, f"{lead.grade}类客户"),
        (lead.source, rules.assign_sources, f"来源{lead.source}"),
    ):
        mode = table.get(value, "") if value else ""
        if mode and mode != "first":
            return mode, f"{what}：{MODES[mode]}"
        if mode == "first":
            break
    if rules.territory and not lead.by_sales:
        key = territory_of(lead, rules.territory)
        return "territory", f"{key}归{rules.territory[key]}" if key else "没有对应的区域或业务规则，由主管分配"
    return "first", "先到先得"


def territory_of(lead: Lead, territory: Mapping[str, str]) -> str:
    """The entry of the table that fits the lead best: the longest name found in its business, city, address or name."""
    for where in (lead.business, lead.city, lead.address, lead.name):
        hits = [k for k in territory if k and k in where]
        if hits:
            return max(hits, key=len)
    return ""


def pick(mode: str, candidates: Sequence[Candidate], last: str = "") -> str:
    """Whose a lead is, "" when nobody can have it: never somebody away or at his cap, nobody busy while others are free (D25).

    Round robin goes on behind `last` in the order given, so that those who are here differ by one at most.
    """
    here = [c for c in candidates if not c.away and not c.full]
    able = [c for c in here if not c.busy] or here
    if not able:
        return ""
    if mode == "fewest":
        return min(able, key=lambda c: (c.holding, c.today)).member
    if mode == "lowest":
        return min(able, key=lambda c: (c.won, c.holding)).member
    order = [c.member for c in candidates]
    start = order.index(last) + 1 if last in order else 0
    turn = order[start:] + order[:start]
    free = {c.member for c in able}
    return next(m for m in turn if m in free)
