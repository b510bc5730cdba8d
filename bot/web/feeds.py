"""/api/v1/events, reminders, kpi: what happened, what will be said, how it stands."""

from bot.web.asked import Asked, Operation, Param
from bot.web.door import Answer
from bot.web.schema import Invalid, choice, moment, text
from domain import kpi


async def events(asked: Asked) -> Answer:
    return await asked.look("events", **asked.values)


async def reminders(asked: Asked) -> Answer:
    return await asked.look("reminders", **asked.values)


async def figures(asked: Asked) -> Answer:
    v = asked.values
    if ("from" in v) != ("to" in v):
        raise Invalid("to" if "from" in v else "from", "from 和 to 要一起给")
    if "from" in v and v["from"] >= v["to"]:
        raise Invalid("to", "要晚于 from")
    return await asked.look(
        "kpi", metric=v.get("metric"), start=v.get("from"), end=v.get("to"), rep=v.get("rep"), team=v.get("team")
    )


OPERATIONS = (
    Operation(
        "GET", "/events", "listEvents", "The log in order: all for directors and admins, else what concerns the asker and his people", events,
        {200: ("a page; go on with after=`last`", "Events")},
        (
            Param("after", {"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0, "description": "id of the last event known"}),
            Param("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
        ),
    ),
    Operation(
        "GET", "/reminders", "listReminders", "Planned and sent reminders of a visit, or of one's own next 30 days", reminders,
        {200: ("all of them", "Reminders")}, (Param("visit", text("id of a visit")),),
    ),
    Operation(
        "GET", "/kpi", "getKpi", "Figures with numerator, denominator and rows; without a metric all of them", figures,
        {200: ("the figures", "Figures")},
        (
            Param("metric", choice(tuple(kpi.NAMES))), Param("from", moment("with to; else this week or month")), Param("to", moment()),
            Param("rep", text("a member's id")), Param("team", text("a team's name")),
        ),
    ),
)  # fmt: skip
