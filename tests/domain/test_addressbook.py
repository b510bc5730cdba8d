"""Whom an address book makes a member, and whom it recognises."""

from domain.addressbook import Listed, plan
from domain.model import Member, Role

BOSS = Listed("Boss", "陈静", team="华东", department="销售", leads=True)
REP = Listed("WangLei", "王磊", "boss", "华东", "销售")


def test_an_empty_office_gets_everybody_with_managers() -> None:
    made = {m.id: m for m in plan([], [REP, BOSS, Listed("gone", "走了", active=False)], "wecom").members}
    assert set(made) == {"Boss", "WangLei"}
    assert (made["Boss"].role, made["Boss"].manager) == (Role.MANAGER, None)
    rep = made["WangLei"]
    assert (rep.role, rep.manager, rep.team, rep.department, rep.wecom, rep.dingtalk) == (
        Role.REP,
        "Boss",
        "华东",
        "销售",
        "WangLei",
        "",
    )


def test_a_second_reading_changes_nothing() -> None:
    first = plan([], [REP, BOSS], "wecom").members
    assert plan(first, [REP, BOSS], "wecom").members == ()


def test_known_people_keep_what_they_are_and_get_what_is_missing() -> None:
    known = [Member("wl", "王磊", Role.DIRECTOR, team="总部", wecom="wanglei", dingtalk="wl")]
    (made,) = plan(known, [REP], "wecom").members
    assert (made.id, made.role, made.team, made.department) == ("wl", Role.DIRECTOR, "总部", "销售")


def test_one_person_on_both_messengers_is_known_by_a_name_only_he_bears() -> None:
    known = plan([], [REP, BOSS], "wecom").members
    changes = plan(known, [Listed("0147", "王磊"), Listed("0148", "新人")], "dingtalk")
    assert (changes.linked, changes.added) == (("王磊",), ("新人",))
    (linked, new) = changes.members
    assert (linked.id, linked.wecom, linked.dingtalk) == ("WangLei", "WangLei", "0147")
    assert (new.id, new.wecom, new.dingtalk) == ("0148", "", "0148")


def test_two_of_one_name_are_not_guessed() -> None:
    known = plan([], [REP], "wecom").members
    changes = plan(known, [Listed("1", "王磊"), Listed("2", "王磊")], "dingtalk")
    assert changes.linked == ()
    assert changes.unclear == ("王磊", "王磊")


def test_who_left_is_inactive_and_who_is_out_of_sight_is_not() -> None:
    known = plan([], [REP, BOSS], "wecom").members
    changes = plan(known, [Listed("WangLei", "王磊", active=False)], "wecom")
    assert changes.left == ("王磊",)
    assert [(m.id, m.active) for m in changes.members] == [("WangLei", False)]
