"""Which layer of readers sees which field of a customer (R154): the defaults of contract.md 7b, changed by the company field by field.

Layers: `all` every member, `team` the owner's department too, `follower` owner, co-owners, their managers, directors, admins. A lock
raises everything but name, owner and stage to `follower`, whatever is configured.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.permissions import Layer

LAYERS: Mapping[str, str] = {"all": "全公司可见", "team": "同部门可见", "follower": "只有负责人、协助负责人和主管可见"}
_LEVEL = {"all": Layer.PUBLIC, "team": Layer.TEAM, "follower": Layer.FOLLOWER}


@dataclass(frozen=True, slots=True)
class FieldOf:
    """How a field is called, what people say, and its layer when nothing is configured."""

    name: str
    words: str
    layer: str


FIELDS: Mapping[str, FieldOf] = {
    "grade": FieldOf("等级", r"等级|级别", "all"),
    "status": FieldOf("状态", r"客户状态|状态", "all"),
    "co_owners": FieldOf("协助负责人", r"协助负责人", "all"),
    "contacts": FieldOf("联系人", r"联系人", "team"),
    "phones": FieldOf("电话", r"电话|手机|号码|联系方式", "team"),
    "emails": FieldOf("邮箱", r"邮箱|邮件|email", "team"),
    "address": FieldOf("地址", r"地址", "team"),
    "city": FieldOf("城市", r"城市", "team"),
    "uscc": FieldOf("统一社会信用代码", r"信用代码|税号", "team"),
    "aliases": FieldOf("别名", r"别名", "team"),
    "source": FieldOf("来源", r"来源", "team"),
    "created": FieldOf("创建时间", r"录入时间|创建时间", "team"),
    "needs": FieldOf("需求", r"需求", "team"),
    "last_touch": FieldOf("最近联系", r"最近联系|联系记录|上次跟进", "team"),
}
"""The customer's fields that may be opened or closed; texts, next plans and amounts are always the follower's alone."""


def level(field: str, policy: Mapping[str, str]) -> Layer:
    """The least layer that sees a field; a field made in the chat is the team's unless it is configured."""
    known = FIELDS.get(field)
    return _LEVEL.get(policy.get(field, ""), _LEVEL[known.layer] if known else Layer.TEAM)


def sees(layer: Layer, field: str, policy: Mapping[str, str]) -> bool:
    """Whether somebody on this layer sees a field."""
    return layer >= level(field, policy)


def layer_in(text: str) -> str:
    """The layer a sentence asks for, "" when it asks for none."""
    if re.search(r"(?:只|仅)(?:有|给|让|对|限)?.{0,3}(?:负责人|跟进人|owner).{0,8}(?:看|可见|见|公开)", text):
        return "follower"
    if re.search(r"(?:同部门|部门内|本部门|部门里|同事之间|团队内).{0,6}(?:看|可见|见|公开)", text):
        return "team"
    if re.search(r"(?:全公司|全员|所有人|所有同事|大家|公司内|全体).{0,6}(?:看|可见|见|公开)", text):
        return "all"
    return ""


def field_in(text: str) -> str:
    """The field a sentence names; of one made in the chat its own name: 字段采购周期只给负责人看."""
    hit = next((key for key, f in FIELDS.items() if re.search(f.words, text)), "")
    own = re.search(
        r"字段[「“\"]?(?P<name>[\u4e00-\u9fffA-Za-z0-9]{2,20}?)[」”\"]?(?=(?:改成|改为|设为|只|仅|对|全|同|所有|大家))", text
    )
    return own["name"] if own else hit
