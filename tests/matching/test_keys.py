"""Keys in every spelling that people type (R31, D16)."""

import pytest

from domain.matching import keys


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("138 0000 1111", ("13800001111",)),
        ("138-0000-1111", ("13800001111",)),
        ("+86 138 0000 1111", ("13800001111",)),
        ("008613800001111", ("13800001111",)),
        ("8613800001111", ("13800001111",)),
        ("013800001111", ("13800001111",)),
        ("１３８００００１１１１", ("13800001111",)),
        ("0512-66881234", ("051266881234",)),
        ("(0512)66881234转803", ("051266881234",)),
        ("+86-512-66881234", ("051266881234",)),
        ("512-66881234", ("051266881234",)),
        ("010 6688 1234", ("01066881234",)),
        ("86 10 6688 1234", ("01066881234",)),
        ("0571—88886666", ("057188886666",)),
        ("400-800-1234", ("4008001234",)),
        ("13800001111/13900002222", ("13800001111", "13900002222")),
        ("13800001111 13900002222", ("13800001111", "13900002222")),
        ("13800001111；0512-66881234", ("13800001111", "051266881234")),
        ("电话：13800001111（王总）", ("13800001111",)),
        ("没有", ()),
        ("110", ()),
        ("", ()),
    ],
)
def test_a_number_has_one_form(typed: str, numbers: tuple[str, ...]) -> None:
    assert keys.phones(typed) == numbers
    assert all(keys.phones(number) == (number,) for number in numbers)


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        (" Sales@DingSheng.COM ", ("sales@dingsheng.com",)),
        ("ｓａｌｅｓ＠dingsheng.com", ("sales@dingsheng.com",)),
        ("mailto:a@b.cn；c@d.com.cn", ("a@b.cn", "c@d.com.cn")),
        ("a@b", ()),
    ],
)
def test_mail(typed: str, addresses: tuple[str, ...]) -> None:
    assert keys.emails(typed) == addresses


def test_a_free_mail_service_is_nobodys_domain() -> None:
    assert keys.domain("sales@dingsheng.com.cn") == "dingsheng.com.cn"
    assert [keys.domain(f"x@{host}") for host in ("qq.com", "vip.163.com", "foxmail.com", "mail.qq.com")] == ["", "", "", ""]


def test_a_credit_code_is_read_in_every_spelling_and_checked() -> None:
    code = "91350100M000100Y43"
    assert keys.uscc(code) == keys.uscc(" 913501 00m000 100y43 ") == keys.uscc("９１３５０１００Ｍ０００１００Ｙ４３") == code
    assert keys.uscc("91350100MOOO100Y43") == code
    assert keys.uscc_valid(code)
    assert not keys.uscc_valid("91350100M000100Y44")
    assert keys.uscc("9135") == keys.uscc("91350100M000100Y4!") == ""
