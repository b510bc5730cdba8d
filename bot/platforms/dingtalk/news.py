"""DingTalk's EVENT frames, passed on: calendars and the address book; the console chooses which events come at all."""

from bot.news import News
from bot.platforms.dingtalk.calendar import read_change
from bot.platforms.dingtalk.frames import Event

PEOPLE = ("user_add_org", "user_modify_org", "user_leave_org", "org_dept_create", "org_dept_modify", "org_dept_remove")


async def pass_on(event: Event, news: News) -> None:
    """Raises what went wrong: the frame is answered LATER and comes again."""
    if (changed := read_change(event)) is not None:
        await news.calendar("dingtalk", changed.event)
    elif event.type in PEOPLE:
        await news.people("dingtalk")
