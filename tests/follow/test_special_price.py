"""A report in which the customer wants a discount starts the special-price branch (R90)."""

from tests.follow.conftest import Office, at


async def test_the_branch_goes_to_the_director_and_the_report_does_not_wait(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "15:05"))
    await chat.says("hanmei", "刚跟金桥聊完，顾总想要八折，意向中，下一步周五给答复")
    assert chat.named("report.filed")
    assert not chat.named("approval.requested"), "it is offered, not done unasked"
    await chat.press("hanmei", "申请特价")
    asked = chat.named("approval.requested")[0]["approval"]
    assert (asked["kind"], asked["approvers"]) == ("special_price", ["songhe"])
    assert "没有重复提交" in (await chat.press("hanmei", "申请特价"))[0].text
    await chat.press("songhe", "同意")
    assert chat.named("price.agreed")[0]["visit"] == "w1"
    assert any("金桥的特价" in t for t in chat.to("hanmei", "push"))
