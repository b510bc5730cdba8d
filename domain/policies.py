"""The company's standing rules by sentence: who gets new customers, who sees what, who approves, how deals are shared.

Each Policy sets one entry (`part`) of one key of `domain/rules.py`, or the whole key; nothing here looks anything up.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.flows import KINDS, steps_in
from domain.flows import words as flow_words
from domain.intake import MODE_WORDS, MODES, TYPES
from domain.model import STAGES
from domain.visibility import FIELDS, LAYERS, field_in, layer_in


@dataclass(frozen=True, slots=True)
class Policy:
    """`value` None takes an entry away; `words` say it back."""

    key: str
    part: str
    value: object
    words: str


_SOURCE = r"(?:来源(?:是|为|：|:)?(?P<a>[\u4e00-\u9fffA-Za-z]{2,8}?)的|(?P<b>[\u4e00-\u9fffA-Za-z]{2,8}?)(?:上|那边)?(?:来的)?)"
_LEADS = re.compile(rf"^(?:以后|从现在起|规则[:：，,]?|设规则[:：，,]?)?{_SOURCE}(?:新)?(?:线索|客户)")
_AREA = re.compile(
    r"(?:规则[:：，,]?)?(?P<area>[\u4e00-\u9fffA-Za-z、]{2,20}?)(?:地区|区域|片区|行业)?的?(?:新客户|新线索|线索|新单)"
    r"(?:都|统一|一律|全部)?(?:归|分给|分配给|派给|划给|指派给|给)(?P<to>[\u4e00-\u9fffA-Za-z0-9]{2,12})"
)
_SPLIT = re.compile(r"(?:分成|分账|提成比例|业绩分配)(?:比例)?")
_WHOLE = {"一九": 10, "二八": 20, "三七": 30, "四六": 40, "五五": 50, "六四": 60, "七三": 70, "八二": 80, "九一": 90}


def read_policies(text: str) -> list[Policy]:
    """Every standing rule a sentence sets; empty when it sets none."""
    for read in (_split, _stage_booking, _stage_assist, _visibility, _flow, _area, _intake):
        if found := read(text):
            return found
    return []


def _mode(text: str) -> str:
    return next((mode for mode, words in MODE_WORDS if re.search(words, text)), "")


def _intake(text: str) -> list[Policy]:
    """大客户录入要审核 · A类客户新建先审核 · 官网来的线索轮流分配."""
    out = []
    for clause in re.split(r"[，,；;。]", text):
        mode = _mode(clause)
        if not mode or not re.search(r"客户|线索", clause):
            continue
        kinds = [k for k, words in TYPES.items() if any(w in clause for w in words)]
        grades = re.findall(r"([ABCD])\s*(?:类|级)", clause.upper())
        for kind in kinds:
            out.append(Policy("assign_types", kind, mode, f"{kind}：{MODES[mode]}"))
        for grade in grades:
            out.append(Policy("assign_grades", grade, mode, f"{grade}类新客户：{MODES[mode]}"))
        m = None if kinds or grades else _LEADS.search(clause.strip())
        source = ((m["a"] or m["b"]) if m else "").removesuffix("的")
        if source and source not in ("所有", "全部", "规则", "新的"):
            out.append(Policy("assign_sources", source, mode, f"来源{source}的线索：{MODES[mode]}"))
    return out


def _area(text: str) -> list[Policy]:
    """苏州、无锡的新客户归华东一组."""
    m = _AREA.search(text)
    if m is None or _mode(text):
        return []
    areas = [a for a in re.split(r"[、和]", m["area"]) if a]
    return [Policy("territory", a, m["to"], f"{a}的新客户归{m['to']}") for a in areas]


def _split(text: str) -> list[Policy]:
    """协作分成改成七三 · 分成比例60比40."""
    if not _SPLIT.search(text):
        return []
    m = re.search(r"(\d{1,3})\s*(?:%|％)?\s*(?:比|[:：/／对])\s*(\d{1,3})", text)
    main = next((v for w, v in _WHOLE.items() if w in text), None)
    if m and int(m[1]) + int(m[2]) == 100:
        main = int(m[1])
    elif m and int(m[1]) + int(m[2]) == 10:
        main = int(m[1]) * 10
    if main is None or not 1 <= main <= 100:
        return []
    return [Policy("split_main", "", main, f"协作成交按 {main}:{100 - main} 分（主负责人 {main}%，协助负责人共 {100 - main}%）")]


def _stage_booking(text: str) -> list[Policy]:
    """深度沟通前只有负责人能约 · 关闭按阶段限约."""
    if not re.search(r"深度沟通(?:之?前|以前).{0,8}只(?:有|能|让|许).{0,4}负责人|按阶段(?:限制?)?(?:预?约|拜访)", text):
        return []
    on = not re.search(r"关闭|停用|取消|关掉|不再", text)
    words = "深度沟通之前只有负责人能约拜访，之后同组可以约" if on else "不再按阶段限制谁能约拜访"
    return [Policy("stage_booking", "", on, words)]


def _stage_assist(text: str) -> list[Policy]:
    """阶段到成交就把交付组加为协助负责人."""
    m = re.search(
        r"(?:把|将|让|加|由)(?P<who>[\u4e00-\u9fffA-Za-z0-9]{2,10}?)(?:也)?(?:加|设|成|作|当|做)?(?:为|成|入|进)?(?:协助|协助负责人)",
        text,
    )
    if m is None or not re.search(r"阶段|到了?|进入|变成|改成", text):
        return []
    stage = next((s for s in reversed(STAGES) if s in text), "成交" if re.search(r"签约|签单|签合同", text) else "")
    if not stage:
        return []
    return [Policy("stage_assist", stage, m["who"], f"阶段到{stage}时，{m['who']}成为协助负责人")]


def _visibility(text: str) -> list[Policy]:
    """电话只给负责人看 · 客户地址全公司可见."""
    layer = layer_in(text)
    field = field_in(text) if layer else ""
    if not field:
        return []
    name = FIELDS[field].name if field in FIELDS else field
    return [Policy("field_layers", field, layer, f"{name}：{LAYERS[layer]}")]


def _flow(text: str) -> list[Policy]:
    """A类客户转移要总监会签 · 转移审批改成主管再到总监."""
    kind = next((k for k, words in KINDS.items() if re.search(words[1], text)), "")
    steps = steps_in(text) if kind else ""
    if not kind or not steps:
        return []
    m = re.search(r"([ABCDabcd])\s*(?:类|级)", text)
    part = f"{kind}.{m[1].upper()}" if m else kind
    name = f"{m[1].upper()}类客户" if m else ""
    return [Policy("approval_flows", part, steps, f"{name}{KINDS[kind][0]}：{flow_words(steps)}")]


def merged(old: object, policy: Policy) -> object:
    """The key's new value: the table with one entry set anew, or the value itself."""
    if not policy.part:
        return policy.value
    table = dict(old) if isinstance(old, Mapping) else {}
    if policy.value in (None, ""):
        table.pop(policy.part, None)
    else:
        table[policy.part] = policy.value
    return table
