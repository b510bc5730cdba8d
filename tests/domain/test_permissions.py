"""The matrix of rights: role × action × object, default deny (R153–R157, contract.md 7b "Rights", "Who sees what")."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.desk import Approval
from domain.model import Customer, Member, Role
from domain.permissions import (
    Layer,
    audience,
    layer,
    may_change_customer,
    may_change_visit,
    may_decide,
    may_override_overlap,
    sees_contacts,
    sees_private,
    sees_status,
    sees_visit,
    visit_label,
)
from tests.domain.office import slot, visit

OWNER = Member("owner", "主", Role.REP, "一组", "销售部", "boss")
PEOPLE = {
    "owner": OWNER,
    "co-owner": Member("co", "协", Role.REP, "二组", "售前部", "boss2"),
    "participant": Member("along", "同", Role.REP, "三组", "服务部", "boss3"),
    "teammate": Member("mate", "友", Role.REP, "一组", "销售部", "boss"),
    "outsider": Member("out", "外", Role.REP, "三组", "服务部", "boss3"),
    "manager": Member("boss", "经", Role.MANAGER, "一组", "销售部", "dir"),
    "manager's manager": Member("top", "总", Role.MANAGER, "", "销售部", None),
    "other manager": Member("boss3", "他", Role.MANAGER, "三组", "服务部", "dir"),
    "same-department manager": Member("boss4", "邻", Role.MANAGER, "四组", "销售部", "dir"),
    "director": Member("dir", "董", Role.DIRECTOR, "", "总办", None),
    "admin": Member("adm", "管", Role.ADMIN, "", "信息部", None),
    "owner who left": replace(OWNER, active=False),
    "director who left": Member("dir", "董", Role.DIRECTOR, active=False),
}
OPEN = Customer("c1", "蓝天有限公司", aliases=("蓝天",), owner="owner", co_owners=("co",))
LOCKED = replace(OPEN, locked=True)
POOL = Customer("c2", "白云有限公司", status="pool")
CHAIN = frozenset({"boss", "top"})
VISIT = visit("v1", slot(11, 14), OWNER, OPEN, participants=("along",))

ABOVE = {"manager", "manager's manager", "director", "admin"}
FOLLOW = {"owner", "co-owner"} | ABOVE
DEPARTMENT = {"teammate", "same-department manager"}
HERE = {name for name, who in PEOPLE.items() if who.active}

MATRIX: dict[str, tuple[Callable[[Member], bool], set[str]]] = {
    "change the visit": (lambda w: may_change_visit(w, VISIT, CHAIN), {"owner"} | ABOVE),
    "change the visit, chain unknown": (lambda w: may_change_visit(w, VISIT), {"owner", "director", "admin"}),
    "change the customer": (lambda w: may_change_customer(w, OPEN, CHAIN), FOLLOW),
    "change a locked customer": (lambda w: may_change_customer(w, LOCKED, CHAIN), FOLLOW),
    "change a pool customer": (lambda w: may_change_customer(w, POOL), {"director", "admin"}),
    "override an overlap": (lambda w: may_override_overlap(w, CHAIN), ABOVE),
    "see the status": (lambda w: sees_status(w, OPEN, CHAIN), HERE),
    "see the status of a locked one": (lambda w: sees_status(w, LOCKED, CHAIN), FOLLOW),
    "see contacts": (lambda w: sees_contacts(w, OPEN, OWNER, CHAIN), FOLLOW | DEPARTMENT),
    "see contacts of a locked one": (lambda w: sees_contacts(w, LOCKED, OWNER, CHAIN), FOLLOW),
    "see contacts in the pool": (lambda w: sees_contacts(w, POOL, None), {"director", "admin"}),
    "see contacts, owner mistaken": (lambda w: sees_contacts(w, OPEN, PEOPLE["outsider"], CHAIN), FOLLOW),
    "see texts and amounts": (lambda w: sees_private(w, OPEN, CHAIN), FOLLOW),
    "see texts of a locked one": (lambda w: sees_private(w, LOCKED, CHAIN), FOLLOW),
    "see an own text": (lambda w: sees_private(w, LOCKED, CHAIN, author="out"), FOLLOW | {"outsider"}),
    "see texts in the pool": (lambda w: sees_private(w, POOL), {"director", "admin"}),
    "see a visit whole": (lambda w: sees_visit(w, VISIT, OPEN, CHAIN), FOLLOW | {"participant"}),
    "see the customer's name in a schedule": (lambda w: visit_label(w, VISIT, OPEN, CHAIN) == "蓝天", HERE),
    "see a locked name in a schedule": (
        lambda w: visit_label(w, VISIT, LOCKED, CHAIN) == "蓝天",
        FOLLOW | {"participant"},
    ),
    "everything of a customer": (lambda w: layer(w, LOCKED, OWNER, CHAIN) is Layer.FOLLOWER, FOLLOW),
    "anything of a customer": (lambda w: layer(w, LOCKED, OWNER, CHAIN) > Layer.NOTHING, HERE),
}


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("action", MATRIX)
def test_matrix(action: str, name: str) -> None:
    allowed, granted = MATRIX[action]
    assert allowed(PEOPLE[name]) is (name in granted)


def test_a_locked_customer_is_called_customer_to_others() -> None:
    assert visit_label(PEOPLE["teammate"], VISIT, LOCKED, CHAIN) == "客户"


def test_members_without_a_department_share_none() -> None:
    nowhere = Member("x", "无")
    assert not sees_contacts(nowhere, OPEN, replace(OWNER, department=""))


# ---------------------------------------------------------------- approvals
@pytest.mark.parametrize(
    ("who", "by", "granted"),
    [
        ("manager", "owner", True),
        ("manager", "boss", False),
        ("other manager", "owner", False),
        ("owner", "owner", False),
        ("director", "owner", True),
        ("director", "dir", False),
        ("admin", "dir", True),
        ("teammate", "owner", False),
        ("director who left", "owner", False),
    ],
)
def test_nobody_decides_his_own_request(who: str, by: str, granted: bool) -> None:
    request = Approval("a1", "visit", by, ("boss",), {"visit": "v1"})
    assert may_decide(PEOPLE[who], request) is granted


def test_an_owner_who_is_asked_may_decide() -> None:
    assert may_decide(OWNER, Approval("a1", "joint", "out", ("owner",), {}))


# ---------------------------------------------------------------- groups
def test_the_least_privileged_member_decides_for_a_group() -> None:
    group = [PEOPLE["owner"], PEOPLE["manager"]]
    assert audience(group, lambda w: sees_private(w, OPEN, CHAIN))
    assert not audience([*group, PEOPLE["teammate"]], lambda w: sees_private(w, OPEN, CHAIN))
    assert audience([*group, PEOPLE["teammate"]], lambda w: sees_contacts(w, OPEN, OWNER, CHAIN))
    assert not audience([], lambda w: True)
