"""Fillers of commands about customers: listed, created, looked up, checked, merged."""

import re

from nlp import pick
from nlp.draft import Draft
from nlp.grammar import CUSTOMER, TIME
from nlp.unknown import residue
from nlp.words import alternation, read


def listing(draft: Draft) -> None:
    """A list of customers by grade, stage, city, period, owner or team."""
    pick.grade(draft)
    pick.stage(draft)
    pick.look_up(draft)
    _city(draft)


def _city(draft: Draft) -> None:
    known = {entry.city for entry in draft.office.book.customers() if entry.city} if len(draft.scene.low) < 60 else set()
    found = _PLACES.findall(draft.scene.low)
    for place in found:
        if place in known or draft.intent == "customer.create":
            draft.put("city", place)
            return
    if found and not draft.scene.of(CUSTOMER):
        draft.put("city", found[0])


_PLACES = re.compile(alternation(" ".join(read("words.toml")["places"][k] for k in ("provinces", "cities")).split()))
_CREATE_CITY = re.compile(
    r"城市(?:是|在|为|:|：|，|,)*\s*([\u4e00-\u9fff]{2,6}?)(?:市)?(?=[，,。;；、\s]|等级|来源|联系|电话|手机|$)"
)
_BARE_CITY = re.compile(r"(?:^|[，,、;；\s]|在|位于)(" + _PLACES.pattern + r")市?(?:的|这边|那边|本地|当地)?(?=[，,、;；。\s]|$)")
_SOURCE = re.compile(r"来源(?:是|为|:|：|，|,)*\s*([\u4e00-\u9fffA-Za-z]{2,8}?)(?=[，,。;；、\s]|城市|等级|$)")


def create(draft: Draft) -> None:
    """A new customer: name, contact, phone, mail, grade, city, source."""
    scene = draft.scene
    shown = _shown_names(draft)
    found = _NAME_LABEL.search(shown) or _NEW_NAME.search(shown)
    if found:
        at = found.start(1)
        name = _tidy_name(scene.text[at : at + len(found[1])])
        if name:
            draft.put("customer", name)
            draft.hints["customer_ids"] = list(draft.office.book.exactly(name))
    if "customer" not in draft.slots:
        pick.customer(draft)
    pick.contacts(draft)
    pick.phone(draft)
    pick.email(draft)
    pick.grade(draft)
    pick.stage(draft)
    city = _CREATE_CITY.search(scene.low)
    if city:
        draft.put("city", city[1])
    elif bare := _BARE_CITY.search(scene.low):
        draft.put("city", bare[1])
    source = _SOURCE.search(scene.low)
    if source:
        draft.hints["source"] = source[1]
    if "customer" not in draft.slots:
        draft.lack("customer")


_NAME_LABEL = re.compile(
    r"(?:(?<=[，,客户司])叫(?:做)?|(?:公司|客户|单位)?(?:名称|名字|全称|全名|(?<=[司户位])名)(?:叫做|叫|是|为|:|：|，|,|\s)+)([^，,。;；:：、\s!！?？\n]{2,40})"
)
_NEW_NAME = re.compile(
    r"(?:(?:add|create|new|新建|新增|录入|录个|录一个|录|建个|建一个|建|加个|加一个|加|添加|添个|添|创建|登记|补录|报备|增加|开|存)(?:一下|个|一个|一家|下|一条|一位|家|新)*(?:新)?(?:客户档案|潜在客户|意向客户|客户|线索|档案)|新客户(?:报备|登记|录入|建档)?|客户新建|建档|报备(?:客户)?)"
    r"(?:名称|名字|名)?(?:叫做|叫|名叫|是|为|:|：|，|,|\s|的)*([A-Za-z][\w&.\-]*(?: [A-Za-z][\w&.\-]*)+|[^，,。;；:：、\s!！?？\n]{2,40})"
)


def _shown_names(draft: Draft) -> str:
    """The text with phones, mails and contacts overwritten, names left readable."""
    masked = draft.scene.text
    for mark in draft.scene.marks:
        if mark.kind not in (CUSTOMER, TIME):
            masked = masked[: mark.start] + "，" * (mark.end - mark.start) + masked[mark.end :]
    return masked


def _tidy_name(name: str) -> str:
    name = re.sub(r"(?:联系人|电话|手机|邮箱|等级|级别|来源|城市|地址|[A-Da-d][类级]).*$", "", name)
    name = re.sub(r"(?:吧|呢|一下|这家|这个|的资料|的)+$", "", name)
    return name.strip("()（） ") if len(name) > 1 and not re.fullmatch(r"(?:资料|信息|客户|一下)", name) else ""


def show(draft: Draft) -> None:
    """One customer looked up."""
    pick.customer(draft)
    _left_name(draft)
    pick.contacts(draft)


def check(draft: Draft) -> None:
    """A duplicate check by name, phone or mail."""
    pick.customer(draft)
    pick.phone(draft)
    pick.email(draft)
    pick.contacts(draft)
    if "phone" not in draft.slots and "email" not in draft.slots:
        _left_name(draft)


def _left_name(draft: Draft) -> None:
    """When no name was found by its looks, whatever the question leaves over is the name."""
    if "customer" not in draft.slots and (rest := residue(draft.scene)):
        pick.stranger(draft, rest[0])


def merge(draft: Draft) -> None:
    """Two customers that are one."""
    known = draft.scene.of(CUSTOMER)
    if len(known) >= 2:
        pick.named(draft, known[:3], "customers")
        return
    found = re.search(
        r"([\u4e00-\u9fffA-Za-z0-9()（） ]{2,30}?)(?:和|跟|与|同|并到|并入|合并到|合到|、)([\u4e00-\u9fffA-Za-z0-9()（） ]{2,30}?)(?=是|重复|合并|合成|并|其实|就是|都是|属于|应该|这两|两家|，|,|$)",
        draft.scene.text,
    )
    if found:
        names = [re.sub(r"^(?:把|将|帮我|请|合并一下|合并|客户|\s)+", "", n).strip() for n in found.groups()]
        draft.put("customers", [n for n in names if len(n) > 1])
    elif known:
        pick.named(draft, known)
