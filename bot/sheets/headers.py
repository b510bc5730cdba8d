"""Which table is in a sheet, and which column is what: guessed from the headers, in any order (contract.md 7b "Import")."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.sheets.read import Cells, Sheet

Kind = Literal["members", "customers", "visits"]
KIND_WORDS: Mapping[str, str] = {"members": "成员", "customers": "客户", "visits": "拜访"}
LOOK_ROWS = 15
"""The headers stand in one of the first rows; a title and notes may stand above."""

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "name": "客户名称 客户 客户名 客户全称 公司 公司名 公司名称 公司全称 企业名称 企业 单位 单位名称 客户公司 customer company name",
        "aliases": "别名 简称 客户简称 曾用名 俗称 alias aliases",
        "contact": "联系人 联系人姓名 对接人 姓名 客户联系人 主要联系人 contact",
        "title": "职务 职位 岗位 联系人职务 title",
        "phone": "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 座机 固定电话 固话 公司电话 联系人电话 联系人手机 tel phone mobile",
        "email": "邮箱 电子邮箱 邮件 email e-mail mail 邮箱地址 电子邮件",
        "uscc": "统一社会信用代码 信用代码 社会信用代码 税号 纳税人识别号 uscc",
        "city": "城市 所在城市 所在地 地区 区域 city",
        "address": "地址 详细地址 公司地址 客户地址 联系地址 address",
        "grade": "等级 级别 客户等级 客户级别 分级 客户分级 grade level",
        "owner": "负责人 客户负责人 跟进人 销售 业务员 销售人员 归属人 所属销售 销售代表 owner",
        "stage": "阶段 客户阶段 销售阶段 商机阶段 跟进阶段 stage",
        "status": "状态 客户状态 status",
        "source": "来源 客户来源 渠道 线索来源 获客渠道 source",
        "created": "创建时间 录入时间 创建日期 录入日期 建档时间 建档日期 添加时间 created",
        "apart": "不是同一家",
    },
    "visits": {
        "customer": "客户 客户名称 公司 公司名称 拜访客户 客户名 客户编号 单位 customer",
        "rep": "销售 业务员 负责人 拜访人 销售人员 销售代表 外勤 rep",
        "start": "开始 开始时间 拜访时间 时间 拜访日期 日期 计划时间 预约时间 start",
        "end": "结束 结束时间 end",
        "minutes": "时长 时长分钟 分钟 拜访时长",
        "mode": "方式 拜访方式 形式 mode",
        "purpose": "目的 拜访目的 事由 主题 拜访事由 purpose",
        "people": "参与人 同行人 同行 陪同 陪同人 参与者 participants",
        "status": "状态 拜访状态 status",
        "contact": "联系人 对接人 contact",
        "location": "地点 拜访地点 地址 location",
    },
    "members": {
        "name": "姓名 成员 员工 员工姓名 成员姓名 名字 name",
        "id": "账号 工号 成员账号 员工编号 用户名 id userid 编号",
        "role": "角色 职级 权限 身份 role",
        "team": "团队 小组 组 销售组 所属团队 team",
        "department": "部门 所属部门 department",
        "manager": "上级 主管 直属上级 直接上级 汇报对象 领导 经理 manager",
        "aliases": "别名 昵称 花名 称呼 alias aliases",
        "line": "产品线 业务线 line",
        "wecom": "企业微信 企业微信账号 企微 企微账号 wecom",
        "dingtalk": "钉钉 钉钉账号 dingtalk",
    },
}  # fmt: skip
NEEDED: Mapping[str, tuple[str, ...]] = {"customers": ("name",), "visits": ("customer", "start"), "members": ("name",)}
_MARKS: Mapping[str, tuple[str, ...]] = {
    "customers": (),
    "visits": (),
    "members": ("role", "team", "department", "manager", "id"),
}
"""A table is this only with one of these columns too."""
LABELS: Mapping[str, Mapping[str, str]] = {k: {f: words.split()[0] for f, words in v.items()} for k, v in _FIELDS.items()}
"""The header that people are shown for a field."""


def squeeze(header: object) -> str:
    """A header without marks, brackets and blanks: ` *联系 电话（必填）` → 联系电话."""
    text = unicodedata.normalize("NFKC", str(header)).casefold()
    text = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】", "", text)
    return re.sub(r"[\s*:_\-/、.]+", "", text)


_KNOWN: Mapping[str, Mapping[str, str]] = {
    kind: {squeeze(word): field for field, words in fields.items() for word in words.split()} for kind, fields in _FIELDS.items()
}


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet that was understood: `columns` say where each field stands; `first` is the file's row number of body[0]."""

    kind: Kind
    sheet: str
    columns: Mapping[str, tuple[int, ...]]
    headers: Cells
    body: list[Cells]
    first: int
    unknown: tuple[str, ...] = field(default=())

    @property
    def mapping(self) -> str:
        """客户名称←公司，电话←手机: what was read as what."""
        labels = LABELS[self.kind]
        pairs = []
        for name, places in self.columns.items():
            said = "、".join(str(self.headers[p]).strip() for p in places)
            pairs.append(labels[name] if said == labels[name] else f"{labels[name]}←{said}")
        return "，".join(pairs)


def recognise(sheet: Sheet) -> Table | None:
    """The table in a sheet, or None when its headers fit nothing we know."""
    best: tuple[int, Table] | None = None
    for n, row in enumerate(sheet.rows[:LOOK_ROWS]):
        for kind in ("visits", "members", "customers"):
            columns = _columns(kind, row)
            if not _is(kind, columns):
                continue
            if best is None or len(columns) > best[0]:
                used = {p for places in columns.values() for p in places}
                unknown = tuple(str(h).strip() for p, h in enumerate(row) if p not in used and str(h or "").strip())
                body = sheet.rows[n + 1 :]
                best = len(columns), Table(kind, sheet.name, columns, row, body, sheet.first + n + 1, unknown)
    return best[1] if best else None


def _is(kind: str, columns: Mapping[str, tuple[int, ...]]) -> bool:
    return all(f in columns for f in NEEDED[kind]) and (not _MARKS[kind] or any(f in columns for f in _MARKS[kind]))


def _columns(kind: str, row: Cells) -> dict[str, tuple[int, ...]]:
    """The fields of a header row; phones, emails and aliases may stand in several columns, of others the first counts."""
    out: dict[str, tuple[int, ...]] = {}
    known = _KNOWN[kind]
    for place, header in enumerate(row):
        name = known.get(squeeze(header)) if header not in ("", None) else None
        if name is None or (name in out and name not in ("phone", "email", "aliases")):
            continue
        out[name] = (*out.get(name, ()), place)
    return out
