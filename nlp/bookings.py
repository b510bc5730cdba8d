"""Fillers of bookings: when, whom, with whom, what for, how and where."""

import re

from nlp import aims, pick
from nlp.draft import Draft
from nlp.forward import forwarded
from nlp.grammar import CONTACT, CUSTOMER, PERSON, TIME
from nlp.unknown import leftovers


def book(draft: Draft) -> None:
    """A booking: when, whom, with whom, what for, how, where (contract.md section 5)."""
    forwarded(draft)
    scene = draft.scene
    own_words = draft.slots.get("source") != "forwarded"
    if "customer" not in draft.slots:
        pick.customer(draft, guess=own_words)
    if "customer" not in draft.slots and own_words:
        spare = [name for name in leftovers(scene) if _terse_name(draft, name)]
        if spare and scene.times():
            pick.stranger(draft, spare[0])
    span = pick.when(draft)
    pick.duration(draft)
    pick.contacts(draft)
    companions(draft)
    aims.mode(draft)
    aims.purpose(draft)
    aims.location(draft)
    pick.phone(draft)
    pick.email(draft)
    _tail_purpose(draft)
    if "customer" not in draft.slots and not own_words:
        _sender(draft)
    if "customer" not in draft.slots:
        draft.lack("customer")
    clocked = span is not None and (span.has_clock or (span.kind == "recurrence" and bool((span.recur or {}).get("time"))))
    if not clocked:
        draft.lack("time")


def _sender(draft: Draft) -> None:
    """A forwarded message that names no customer comes from one of those with this contact, the city spoken of first."""
    book_, contact = draft.office.book, str(draft.slots.get("contact") or "")
    ids = list(book_.with_contact(contact)) if contact else []
    entries = [e for i in ids if (e := book_.customer(i)) is not None]
    entries.sort(key=lambda e: not (e.city and e.city in draft.scene.text))
    draft.hints["customer_ids"] = [e.id for e in entries]
    if len(entries) == 1:
        draft.put("customer", entries[0].name)
    elif entries:
        draft.doubt("customer")


def _terse_name(draft: Draft, name: str) -> bool:
    return 2 <= len(name) <= 16 and name != draft.slots.get("purpose") and not re.search(r"(?:拜访|见面|会议|咖啡|会议室)", name)


def _tail_purpose(draft: Draft) -> None:
    """10月9日 张工 格睿电子 调试设备: what stands last after a blank is the purpose."""
    if "purpose" in draft.slots:
        return
    marks = [m for m in draft.scene.marks if m.kind in (CUSTOMER, CONTACT, TIME, PERSON)]
    if not marks:
        return
    tail = re.sub(r"[\s，,。]+$", "", draft.scene.text[marks[-1].end :])
    found = re.fullmatch(r"[\s，,]+([\u4e00-\u9fffA-Za-z0-9]{2,12})", tail)
    if found and found[1] not in (draft.slots.get("customer"), draft.slots.get("location")) and not _EMPTY_TAIL.search(found[1]):
        draft.put("purpose", found[1])


_EMPTY_TAIL = re.compile(
    r"约好了|已约|谢谢|帮忙|登记|拜访|预约|安排|上门|线上|视频|电话|见面|可以|提醒|过去|到时|记|约|辛苦|见|去|来|我|他|一小时|半小时"
)
_ALONG = re.compile(
    r"(?:叫上|带上|拉上|喊上|加上|算上|捎上|带着|约上|请上|叫|拉|带|喊|邀请|请|让|加|找|安排|和|跟|与|同|还有|以及|以及|连同|同行人?[:：是]?|参与人?[:：是]?|陪同人?[:：是]?|随行[:：]?|@|、|,|，|及|w/|with|join|代|帮|替|给)\s*$"
)


_TITLED = re.compile("(?:总|工|经理|主任|总监|老师|博士|主管|姐|哥)$")


def companions(draft: Draft) -> None:
    """Colleagues taken along or booked for; one who only reported the matter is not taken along."""
    marks = [m for m in draft.scene.of(PERSON) if m.ids != (draft.user,)]
    if not marks:
        return
    contacts = {c.end for c in draft.scene.of(CUSTOMER)}
    chosen, turned = [], []
    for mark in marks:
        if mark.start in contacts and _TITLED.search(mark.text):
            turned.append(mark)
        else:
            chosen.append(mark)
    if turned:
        draft.put("contact", turned[0].text)
    pick.people(draft, chosen)
