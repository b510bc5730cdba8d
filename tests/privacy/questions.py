"""Everything a curious colleague may type or press."""

from hypothesis import strategies as st

from tests.privacy.world import NAMES, SHORTS, TRADES

ABOUT = (
    "{c}的资料", "{c}是谁的", "{c}最近谁跟过", "{c}的电话是多少", "{c}到哪一步了", "{c}什么时候掉公海", "{c}的拜访纪要", "{c}的联系人是谁",
    "{c}地址在哪", "准备一下{c}的拜访", "{c}重复吗", "查一下{c}录过没", "{c}的归属历史", "上次跟{c}谈了什么", "{c}有没有人在跟", "{c}还有什么没办",
    "明天下午3点拜访{c}，聊报价", "6月11日上午10点拜访{c}", "认领{c}", "把{c}转给{p}", "申请把{c}转给我", "{c}是我先跟的，申请裁定", "把{c}和{d}合并",
    "把{c}退回公海", "把{c}的拜访改到明天下午4点", "取消{c}的拜访", "{c}的拜访叫上{p}", "{c}改成A类", "{c}电话改成0512-60001234", "{c}标记流失",
    "{c}加{p}为协助负责人", "跟{c}打了电话，客户说再考虑，下一步周五回访", "刚拜访完{c}，客户满意，下周给方案", "提醒我明天给{c}打电话", "替{p}去{c}",
)  # fmt: skip
OTHERS = (
    "今天谁在外面", "这周日程发我看看", "{p}明天在哪", "{p}这周的拜访", "{p}的客户有哪些", "我名下的客户有哪些", "哪些A类客户这周没人联系", "公海里有哪些客户",
    "本周拜访总结", "今天拜访总结", "一组本周总结", "排行榜", "撞单率是多少", "覆盖率", "有什么要批的吗", "我的待办", "{p}的待办", "哪些拜访还没写纪要",
    "有哪些撞单", "下周三还有哪些空档", "{p}周五下午有空吗", "明天的路线怎么走", "我周五请假，要去医院做手术", "{p}请假了吗", "我有哪些请假", "为什么", "帮助",
    "那{p}呢", "那下周呢", "同意", "驳回", "仍然预约", "申请审批", "确认", "撤销", "算了", "1", "2", "3", "4", "5", "跳过", "同行", "谁撞单了",
    "大家这周都拜访了谁", "全公司客户清单", "{p}离职，客户全部交给{q}", "导出客户", "导出拜访", "提醒设置", "有哪些规则",
)  # fmt: skip
COMMANDS = (
    "/customer.show customer_id={k}", "/owner.show customer_id={k}", "/visit.prepare customer_id={k}", "/report.show customer_id={k}",
    "/customer.due customer_id={k}", "/owner.cooperate customer_id={k}", "/owner.dispute customer_id={k}", "/visit.list", "/visit.route",
    "/summary.show", "/ranking.show", "/kpi.show metric=coverage", "/conflict.list", "/customer.list", "/customer.due", "/pool.list",
    "/approval.list", "/task.list", "/report.pending", "/leave.list", "/visit.book customer_id={k} time=2026-06-11T15:00:00+08:00",
    "/customer.merge a={k} b={j}", "/visit.cancel visit_id={v}", "/visit.update visit_id={v} purpose=x", "/visit.retime visit={v}",
    "/visit.check_in visit_id={v}", "/followup.start customer_id={k}", "/report.start visit_id={v}", "/visit.reschedule visit_id={v}",
)  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> str:
    """One of them, about somebody."""
    text = draw(st.sampled_from((*ABOUT, *ABOUT, *OTHERS, *COMMANDS)))
    i, j = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    names = SHORTS if draw(st.booleans()) else [s + t for s, t in zip(SHORTS, TRADES, strict=True)]
    p, q = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
    return text.format(c=names[i], d=names[j], p=p, q=q, k=f"k{i}", j=f"k{j}", v=f"v{i}")
