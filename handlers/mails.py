"""给客户的确认邮件：预约十分钟后（不能再撤销时）带 .ics 发出，改期和取消会更新；每家客户可以单独关闭。"""

from bot.command import Turn, job
from domain.desk import Job
from handlers import _mails


@job("customer_mail")
def customer_mail(turn: Turn, work: Job) -> None:
    """The visit as it is now decides what is sent, if anything."""
    visit = turn.tx.visits.get(work.subject.partition(":")[2])
    customer = turn.tx.customers.get(visit.customer) if visit else None
    if visit is not None and customer is not None:
        _mails.send(turn, visit, customer)
