"""A report filed and corrected: by a sentence, an answer or a tap."""

from bot.cards import Block, Card, Facts, Text, Tone
from bot.command import Reply, Turn
from domain import spoken
from domain.follow import Report
from domain.model import Visit
from domain.refusal import Refusal
from handlers import _life, _report_visit, _reports, _views


def file_for(turn: Turn, visit: Visit, text: str, outcome: str = "") -> Reply:
    """File the report of this visit; when it has one, this corrects it."""
    _report_visit.check_author(turn, visit)
    standing = turn.tx.reports.get(visit.id)
    if standing is not None:
        return correct(turn, visit, standing, text)
    fields = _reports.fields_of(turn, turn.said.slots, text)
    if outcome:
        fields["outcome"] = outcome
    report = _reports.file(turn, visit, text, fields)
    if report is None:
        raise Refusal("这次拜访的纪要刚刚已经提交，没有重复保存")
    return _reports.group_safe(turn, visit, report, _reports.filed_card(turn, visit, report))


def correct(turn: Turn, visit: Visit, report: Report, text: str, asked: tuple[str, ...] = ()) -> Reply:
    """What the words say over what the report says; both are shown where they differ."""
    _report_visit.check_author(turn, visit)
    heard = _reports.fields_of(turn, turn.said.slots, text)
    heard = heard or (spoken.answers(text, asked) if asked else {})
    if "next_steps" in asked and "next_steps" not in heard and len(text) >= 4 and not (set(heard) - {"next_step"}):
        heard["next_steps"] = _reports.next_steps(turn, {"text": text}, "")
    if steps := heard.get("next_steps"):
        heard["next_step"] = steps[0] if isinstance(steps, list) else None
    changes = {k: v for k, v in heard.items() if report.fields.get(k) != v}
    if not changes:
        return Reply(Card("没看出要改纪要的哪一项，没有改动", (Text("例如：预算是60万不是50万，意向高，王总拍板。"),)))
    old = {k: _reports.value_words(turn, k, report.fields[k]) for k in changes if report.fields.get(k) not in (None, "", [])}
    saved = _reports.update(turn, visit, report, changes, text)
    if saved is None:
        raise Refusal("这份纪要已经找不到了，没有改动")
    return changed_card(turn, visit, saved, changes, old)


def changed_card(turn: Turn, visit: Visit, report: Report, changes: dict[str, object], old: dict[str, str]) -> Reply:
    """Each change with the value before it."""
    rows = []
    for name, value in changes.items():
        if name == "next_step":
            continue
        now = _reports.value_words(turn, name, value)
        rows.append((_reports.LABELS.get(name, name), f"{old[name]} → {now}" if old.get(name) else now))
    empty = _reports.missing(turn, report)
    blocks: list[Block] = [Facts(tuple(rows))]
    if empty:
        blocks.append(Text("未填：" + "、".join(_reports.LABELS.get(n, n) for n in empty)))
    card = Card(f"已更新纪要：{_life.short(turn, visit)} {_views.moment(visit.start)}", tuple(blocks), (), Tone.DONE)
    return _reports.group_safe(turn, visit, report, card)
