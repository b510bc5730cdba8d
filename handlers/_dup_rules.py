"""The company's own rules for duplicates: put on top of the engine's verdict behind every door, previewed on last month (R32, D17, R38)."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from bot import says
from bot.cards import Block, Button, Card, Items, Text, Tone
from bot.command import Reply, Turn
from domain.dup_rules import DupRule, Facts, decide, read_rules, tree_words
from domain.matching import Match, Verdict
from domain.matching import keys as own
from domain.model import OFFICE, Customer, Slot
from domain.refusal import Refusal
from handlers import _who
from nlp.said import Said
from storage.customers import key_of
from storage.log import Event

KEY = "dup_rules"
LOOKED_AT = 150
"""So many of last month's customers are tried: a preview must not hold up the office."""
_VERDICTS = {"block": Verdict.DUPLICATE, "warn": Verdict.POSSIBLE}


@lru_cache(maxsize=32)
def _read(sentences: tuple[str, ...]) -> tuple[DupRule, ...]:
    return tuple(rule for text in sentences for rule in read_rules(text))


def in_force(turn: Turn) -> tuple[DupRule, ...]:
    """The rules in their order; none = the engine's verdict alone."""
    return _read(tuple(turn.rules.dup_rules))


def judged(turn: Turn, draft: Customer, matches: Sequence[Match], rules: Sequence[DupRule] | None = None) -> list[Match]:
    """The matches with the verdict of the company's rules; what a rule lets through is left out. `related` stays as it is."""
    rules = in_force(turn) if rules is None else rules
    if not rules:
        return list(matches)
    kind = str(draft.extra.get("kind") or "")
    out = []
    for m in matches:
        known = _who.live(turn, m.id)
        rule = decide(rules, _facts(draft, known, m), draft.grade, kind) if known and m.verdict is not Verdict.RELATED else None
        if rule is None:
            out.append(m)
        elif rule.level != "allow":
            why = () if rule.tree == ("ever",) else (f"按规则：{tree_words(rule.tree)}",)
            out.append(replace(m, verdict=_VERDICTS[rule.level], why=(*m.why, *why)))
    return out


def _facts(draft: Customer, known: Customer, m: Match) -> Facts:
    mine, theirs = _values(draft), _values(known)
    both = {field for field in mine if mine[field] and theirs[field]}
    same = {field for field in both if mine[field] & theirs[field]}
    if "名称相同" in m.why or (m.verdict is Verdict.DUPLICATE and not same & {"电话", "邮箱", "信用代码"}):
        same.add("名称")
    return Facts(
        frozenset(same), m.score >= 0.5 and any("相同" not in w or "字号" in w for w in m.why), frozenset(both | {"名称"})
    )


def _values(c: Customer) -> dict[str, set[str]]:
    phones = [*c.phones, *(x.phone for x in c.contacts)]
    emails = [*c.emails, *(x.email for x in c.contacts)]
    return {
        "名称": {key_of("name", c.name)},
        "电话": {n for p in phones if p for n in own.phones(p)},
        "邮箱": {e for x in emails if x for e in own.emails(x)},
        "域名": {d for x in emails if x for e in own.emails(x) if (d := own.domain(e))},
        "信用代码": {own.uscc(c.uscc)} - {""},
        "城市": {c.city.removesuffix("市")} - {""},
        "联系人": {x.name for x in c.contacts if x.name},
    }


# ---------------------------------------------------------------------- changing them
def resets(text: str) -> bool:
    """恢复默认查重规则."""
    return "查重规则" in text and any(w in text for w in ("恢复", "默认", "清空", "去掉", "取消", "停用", "删除"))


def preview(turn: Turn, text: str) -> Reply | None:
    """The rules said back, and what they would have done last month; None when the sentence sets none."""
    if resets(text):
        found: tuple[DupRule, ...] = ()
        lines: list[Block] = [Text("恢复默认：电话、邮箱、信用代码或名称相同算重复，相近的提醒。")]
        sentences: list[str] = []
    elif rules := read_rules(text):
        found, sentences = tuple(rules), [text]
        lines = [Items(tuple(r.words() for r in found)), Text("没有命中的，仍按默认：键相同或名称相同算重复，相近的提醒。")]
    else:
        return None
    before = in_force(turn)
    if before:
        lines.append(Text("会替换原来的：" + "；".join(r.words() for r in before) + "。"))
    lines.append(Text(last_month(turn, found)))
    spec = json.dumps({"dup": sentences, "text": text}, ensure_ascii=False)
    draft = turn.ask(Said("rule.confirm", {}), "confirm", 24 * 60, spec=spec)
    buttons = (
        Button("确认", says.write("rule.confirm", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    return Reply(Card("请确认查重规则，还没生效", tuple(lines), buttons, Tone.WARN), subject=f"draft:{draft.id}")


def last_month(turn: Turn, rules: Sequence[DupRule]) -> str:
    """What these rules would have caught among last month's entries, beside what the present ones say."""
    local = turn.now.astimezone(OFFICE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    month = Slot((local - timedelta(days=1)).replace(day=1), local)
    made = [c for c in turn.tx.customers.created_between(month.start, month.end) if c.status not in ("void", "merged")]
    name = f"{month.start.month}月"
    if not made:
        return f"{name}没有新建客户，无从比较；从确认起对录入、更正、导入和接口都生效。"
    tried = made[-LOOKED_AT:]
    now, then = Counter[str](), Counter[str]()
    for c in tried:
        older = [
            m
            for m in turn.match(c)
            if (k := _who.live(turn, m.id))
            and k.id != c.id
            and (k.created is None or c.created is None or k.created <= c.created)
        ]
        now[_worst(judged(turn, c, older))] += 1
        then[_worst(judged(turn, c, older, rules))] += 1
    part = f"（按最近 {len(tried)} 家算）" if len(tried) < len(made) else ""
    return (
        f"{name}新建 {len(made)} 家{part}：新规则会拦截 {then['duplicate']} 家、提醒 {then['possible']} 家；"
        f"现行规则是 {now['duplicate']} 家、{now['possible']} 家。"
    )


def _worst(matches: Sequence[Match]) -> str:
    found = {m.verdict.value for m in matches}
    return "duplicate" if "duplicate" in found else "possible" if "possible" in found else ""


def apply(turn: Turn, sentences: Sequence[str], text: str) -> Reply:
    """Into force at once, behind every door."""
    if sentences and not _read(tuple(sentences)):
        raise Refusal("这条查重规则已经看不懂了，没有改动")
    former = turn.tx.settings.company(KEY)
    turn.tx.settings.set_company(KEY, list(sentences) or None, turn.now, turn.me.id)
    words = "；".join(r.words() for r in _read(tuple(sentences))) or "恢复默认"
    turn.event(
        "rule.changed", rule={"id": KEY, "key": KEY, "value": list(sentences), "before": former, "words": words, "text": text}
    )
    turn.did("rule.changed", settings={KEY: former})
    undo = Button("撤销", says.write("dialog.undo"))
    return Reply(Card(f"查重规则已生效：{words}", (Text("聊天、更正、导入、接口同样适用，已有记录不变。"),), (undo,), Tone.DONE))


# ---------------------------------------------------------------------- looking back
def review(found: Sequence[Event], merged: Sequence[Event], created: Sequence[Event]) -> list[tuple[str, str]]:
    """A month of the check, for the card of the month (R38): caught and by what, found too late, overridden as 不是同一家."""
    by = Counter(why for e in found for why in _reasons(e))
    apart = sum(1 for e in created if e.data.get("apart"))
    rows = [("查重拦下", f"{len(found)} 次" + (f"（{'，'.join(f'{w} {n}' for w, n in by.most_common(4))}）" if by else ""))]
    rows.append(("漏掉后来合并", f"{len(merged)} 家"))
    rows.append(("误报改为不是同一家", f"{apart} 次"))
    if len(merged) > len(found) or (found and 2 * apart > len(found)):
        rows.append(("建议", "查重规则该调整了，可以说：查重规则：名称和电话都相同才拦截"))
    return rows


def _reasons(e: Event) -> list[str]:
    """What the best match was found by: the company's rule when one decided, else the first reason."""
    matches = e.data.get("matches")
    best = matches[0] if isinstance(matches, list) and matches else None
    why = [str(w) for w in best.get("why", [])] if isinstance(best, dict) else []
    return [w.removeprefix("按规则：") for w in why if w.startswith("按规则：")] or why[:1]
