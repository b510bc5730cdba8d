"""一句话定规则：先用大白话复述，说今天会触发哪些，再确认；随时看、改、停。"""

import json
from dataclasses import dataclass, replace

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from bot.numbers import OF
from domain import cadence
from domain.alert_rules import KNOBS, TEAM_KEYS, AlertRule, Change, knob_of, read_changes, read_rule
from domain.dup_rules import read_rules
from domain.model import OFFICE, Role
from domain.policies import Policy, read_policies
from domain.refusal import NotAllowed, NotFound, Refusal, Stale
from domain.rules import Rules
from handlers import _alerts, _due, _dup_rules, _policies, _selftest, _views
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class Set:
    """The rule in words."""

    content: str = ""
    draft: str = ""


@command("rule.set", Set, group="设置", example="A类客户超过10天没人跟进就提醒我和负责人", role=Role.MANAGER)
def set_rule(ask: Set, turn: Turn) -> Reply:
    """Say the rule back, show whom it would hit today, and ask once (R193, M19)."""
    text = ask.content or turn.said.text
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if "查重规则" in text or read_rules(text):
        check_company(turn)
        if shown := _dup_rules.preview(turn, text):
            return shown
    if any(w in text for w in ("停用", "删除", "删掉", "取消", "关闭", "停掉")) and "规则" in text:
        return choose_off(turn)
    changes = read_changes(text)
    if changes:
        return preview_changes(turn, changes, text)
    if policies := read_policies(text):
        check_company(turn)
        return _policies.preview(turn, policies, text)
    rule = read_rule(text, turn.me.id)
    if rule is None:
        return not_understood(turn)
    return preview_rule(turn, rule)


def not_understood(turn: Turn) -> Reply:
    """What a rule can say."""
    turn.ask(turn.said.with_slots(draft=None, content=None), "words", 60, field="content", accepts=["rule.set", "customer.due"])
    lines = Items(
        (
            "A类客户超过10天没人跟进就提醒我和负责人",
            "漏访就通知主管",
            "保护期改成15天",
            "官网来的线索轮流分配",
            "电话只给负责人看",
            "A类跟进周期改成10天",
            "查重规则：名称和电话都相同才拦截，邮箱相同只提醒",
        )
    )
    return Reply(Card("没看懂这条规则，没有改动。可以这样说：", (lines,)))


def preview_rule(turn: Turn, rule: AlertRule) -> Reply:
    """The back-translation and the dry run."""
    same = next((r for r in turn.tx.alert_rules.all() if (r.event, r.grade, r.by) == (rule.event, rule.grade, rule.by)), None)
    blocks: list[Block] = [Text(f"规则：{rule.words()}。")]
    if same is not None:
        blocks.append(Text(f"会替换原来的：{same.words()}。"))
        rule = replace(rule, id=same.id)
    if rule.event == "silent":
        hits = _alerts.silent(turn, rule)
        blocks.append(Text(f"今天会触发 {len(hits)} 家" + ("：" if hits else "。")))
        blocks += [Items(tuple(f"{c.short}（{_views.name(turn, c.owner)}）" for c in hits[:5]))] if hits else []
    else:
        blocks.append(Text("以后每次发生时提醒一次。"))
    data = json.dumps({"rule": rule.spec(), "id": rule.id}, ensure_ascii=False)
    return _confirm(turn, "请确认这条规则，还没生效", blocks, data)


def preview_changes(turn: Turn, changes: list[Change], text: str) -> Reply:
    """The numbers before and after, and what follows today."""
    team = is_team(turn, changes)
    rows, notes = [], []
    for change in changes:
        knob = knob_of(change.key)
        if knob is None or not knob.low <= change.value <= knob.high:
            limits = f"{knob.low}–{knob.high} {knob.unit}" if knob else ""
            raise Refusal(f"{knob.name if knob else change.key}只能在 {limits} 之间，没有改动")
        name = f"{change.part}类{knob.name}" if change.part else knob.name
        rows.append((name, f"{value_now(turn, change)} → {change.value} {knob.unit}"))
        if note := _effect(turn, change):
            notes.append(note)
    data = json.dumps({"changes": [[c.key, c.value, c.part] for c in changes], "text": text}, ensure_ascii=False)
    if team:
        notes.append(f"只对您和下属 {len(turn.tx.people.reports_of(turn.me.id))} 人生效；公司的数字不变。")
    return _confirm(turn, "请确认这项改动，还没生效", [Facts(tuple(rows)), *(Text(n) for n in notes)], data)


def is_team(turn: Turn, changes: list[Change]) -> bool:
    """True when a manager sets numbers for his own people only; raises NotAllowed for those that are the company's."""
    try:
        check_company(turn)
    except NotAllowed:
        if all(c.key in TEAM_KEYS for c in changes):
            return True
        raise
    return False


def check_company(turn: Turn) -> None:
    """The company's numbers: directors and admins, or a manager whose team is the whole company."""
    if turn.me.role in (Role.DIRECTOR, Role.ADMIN):
        return
    below = {m.id for m in turn.tx.people.reports_of(turn.me.id)} | {turn.me.id}
    outside = [m for m in turn.tx.people.all() if m.id not in below and m.role in (Role.REP, Role.MANAGER)]
    if outside:
        bosses = _views.listing([*turn.tx.people.directors(), *turn.tx.people.admins()][:3])
        raise NotAllowed(
            "无权：这个数字对全公司生效，要由总监或管理员修改",
            f"请联系{bosses}。" if bosses else "",
            action="rule.set",
            obj="company",
        )


def value_now(turn: Turn, change: Change) -> object:
    """The number in force."""
    value = getattr(turn.rules, change.key)
    return value.get(change.part, "不设") if isinstance(value, dict) else value


def _with(rules: Rules, key: str, value: object) -> Rules:
    """The rules with one number set anew."""
    return replace(rules, **{key: value})  # type: ignore[arg-type]


def _effect(turn: Turn, change: Change) -> str:
    """What a changed clock means today."""
    if change.key not in ("cadence_days", "pool_days"):
        return "从确认起对新的预约、录入和认领生效。"
    numbers = {**getattr(turn.rules, change.key), change.part: change.value}
    after = _with(turn.rules, change.key, numbers)
    today = turn.now.astimezone(OFFICE).date()
    mine = [c for c in _due.in_scope(turn, None) if c.grade == change.part]
    if change.key == "cadence_days":
        return f"改后今天有 {sum(1 for c in mine if cadence.overdue(c, after, today))} 家{change.part}类客户逾期。"
    n = sum(1 for c in mine if (d := cadence.pool_day(c, after)) is not None and d <= today)
    return f"改后今天有 {n} 家{change.part}类客户到公海回收期。"


def _confirm(turn: Turn, title: str, blocks: list[Block], data: str) -> Reply:
    draft = turn.ask(Said("rule.confirm", {}), "confirm", 24 * 60, spec=data)
    buttons = (
        Button("确认", says.write("rule.confirm", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    return Reply(Card(title, tuple(blocks), buttons, Tone.WARN), subject=f"draft:{draft.id}")


@dataclass(frozen=True, slots=True)
class Confirm:
    """The preview that is confirmed."""

    draft: str = ""


@command("rule.confirm", Confirm, intent="dialog.confirm", role=Role.MANAGER)
def confirm(ask: Confirm, turn: Turn) -> Reply:
    """Put what was shown into force; the version before stays on record."""
    draft = turn.take_draft(ask.draft)
    if "spec" not in draft.data:
        raise Stale("这张卡片不是要确认的预览，没有任何改动")
    spec = json.loads(str(draft.data["spec"]))
    if "dup" in spec:
        check_company(turn)
        return _dup_rules.apply(turn, [str(x) for x in spec["dup"]], str(spec["text"]))
    if "policies" in spec:
        check_company(turn)
        return _policies.apply(turn, [Policy(*row) for row in spec["policies"]], str(spec["text"]))
    if "changes" in spec:
        return _apply_changes(turn, [Change(str(k), int(v), str(p)) for k, v, p in spec["changes"]], str(spec["text"]))
    rule = replace(AlertRule.read(str(spec["id"]), spec["rule"], 1, True), by=turn.me.id)
    saved = turn.tx.alert_rules.put(rule, turn.now, turn.me.id)
    turn.event(
        "rule.changed", rule={**saved.spec(), "id": saved.id, "version": saved.version, "active": True, "words": saved.words()}
    )
    turn.did("rule.changed", rule=saved.id, new=saved.version == 1)
    undo = Button("撤销", says.write("dialog.undo"))
    return Reply(Card(f"规则已生效：{saved.words()}", (Text("用同一句话改数字即可修改。"),), (undo,), Tone.DONE))


def _apply_team(turn: Turn, changes: list[Change], text: str) -> Reply:
    """The numbers of one manager's people (R102, R193): below the company's own, audited alike."""
    key = f"{OF}{turn.me.id}"
    before = turn.tx.settings.company(key)
    own = {**(before if isinstance(before, dict) else {}), **{c.key: c.value for c in changes}}
    turn.tx.settings.set_company(key, own, turn.now, turn.me.id)
    for c in changes:
        turn.event(
            "rule.changed", rule={"id": f"{key}:{c.key}", "key": c.key, "value": c.value, "team": turn.me.id, "text": text}
        )
    turn.did("rule.changed", settings={key: before})
    lines = [f"{k.name} {c.value} {k.unit}" for c in changes if (k := knob_of(c.key))]
    undo = Button("撤销", says.write("dialog.undo"))
    text_ = Text("只对您和下属之后的操作生效；客户和个人的设置仍然优先。")
    return Reply(Card(f"已对您的团队生效：{'；'.join(lines)}", (text_,), (undo,), Tone.DONE))


def _apply_changes(turn: Turn, changes: list[Change], text: str) -> Reply:
    if is_team(turn, changes):
        return _apply_team(turn, changes, text)
    before: dict[str, object] = {}
    lines = []
    for change in changes:
        knob = knob_of(change.key)
        before.setdefault(change.key, turn.tx.settings.company(change.key))
        value: object = change.value
        if change.part:
            value = {**getattr(turn.rules, change.key), change.part: change.value}
            turn.rules = _with(turn.rules, change.key, value)
        turn.tx.settings.set_company(change.key, value, turn.now, turn.me.id)
        name = f"{change.part}类{knob.name}" if knob and change.part else knob.name if knob else change.key
        lines.append(f"{name}：{change.value} {knob.unit if knob else ''}")
        turn.event("rule.changed", rule={"id": change.key, "key": change.key, "part": change.part, "value": change.value,
                                         "before": before[change.key], "text": text})  # fmt: skip
    turn.did("rule.changed", settings=before)
    undo = Button("撤销", says.write("dialog.undo"))
    return Reply(Card(f"已生效：{'；'.join(lines)}", (Text("对之后的操作生效，已有记录不变。"),), (undo,), Tone.DONE))


# ---------------------------------------------------------------------- list and off
@dataclass(frozen=True, slots=True)
class Nothing:
    """No slots."""


@command("rule.list", Nothing, group="设置", example="现在有哪些提醒规则")
def listing(ask: Nothing, turn: Turn) -> Reply:
    """The built-in rules with their numbers, then those made in the chat; 自检 tries the guards (R109)."""
    if _dup_rules.resets(turn.said.text):
        check_company(turn)
        if shown := _dup_rules.preview(turn, turn.said.text):
            return shown
    if turn.me.role.leads and any(w in turn.said.text for w in ("自检", "自查")):
        return Reply(_selftest.card(turn))
    r = turn.rules
    builtin = (
        f"拜访前 {r.remind_before_min} 分钟提醒负责人（R93，个人可改）",
        f"拜访结束建纪要任务，{r.report_due_hours} 小时内提交（R96）",
        f"超过 {r.report_due_hours} 小时没交，提醒本人和主管（R97）",
        f"意向高，{r.high_intent_followup_days} 天内跟进（R98）",
        "A类客户每月首个工作日建拜访任务（R99）",
        f"跟进周期 {_graded(r.cadence_days)}，逾期提醒负责人（R100）",
        f"公海回收 {_graded(r.pool_days)}，提前 {'、'.join(map(str, r.pool_warn_days))} 天预警（R55）",
        f"{r.collision_days} 天内 {r.collision_reps} 人联系 {r.collision_touches} 次，撞单预警（R41）",
    )
    own = [f"{x.words()}（{_views.name(turn, x.by)}设）" for x in turn.tx.alert_rules.all()]
    changed = sorted(k.name for k in KNOBS if turn.tx.settings.company(k.key) is not None)
    blocks: list[Block] = [Text("内置规则："), Items(builtin), Text("归属、可见和审批："), Items(tuple(_policies.in_force(turn)))]
    if dup := _dup_rules.in_force(turn):
        blocks += [Text("查重规则："), Items(tuple(r.words() for r in dup))]
    if own:
        blocks += [Text("自定义规则："), Items(tuple(own))]
    if changed:
        blocks.append(Text("公司改过的数字：" + "、".join(changed)))
    return Reply(Card(f"现在有 {len(builtin) + len(own)} 条规则在用", tuple(blocks)))


def _graded(days: dict[str, int]) -> str:
    return " ".join(f"{g} {n}天" for g, n in sorted(days.items()))


def choose_off(turn: Turn) -> Reply:
    """Which rule to switch off."""
    mine = [r for r in turn.tx.alert_rules.all() if r.by == turn.me.id or turn.me.role in (Role.DIRECTOR, Role.ADMIN)]
    if not mine:
        return Reply(Card("没有可以停用的自定义规则，没有改动", (Text("内置规则由管理员在配置里调整。"),)))
    buttons = tuple(Button(f"停用第{i}条", says.write("rule.off", id=r.id)) for i, r in enumerate(mine[:6], 1))
    return Reply(Card("停用哪一条？还没有改动", (Items(tuple(r.words() for r in mine[:6])),), buttons))


@dataclass(frozen=True, slots=True)
class Off:
    """The rule to switch off."""

    id: str = ""


@command("rule.off", Off, intent="rule.set", role=Role.MANAGER)
def off(ask: Off, turn: Turn) -> Reply:
    """Switch a rule off; its record stays."""
    rule = turn.tx.alert_rules.get(ask.id)
    if rule is None or not rule.active:
        raise NotFound("这条规则已经不在用了")
    if rule.by != turn.me.id and turn.me.role not in (Role.DIRECTOR, Role.ADMIN):
        raise NotAllowed(f"无权：这条规则是{_views.name(turn, rule.by)}设的", action="rule.set", obj=rule.id)
    saved = turn.tx.alert_rules.put(replace(rule, active=False), turn.now, turn.me.id)
    turn.event("rule.changed", rule={**saved.spec(), "id": saved.id, "version": saved.version, "active": False})
    turn.did("rule.changed", rule=saved.id, off=True)
    return Reply(Card(f"已停用：{rule.words()}", (), (Button("撤销", says.write("dialog.undo")),), Tone.DONE))
