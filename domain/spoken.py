"""Reading a spoken report: amounts, intent, outcome, several next steps, delays (R84, R86, R91).

The parser gives the slots of contract.md section 5; this reads what it leaves open (answers, corrections, the other fields).
Pure: times are found by the caller.
"""

import re
from collections.abc import Mapping

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUM = r"[0-9零〇一二两三四五六七八九十百千点.．]+"
_AMOUNT = re.compile(
    rf"(?P<low>{_NUM})(?P<low_unit>[万千百]?)(?:(?:到|至|-|~|—|–)(?P<high>{_NUM}))?(?P<unit>万|千|亿|百万|k|K|w|W)?(?P<more>元|块|多|左右|以内|上下|出头)?"
)
_NOT = re.compile(
    r"而?(?:不是|并不是|并非|原来是|之前说的?是|从(?=[^，,。；;]{1,8}(?:改成|改为|降到|升到)))[^，,。；;！!是改降升]*"
)
INTENT = {"high": "高", "medium": "中", "low": "低"}
_INTENT_WORDS = tuple(
    (level, tuple(words.split()))
    for level, words in (
        ("low", "意向低 意向不高 意向不强 意愿低 不感兴趣 没兴趣 没什么兴趣 意向很低 意向较低 意向偏低"),
        ("medium", "意向中 意向一般 意愿一般 意向还行 兴趣一般 再考虑 意向还可以"),
        ("high", "意向高 意向很高 意向强 意向明确 意愿强 很感兴趣 非常感兴趣 意向较高 意向比较高 兴趣很大 意向挺高"),
    )
)
_INTENT = re.compile(
    r"(?:意向|意愿|兴趣)(?:度|程度)?(?:改成|改为|是|为|算|降到|升到|应该是|调到|变成|[：:])?(?:很|较|比较|非常|挺|偏)?([高中低])"
)
OUTCOMES = ("推进", "维持", "礼节", "扑空")
_OUTCOME_WORDS = {
    "推进": ("推进", "进入下一阶段", "同意试用", "同意签", "确定合作", "要签合同", "进入合同", "要报价"),
    "礼节": ("礼节", "走访一下", "打个招呼", "拜个年", "送个礼", "坐了坐", "寒暄"),
    "维持": ("没有进展", "维持", "老样子", "没什么变化", "维系"),
}
EMPTY_WORDS = ("扑空", "白跑", "没见到人", "没见着", "客户不在", "人不在", "没人在", "吃了闭门羹", "爽约", "放鸽子")
_STEP = re.compile(
    r"(?:下一步|下步|接下来|后续|回头|后面|next step)(?:计划|安排|打算|工作|动作)?(?:就?是|：|:|，|,|要)?(?P<rest>[^。！!\n]+)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"[；;。\n]|，?(?:另外|还有|同时|并且|再就是|然后)，?|，(?=(?:我|由|让|请|给|[\u4e00-\u9fff]{2,3}(?:负责|准备|安排|去|来)))"
)
_PROMISE = re.compile(r"(?:答应|承诺|保证|许诺|说好)(?:了|过)?(?:他们?|她|客户|对方|人家|给)?")
_QUESTION = re.compile(
    r"([^，,。；;]{2,40}?)(?:这个|这点|这块)?(?:要|得|需要)?(?:回去|回头|会后)再?(?:问|确认|核实|了解)([^，,。；;]{0,20})"
)
_DECIDES = re.compile(
    r"(?:拍板的?|决策人|决策者|做主的?|说了算的?|最终决定的?|定夺的?)(?:是|为|：|:)?(?:他们的?|她们|对方的?)?(?P<after>[\u4e00-\u9fffA-Za-z]{2,8})"
    r"|(?P<before>[\u4e00-\u9fff]{1,4}(?:总|经理|主任|厂长|董|工|老板|局长|科长|处长|院长|部长|主管|总监))(?:来)?(?:拍板|决策|做主|说了算|决定|定)"
)
_RIVAL = re.compile(
    r"(?:竞品|竞争对手|对手|友商|竞对)(?:是|有|为|：|:)?(?P<after>[\u4e00-\u9fffA-Za-z0-9、和]{2,20})"
    r"|(?:也在|同时在|还在|正在)(?:看|用|谈|接触|比较|对比)(?P<seen>[\u4e00-\u9fffA-Za-z0-9]{2,12})"
)
_TITLED = re.compile(r"[\u4e00-\u9fff]{1,4}(?:总|经理|主任|厂长|董|工|老板)")
_NONE = re.compile(r"(?:没有|没|无|暂无|不清楚|不知道|未知)(?:竞品|竞争对手|对手|友商)?$")
_STOP = r"(?=[，,。；;！!]|预算|意向|下一步|下步|接下来|主要|嫌|担心|顾虑|拍板|决策|竞品|对手|另外|然后|[今明后]天|[下这]?周|\Z)"
_GROUPS = {
    "pains": re.compile(rf"(?:痛点|困扰|问题在于|头疼的?|最大的?问题)(?:是|在于|：|:)?([^，,。；;]{{2,30}}?){_STOP}"),
    "needs": re.compile(rf"(?:需求|需要|想要|希望|要求)(?:是|：|:)?([^，,。；;]{{2,30}}?){_STOP}"),
    "result": re.compile(rf"(?:结果|结论|成果)(?:是|：|:)?([^，,。；;]{{2,30}}?){_STOP}"),
}
_DISCOUNT = re.compile(r"[一二三四五六七八九\d](?:点?[一二三四五六七八九\d])?折(?!叠|腾|返)|打折|折扣|特价|特殊报价|优惠价")
_WORTHLESS = re.compile(
    r"[没未不]接|没人接|[打接]不通|没打通|未接通|关机|停机|空号|[没未]回复?|未读|已读不回|没联系上|联系不上"
    r"|问候|[早晚]安|节日祝福|拜年|群发|点赞"
)
_WORTH = re.compile(r"(?:回复|回了|说|同意|确认|要求|问|答应|反馈|聊|谈|沟通了|约|需要|希望|表示)")
_CHANNELS = (
    ("wechat", ("微信", "企微", "企业微信", "语音消息")),
    ("phone", ("电话", "致电", "来电", "去电", "电联", "回电", "打给", "通话", "手机")),
    ("email", ("邮件", "邮箱", "email", "e-mail", "mail")),
    ("online", ("视频", "线上", "腾讯会议", "钉钉", "远程", "直播")),
    ("visit", ("拜访", "上门", "见面", "面谈", "当面", "走访")),
)


def number(text: str) -> float | None:
    """五十, 两百三, 3.5, 十二点五 as a number; None when it is none."""
    text = text.replace("．", ".").strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    whole, _, part = text.partition("点")
    value = _chinese(whole)
    if value is None or (part and not all(c in _DIGITS for c in part)):
        return None
    return value + (float("0." + "".join(str(_DIGITS[c]) for c in part)) if part else 0.0)


def _chinese(text: str) -> float | None:
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return float("".join(str(_DIGITS[c]) for c in text))
    total, digit, last = 0, 0, 1
    for c in text:
        if c in _UNITS:
            total += (digit or 1) * _UNITS[c]
            last, digit = _UNITS[c], 0
        else:
            digit = _DIGITS[c]
    return float(total + digit * (last // 10 if digit and last > 10 and text[-2:-1] in _UNITS else 1))


def budget(text: str) -> int | list[int] | None:
    """The amount in yuan, or [low, high]; what is denied (不是50万) does not count."""
    clean = _NOT.sub("", text)
    at = clean.find("预算")
    if at > 0 and (after := budget(clean[at:])) is not None:
        return after
    for m in _AMOUNT.finditer(clean):
        unit = _unit(m["unit"] or m["low_unit"] or "")
        money = m["unit"] or m["low_unit"] or (m["more"] or "") in ("元", "块")
        low = number(m["low"])
        named = re.search(r"预算[^，,。]{0,4}$", clean[: m.start()]) is not None
        if low is None or not (money or (named and low >= 1000)):
            continue
        if m["high"] and (high := number(m["high"])) is not None:
            first = _unit(m["low_unit"]) if m["low_unit"] else unit
            return [round(low * first), round(high * unit)]
        return round(low * unit)
    return None


def _unit(word: str) -> int:
    return {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000, "亿": 10**8, "百万": 10**6, "百": 100}.get(word.lower(), 1)


def money(value: object) -> str:
    """50万, 50万–60万, 8000元."""
    if isinstance(value, list | tuple):
        return "–".join(money(v) for v in value)
    if not isinstance(value, int | float):
        return str(value)
    if value >= 10_000:
        return f"{value / 10_000:.4f}".rstrip("0").rstrip(".") + "万"
    return f"{value:g}元"


def intent(text: str) -> str | None:
    """high, medium or low when the text says so; a correction counts, what it corrects does not."""
    clean = _NOT.sub("", text)
    if found := _INTENT.findall(clean):
        return {"高": "high", "中": "medium", "低": "low"}[found[-1]]
    return next((level for level, words in _INTENT_WORDS if any(w in clean for w in words)), None)


def outcome(text: str) -> str:
    """推进, 维持, 礼节 or 扑空 when the text says so, else ""."""
    if is_empty_run(text):
        return "扑空"
    return next((name for name, words in _OUTCOME_WORDS.items() if any(w in text for w in words)), "")


def is_empty_run(text: str) -> bool:
    """The rep stood before closed doors (R25)."""
    return any(w in text for w in EMPTY_WORDS) and not re.search(r"(?:没有?|不会|别|差点)(?:扑空|白跑)", text)


def empty_reason(text: str) -> str:
    """Why nobody was there, in the rep's words; "" when he gave no reason."""
    words = re.sub(r"扑空了?|白跑了?一?趟?|没见到人|没见着人?", "", text)
    words = re.sub(r"^(?:我|今天|刚才|这次|去)+|[了啊呢，,。！!\s]+$|^[，,。！!\s]+", "", words).strip("，,。 ")
    return words if len(words) >= 2 else ""


def decider(text: str) -> str:
    """Who decides, when the text says so."""
    m = _DECIDES.search(_NOT.sub("", text))
    name = (m["after"] or m["before"] or "") if m else ""
    if name.startswith(("还", "不", "没", "谁", "未", "要", "得", "由", "需")):
        return ""
    return re.sub(r"(?:是|的|说|在|要|也|和|跟).*$", "", name) if len(name) > 2 else name


def rival(text: str) -> str:
    """A competitor named; 无 when the text says there is none."""
    if re.search(r"(?:没有|无|没|暂无)(?:竞品|竞争对手|对手|友商)", text):
        return "无"
    m = _RIVAL.search(text)
    return (m["after"] or m["seen"] or "").strip() if m else ""


def groups(text: str) -> dict[str, str]:
    """The capture groups nobody else reads: pains, needs, result."""
    return {name: m[1].strip() for name, pattern in _GROUPS.items() if (m := pattern.search(text))}


def steps(text: str) -> list[str]:
    """The next steps a text names, in order, each without 下一步."""
    out: list[str] = []
    for m in _STEP.finditer(text):
        out += [s for part in _MORE.split(m["rest"]) if len(s := part.strip("，,、 的了")) >= 2]
    return list(dict.fromkeys(out))


def promised(text: str) -> bool:
    """The words are a promise to the customer (R92)."""
    return bool(_PROMISE.search(text))


def promises(text: str) -> list[str]:
    """The clauses in which something was promised."""
    return [c.strip() for c in re.split(r"[，,。；;！!\n]", text) if promised(c) and len(c.strip()) >= 4]


def question(text: str) -> str:
    """An open question that is to be answered after the visit (R85), or ""."""
    m = _QUESTION.search(text)
    return (m[1].strip("，, ") + (f"（问{m[2].strip()}）" if m[2].strip() else "")) if m else ""


def special_price(text: str) -> bool:
    """The customer wants less than the price list says: 八折, 打折, 特价 (R90)."""
    return bool(_DISCOUNT.search(text))


def channel(text: str) -> str:
    """By which channel the customer was contacted; "other" when the text does not say."""
    lower = text.lower()
    return next((name for name, words in _CHANNELS if any(w in lower for w in words)), "other")


def counts(channel_: str, text: str, result: str, invalid: frozenset[str] = frozenset()) -> bool:
    """Whether it is a valid follow-up (R71): not on a channel the company left out, not a call nobody took, not a greeting."""
    if channel_ in invalid:
        return False
    return bool(result) or not _WORTHLESS.search(text) or bool(_WORTH.search(_WORTHLESS.sub("", text)))


def feedback(text: str) -> str:
    """What the customer said: the clause with 说, 回复, 反馈 … (R70)."""
    for clause in re.split(r"[，,。；;\n]", text):
        m = re.search(r"(?:回复说?|反馈说?|说|表示|觉得|认为|希望|要求|同意|答复)(.*)", clause)
        if m and len(m[1].strip()) >= 2:
            return m[1].strip()
    return ""


def answers(text: str, asked: tuple[str, ...]) -> dict[str, object]:
    """What an answer or a correction says, field by field; a bare word answers the only open question."""
    out: dict[str, object] = {}
    if (level := intent(text)) is not None:
        out["intent_level"] = level
    if "预算" in text or re.search(r"\d+万|[一二两三四五六七八九十百]+万", text):
        amount = budget(text)
        if amount is not None:
            out["budget"] = amount
    if who := decider(text):
        out["decision_maker"] = who
    if other := rival(text):
        out["competitor"] = other
    if (grade := outcome(text)) and grade != "扑空":
        out["outcome"] = grade
    out |= groups(text)
    if "next_steps" in asked:
        return out
    if not out and len(asked) == 1 and 1 < len(text.strip()) <= 30:
        out[asked[0]] = "无" if _NONE.match(text.strip("。.！! ")) else text.strip("。.！! ")
    if len(asked) > 1 and not out:
        parts = [p.strip() for p in re.split(r"[，,；;。\s]+", text) if p.strip()]
        if len(parts) == len(asked) and all(len(p) <= 10 for p in parts):
            out = {f: "无" if _NONE.match(p) else p for f, p in zip(asked, parts, strict=True)}
        elif _TITLED.fullmatch(text.strip("。.！! ")) and "decision_maker" in asked:
            out["decision_maker"] = text.strip("。.！! ")
    return out


def merged(first: Mapping[str, object], second: Mapping[str, object]) -> dict[str, object]:
    """`first` with what only `second` has."""
    return {k: v for part in (second, first) for k, v in part.items() if v not in (None, "", [])}
