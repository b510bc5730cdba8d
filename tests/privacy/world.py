"""A random office full of secrets, and who may read each of them: written from contract.md 7b, not from the code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.model import OFFICE, Customer, Visit

NOW = datetime(2026, 6, 9, 9, tzinfo=OFFICE)
NAMES = ("韩梅", "杜伟", "方宇", "陆佳", "秦岚", "沈波", "宋河", "江涛", "吴新", "白露")
SHORTS = ("金桥", "绿洲", "大桥", "星海", "山泉", "飞燕")
TRADES = ("电气设备", "生物科技", "化工", "船务", "饮品", "模具")
MARKS = "甲乙丙丁戊己庚辛"


@dataclass(frozen=True)
class Secret:
    """A token, the people who may read it, and whether a group may read it in full when all of its members may."""

    token: str
    allowed: frozenset[str]
    in_groups: bool = True


@dataclass(repr=False)
class World:
    """The seed, the secrets in it, and the groups."""

    seed: dict[str, Any]
    secrets: list[Secret] = field(default_factory=list)
    about: dict[str, list[str]] = field(default_factory=dict)
    """Customer → every token of it; `open` those of the owner's department too; `visits`: visit → its tokens."""
    open: dict[str, list[str]] = field(default_factory=dict)
    visits: dict[str, list[str]] = field(default_factory=dict)
    reports: list[tuple[str, str]] = field(default_factory=list)
    """What is told before the questions begin: (rep, sentence)."""

    def learn(self, customers: Iterable[Customer], visits: Iterable[Visit]) -> None:
        """Owners, co-owners and companions of now may read as well; who could read before is not asked to forget."""
        members = {m["id"]: m for m in self.seed["members"]}
        for c in customers:
            if c.id in self.about:
                record = {"owner": c.owner, "co_owners": list(c.co_owners), "locked": c.locked}
                self._allow(self.about[c.id], followers(members, record))
                self._allow(self.open[c.id], team(members, record))
        for v in visits:
            self._allow(self.visits.get(v.id, []), frozenset({*v.people, *above(members, v.rep)}))

    def _allow(self, tokens: Iterable[str], more: frozenset[str]) -> None:
        wanted = set(tokens)
        self.secrets = [replace(s, allowed=s.allowed | more) if s.token in wanted else s for s in self.secrets]

    @property
    def groups(self) -> Mapping[str, list[str]]:
        return {g["id"]: g["members"] for g in self.seed["groups"]}

    @property
    def people(self) -> list[str]:
        return [m["id"] for m in self.seed["members"]]


def above(members: Mapping[str, dict[str, Any]], person: str | None) -> set[str]:
    """Everybody's managers upwards."""
    out: set[str] = set()
    while person and (boss := members[person]["manager"]) and boss not in out:
        out.add(boss)
        person = boss
    return out


def everything(members: Mapping[str, dict[str, Any]]) -> set[str]:
    """Directors and admins answer for all."""
    return {m["id"] for m in members.values() if m["role"] in ("director", "admin")}


def followers(members: Mapping[str, dict[str, Any]], customer: Mapping[str, Any], extra: Iterable[str] = ()) -> frozenset[str]:
    """Owner, co-owners (and further people), their managers upwards, directors, admins."""
    people = [p for p in (customer["owner"], *customer["co_owners"], *extra) if p]
    return frozenset(people) | everything(members) | {b for p in people for b in above(members, p)}


def team(members: Mapping[str, dict[str, Any]], customer: Mapping[str, Any]) -> frozenset[str]:
    """The owner's department too, unless it is locked."""
    owner = members.get(customer["owner"] or "")
    same = {m["id"] for m in members.values() if owner and m["department"] == owner["department"]}
    return followers(members, customer) | (frozenset() if customer["locked"] else same)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Ten people in two departments and three teams, six customers, visits, follow-ups, groups."""
    members: dict[str, dict[str, Any]] = {}
    for i, name in enumerate(NAMES):
        role = "director" if i == 6 else "admin" if i == 8 else "manager" if i in (4, 5) else "rep"
        manager = None if i == 6 else "p6" if role != "rep" else draw(st.sampled_from(["p4", "p5"]))
        members[f"p{i}"] = {
            "id": f"p{i}", "name": name, "role": role, "manager": manager, "aliases": [],
            "team": f"{'一二三'[i % 3]}组", "department": draw(st.sampled_from(["销售", "技术"])),
        }  # fmt: skip
    reps = [m for m, v in members.items() if v["role"] == "rep"]
    world = World({"members": list(members.values()), "groups": [], "customers": [], "visits": [], "followups": []})
    for i, short in enumerate(SHORTS):
        owner = draw(st.sampled_from([*reps, None]))
        grade = draw(st.sampled_from("ABCD"))
        co = [] if grade == "C" or owner is None else draw(st.lists(st.sampled_from([r for r in reps if r != owner]), max_size=1))
        locked = owner is not None and draw(st.booleans())
        customer: dict[str, Any] = {
            "id": f"k{i}", "name": f"{short}{TRADES[i]}有限公司", "aliases": [short], "city": "苏州", "grade": grade, "owner": owner,
            "co_owners": co, "stage": "报价", "status": "active" if owner else "pool", "locked": locked,
            "phones": [f"0512-6612{i}77{i}"], "emails": [f"tok{i}mail@kx{i}.com"], "created": "2026-03-02T10:00:00+08:00",
            "last_followup": "2026-06-05T10:00:00+08:00", "address": f"秘巷{MARKS[i]}街",
            "contacts": [{"name": f"欧{MARKS[i]}翁", "title": "总经理", "phone": f"1390077{i}{i}4{i}", "email": f"tok{i}own@kx{i}.com"}],
            "lat": 31.3, "lng": 120.6,
        }  # fmt: skip
        world.seed["customers"].append(customer)
        inside = team(members, customer)
        world.secrets += [Secret(t, inside, False) for t in (customer["phones"][0], customer["contacts"][0]["phone"])]
        world.secrets += [Secret(t, inside) for t in (f"秘巷{MARKS[i]}街", f"欧{MARKS[i]}翁", f"tok{i}mail", f"tok{i}own")]
        author = draw(st.sampled_from(reps))
        world.seed["followups"].append({
            "customer": f"k{i}", "by": author, "at": "2026-06-04T10:00:00+08:00", "channel": "phone",
            "content": f"密谈{MARKS[i]}底价", "result": f"反馈{MARKS[i]}声", "next": f"暗步{MARKS[i]}", })  # fmt: skip
        private = followers(members, customer, [author])
        world.secrets += [Secret(t, private) for t in (f"密谈{MARKS[i]}底价", f"暗步{MARKS[i]}")]
        world.secrets.append(Secret(f"反馈{MARKS[i]}声", inside | private))
        rep, mate = draw(st.sampled_from(reps)), draw(st.sampled_from(reps))
        start = NOW.replace(hour=9 + i) + timedelta(days=draw(st.integers(0, 4)), hours=1)
        with_ = [mate] if mate != rep and grade != "C" else []
        world.seed["visits"].append({
            "id": f"v{i}", "customer": f"k{i}", "rep": rep, "participants": with_, "start": start.isoformat(),
            "end": (start + timedelta(minutes=45)).isoformat(), "mode": "onsite", "purpose": f"要谈{MARKS[i]}事",
            "location": f"暗室{MARKS[i]}", "contact": f"欧{MARKS[i]}翁", "status": "planned", })  # fmt: skip
        visitors = followers(members, customer, [rep, *with_]) - (
            {b for w in with_ for b in above(members, w)} - followers(members, customer, [rep])
        )
        world.secrets += [Secret(t, visitors) for t in (f"要谈{MARKS[i]}事", f"暗室{MARKS[i]}")]
        own = [
            f"秘巷{MARKS[i]}街",
            f"欧{MARKS[i]}翁",
            f"tok{i}mail",
            f"tok{i}own",
            customer["phones"][0],
            customer["contacts"][0]["phone"],
        ]
        world.open[f"k{i}"] = [*own, f"反馈{MARKS[i]}声"]
        world.visits[f"v{i}"] = [f"要谈{MARKS[i]}事", f"暗室{MARKS[i]}", f"欧{MARKS[i]}翁"]
        world.about[f"k{i}"] = [*world.open[f"k{i}"], *world.visits[f"v{i}"], f"密谈{MARKS[i]}底价", f"暗步{MARKS[i]}"]
        done = draw(st.sampled_from(reps))
        begin = NOW.replace(hour=9 + i) - timedelta(days=1)
        end = (begin + timedelta(minutes=30)).isoformat()
        before = {"id": f"r{i}", "customer": f"k{i}", "rep": done, "start": begin.isoformat(), "end": end, "status": "done"}
        world.seed["visits"].append({**before, "participants": [], "mode": "onsite", "purpose": ""})
        words = f"纪要{MARKS[i]}稿，预算7{i}3万，竞品是暗牌{MARKS[i]}"
        world.reports.append((done, f"/report.file visit_id=r{i} content={words}"))
        told = [f"纪要{MARKS[i]}稿", f"7{i}3万", f"暗牌{MARKS[i]}"]
        world.secrets += [Secret(t, followers(members, customer, [done])) for t in told]
        world.about[f"k{i}"] += told
        # the contact's name stands on the visit too
        world.secrets = [
            Secret(s.token, s.allowed | visitors, s.in_groups) if s.token == f"欧{MARKS[i]}翁" else s for s in world.secrets
        ]
    for g in range(3):
        found = draw(st.lists(st.sampled_from(list(members)), min_size=2, max_size=5, unique=True))
        world.seed["groups"].append({"id": f"g{g}", "name": f"群{g}", "members": found, "team": f"{'一二三'[g]}组"})
    return world
