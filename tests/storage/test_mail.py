"""The inbox and the outbox."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.desk import Letter
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import NOW

pytestmark = pytest.mark.asyncio

PLAIN = '["好的",[],[],"info",[]]'
BUTTONS = '["选一个",[],[["撤销","撤销 v1","default"]],"info",[]]'
S = timedelta(seconds=1)


def letter(key: str, to: str = "u:ann", **more: str) -> Letter:
    return Letter(**{"key": key, "to": to, "why": "reply", "card": PLAIN, **more})  # type: ignore[arg-type]


def taken(tx: Tx, after: int, lease: int = 30) -> list[tuple[str, int]]:
    return [(found.key, found.fence) for found in tx.mail.take(NOW + after * S, 10, lease, "me")]


async def test_a_message_is_new_once(store: Store) -> None:
    def ask(tx: Tx) -> list[bool]:
        return [tx.mail.first_time(*pair, NOW) for pair in (("wecom", "1"), ("wecom", "1"), ("dingtalk", "1"))]

    assert await store.run(ask) == [True, False, True]
    assert await store.run(lambda tx: tx.mail.first_time("wecom", "1", NOW)) is False
    assert await store.run(lambda tx: tx.mail.forget(NOW + S)) == 2
    assert await store.run(lambda tx: tx.mail.first_time("wecom", "1", NOW)) is True


async def test_a_repeated_message_is_answered_the_same(store: Store) -> None:
    def work(tx: Tx) -> list[Letter]:
        tx.mail.first_time("wecom", "1", NOW)
        for key in ("k1", "k2", "k3"):
            tx.mail.post(letter(key), NOW)
        tx.mail.answered("wecom", "1", ["k2", "k1"])
        return tx.mail.replies_of("wecom", "1") + tx.mail.replies_of("wecom", "2")

    assert [found.key for found in await store.run(work)] == ["k2", "k1"]


async def test_a_letter_comes_back_as_posted_and_its_key_is_once(store: Store) -> None:
    whole = letter("k1", subject="visit:1", replaces="k0", platform="wecom", for_person="ann")

    def work(tx: Tx) -> None:
        assert tx.mail.post(whole, NOW)
        assert not tx.mail.post(letter("k1", "u:ben"), NOW)
        found = tx.mail.get("k1")
        assert found
        assert (found.to, found.created, found.fence, found.subject) == ("u:ann", NOW, 0, "visit:1")
        assert (found.replaces, found.platform, found.for_person, found.card) == ("k0", "wecom", "ann", PLAIN)
        assert (tx.mail.get("k9"), tx.mail.pending_count(), tx.mail.state_of("k1"), tx.mail.state_of("k9")) == (
            None,
            1,
            "waiting",
            "",
        )
        assert "letters" in tx.touched

    await store.run(work)


async def test_letters_to_an_address_leave_one_after_the_other(store: Store) -> None:
    def work(tx: Tx) -> None:
        for key, to in (("a1", "u:a"), ("a2", "u:a"), ("b1", "u:b")):
            tx.mail.post(letter(key, to), NOW)
        assert taken(tx, 0) == [("a1", 1), ("b1", 1)]
        assert taken(tx, 1) == []
        assert tx.mail.next_due() == NOW + 30 * S
        tx.mail.sent(("a1", 1, "h"), ("b1", 9, "not ours"))
        assert taken(tx, 1) == [("a2", 1)]
        found = tx.mail.get("a1")
        assert found
        assert (found.handle, tx.mail.state_of("a1"), tx.mail.pending_count()) == ("h", "sent", 2)

    await store.run(work)


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_holder_is_fenced_off(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.mail.post(letter("a"), NOW)
        assert taken(tx, 0) == [("a", 1)]
        assert taken(tx, 29) == []
        assert taken(tx, 30) == [("a", 2)]
        tx.mail.sent(("a", 1, "late"))
        assert tx.mail.state_of("a") == "waiting"
        assert not tx.mail.retry("a", 1, NOW, "late")
        assert not tx.mail.dead("a", 1, "late")
        tx.mail.sent(("a", 2, "h"))
        tx.mail.sent(("a", 2, "again"))
        found = tx.mail.get("a")
        assert found
        assert (tx.mail.state_of("a"), found.handle) == ("sent", "h")

    await store.run(work)


async def test_a_parked_letter_does_not_hold_up_the_next(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.mail.post(letter("a1"), NOW)
        tx.mail.post(letter("a2"), NOW)
        tx.mail.post(letter("a3"), NOW, not_before=NOW + 60 * S)
        assert taken(tx, 0) == [("a1", 1)]
        assert tx.mail.retry("a1", 1, NOW + 20 * S, "refused")
        assert taken(tx, 1) == [("a2", 1)]
        assert tx.mail.dead("a2", 1, "gone")
        assert tx.mail.next_due() == NOW + 20 * S
        assert taken(tx, 20) == [("a1", 2)]
        tx.mail.sent(("a1", 2, ""))
        assert tx.mail.next_due() == NOW + 60 * S
        assert taken(tx, 59) == []
        assert taken(tx, 60) == [("a3", 1)]
        tx.mail.sent(("a3", 1, ""))
        assert tx.mail.next_due() is None
        first = tx.mail.get("a1")
        assert first
        assert (first.tries, tx.mail.state_of("a2")) == (1, "dead")

    await store.run(work)


async def test_taken_while_another_transaction_holds_the_same_letters(store: Store) -> None:
    """Two processes that look at the same moment share the letters."""
    import asyncio

    await store.run(lambda tx: [tx.mail.post(letter(f"k{n}", f"u:{n}"), NOW) for n in range(40)])
    take: Callable[[Tx], list[Letter]] = lambda tx: tx.mail.take(NOW, 7, 30, "me")  # noqa: E731
    found = await asyncio.gather(*(store.run(take) for _ in range(8)))
    keys = [letter.key for part in found for letter in part]
    assert len(keys) == len(set(keys))
    while rest := await store.run(take):
        keys += [letter.key for letter in rest]
    assert sorted(keys) == sorted(f"k{n}" for n in range(40))


async def test_what_is_known_about_a_subject(store: Store) -> None:
    def work(tx: Tx) -> None:
        for key, to in (("1", "u:ann"), ("2", "g:east"), ("3", "u:ann"), ("4", "u:ben")):
            tx.mail.post(letter(key, to, subject="visit:1"), NOW)
        tx.mail.post(letter("5", subject="visit:2"), NOW)
        fence = tx.mail.take(NOW, 10, 30, "me")
        dead = next(found for found in fence if found.key == "4")
        tx.mail.dead("4", dead.fence, "unknown user")
        assert [found.key for found in tx.mail.about("visit:1")] == ["2", "3"]
        assert tx.mail.about("visit:9") == []

    await store.run(work)


async def test_the_newest_card_with_buttons_for_a_person(store: Store) -> None:
    def work(tx: Tx) -> None:
        for key, person, card in (("1", "", BUTTONS), ("2", "ann", BUTTONS), ("3", "ben", BUTTONS), ("4", "", PLAIN)):
            tx.mail.post(letter(key, "g:east", for_person=person, card=card), NOW)
        found = [tx.mail.newest_card("g:east", who) for who in ("ann", "ben", "cat")]
        assert [card.key if card else None for card in found] == ["2", "3", "1"]
        assert tx.mail.newest_card("u:ann", "ann") is None

    await store.run(work)
