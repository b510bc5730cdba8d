"""An hour without a messenger, replayed with the virtual clock: `python -m tests.platforms.outage` prints the figures.

Reps go on booking; whatever WeCom or DingTalk should hear meanwhile waits in the outbox and in the mirror, and every person
gets each thing once when it is back. The figures stand in docs/PLATFORMS.md.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from tests.platforms.joint import NOW, Joint, joint
from tests.platforms.transcript import MARKS

REPS = ("hanmei", "duwei")


@dataclass(frozen=True, slots=True)
class Figures:
    """What an outage came to. `late_s` = how long after the return the last letter arrived."""

    kind: str
    said: int
    booked: int
    letters: int
    lost: int
    twice: int
    calendar_missing: int
    calendar_twice: int
    calls_meanwhile: int
    late_s: int

    def line(self) -> str:
        columns = (self.said, self.booked, self.letters, self.lost, self.twice, self.calendar_missing, self.calendar_twice)
        return " | ".join(map(str, (self.kind, *columns, self.calls_meanwhile, self.late_s)))


def down(office: Joint, kind: str) -> None:
    """WeCom fails in one way for as long as it lasts, and so does DingTalk."""
    ways = {
        "500": ({"http": 502}, "500"),
        "dropped sockets": ({"drop": True}, "abort"),
        "answers lost": ({"drop": True, "after": True}, "answer lost"),
        "rate limit": ({"errcode": 45009}, "qps"),
    }
    how, fault = ways[kind]
    for path in ("message/send", "message/update_template_card", "oa/schedule/add", "oa/schedule/update", "oa/schedule/del"):
        office.wecom.break_(path, times=100_000, **how)
    for api in ("createAndDeliver", "update", "batchSend", "calendar POST", "calendar PUT", "calendar DELETE"):
        office.dingtalk.fail(api, *([fault] * 2000))


async def replay(db_url: str, kind: str) -> Figures:
    """Book, move and cancel during an hour in which both messengers are down, then let them come back."""
    async with joint(db_url) as office:
        office.dingtalk.session_life_s = 1.0  # no way around the outage by a webhook
        down(office, kind)
        said = 0
        for n in range(12):
            hour = f"{9 + n % 4}点{'半' if n % 2 else ''}"
            day = ("周三", "周四", "周五")[n // 4]
            await office.wecom_says("hanmei", f"{day}上午{hour}拜访绿洲")
            await office.dingtalk_says("duwei", f"{day}上午{hour}拜访山泉")
            said += 2
            await office.advance(NOW + timedelta(minutes=5 * (n + 1)))
        calls = len(office.wecom.calls) + len(office.dingtalk.calls)
        office.wecom.faults.clear()
        office.dingtalk.forget_faults()
        back = office.clock.now()
        last = back
        while await waiting(office):
            due = await office.next_due()
            assert due is not None
            assert due < back + timedelta(hours=2), "something waits for ever"
            await office.advance(max(due, office.clock.now() + timedelta(seconds=1)))
            last = office.clock.now()
        return await figures(office, kind, said, calls, int((last - back).total_seconds()))


async def waiting(office: Joint) -> int:
    """Letters and calendar entries that are still to leave."""
    letters = await office.app.store.read(lambda tx: tx.mail.pending_count())
    entries = await office.app.store.read(lambda tx: tx.wires.next_mirror())
    return letters + (entries is not None)


async def figures(office: Joint, kind: str, said: int, calls: int, late_s: int) -> Figures:
    """Compare what should have arrived with what people have."""
    rows = await office.app.store.read(lambda tx: tx.db.rows("SELECT key, dest, state FROM outbox"))
    lost = sum(1 for _, _, state in rows if state != "sent")
    shown: Counter[str] = Counter()
    for body in office.wecom.delivered:
        text = body.get("text", {}).get("content") or str(body.get("template_card", {}).get("task_id"))
        shown[f"{body['touser']} {text.translate(MARKS) if 'task_id' not in text else text}"] += 1
    twice = sum(n - 1 for key, n in shown.items() if n > 1 and "None" not in key)
    live = [s["description"] for s in office.wecom.office.schedules.values() if not s["status"]]
    live += [f"{e['organizer']}{e['summary']}{e['start']['dateTime']}" for e in office.dingtalk.events.values()]
    booked = len(office.named("visit.booked"))
    return Figures(
        *(kind, said, booked, len(rows), lost, twice, max(0, booked - len(set(live))), len(live) - len(set(live))),
        *(calls, late_s),
    )


async def main() -> None:
    sys.stdout.write("kind | said | booked | letters | lost | twice | calendar missing | calendar twice | calls | late s\n")
    for kind in ("500", "dropped sockets", "answers lost", "rate limit"):
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.write((await replay(f"sqlite+aiosqlite:///{folder}/v.db", kind)).line() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
