"""Who is busy when. Flat in the size of the table: a look goes through an index, back 24 hours at most.

A visit lasts at most 24 hours, so what overlaps a slot began less than 24 hours before it (docs/adr/0003-overlap.md).
"""

from collections.abc import Sequence

from domain.desk import Busy
from domain.model import Slot, Visit, moment, stamp
from storage.db import number, one_of
from storage.part import Part
from storage.visit_rows import JOINED, VISIT, visits

DAY = 86_400
"""The longest visit, in seconds."""

_VISITS = (
    "SELECT m.id, p.starts, p.ends, v.id FROM members m CROSS JOIN visit_people p CROSS JOIN visits v "
    "WHERE m.id IN {people} AND p.person_no = m.no AND p.busy = 1 AND p.starts < ? AND p.starts > ? AND p.ends > ? "
    "AND v.no = p.visit_no AND v.id <> ? ORDER BY p.starts, v.no, m.no"
)
_LEAVES = (
    "SELECT m.id, l.starts, l.ends, l.id FROM members m CROSS JOIN leaves l WHERE m.id IN {people} "
    "AND l.member_no = m.no AND l.cancelled = 0 AND l.ends > ? AND l.starts < ? ORDER BY l.starts, l.no"
)
_AT_CUSTOMER = (
    f"SELECT {VISIT} FROM {JOINED} AND v.customer_no = (SELECT no FROM customers WHERE id = ?) "
    "AND v.starts < ? AND v.starts > ? AND v.ends > ? AND v.status <> 'cancelled' AND v.id <> ? ORDER BY v.starts, v.no"
)


class BusyPart(Part):
    """The two overlap questions."""

    __slots__ = ()

    def busy(self, people: Sequence[str], slot: Slot, but: str = "") -> list[Busy]:
        """Everything that overlaps the slot in these people's calendars, by time.

        Live visits as rep or as participant who has not declined, and leaves; the visit `but` is left out.
        """
        marks, ids = one_of(people)
        start, end = stamp(slot.start), stamp(slot.end)
        found = [
            Busy(str(who), Slot(moment(number(s)), moment(number(e))), visit=str(id_))
            for who, s, e, id_ in self.db.rows(_VISITS.format(people=marks), *ids, end, start - DAY, start, but)
        ]
        found += [
            Busy(str(who), Slot(moment(number(s)), moment(number(e))), leave=str(id_))
            for who, s, e, id_ in self.db.rows(_LEAVES.format(people=marks), *ids, start, end)
        ]
        return sorted(found, key=lambda b: b.slot.start)

    def at_customer(self, customer: str, slot: Slot, but: str = "") -> list[Visit]:
        """The live visits at a customer that overlap the slot, by time; the visit `but` is left out."""
        start, end = stamp(slot.start), stamp(slot.end)
        return visits(self.db.rows(_AT_CUSTOMER, customer, end, start - DAY, start, but))
