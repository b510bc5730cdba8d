"""Evidence of visits: check-ins and photos. A level, not truth (D24): where nothing is known, nothing is claimed."""

from dataclasses import replace

from domain.follow import CheckIn, Photo
from domain.model import moment, stamp
from storage.db import Row, number
from storage.part import Part

_PHOTO = "id, visit, who, at, hash, path"
NEAR_BITS = 6
"""Photos whose hashes differ in at most so many of 64 bits are the same picture.

Seven differences over four bands leave a band with at most one, so looking for each band with any one bit turned finds every pair.
"""


def _photo(row: Row) -> Photo:
    id_, visit, by, at, hash_, path = row
    return Photo(str(id_), str(visit), str(by), moment(number(at)), int(str(hash_), 16), str(path))


def _around(band: int) -> list[int]:
    return [band, *(band ^ 1 << bit for bit in range(16))]


def _bands(value: int) -> tuple[int, int, int, int]:
    return value >> 48 & 0xFFFF, value >> 32 & 0xFFFF, value >> 16 & 0xFFFF, value & 0xFFFF


class Evidence(Part):
    """Check-ins (the first one of a visit stays, a later verified one replaces an unverified one) and photos."""

    __slots__ = ()

    def check_in(self, check: CheckIn) -> bool:
        """Note a check-in; False when the visit has one that is at least as good."""
        self.touched.add("check_ins")
        return (
            self.db.run(
                "INSERT INTO check_ins (visit, who, at, verified, distance_m, label) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (visit) DO UPDATE SET who = excluded.who, at = excluded.at, verified = excluded.verified, "
                "distance_m = excluded.distance_m, label = excluded.label "
                "WHERE check_ins.verified = 0 AND (excluded.verified = 1 OR check_ins.distance_m IS NULL)",
                *(check.visit, check.by, stamp(check.at), int(check.verified), check.distance_m, check.label),
            )
            == 1
        )

    def of_visit(self, visit: str) -> CheckIn | None:
        """The check-in of a visit."""
        row = self.db.row("SELECT visit, who, at, verified, distance_m, label FROM check_ins WHERE visit = ?", visit)
        if row is None:
            return None
        id_, by, at, verified, distance, label = row
        far = None if distance is None else number(distance)
        return CheckIn(str(id_), str(by), moment(number(at)), bool(verified), far, str(label))

    def add_photo(self, photo: Photo) -> Photo:
        """Keep a photo of a visit; it gets an id when it has none."""
        new = replace(photo, id=photo.id or self.new_id("photo", "photos", "p"))
        self.db.run(
            f"INSERT INTO photos ({_PHOTO}, b0, b1, b2, b3) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(new.id, new.visit, new.by, stamp(new.at), f"{new.hash:016x}", new.path, *_bands(new.hash)),
        )
        self.touched.add("photos")
        return new

    def photos_of(self, visit: str) -> list[Photo]:
        """The photos of a visit, oldest first."""
        rows = self.db.rows(f"SELECT {_PHOTO} FROM photos WHERE visit = ? ORDER BY at, no", visit)
        return [_photo(row) for row in rows]

    def like(self, hash_: int, but_visit: str = "") -> list[Photo]:
        """Photos of other visits that show the same picture, oldest first."""
        marks = ",".join("?" * 17)
        one = " OR ".join(f"b{n} IN ({marks})" for n in range(4))
        sql = f"SELECT {_PHOTO} FROM photos WHERE visit <> ? AND ({one}) ORDER BY at, no"
        near = [b for band in _bands(hash_) for b in _around(band)]
        found = [_photo(row) for row in self.db.rows(sql, but_visit, *near)]
        return [p for p in found if (p.hash ^ hash_).bit_count() <= NEAR_BITS]
