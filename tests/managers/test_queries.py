"""Saved queries: saved in a sentence, asked by name, with the rights of whoever asks (R192)."""

from tests.talking import Chat


async def test_saved_and_asked_by_name(chat: Chat) -> None:
    text = await chat.reply("qinlan", "保存查询 周一必看：B类客户的客户名称、负责人、阶段，按负责人")
    assert text.startswith("已保存查询：周一必看")
    assert chat.named("customer.created") == []
    text = await chat.reply("qinlan", "查询 周一必看")
    assert text.startswith("东区一组查询「周一必看」：3 条")
    assert "韩梅：2" in text
    assert "大桥化工股份有限公司 · 杜伟 · 初步接触" in text
    assert "没有叫" in await chat.reply("hanmei", "查询 周一必看"), "a query is its maker's own"
    group = await chat.reply("qinlan", "@拜访助手 查询 周一必看", group="east")
    assert "大桥" not in group
    assert "没有「心情」这个字段" in await chat.reply("qinlan", "保存查询 心情表：客户的客户名称，按心情")
