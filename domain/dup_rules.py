"""Rules for duplicates without code (R32, D17): a tree of AND, OR and NOT over fields, with a level, for a type or grade of customers.

Told by a sentence (名称和电话都相同才拦截，邮箱相同只提醒), said back in words, and asked of a pair of customers: the first rule
whose tree holds decides; where none holds, the engine's own verdict stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.intake import kind_in

Level = Literal["block", "warn", "allow"]
LEVELS: Mapping[Level, str] = {"block": "拦截，不能新建", "warn": "提醒，可以选“不是同一家”", "allow": "放行"}
FIELDS: Mapping[str, tuple[str, ...]] = {
    "名称": ("公司名称", "客户名称", "企业名称", "公司名", "客户名", "名称", "名字", "全称"),
    "电话": ("联系电话", "手机号码", "手机号", "电话号码", "电话", "手机"),
    "域名": ("邮箱域名", "公司域名", "域名", "邮箱后缀"),
    "邮箱": ("电子邮箱", "邮箱", "邮件地址"),
    "信用代码": ("统一社会信用代码", "信用代码", "税号"),
    "城市": ("所在城市", "城市", "地区"),
    "联系人": ("联系人姓名", "联系人"),
}
"""What a rule may look at, with what people call it; a longer word is looked for first."""
Tree = tuple[object, ...]
"""("same", field) · ("like", "名称") · ("not", tree) · ("all", tree, …) · ("any", tree, …) · ("ever",)."""

_WORDS = {word: field for field, words in FIELDS.items() for word in words}
_TOKEN = re.compile(
    rf"(?P<field>{'|'.join(sorted(_WORDS, key=len, reverse=True))})|(?P<open>[(（])|(?P<close>[)）])"
    r"|(?P<unless>除非|除了)|(?P<or>或者是?|或|任一|任意一个|任意|其中一个|有一个)|(?P<differs>(?:都)?(?:不相同|不一样|不一致|不同|不重复))"
    r"|(?P<like>(?:都)?(?:相似|相近|类似|差不多|疑似|像))|(?P<same>(?:都|完全)?(?:相同|一样|一致|重复|同))|(?P<and>而且|并且|同时|以及|且|并|和|与|及|、|但|[，,])"
)
_ALLOW = re.compile(r"放行|允许|忽略|不算重复|不查|可以新建|不用查|不参与")
_WARN = re.compile(r"只提醒|仅提醒|提醒|提示|警告|告警|疑似")
_BLOCK = re.compile(r"拦截|拦住|拦下|禁止|不能|不许|不准|不得|算重复|判重|算是?同一家")
_ABOUT = re.compile(r"查重|判重|重复|拦截|同一家|新建|只查|放行")
_HEAD = re.compile(r"^.{0,6}?查重规则(?:改成|改为|设为|设成|设置为|加一条|新增|调整为|是|为)?[:：，,]?")


@dataclass(frozen=True, slots=True)
class DupRule:
    """`scope` is a grade (A), a customer type (渠道客户) or "" for all."""

    level: Level
    tree: Tree
    scope: str = ""

    def spec(self) -> list[object]:
        """JSON; `read_spec` is the inverse."""
        return [self.level, _listed(self.tree), self.scope]

    def words(self) -> str:
        """The rule said back."""
        whose = f"{self.scope}类客户" if len(self.scope) == 1 else self.scope
        return f"{whose + '：' if whose else ''}{tree_words(self.tree)} → {LEVELS[self.level]}"


def _listed(tree: Tree) -> list[object]:
    return [_listed(x) if isinstance(x, tuple) else x for x in tree]


def _tupled(value: object) -> Tree:
    assert isinstance(value, list | tuple)
    return tuple(_tupled(x) if isinstance(x, list | tuple) else x for x in value)


def read_spec(value: object) -> DupRule:
    """The rule that `spec` wrote."""
    assert isinstance(value, list | tuple)
    level, tree, scope = value
    return DupRule(level, _tupled(tree), str(scope))


def tree_words(tree: Tree) -> str:
    """名称相同且（电话相同或邮箱相同）."""
    kind, *parts = tree
    if kind == "ever":
        return "其他情况"
    if kind in ("same", "like"):
        return f"{parts[0]}{'相同' if kind == 'same' else '相近'}"
    inner = [p for p in parts if isinstance(p, tuple)]
    if kind == "not":
        return f"{inner[0][1]}不同" if inner[0][0] == "same" else f"不满足（{tree_words(inner[0])}）"
    return ("且" if kind == "all" else "或").join(
        f"（{tree_words(p)}）" if p[0] in ("all", "any") else tree_words(p) for p in inner
    )


# ---------------------------------------------------------------------- asking
@dataclass(frozen=True, slots=True)
class Facts:
    """What two customers have in common: fields that are the same, whether the names are alike, fields known on both sides."""

    same: frozenset[str]
    like: bool
    known: frozenset[str]


def holds(tree: Tree, facts: Facts) -> bool:
    """Whether the tree is true; a field that one side lacks is neither the same nor different."""
    kind, *parts = tree
    if kind == "ever":
        return True
    if kind == "same":
        return parts[0] in facts.same
    if kind == "like":
        return facts.like or "名称" in facts.same
    inner = [p for p in parts if isinstance(p, tuple)]
    if kind == "not":
        only = inner[0]
        if only[0] == "same" and only[1] not in facts.known:
            return False
        return not holds(only, facts)
    return all(holds(p, facts) for p in inner) if kind == "all" else any(holds(p, facts) for p in inner)


def decide(rules: Sequence[DupRule], facts: Facts, grade: str, kind: str) -> DupRule | None:
    """The first rule of this customer's type or grade, then of all customers, whose tree holds."""
    own = [r for r in rules if r.scope and r.scope in (grade, kind)]
    return next((r for r in (*own, *(r for r in rules if not r.scope)) if holds(r.tree, facts)), None)


# ---------------------------------------------------------------------- reading
def read_rules(text: str) -> list[DupRule]:
    """The rules a sentence sets; empty when it is about something else."""
    body = _HEAD.sub("", text.strip())
    if not _ABOUT.search(text):
        return []
    scope = _scope(body)
    out: list[DupRule] = []
    last: list[DupRule] = []
    only = re.search(r"只(?:按|用|看|查)(.+?)(?:来)?(?:查重|判重|判断)?[。.]?$", body)
    if only and (tree := _tree(only[1])):
        if tree[0] == "all" and not re.search(r"相同|一样|一致|都|同时|且", only[1]):
            tree = ("any", *tree[1:])  # 只看名称和手机: each of them is looked at
        return [DupRule("block", tree, scope), DupRule("allow", ("ever",), scope)]
    for clause in re.split(r"[；;。]|(?<=拦截)[，,]|(?<=提醒)[，,]|(?<=放行)[，,]", body):
        level: Level | None = "allow" if _ALLOW.search(clause) else "warn" if _WARN.search(clause) else "block"
        if level == "block" and not _BLOCK.search(clause) and not _HEAD.match(text.strip()):
            level = None
        tree = _tree(clause)
        if tree and level:
            out.append(DupRule(level, tree, _scope(clause) or scope))
            if "才" in clause and level == "block":
                # 才: only then; what is merely alike is told, not stopped
                last.append(DupRule("warn", ("ever",), _scope(clause) or scope))
    return [*out, *last]


def _scope(text: str) -> str:
    if m := re.search(r"([ABCDabcd])\s*(?:类|级)", text):
        return m[1].upper()
    return kind_in(text)


def _tree(text: str) -> Tree | None:
    """The condition in a clause; None when it names no field. AND binds closer than OR; brackets group; 除非 is AND NOT."""
    tokens = [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(re.sub(r"算重复|不算重复|疑似重复", "", text))]
    if not any(kind == "field" for kind, _ in tokens):
        return None
    found, _ = _any(_polar(tokens), 0)
    return found


def _polar(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, Tree | None]]:
    """Fields with what is said of them (名称和电话都相同: of both); 任一 before it makes their connectors OR."""
    out: list[tuple[str, Tree | None]] = []
    waiting: list[int] = []
    loose = False
    for kind, word in tokens:
        if kind == "field":
            waiting.append(len(out))
            out.append(("leaf", ("same", _WORDS[word])))
        elif kind in ("same", "like", "differs"):
            for at in waiting:
                leaf = out[at][1] or ()
                out[at] = ("leaf", ("like", leaf[1]) if kind == "like" else ("not", leaf) if kind == "differs" else leaf)
            if loose and waiting:
                span = range(waiting[0], len(out))
                out = [("or", None) if n in span and k == "and" else (k, t) for n, (k, t) in enumerate(out)]
            waiting, loose = [], False
        elif kind == "or" and word.startswith(("任", "其中", "有一")):
            loose = True
        else:
            if kind in ("open", "close", "unless"):
                waiting = []
            out.append((kind, None))
    return out


def _negated(tree: Tree) -> Tree:
    inner = tree[1] if tree[0] == "not" else None
    return inner if isinstance(inner, tuple) else ("not", tree)


def _any(tokens: Sequence[tuple[str, Tree | None]], at: int) -> tuple[Tree | None, int]:
    parts: list[Tree] = []
    while at < len(tokens) and tokens[at][0] != "close":
        before = at
        part, at = _all(tokens, at)
        if part:
            parts.append(part)
        if at < len(tokens) and tokens[at][0] == "or":
            at += 1
        if at == before:
            at += 1
    return (("any", *parts) if len(parts) > 1 else parts[0] if parts else None), at


def _all(tokens: Sequence[tuple[str, Tree | None]], at: int) -> tuple[Tree | None, int]:
    parts: list[Tree] = []
    unless = False
    while at < len(tokens) and tokens[at][0] not in ("or", "close"):
        kind, leaf = tokens[at]
        if kind == "and" and at + 1 < len(tokens) and tokens[at + 1][0] == "or":
            at += 1
            break
        if kind == "open":
            leaf, at = _any(tokens, at + 1)
        unless = unless or kind == "unless"
        if leaf:
            parts.append(_negated(leaf) if unless else leaf)
            unless = False
        at += 1
    return (("all", *parts) if len(parts) > 1 else parts[0] if parts else None), at
