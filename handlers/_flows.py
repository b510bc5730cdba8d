"""Approval flows at work (R190): who decides at each step, who has agreed, what is still to come.

A request keeps the steps that were in force when it was filed; changing a flow affects new requests only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.command import Turn
from domain.desk import Approval
from domain.flows import Step, flow_for
from domain.model import Customer, Member
from handlers import _views

FLOW = "flow"
"""Where a request's subject keeps {"steps": [[ids]], "all": [bool], "at": n, "yes": [ids]}."""


def steps_for(turn: Turn, kind: str, by: str, customer: Customer | None, usual: Sequence[str]) -> list[tuple[list[str], bool]]:
    """The configured steps as people, none of whom is the applicant; [] where the usual approvers decide."""
    out: list[tuple[list[str], bool]] = []
    for step in flow_for(kind, customer.grade if customer else "", turn.rules.approval_flows):
        people = [p for p in _people(turn, step, by, customer, usual) if p != by]
        if people and people not in [known for known, _ in out]:
            out.append((people, step.all and len(people) > 1))
    return out


def _people(turn: Turn, step: Step, by: str, customer: Customer | None, usual: Sequence[str]) -> list[str]:
    found: list[str] = []
    for who in step.who:
        if who == "owner":
            found += [customer.owner] if customer and customer.owner else []
        elif who == "manager":
            found += list(usual)
        elif who == "director":
            found += _director(turn, (customer.owner if customer else None) or by, by)
        elif who == "admin":
            found += [m.id for m in turn.tx.people.admins()][:1]
        else:
            found += [m.id for m in (turn.tx.people.get(who),) if m is not None and m.active]
    return list(dict.fromkeys(found))


def _director(turn: Turn, below: str, by: str) -> list[str]:
    """The director above somebody, else the first one there is."""
    chain = [m.id for m in turn.tx.people.managers_above(below) if m.role == "director"]
    return [p for p in (*chain, *(m.id for m in turn.tx.people.directors())) if p != by][:1]


def begun(subject: Mapping[str, object], steps: Sequence[tuple[list[str], bool]]) -> dict[str, object]:
    """The subject of a request that goes through steps."""
    if not steps:
        return dict(subject)
    flow = {"steps": [people for people, _ in steps], "all": [every for _, every in steps], "at": 0, "yes": []}
    return {**subject, FLOW: flow}


def agreed(approval: Approval, who: Member, here: Callable[[list[str]], list[str]]) -> Approval | None:
    """After a yes that is not the last one needed: the request as it stands now, still pending; None when it was the last.

    Who is not named in the step but may decide (a substitute's manager, a director) speaks for the whole of it.
    """
    flow = approval.subject.get(FLOW)
    if not isinstance(flow, Mapping):
        return None
    steps, every, at = list(flow["steps"]), list(flow["all"]), int(flow["at"])
    yes = list(dict.fromkeys([*flow["yes"], who.id]))
    left = [p for p in steps[at] if p not in yes] if every[at] and who.id in steps[at] else []
    if left:
        return replace(approval, approvers=tuple(left), subject={**approval.subject, FLOW: {**flow, "yes": yes}})
    if at + 1 >= len(steps):
        return None
    following = tuple(here([str(p) for p in steps[at + 1]]))
    steps[at + 1] = list(following)
    onward = {**flow, "steps": steps, "at": at + 1, "yes": []}
    return replace(approval, approvers=following, subject={**approval.subject, FLOW: onward})


def route(turn: Turn, approval: Approval) -> str:
    """陈静 → 赵总, with those of a co-sign joined by 和; "" for a request of one step and one person."""
    flow = approval.subject.get(FLOW)
    if not isinstance(flow, Mapping):
        return ""
    every = list(flow["all"])
    parts = [
        ("和" if every[i] else "或").join(_views.name(turn, str(p)) for p in people) for i, people in enumerate(flow["steps"])
    ]
    return " → ".join(parts)
