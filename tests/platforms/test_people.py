"""Members come from the messengers' address books; the app's menu is put in place by a command."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from bot.addressbook import AddressBook
from domain.model import Role
from tests.fakes.dingtalk import FakeDingTalk
from tests.fakes.wecom import AGENT, CORP, SECRET, FakeWeCom, running
from tests.platforms.joint import Joint, joint

ADMIN = {"members": [{"id": "wuxin", "name": "吴新", "role": "admin"}]}
MAIN = Path(__file__).parents[2] / "main.py"


def fill_wecom(fake: FakeWeCom) -> None:
    office = fake.office
    office.departments[2] = {"id": 2, "parentid": 1, "name": "华东一组"}

    def person(uid: str, name: str, *, leads: int = 0, status: int = 1) -> dict[str, Any]:
        more = {"main_department": 2, "direct_leader": [], "is_leader_in_dept": [leads], "status": status}
        return {"userid": uid, "name": name, "department": [2], **more}

    office.members = {p["userid"]: p for p in (person("WangLei", "王磊"), person("ChenJing", "陈静", leads=1))}


def fill_dingtalk(fake: FakeDingTalk) -> None:
    fake.departments = {7: ("华东一组", 1), 8: ("售前", 7)}
    fake.people = [
        {
            "userid": f"01{i}",
            "unionid": f"un{i}",
            "name": n,
            "dept_id_list": [7 if i < 4 else 8],
            "leader": False,
            "admin": i == 0,
        }
        for i, n in enumerate(("张管", "王磊", "李四", "赵六", "孙七"))
    ]


async def members(office: Joint) -> dict[str, tuple[str, str, str | None, str, str]]:
    people = await office.app.store.read(lambda tx: tx.people.all())
    return {m.name: (m.role.value, m.team, m.manager, m.wecom, m.dingtalk) for m in people}


async def test_the_first_start_reads_both_books_and_knows_who_is_on_both(db_url: str) -> None:
    async with joint(db_url, seed=ADMIN) as office:
        fill_wecom(office.wecom)
        fill_dingtalk(office.dingtalk)
        assert office.service.address_book
        await office.service.address_book.sync("wecom")
        await office.service.address_book.sync("dingtalk")
        people = await members(office)
        assert people["王磊"] == ("rep", "华东一组", "ChenJing", "WangLei", "011")
        assert people["陈静"][0] == "manager"
        assert people["张管"][0] == "admin"
        assert people["孙七"][1] == "售前"
        # who was a stranger a moment ago books his first visit
        office.wecom.visible.add("WangLei")
        await office.wecom_says("WangLei", "帮助")
        assert office.wecom_texts("WangLei")


async def test_it_happens_by_itself_and_again_when_the_book_changes(db_url: str) -> None:
    async with joint(db_url, seed=ADMIN) as office:
        fill_wecom(office.wecom)
        book = AddressBook(office.app, {"wecom": office.service.people["wecom"]}, wait_s=0.01)
        office.service.news.people_changed = book.changed
        runs = asyncio.create_task(book.run())
        await until_member(office, "王磊", there=True)
        office.wecom.office.members["WangLei"]["status"] = 5
        await office.wecom_event("<Event>change_contact</Event><ChangeType>update_user</ChangeType><UserID>WangLei</UserID>")
        await until_member(office, "王磊", there=False)
        assert (await members(office))["陈静"][0] == Role.MANAGER.value
        runs.cancel()


async def until_member(office: Joint, name: str, *, there: bool) -> None:
    async with asyncio.timeout(20):
        while (name in await members(office)) is not there:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)


async def test_an_office_that_was_entered_otherwise_is_left_alone(db_url: str) -> None:
    async with joint(db_url) as office:
        fill_wecom(office.wecom)
        before = await members(office)
        await office.wecom_event("<Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID>new</UserID>")
        assert office.wecom.count("department/simplelist") == 0
        assert await members(office) == before


async def command(folder: Path, *words: str) -> tuple[int, str, str]:
    """`main.py` in a folder with a config.toml."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(MAIN), *words),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_commands_menu_people_and_check(tmp_path: Path) -> None:
    async with running() as fake:
        fill_wecom(fake)
        (tmp_path / "config.toml").write_text(
            f'[storage]\nurl = "sqlite+aiosqlite:///{tmp_path}/v.db"\n[[members]]\nid = "wuxin"\nname = "吴新"\nrole = "admin"\n'
            f'[wecom]\ncorp_id = "{CORP}"\nagent_id = {AGENT}\nsecret = "{SECRET}"\napi_base = "{fake.url}"\n'
            f'token = "tok"\nencoding_aes_key = "{"k" * 43}"\n'
            '[server]\npublic_url = "https://visits.example.com"\n',
            "utf-8",
        )
        assert await command(tmp_path, "office", "menu") == (0, "wecom: 菜单已更新\n", "")
        assert fake.menu
        assert [b["name"] for b in fake.menu["button"]] == ["日程", "定位打卡", "帮助"]
        status, out, _ = await command(tmp_path, "office", "people")
        assert (status, out) == (0, "wecom: 新增 2，按姓名对应 0，离职 0\n")
        status, out, _ = await command(tmp_path, "check")
        assert status == 0, out
        assert "3 members" in out
        assert SECRET not in out
        fake.break_("menu/create", errcode=60020)
        status, out, err = await command(tmp_path, "office", "menu")
        assert (status, out) == (1, "")
        assert "errcode 60020" in err
