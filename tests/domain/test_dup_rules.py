"""Rules for duplicates: a sentence becomes a tree, the tree is said back, and it decides (R32, D17)."""

import pytest

from domain.dup_rules import DupRule, Facts, decide, holds, read_rules, read_spec, tree_words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("查重规则：名称相同且电话相同，或者邮箱相同，就拦截", ["（名称相同且电话相同）或邮箱相同 block "]),
        (
            "查重规则：（名称相同或电话相同）且城市相同，拦截；邮箱域名相同放行",
            ["（名称相同或电话相同）且城市相同 block ", "域名相同 allow "],
        ),
        ("电话相同但城市不同的只提醒不拦截", ["电话相同且城市不同 warn "]),
        ("名称相同除非城市不同，算重复", ["名称相同且城市相同 block "]),
        ("名称、电话任一相同就拦截", ["名称相同或电话相同 block "]),
        ("渠道客户只按电话查重", ["电话相同 block 渠道客户", "其他情况 allow 渠道客户"]),
        ("A类客户名称相似就提醒，不能直接新建", ["名称相近 warn A"]),
        ("名称和电话都相同才拦截，邮箱相同只提醒", ["名称相同且电话相同 block ", "邮箱相同 warn ", "其他情况 warn "]),
        ("A类客户超过10天没人跟进就提醒我和负责人", []),
        ("明天下午三点拜访宏远，聊名称变更", []),
    ],
)
def test_a_sentence_is_read_and_said_back(text: str, said: list[str]) -> None:
    found = read_rules(text)
    assert [f"{tree_words(r.tree)} {r.level} {r.scope}" for r in found] == said
    assert [read_spec(r.spec()) for r in found] == found


def facts(*same: str, known: tuple[str, ...] = (), like: bool = False) -> Facts:
    return Facts(frozenset(same), like, frozenset((*same, *known)))


def test_and_or_not() -> None:
    (rule,) = read_rules("查重规则：（名称相同或邮箱相同）且城市不同，拦截")
    assert holds(rule.tree, facts("名称", known=("城市",)))
    assert holds(rule.tree, facts("邮箱", known=("城市",)))
    assert not holds(rule.tree, facts("名称", "城市"))
    assert not holds(rule.tree, facts("电话", known=("城市",)))
    assert not holds(rule.tree, facts("名称")), "a city that one side lacks is not a different one"


def test_the_type_or_grade_comes_before_the_rule_for_all() -> None:
    rules = [
        DupRule("block", ("same", "电话")),
        DupRule("allow", ("same", "电话"), "渠道客户"),
        DupRule("warn", ("same", "电话"), "A"),
    ]
    assert [r and r.level for r in (decide(rules, facts("电话"), g, k) for g, k in (("", ""), ("A", ""), ("B", "渠道客户")))] == [
        "block",
        "warn",
        "allow",
    ]
    assert decide(rules, facts("邮箱"), "A", "") is None
