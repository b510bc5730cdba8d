"""Two records of one firm: which stays, what goes over, and the way back (R31, R43)."""

from dataclasses import replace
from datetime import timedelta

from bot.cards import Card, Text, Tone
from bot.command import Reply, Turn
from domain.model import Contact, Customer
from domain.refusal import NotAllowed, Stale
from handlers import _owners, _views
from handlers._records import also, put_back
from handlers._rights import instead
from storage.merges import Merge, record_of

UNDO_DAYS = 30
"""How long a merge can be undone."""


def may_merge(turn: Turn, c: Customer) -> bool:
    """A manager for his team, directors and admins for all; a record of the pool is anybody's who leads."""
    return turn.me.role.leads and (c.owner is None or c.owner == turn.me.id or _owners.leads(turn, c))


def check_right(turn: Turn, *customers: Customer) -> None:
    """Raises NotAllowed with the owner's name."""
    for c in customers:
        if not may_merge(turn, c):
            who = f"由{_views.name(turn, c.owner)}负责" if c.owner else "在公海"
            text = f"无权：{c.short}{who}，合并由负责人的主管确认，没有改动"
            raise NotAllowed(text, "请主管来合并。", action="customer.merge", obj=c.id, ways=instead(turn, c))


def which_stays(turn: Turn, a: Customer, b: Customer) -> tuple[Customer, Customer]:
    """(kept, merged): who has an owner before who has none, then the earlier entry (先到先得), then the lower number."""

    def rank(c: Customer) -> tuple[bool, bool, float, str]:
        entered = c.created.timestamp() if c.created else float("inf")
        return c.owner is None, c.status != "active", entered, c.code

    return (a, b) if rank(a) <= rank(b) else (b, a)


def joined(kept: Customer, merged: Customer) -> Customer:
    """The kept record with what only the other one knew; its own values always win."""
    phones = dict.fromkeys((*kept.phones, *merged.phones))
    emails = dict.fromkeys((*kept.emails, *merged.emails))
    known = {c.name for c in kept.contacts}
    contacts: tuple[Contact, ...] = (*kept.contacts, *(c for c in merged.contacts if c.name not in known))
    co_owners = kept.co_owners
    if kept.grade != "C":
        others = (merged.owner, *merged.co_owners)
        co_owners = tuple(dict.fromkeys((*co_owners, *(p for p in others if p and p != kept.owner))))
    contacted = [t for t in (kept.last_followup, merged.last_followup) if t is not None]
    created = [t for t in (kept.created, merged.created) if t is not None]
    return replace(
        kept, aliases=also(kept, merged.name, *merged.aliases), phones=tuple(phones), emails=tuple(emails),
        contacts=contacts, co_owners=co_owners, last_followup=max(contacted, default=None), created=min(created, default=None),
        city=kept.city or merged.city, address=kept.address or merged.address, uscc=kept.uscc or merged.uscc,
        grade=kept.grade or merged.grade, stage=kept.stage or merged.stage,
        lat=merged.lat if kept.lat is None else kept.lat, lng=merged.lng if kept.lng is None else kept.lng,
    )  # fmt: skip


def merge(turn: Turn, kept: Customer, merged: Customer) -> Merge:
    """Make one record a link to the other: visits, follow-ups, reports, tasks and figures follow. Events and undo."""
    tx = turn.tx
    tx.lock(f"customer:{kept.id}", f"customer:{merged.id}")
    fresh, gone = tx.customers.get(kept.id), tx.customers.get(merged.id)
    if fresh is None or gone is None or {fresh.status, gone.status} & {"merged", "void"}:
        raise Stale("其中一家刚刚有变动，没有合并", "请再说一次要合并哪两家。")
    before: dict[str, object] = {"kept": record_of(fresh), "merged": record_of(gone)}
    moved = tx.merges.carry(gone.id, fresh.id)
    saved = tx.customers.put(joined(fresh, gone))
    before["after"] = record_of(saved)
    link = {**gone.extra, "merged_into": fresh.id}
    # the link keeps no keys: the next look-up finds the kept record alone
    tx.customers.put(
        replace(gone, status="merged", owner=None, co_owners=(), phones=(), emails=(), contacts=(), uscc="", extra=link)
    )
    note = tx.merges.add(Merge("", fresh.id, gone.id, turn.now, turn.me.id, before, dict(moved)))
    turn.event("customer.merged", customer=_views.customer_json(saved), kept=fresh.id, merged=gone.id, merge=note.id)
    turn.did("customer.merged", merge=note.id)
    for person in dict.fromkeys(p for p in (fresh.owner, gone.owner, *saved.co_owners) if p and p != turn.me.id):
        text = Text(f"{gone.name}已并入，联系记录和拜访都在；{UNDO_DAYS} 天内可以撤销。")
        turn.tell(person, Card(f"{turn.me.name}合并了重复客户：{saved.name}", (text,)), subject=f"customer:{fresh.id}")
    return note


def unmerge(turn: Turn, id_: str) -> str:
    """Both records as they were, each with its own visits and contacts; what was entered since stays at the kept one.

    Raises Stale after 30 days or when it was undone before.
    """
    tx = turn.tx
    note = tx.merges.get(id_)
    if note is None or turn.now - note.at > timedelta(days=UNDO_DAYS):
        raise Stale(f"合并超过 {UNDO_DAYS} 天，不能撤销", "请联系管理员处理。")
    kept, merged = tx.customers.get(note.kept), tx.customers.get(note.merged)
    if kept is None or merged is None or kept.status == "merged":
        raise Stale("这家客户之后又有合并，不能直接撤销", "请先撤销后一次合并。")
    check_right(turn, kept)
    if not tx.merges.undo(note.id, turn.now):
        raise Stale("这次合并已经撤销过了，没有重复操作")
    tx.lock(f"customer:{kept.id}", f"customer:{merged.id}")
    tx.merges.bring_back(note)
    back = tx.customers.put(note.record("merged"))
    first = tx.customers.put(put_back(kept, note.record("kept"), note.record("after")))
    turn.event("customer.unmerged", customer=_views.customer_json(first), kept=first.id, merged=back.id, merge=note.id)
    for person in dict.fromkeys(p for p in (first.owner, back.owner) if p and p != turn.me.id):
        turn.tell(person, Card(f"{turn.me.name}撤销了合并：{first.short}和{back.short}仍是两家客户"))
    return f"{first.short}和{back.short}恢复为两家客户"


def undone(turn: Turn, id_: str) -> Reply:
    """撤销合并, later than the usual ten minutes."""
    what = unmerge(turn, id_)
    turn.event("undo.done", undone="customer.merged", id=id_)
    return Reply(Card(f"已撤销合并：{what}", tone=Tone.DONE))


def last(turn: Turn) -> str | None:
    """The merge that 撤销合并 means: this person's newest one whose record is named, else the newest; its id."""
    notes = turn.tx.merges.by(turn.me.id, turn.now - timedelta(days=UNDO_DAYS))
    known = turn.tx.customers.many([m.kept for m in notes] + [m.merged for m in notes])

    def named(m: Merge) -> bool:
        both = [c for i in (m.kept, m.merged) if (c := known.get(i))]
        return any(word in turn.said.text for c in both for word in (c.name, *c.aliases))

    meant = next((m for m in notes if named(m)), notes[0] if notes else None)
    return meant.id if meant else None
