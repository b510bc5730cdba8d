"""Standing rules of the company by sentence: shown with what they were, asked once, put into force, undone like numbers (R193)."""

import json
from collections.abc import Sequence

from bot import says
from bot.cards import Block, Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn
from domain.flows import KINDS, WHO, parse, words
from domain.intake import MODES
from domain.policies import Policy, merged
from domain.refusal import NotAllowed, NotFound, Refusal
from domain.visibility import FIELDS, LAYERS
from handlers import _views
from nlp.said import Said

_PEOPLE = ("territory", "partners", "stage_assist")
"""Tables whose values are a team or a member."""


def preview(turn: Turn, policies: Sequence[Policy], text: str) -> Reply:
    """What would hold from now on; nothing changes before 确认."""
    check_right(turn, policies)
    known = [checked(turn, p) for p in policies]
    rows = [(f"规则{i}" if len(known) > 1 else "规则", p.words) for i, p in enumerate(known, 1)]
    rows += [("原来", was) for p in known if (was := before(turn, p))]
    data = json.dumps({"policies": [[p.key, p.part, p.value, p.words] for p in known], "text": text}, ensure_ascii=False)
    draft = turn.ask(Said("rule.confirm", {}), "confirm", 24 * 60, spec=data)
    buttons = (
        Button("确认", says.write("rule.confirm", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    blocks: list[Block] = [Facts(tuple(rows)), Text("对之后的录入、申请和查看生效，已提交的申请不变。")]
    return Reply(Card("请确认这条规则，还没生效", tuple(blocks), buttons, Tone.WARN), subject=f"draft:{draft.id}")


def check_right(turn: Turn, policies: Sequence[Policy]) -> None:
    """Who sees a field is the administrator's or a director's to say; the rest as for every number of the company."""
    if any(p.key in ("field_layers", "approval_flows") for p in policies) and turn.me.role not in ("director", "admin"):
        bosses = _views.listing([*turn.tx.people.directors(), *turn.tx.people.admins()][:3])
        hint = f"请联系{bosses}。" if bosses else ""
        raise NotAllowed("无权：字段可见范围和审批流程由总监或管理员修改，没有改动", hint, action="rule.set", obj="company")


def checked(turn: Turn, p: Policy) -> Policy:
    """With the team, member or field that is meant. Raises Refusal when there is none of that name."""
    if p.key in _PEOPLE and p.value:
        name = str(p.value)
        people = turn.tx.people.named(name)
        if not turn.tx.people.team(name) and len(people) != 1:
            problem = f"有 {len(people)} 位{name}" if people else f"没有叫「{name}」的团队或同事"
            raise NotFound(f"{problem}，没有改动", "请写团队名或同事全名。")
    if p.key == "field_layers" and p.part not in FIELDS and turn.tx.fields.get("customer", p.part) is None:
        raise NotFound(f"客户没有「{p.part}」这个字段，没有改动")
    if p.key == "approval_flows":
        for who in (w for step in parse(str(p.value)) for w in step.who):
            if who not in WHO and turn.tx.people.get(who) is None:
                raise NotFound(f"没有找到「{who}」，没有改动")
            if who == "director" and not turn.tx.people.directors():
                raise Refusal("系统里还没有总监，没有改动")
    return p


def before(turn: Turn, p: Policy) -> str:
    """What held until now, "" when nothing did."""
    now = getattr(turn.rules, p.key)
    was = now.get(p.part) if isinstance(now, dict) else now
    return "" if was in (None, "", False) or was == p.value else str(was)


def apply(turn: Turn, policies: Sequence[Policy], text: str) -> Reply:
    """Into force, each with its event; one 撤销 takes them all back."""
    check_right(turn, policies)
    former: dict[str, object] = {}
    for p in policies:
        former.setdefault(p.key, turn.tx.settings.company(p.key))
        value = merged(turn.tx.settings.company(p.key) or getattr(turn.rules, p.key), p)
        turn.tx.settings.set_company(p.key, value, turn.now, turn.me.id)
        turn.event(
            "rule.changed",
            rule={
                "id": p.key,
                "key": p.key,
                "part": p.part,
                "value": p.value,
                "before": former[p.key],
                "words": p.words,
                "text": text,
            },
        )
    turn.did("rule.changed", settings=former)
    undo = Button("撤销", says.write("dialog.undo"))
    said = "；".join(p.words for p in policies)
    return Reply(Card(f"已生效：{said}", (Text("对之后的操作生效，已有记录不变。"),), (undo,), Tone.DONE))


def in_force(turn: Turn) -> list[str]:
    """Every standing rule that is set, in words."""
    r = turn.rules
    out = [f"{k}：{MODES.get(v, v)}" for k, v in r.assign_types.items()]
    out += [f"{k}类新客户：{MODES.get(v, v)}" for k, v in sorted(r.assign_grades.items())]
    out += [f"来源{k}：{MODES.get(v, v)}" for k, v in r.assign_sources.items()]
    out += [f"{k}的新客户归{v}" for k, v in r.territory.items()]
    out += [f"{FIELDS[k].name if k in FIELDS else k}：{LAYERS.get(v, v)}" for k, v in r.field_layers.items()]
    out += [f"{_flow_name(k)}审批：{words(v)}" for k, v in r.approval_flows.items()]
    out += [f"阶段到{k}时，{v}成为协助负责人" for k, v in r.stage_assist.items()]
    out.append(f"协作成交按 {r.split_main}:{100 - r.split_main} 分")
    return [*out, *(["深度沟通之前只有负责人能约拜访"] if r.stage_booking else [])]


def _flow_name(key: str) -> str:
    kind, _, grade = key.partition(".")
    name = KINDS.get(kind, (kind, ""))[0]
    return f"{grade}类客户{name}" if grade else name
