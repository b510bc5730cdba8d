"""`office menu` and `office people`: what an admin has done once on the messengers' side."""

from collections.abc import Callable

from bot.addressbook import AddressBook, words
from bot.app import App
from bot.config import Config
from bot.platform import SendFailed
from bot.serve import Service


class OfficeFailed(Exception):
    """One line: what did not work."""


async def run(app: App, config: Config, what: str, say: Callable[[str], None]) -> None:
    """Do it and say one line for each messenger; OfficeFailed when nothing is configured for it or a platform refuses."""
    service = Service(app, config)
    service.add_messengers()
    try:
        if what == "menu":
            if service.menu is None:
                raise OfficeFailed("the menu belongs to the WeCom app: set wecom.corp_id, agent_id and secret")
            await service.menu()
            say("wecom: 菜单已更新\n")
            return
        if not service.people:
            raise OfficeFailed("no messenger is configured (config.toml, [wecom] or [dingtalk])")
        book = AddressBook(app, service.people)
        for platform in service.people:
            say(f"{platform}: {words(await book.sync(platform))}\n")
    except SendFailed as e:
        raise OfficeFailed(e.text) from None
    finally:
        await service.alarm.close()
        await service.close()
