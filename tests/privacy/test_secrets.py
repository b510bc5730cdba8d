"""No secret reaches who may not see it: random people, departments, locks, groups and questions (D23, contract.md 7b).

`VISITBOT_PRIVACY_EXAMPLES=400 pytest tests/privacy` tries more; TRIED counts questions, letters and looks.
"""

import asyncio
import json
import os
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.cards import Card, plain
from bot.sheets.tables import Filter
from bot.web.look import look, reading_turn
from domain.model import Member
from handlers._data_tables import TABLES
from handlers.data_api import LOOKS
from storage.store import open_store
from storage.tx import Tx
from tests.privacy.questions import questions
from tests.privacy.world import NOW, SHORTS, Secret, World, worlds
from tests.talking import Chat, Got, start

TRIED = Counter[str]()
EXAMPLES = int(os.environ.get("VISITBOT_PRIVACY_EXAMPLES", "25"))
Step = tuple[int, int, str]
"""Who (index), where (-1 = private, else a group's index), what; "" moves the clock on by three hours."""

steps = st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 2), st.one_of(questions(), st.just(""))), min_size=8, max_size=30)


def shown(got: Got) -> str:
    """Everything a reader can see of a letter, buttons included."""
    return plain(got.card) + json.dumps([b.text for b in got.card.buttons], ensure_ascii=False)


def leaks(world: World, got: Got, said: dict[str, str]) -> list[tuple[Secret, str]]:
    """The secrets in a letter that one of its readers may not see and has not told himself."""
    group = got.to.removeprefix("g:") if got.to.startswith("g:") else ""
    readers = world.groups[group] if group else [got.to]
    text, out = shown(got), []
    for secret in world.secrets:
        TRIED["looks"] += len(readers)
        if secret.token not in text:
            continue
        blind = [r for r in readers if r not in secret.allowed or (group and not secret.in_groups)]
        if blind and not any(secret.token in said.get(r, "") for r in readers):
            out.append((secret, blind[0]))
    return out


async def play(world: World, script: list[Step]) -> None:
    """Say it all; every letter anybody gets is looked at."""
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite+aiosqlite:///{Path(folder) / 'p.db'}")
        try:
            chat = await start(store, world.seed, NOW)
            await talk(world, chat, script)
        finally:
            await store.close()


async def other_doors(world: World, chat: Chat, told: list[str]) -> None:
    """The same secrets, looked for in what the API and the exports give each person."""
    for person in world.people:
        me = await chat.app.store.read(lambda tx, who=person: tx.people.get(who))
        assert me
        answers: list[tuple[str, object]] = []
        for name, slots in (("customers", {}), ("visits", {}), ("events", {"limit": 1000}), ("reminders", {})):
            answers.append((f"api {name}", await look(chat.app, me, LOOKS[name], "api", slots)))
        for i in range(len(SHORTS)):
            answers.append((f"api visits of k{i}", await look(chat.app, me, LOOKS["visits"], "api", {"customer": f"k{i}"})))
            answers.append((f"api reminders of v{i}", await look(chat.app, me, LOOKS["reminders"], "api", {"visit": f"v{i}"})))
            answers.append(("api match", await look(chat.app, me, LOOKS["match"], "api", {"name": SHORTS[i]})))
        for name in ("customers", "visits"):

            def export(tx: Tx, name: str = name, me: Member = me) -> object:
                return TABLES[name].page(reading_turn(chat.app, tx, me, "export"), Filter(), "").rows

            answers.append((f"export {name}", await chat.app.store.read(export)))
        for door, answer in answers:
            text = str(answer)
            TRIED["other doors"] += 1
            for secret in world.secrets:
                TRIED["looks"] += 1
                if secret.token in text and person not in secret.allowed and secret.token not in " ".join(told):
                    raise AssertionError(f"{secret.token} was given to {person} by {door} after {told}:\n{text}")


async def talk(world: World, chat: Chat, script: list[Step]) -> None:
    said: dict[str, str] = {}
    told: list[str] = []
    for rep, text in world.reports:
        await chat.says(rep, text)
    assert len(chat.named("report.filed")) == len(world.reports)
    for who, where, text in script:
        person = f"p{who}"
        groups = [g for g, members in world.groups.items() if person in members]
        group = groups[where % len(groups)] if where >= 0 and groups else ""
        before = len(chat.wire.got)
        if text:
            readers = world.groups[group] if group else [person]
            for r in readers:
                said[r] = said.get(r, "") + text
            await chat.says(person, text, group=group)
        else:
            await chat.advance(chat.clock.now() + timedelta(hours=3))
        world.learn(
            *await chat.app.store.read(lambda tx: (list(tx.customers.all()), list(tx.visits.many(list(world.visits)).values())))
        )
        told.append(f"{person}{'@' + group if group else ''}: {text or '+3h'}")
        TRIED["questions"] += 1
        for got in chat.wire.got[before:]:
            TRIED["letters"] += 1
            if "没有处理成功" in got.text:
                raise AssertionError(f"a bug answered {told[-1]!r}")
            for secret, reader in leaks(world, got, said):
                raise AssertionError(f"{secret.token} was shown to {reader} ({got.to}, {got.why}) after {told}:\n{shown(got)}")
        for got in chat.wire.got[before:]:  # a private reason stays where it was told
            told_there = got.to.startswith("g:") or "手术" in said.get(got.to, "")
            if "手术" in got.text and not told_there:
                raise AssertionError(f"a private reason was repeated to {got.to} after {told}:\n{shown(got)}")
    await other_doors(world, chat, told)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(worlds(), steps)
def test_no_secret_is_shown_to_who_may_not_see_it(world: World, script: list[Step]) -> None:
    asyncio.run(play(world, script))


def test_the_test_would_see_a_leak() -> None:
    """The same look at a letter to the wrong person finds the token; to the right one it does not."""
    world = World({"groups": [{"id": "g", "members": ["a", "b"]}], "members": []}, [Secret("密谈甲底价", frozenset({"a"}))])
    letter = Got("b", "reply", Card("上次：密谈甲底价"), "x", NOW)
    assert leaks(world, letter, {})
    assert leaks(world, Got("g:g", "reply", letter.card, "x", NOW), {})
    assert not leaks(world, Got("a", "reply", letter.card, "x", NOW), {})
    assert not leaks(world, letter, {"b": "密谈甲底价"})
