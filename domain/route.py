"""A day's visits as a route: legs, total, gaps that can't be made (R81). Times are fixed; only open ones may be moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from domain.model import Customer, Visit
from domain.place import distance_to

SPEED_KMH = 30
"""Straight-line kilometres an hour in town, traffic and detours included."""
DETOUR = 1.3
MOST_PERMUTED = 7


@dataclass(frozen=True, slots=True)
class Leg:
    """From one stop to the next: metres on the road (None: a place is not known), minutes needed and there."""

    start: Visit
    end: Visit
    metres: int | None
    needed: int
    gap: int

    @property
    def possible(self) -> bool:
        return self.gap >= self.needed


def legs(stops: Sequence[tuple[Visit, Customer]], travel_min: int) -> list[Leg]:
    """The legs between a day's visits in the order of their times; calls and online visits need no road."""
    out = []
    for (a, ca), (b, cb) in pairwise(stops):
        gap = int((b.start - a.end).total_seconds() // 60)
        if a.mode != "onsite" or b.mode != "onsite":
            out.append(Leg(a, b, 0, 0, gap))
            continue
        straight = distance_to(ca, cb.lat, cb.lng)
        road = None if straight is None else round(straight * DETOUR)
        needed = travel_min if road is None else max(10, round(road / 1000 / SPEED_KMH * 60))
        out.append(Leg(a, b, road, needed, gap))
    return out


def metres_of(order: Sequence[Customer]) -> int | None:
    """The road through these customers in this order; None when a place is not known."""
    total = 0
    for a, b in pairwise(order):
        straight = distance_to(a, b.lat, b.lng)
        if straight is None:
            return None
        total += round(straight * DETOUR)
    return total


def shortest(customers: Sequence[Customer]) -> list[Customer]:
    """The order with the least road: exact up to seven stops, from the first by nearest neighbour beyond."""
    if len(customers) <= 2 or metres_of(customers) is None:
        return list(customers)
    if len(customers) <= MOST_PERMUTED:
        return min((list(order) for order in permutations(customers)), key=lambda order: metres_of(order) or 0)
    left, order = list(customers[1:]), [customers[0]]
    while left:
        here = order[-1]
        nearest = min(left, key=lambda c: distance_to(c, here.lat, here.lng) or 0)
        left.remove(nearest)
        order.append(nearest)
    return order
