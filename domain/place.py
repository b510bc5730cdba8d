"""Places on the ground: distances, and whether somebody is where he says he is."""

from math import asin, cos, radians, sin, sqrt

from domain.model import Customer

_EARTH_M = 6_371_008.8
"""Mean radius of the earth in metres."""


def distance_m(lat: float, lng: float, to_lat: float, to_lng: float) -> int:
    """Metres along the great circle between two points in degrees (haversine), rounded."""
    a, b = radians(lat), radians(to_lat)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(to_lng - lng) / 2) ** 2
    return round(2 * _EARTH_M * asin(sqrt(min(1.0, h))))


def distance_to(customer: Customer, lat: float | None, lng: float | None) -> int | None:
    """Metres from a point to the customer; None when either place is not known or no place on earth."""
    if customer.lat is None or customer.lng is None or lat is None or lng is None:
        return None
    if not (abs(lat) <= 90 and abs(lng) <= 180):
        return None
    return distance_m(lat, lng, customer.lat, customer.lng)


def metres(distance: int) -> str:
    """120 米, 3.2 公里, 16 公里."""
    if distance < 1000:
        return f"{distance} 米"
    return f"{distance / 1000:.1f} 公里" if distance < 10_000 else f"{distance / 1000:.0f} 公里"
