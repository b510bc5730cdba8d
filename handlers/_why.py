"""为什么变多了: a figure against the period before, split by rep, rule, grade and source, with one proposal and what it would
have changed (R140, sentence 52). Shares and counts only; small samples say so."""

import re
from collections import Counter

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from domain import kpi, trend
from domain.model import Slot
from handlers import _figures, _reasons, _rows, _views
from handlers._books import Books, Scope

_ASKED = re.compile(r"为什么|为啥|怎么(会|回事|变|就)|原因")
MOST = 6


def asked(text: str) -> bool:
    """Whether a sentence wants the reasons."""
    return not text.startswith("/") and _ASKED.search(text) is not None


def reply(turn: Turn, who: Scope, slot: Slot, metric: str, grade: str, token: str) -> Reply:
    """This period against the one before; names only in private."""
    unit = next((u for u in ("week", "month", "quarter") if slot == _figures.current(slot.start, u)), "month")
    before_slot = _figures.current(slot.start, unit, 1)
    books, earlier = Books(turn, who, slot, grade), Books(turn, who, before_slot, grade)
    now, was = (_figures.figure(turn, metric, who, b.slot, b) for b in (books, earlier))
    name = f"{grade}类客户" * bool(grade) + kpi.NAMES[metric]
    blocks: list[Block] = [Facts((("上期", _shown(was)), ("本期", _shown(now)), ("判断", _chance(was, now))))]
    facts = _reasons.lines(books, who, now)
    if metric == "repeat_followup_rate":
        facts += _handed(books, who)
    if facts:
        blocks += [Text("拆开看："), Items(tuple(facts))]
    if not turn.group and now.rows:
        lines = [line for row in now.rows[:MOST] if (line := _rows.line(turn, row))]
        blocks += [Text(f"{kpi.ROWS[metric]}："), Items(tuple(lines))]
    if metric == "repeat_followup_rate" and (found := _what_if(books, who)):
        blocks.append(Text(found))
    elif metric in kpi.ADVICE:
        blocks.append(Text(kpi.ADVICE[metric]))
    trend_button = Button("看趋势图", says.write("kpi.trend", metric=metric, who=token))
    word = "变多了" if _rate(now) > _rate(was) else "变少了" if _rate(now) < _rate(was) else "没有变化"
    title = f"{who.name}{_figures.label(turn, slot)}{name}{word}：{_shown(was)} → {_shown(now)}"
    tone = Tone.WARN if kpi.alarm(now, turn.rules) else Tone.INFO
    return Reply(Card(title, tuple(blocks), () if turn.group else (trend_button,), tone))


def _shown(f: kpi.Figure) -> str:
    return f"{f.shown}（{f.part}/{f.whole}）" if f.whole and f.metric != "visits" else f.shown


def _rate(f: kpi.Figure) -> float:
    return float(f.part) if f.metric == "visits" else f.rate or 0.0


def _chance(was: kpi.Figure, now: kpi.Figure) -> str:
    sure = trend.sure((was.part, was.whole), (now.part, now.whole))
    return {None: "样本太少，还说不准", True: "不像偶然", False: "可能只是偶然波动"}[sure]


def _handed(books: Books, who: Scope) -> list[str]:
    """How many of the repetitions followed a change of owner (轮换) between the two contacts."""
    found = kpi.repeats(books.followups_of(who), books.followed, books.joint, books.slot.start)
    moved = {
        str(c.get("id")): e.at for e in books.events("customer.transferred") if isinstance(c := e.data.get("customer"), dict)
    }
    n = sum(1 for r in found if r.customer in moved and r.first.at <= moved[r.customer] <= r.second.at)
    return [f"按轮换：{n} 家在两次跟进之间换了负责人"] if n else []


def _what_if(books: Books, who: Scope) -> str:
    """One rule, and what it would have met in the period (computed from its rows, not guessed)."""
    found = kpi.repeats(books.followups_of(who), books.followed, books.joint, books.slot.start)
    if not found:
        return ""
    asked_first = [r for r in found if (c := books.followed.get(r.customer)) and c.owner and r.second.by != c.owner]
    pairs = Counter(r.second.by for r in asked_first)
    rep = f"，其中{_views.name(books.turn, pairs.most_common(1)[0][0])} {pairs.most_common(1)[0][1]} 家" if pairs else ""
    return f"建议：非负责人跟进前先申请协作。若本期就这样，{len(found)} 家里有 {len(asked_first)} 家会先问负责人{rep}。"
