"""Rules by sentence: what they say, read from Chinese and said back in it (R105, M19).

An AlertRule is event + condition + action as data; a Change sets one of the company's numbers. Nothing here looks anything up.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.spoken import number

EVENTS = {
    "silent": "超过 {n} 天没有跟进",
    "missed": "拜访漏访",
    "report_late": "拜访结束 {n} 小时没有交纪要",
    "intent_high": "纪要里客户意向为高",
}
"""What sets a rule off, said back with its number."""
TARGETS = {"me": "设规则的人", "owner": "负责人", "manager": "负责人的主管", "director": "总监"}


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When `event` (with its number `n`) happens to a customer of `grade` ("" = any), these are told, or given a task.

    `by` is who made it: a manager's rule holds for his team's customers, a director's or admin's for all.
    """

    event: str
    n: int = 0
    grade: str = ""
    notify: tuple[str, ...] = ()
    task: bool = False
    by: str = ""
    text: str = ""
    id: str = ""
    version: int = 1
    active: bool = True

    def spec(self) -> dict[str, object]:
        """What is stored."""
        return {
            "event": self.event, "n": self.n, "grade": self.grade, "notify": list(self.notify), "task": self.task, "by": self.by,
            "text": self.text,
        }  # fmt: skip

    @classmethod
    def read(cls, id_: str, spec: Mapping[str, object], version: int, active: bool) -> "AlertRule":
        """The inverse of `spec`."""
        notify = spec.get("notify")
        return cls(
            str(spec["event"]), int(str(spec.get("n") or 0)), str(spec.get("grade") or ""),
            tuple(str(x) for x in notify) if isinstance(notify, list | tuple) else (), bool(spec.get("task")),
            str(spec.get("by") or ""), str(spec.get("text") or ""), id_, version, active,
        )  # fmt: skip

    def words(self) -> str:
        """The rule in plain Chinese: A类客户超过 10 天没有跟进时，提醒设规则的人、负责人。"""
        who = f"{self.grade}类客户" if self.grade else "客户"
        told = f"提醒{'、'.join(TARGETS[t] for t in self.notify)}" if self.notify else ""
        deed = "，并".join(x for x in (told, "给负责人建待办" if self.task else "") if x)
        return f"{who}{EVENTS[self.event].format(n=self.n)}时，{deed}"


@dataclass(frozen=True, slots=True)
class Change:
    """A company's number set anew; `part` is the grade for the numbers that have one per grade."""

    key: str
    value: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Knob:
    """A number people may change: how it is called, its unit, and the range that makes sense."""

    key: str
    name: str
    unit: str
    low: int
    high: int
    words: str
    graded: bool = False


KNOBS = (
    Knob("protect_days", "保护期", "天", 1, 365, r"保护期"),
    Knob("cadence_days", "跟进周期", "天", 1, 400, r"跟进(?:周期|频率)|联系(?:周期|频率)", graded=True),
    Knob("pool_days", "公海回收天数", "天", 2, 800, r"(?:公海|回收)(?:期|周期|天数|时间)?|掉公海|进公海", graded=True),
    Knob("customer_window_days", "同一客户间隔提醒", "天", 0, 90, r"(?:同一?个?客户|客户).{0,6}(?:窗口|间隔)|窗口期?|撞单窗口"),
    Knob("report_due_hours", "纪要时限", "小时", 1, 240, r"(?:纪要|报告)(?:提交)?(?:时限|期限|截止|要求)"),
    Knob("buffer_min", "拜访缓冲", "分钟", 0, 240, r"缓冲"),
    Knob("travel_min", "路程时间", "分钟", 0, 240, r"路程|路上"),
    Knob("default_visit_min", "默认时长", "分钟", 15, 480, r"默认时长|默认拜访时长"),
    Knob(
        "visits_per_day", "每人每天拜访上限", "个", 1, 30, r"每天(?:最多)?(?:拜访|约)|拜访(?:数)?上限|每日(?:拜访)?上限|每人每天"
    ),
    Knob("claims_per_day", "每天认领上限", "家", 1, 200, r"认领上限|每天(?:最多)?认领"),
    Knob("holding_cap", "持有上限", "家", 1, 100_000, r"持有上限|最多持有|名下上限"),
    Knob("reclaim_cooldown_days", "重新认领冷却期", "天", 0, 90, r"冷却期?"),
    Knob("remind_before_min", "拜访提醒提前量", "分钟", 5, 2880, r"(?:默认|全员|公司|大家).{0,4}提醒"),
    Knob("high_intent_followup_days", "高意向跟进期限", "天", 1, 60, r"高意向|意向高.{0,6}(?:天内|期限)"),
    Knob("check_in_radius_m", "签到范围", "米", 50, 20_000, r"签到(?:范围|距离|半径)"),
    Knob("missed_after_min", "漏访判定", "分钟", 10, 1440, r"漏访(?:判定|时间|多久)"),
    Knob("approval_expiry_days", "审批时限", "天", 1, 60, r"审批(?:的)?(?:时限|期限|有效期)"),
    Knob("undo_min", "可撤销时间", "分钟", 1, 1440, r"撤销时间|可撤销"),
)
"""Every number of `[rules]` that a sentence may change; times of day and purposes stay in the configuration."""

TEAM_KEYS = frozenset(
    (
        "customer_window_days", "buffer_min", "travel_min", "default_visit_min", "visits_per_day", "remind_before_min",
        "high_intent_followup_days", "check_in_radius_m",
    )
)  # fmt: skip
"""The numbers a manager may set for his own people: those that only concern what they do themselves."""

_N = r"(?P<n>\d+|[零一二两三四五六七八九十百半]+)"
_AMOUNT = re.compile(rf"{_N}\s*(?:个)?(?P<unit>工作日|天|日|周|星期|月|小时|钟头|分钟|米|公里|次|家|个|人)")
_UNIT_DAYS = {"天": 1, "日": 1, "工作日": 1, "周": 7, "星期": 7, "月": 30}
_SILENT = re.compile(r"(?:没有?人?|未|无人)(?:跟进|联系|拜访|回访|动静|沟通)|不跟进|没跟")
_SECOND = re.compile(r"第(?P<n>[二两三四五\d]+)(?:个|位)?(?:人|团队|同事|组|销售)?.{0,8}(?:审批|报我|报批|批准|同意)")


def amounts(text: str) -> list[tuple[float, str]]:
    """Every number with a unit, in order."""
    out = []
    for m in _AMOUNT.finditer(text):
        value = 0.5 if m["n"] == "半" else number(m["n"])
        if value is not None:
            out.append((value, m["unit"]))
    return out


def grade_in(text: str) -> str:
    """A, B, C or D when the text names one grade."""
    m = re.search(r"([ABCDabcd])\s*(?:类|级|等)", text)
    return m[1].upper() if m else ""


def read_rule(text: str, by: str) -> AlertRule | None:
    """The alert rule a sentence says, or None."""
    notify = _targets(text)
    task = bool(re.search(r"建(?:个|一个|条)?(?:任务|待办)|(?:生成|加|派|分配)(?:个|一个|条)?(?:任务|待办)", text))
    if not notify and not task:
        return None
    grade, found = grade_in(text), amounts(text)
    days = [round(v * _UNIT_DAYS[u]) for v, u in found if u in _UNIT_DAYS]
    hours = [round(v * (1 if u in ("小时", "钟头") else 24)) for v, u in found if u in ("小时", "钟头", "天", "日")]
    if _SILENT.search(text) and days and days[0] > 0:
        return AlertRule("silent", days[0], grade, notify, task, by, text)
    if re.search(r"(?:纪要|报告|小结)", text) and hours and hours[0] > 0:
        return AlertRule("report_late", hours[0], grade, notify, task, by, text)
    if "漏访" in text:
        return AlertRule("missed", 0, grade, notify, task, by, text)
    if re.search(r"意向(?:为|是|=)?(?:高|强)|高意向", text):
        return AlertRule("intent_high", 0, grade, notify, task, by, text)
    return None


def _targets(text: str) -> tuple[str, ...]:
    m = re.search(r"(?:提醒|通知|告诉|告知|推送给?|发给|@|抄送|报给?|升级给?)(?P<who>[^，,。；;]*)", text)
    if m is None:
        return ()
    who = m["who"]
    found = [
        ("me", bool(re.search(r"我(?!们)", who))),
        ("owner", bool(re.search(r"负责人|销售|业务员|owner|跟进人", who))),
        ("manager", bool(re.search(r"经理|主管|上级|领导|组长", who))),
        ("director", bool(re.search(r"总监|老板|大区", who))),
    ]
    named = tuple(name for name, true in found if true)
    return named or ("owner",)


def read_changes(text: str) -> list[Change]:
    """The company numbers a sentence sets; empty when it sets none."""
    found = amounts(text)
    second = _SECOND.search(text)
    if second is not None and "客户" in text:
        days = [round(v * _UNIT_DAYS[u]) for v, u in found if u in _UNIT_DAYS]
        teams = int(number(second["n"]) or 0)
        out = [Change("customer_window_days", days[0])] if days else []
        return [*out, Change("teams_per_week_approval", teams)] if teams >= 2 else out
    for knob in KNOBS:
        if not re.search(knob.words, text) or not found:
            continue
        values = [v for amount, unit in found if (v := _in_unit(amount, unit, knob.unit)) is not None]
        if not values:
            continue
        part = grade_in(text) if knob.graded else ""
        return [Change(knob.key, values[-1], part)] if part or not knob.graded else []
    return []


def _in_unit(amount: float, unit: str, wanted: str) -> int | None:
    if wanted == "天":
        return round(amount * _UNIT_DAYS[unit]) if unit in _UNIT_DAYS else None
    if wanted == "小时":
        return round(amount * {"小时": 1, "钟头": 1, "天": 24}[unit]) if unit in ("小时", "钟头", "天") else None
    if wanted == "分钟":
        return round(amount * {"分钟": 1, "小时": 60, "钟头": 60}[unit]) if unit in ("分钟", "小时", "钟头") else None
    if wanted == "米":
        return round(amount * {"米": 1, "公里": 1000}[unit]) if unit in ("米", "公里") else None
    return round(amount) if unit in ("个", "家", "次", "人") else None


def knob_of(key: str) -> Knob | None:
    """The knob of a number."""
    if key == "teams_per_week_approval":
        return Knob(key, "第几个团队起要审批", "个", 2, 20, "")
    return next((k for k in KNOBS if k.key == key), None)
