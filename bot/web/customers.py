"""/api/v1/customers: the same entry gate, rights and duplicate check as in the chat."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import plain
from bot.command import Reply, Turn
from bot.web.asked import Asked, Operation, Param
from bot.web.door import Answer, Undone, events, open_question, ways
from bot.web.schema import VERSION, Invalid, choice, record, text
from domain.model import GRADES, STAGES, Customer
from domain.permissions import may_change_customer
from domain.refusal import NotFound, Stale
from nlp.said import Said

STATUSES = {"active": "在跟", "lost": "流失", "won": "成交"}
SETTLE = record(
    {"draft": text("the `draft` of the 409 answer"), "how": choice(("apart", "dropped"), "apart: another company after all")},
    ("draft", "how"),
)
_PLAIN = {
    "phone": text(maxLength=40), "email": text(maxLength=200), "city": text(maxLength=60), "address": text(maxLength=300),
    "grade": choice(GRADES), "stage": choice(STAGES), "contact": text("name of the customer's person", maxLength=60),
    "contact_title": text(maxLength=60),
}  # fmt: skip
CREATE = record(
    {"name": text(minLength=1, maxLength=200), **_PLAIN, "settle": SETTLE}, description="either name and the rest, or settle"
)
CHANGE = record(
    {
        "name": text(minLength=1, maxLength=200),
        **_PLAIN,
        "status": choice(tuple(STATUSES)),
        "owner": text("only the token's own member: claims a customer of the pool"),
        "version": VERSION,
    },
    minProperties=1,
)
MATCH = record({"name": text(), "phone": text(), "email": text(), "uscc": text(), "city": text()}, minProperties=1)


# ---------------------------------------------------------------------- reading
async def listing(asked: Asked) -> Answer:
    return await asked.look("customers", **asked.values)


async def one(asked: Asked) -> Answer:
    return await asked.look("customer", id=asked.values["id"])


async def match(asked: Asked) -> Answer:
    return await asked.look("match", **asked.body)


# ---------------------------------------------------------------------- writing
async def create(asked: Asked) -> Answer:
    """Enter a customer, or settle the duplicate question of an earlier try."""
    body = asked.body
    if settle := body.get("settle"):
        intent = "customer.apart" if settle["how"] == "apart" else "draft.drop"
        return await asked.do(
            lambda _: [Said(intent, {"draft": settle["draft"]})], lambda turn, replies: _answer(asked, turn, replies, 201)
        )
    if "name" not in body:
        raise Invalid("name", "缺少这一项")

    def plan(turn: Turn) -> list[Said]:
        for field in turn.rules.required_customer_fields:
            if not body.get(field):
                raise Invalid(field, "按公司规定必填")
        slots = {k: v for k, v in body.items() if k not in ("name", "address", "settle") and v}
        return [Said("customer.create", {"customer": body["name"].strip(), "location": body.get("address", ""), **slots})]

    return await asked.do(plan, lambda turn, replies: _answer(asked, turn, replies, 201))


async def change(asked: Asked) -> Answer:
    """Correct values; claim a customer of the pool."""
    return await asked.do(lambda turn: _changes(asked, turn), lambda turn, replies: _answer(asked, turn, replies, 200))


def _changes(asked: Asked, turn: Turn) -> list[Said]:
    body: Mapping[str, Any] = asked.body
    c = turn.tx.customers.get(asked.values["id"])
    if c is None or c.status in ("void", "merged"):
        raise NotFound("没有这家客户，没有任何改动")
    if (version := body.get("version")) is not None and version != c.version:
        raise Stale(f"客户资料已有变动（现在是第 {c.version} 版），没有改动")
    above = frozenset(m.id for p in (c.owner, *c.co_owners) if p for m in turn.tx.people.managers_above(p))
    may = may_change_customer(turn.me, c, above)
    steps: list[Said] = []
    if (owner := body.get("owner")) is not None and owner != c.owner:
        if owner != asked.me.id:
            raise Invalid("owner", "只能认领到自己名下；转移请在聊天里办理")
        steps.append(Said("owner.claim", {"customer_id": c.id}))
    changed = {k: v for k, v in body.items() if k not in ("owner", "version") and not (may and v == _now(c, k))}
    for key, value in changed.items():
        if not value:
            raise Invalid(key, "不能改成空的")
    return steps + _updates(c, changed)


def _now(c: Customer, key: str) -> object:
    """The value that stands, for those who may change it anyway."""
    first = {"phone": c.phones[:1], "email": c.emails[:1], "contact": tuple(x.name for x in c.contacts[-1:])}
    return next(iter(first[key]), "") if key in first else getattr(c, key, None)


def _updates(c: Customer, changed: Mapping[str, str]) -> list[Said]:
    """`customer.update` takes the plain values together; name, status and a new person one by one."""
    id_: dict[str, object] = {"customer_id": c.id}
    steps = []
    if contact := changed.get("contact"):
        person = {k: changed[k] for k in ("contact_title", "phone", "email") if changed.get(k)}
        steps.append(Said("customer.update", {**id_, "field": "联系人", "value": contact, **_only_title(person)}))
    together = {
        ("location" if k == "address" else k): changed[k]
        for k in ("phone", "email", "city", "address", "grade", "stage")
        if k in changed
    }
    if together:
        steps.append(Said("customer.update", {**id_, **together}))
    if name := changed.get("name"):
        steps.append(Said("customer.update", {**id_, "field": "名称", "value": name.strip()}))
    if status := changed.get("status"):
        steps.append(Said("customer.update", {**id_, "field": "状态", "value": STATUSES[status]}))
    return steps


def _only_title(person: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in person.items() if k == "contact_title"}


def _answer(asked: Asked, turn: Turn, replies: Sequence[Reply], made: int) -> Answer:
    """The customer as it stands now, or the known ones it would repeat."""
    if found := events(turn, "customer.duplicate_found"):
        reply = replies[-1]
        draft = reply.subject.partition(":")[2]
        body = {
            "error": "duplicate",
            "message": plain(reply.card).split("\n回复 ")[0],
            **found[-1],
            "draft": draft,
            "ways": ways(reply),
        }
        return Answer(409, {**body, "draft": draft, "entry": found[-1].get("draft")})
    changed = events(turn, "customer.created", "customer.updated", "customer.claimed")
    ids = [str(c["id"]) for d in changed if isinstance(c := d.get("customer"), Mapping)]
    id_ = ids[-1] if ids else asked.values.get("id")
    if id_ is not None:
        return Answer(made if events(turn, "customer.created") else 200, asked.looks["customer"].at(turn, id=id_))
    if replies[-1].card.buttons:
        return open_question(replies[-1])
    if replies[-1].refused:
        raise Undone(replies[-1].card.title)
    return Answer(200, {"message": replies[-1].card.title})


_ID = Param("id", text("id or number (C-000001)"), "path", True)
_SAVED = {409: ("nothing was saved: known already, another version, or a question", "Conflict")}
OPERATIONS = (
    Operation(
        "GET", "/customers", "listCustomers", "Customers in the order of entry; what the asker may not see of one is null", listing,
        {200: ("a page", "Customers")},
        (
            Param("owner", text("a member's id, or pool")), Param("status", choice(("active", "pool", "lost", "won"))),
            Param("stage", choice(STAGES)), Param("grade", choice(GRADES)), Param("city", text()), Param("name", text("part of the name")),
            Param("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}), Param("cursor", text(maxLength=18)),
        ),
    ),
    Operation("GET", "/customers/{id}", "getCustomer", "One customer", one, {200: ("the customer", "Customer")}, (_ID,)),
    Operation(
        "POST", "/customers", "createCustomer", "Enter a customer, or settle the duplicate question of an earlier try", create,
        {201: ("entered", "Customer"), 200: ("given up", "Outcome"), **_SAVED}, (), CREATE,
    ),
    Operation(
        "PATCH", "/customers/{id}", "changeCustomer", "Correct values, or claim a customer of the pool", change,
        {200: ("the customer as it stands now", "Customer"), **_SAVED}, (_ID,), CHANGE,
    ),
    Operation("POST", "/customers/match", "matchCustomers", "The duplicate check (contract.md section 6)", match, {200: ("best first", "Matches")}, (), MATCH),
)  # fmt: skip
