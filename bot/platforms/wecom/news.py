"""WeCom's events that are no word of a person, passed on (W90240)."""

from datetime import datetime

from bot.news import News
from bot.platforms.wecom.payload import AppWarned, ContactChanged, Joined, Other, ScheduleChanged
from domain.model import OFFICE

_WARNINGS = {
    "inactive_alert": "应用长期没人使用，企业微信将停用它的接口",
    "close_inactive_agent": "应用长期没人使用，企业微信已停用它的接口，请在管理后台恢复",
    "reopen_inactive_agent": "应用的接口已恢复",
    "low_active_alert": "应用使用人数少，企业微信将限制它的接口",
    "low_active": "应用使用人数少，企业微信已限制它的接口，请在管理后台查看",
    "active_restored": "应用的使用已恢复正常",
}


async def pass_on(event: Other, news: News) -> str:
    """What to tell the person at once, "" = nothing. Openings, positions and the platform's own approvals need no deed:
    nobody spoke to us (a position on opening the chat is no check-in), and approvals are the bot's own."""
    match event:
        case ScheduleChanged():
            await news.calendar("wecom", event.schedule)
        case ContactChanged() | Joined():
            await news.people("wecom")
        case AppWarned():
            when = f"（{datetime.fromtimestamp(event.effect, OFFICE):%m月%d日 %H:%M}）" if event.effect else ""
            news.alarm(f"企业微信：{_WARNINGS[event.event]}{when}")
    return ""
