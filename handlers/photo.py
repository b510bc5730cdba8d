"""现场照片：自动归到正在进行的拜访；用过的照片会指出来。"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command
from domain.follow import Photo
from domain.model import Visit
from domain.refusal import NotFound
from handlers import _photos, _proof, _report_visit, _views, _who
from nlp.said import Said

BEFORE, AFTER = timedelta(hours=1), timedelta(hours=3)
"""A photo belongs to a visit from so long before its start until so long after its end."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A photo message has no slots."""


@command("got.image", Sent, intent="report.file")
def got_image(ask: Sent, turn: Turn) -> Reply:
    """Attach a photo to the visit going on; ask when there is none, or several (R173)."""
    path = turn.message.image if turn.message else ""
    if proof := _proof.asked(turn):
        return _proof.give(turn, proof, "图片依据见附件。", [(Path(path).name or "photo.jpg", path)])
    print_ = _photos.fingerprint(_photos.read(path))
    found = turn.tx.visits.of_person(turn.me.id, turn.now - AFTER, turn.now + BEFORE, statuses=("planned", "done", "missed"))
    now = [v for v in found if v.start - BEFORE <= turn.now <= v.end + AFTER]
    running = [v for v in now if v.start <= turn.now < v.end] or [v for v in now if v.checked_in] or now
    if len(running) == 1:
        return keep(turn, running[0], print_, path)
    choices = running or _report_visit.begun(turn)[-4:]
    if not choices:
        return Reply(Card("现在没有进行中的拜访，照片没有归档", (Text("约好拜访后再发，或先发位置签到。"),), (), Tone.WARN))
    draft = turn.ask(Said("photo.keep", {"path": path, "print": f"{print_:016x}"}), "visit", 24 * 60)
    buttons = [
        Button(f"{_views.moment(v.start)} {_views.label(turn, v)}"[:24], says.write("draft.fill", draft=draft.id, visit_id=v.id))
        for v in choices[-5:]
    ]
    buttons.append(Button("算了", says.write("draft.drop", draft=draft.id)))
    return Reply(Card("照片归到哪次拜访？还没保存", (), tuple(buttons), Tone.WARN), subject=f"draft:{draft.id}")


@dataclass(frozen=True, slots=True)
class Keep:
    """The visit chosen; the photo is the draft's."""

    visit_id: str = ""
    draft: str = ""


@command("photo.keep", Keep, intent="dialog.choose")
def keep_photo(ask: Keep, turn: Turn) -> Reply:
    """Attach the photo that was asked about; only from its own question, never by hand."""
    draft = turn.tx.talk.get(ask.draft)
    visit = turn.tx.visits.get(ask.visit_id)
    if draft is None or draft.person != turn.me.id or visit is None:
        raise NotFound("这张照片或拜访已经找不到了，没有保存", "请重新发送照片。")
    turn.tx.talk.close(draft.id, "done")
    slots = _who.slots_of(draft.ask)
    return keep(turn, visit, int(str(slots.get("print") or "0"), 16), str(slots.get("path") or ""))


def keep(turn: Turn, visit: Visit, print_: int, path: str) -> Reply:
    """Keep the photo; say where the same picture was used before."""
    _report_visit.check_author(turn, visit)
    name = _views.label(turn, visit)
    same = turn.tx.evidence.like(print_, but_visit=visit.id)
    again = any(p.hash == print_ for p in turn.tx.evidence.photos_of(visit.id))
    if again:
        return Reply(Card(f"这张照片已经在{name}的拜访里了，没有重复保存"))
    photo = turn.tx.evidence.add_photo(Photo("", visit.id, turn.me.id, turn.now, print_, path))
    n = len(turn.tx.evidence.photos_of(visit.id))
    turn.event("photo.added", photo={"id": photo.id, "visit": visit.id, "by": turn.me.id, "reused": [p.visit for p in same]})
    rows = [("拜访", _views.span(visit.slot)), ("照片", f"第 {n} 张")]
    if not same:
        return Reply(Card(f"照片已归到：{name}", (Facts(tuple(rows)),), (), Tone.DONE), subject=f"visit:{visit.id}")
    old = turn.tx.visits.get(same[0].visit)
    where = f"{_views.moment(old.start)} {_views.label(turn, old)}" if old else "另一次拜访"
    rows.append(("用过", f"{where}（{_views.moment(same[0].at)} {_views.name(turn, same[0].by)}）"))
    text = Text("照片已保存，但标为重复使用，不作为这次到访的证据。")
    return Reply(Card(f"照片与以前的相同：{name}", (Facts(tuple(rows)), text), (), Tone.WARN), subject=f"visit:{visit.id}")
