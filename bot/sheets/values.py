"""Cells as people type them, brought to the forms the bot keeps. Each raises BadValue with what is wrong, in Chinese."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from domain.model import GRADES, OFFICE, STAGES

_PHONE = re.compile(r"\+?[\d\-() ]{7,24}(?:(?:转|ext\.?|#|x)\s*\d{1,6})?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
_DATE = re.compile(r"(?:(\d{4}|\d{2})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?!\d)")
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_SOLID = re.compile(r"(20\d{2})(\d{2})(\d{2})(?!\d)")
_CLOCK = re.compile(
    r"(上午|早上|中午|下午|晚上|am|pm)?\s*(\d{1,2})\s*(?:[:点时]\s*(\d{1,2})?)\s*(?::\s*\d{1,2}(?:\.\d+)?|分)?\s*(am|pm)?",
    re.IGNORECASE,
)
_EXCEL_ZERO = date(1899, 12, 30)
MODES: Mapping[str, str] = {
    "上门": "onsite", "线下": "onsite", "面访": "onsite", "现场": "onsite", "实地": "onsite", "拜访": "onsite", "onsite": "onsite", "线上": "online",
    "视频": "online", "远程": "online", "会议": "online", "online": "online", "电话": "phone", "phone": "phone",
}  # fmt: skip
STATUSES: Mapping[str, str] = {
    "计划": "planned", "待拜访": "planned", "已预约": "planned", "已计划": "planned", "未开始": "planned", "planned": "planned", "待确认": "pending",
    "pending": "pending", "完成": "done", "已完成": "done", "已拜访": "done", "done": "done", "取消": "cancelled", "已取消": "cancelled",
    "cancelled": "cancelled", "漏访": "missed", "未完成": "missed", "missed": "missed", "扑空": "empty", "empty": "empty",
}  # fmt: skip
CUSTOMER_STATUSES: Mapping[str, str] = {
    "在跟": "active", "跟进中": "active", "正常": "active", "active": "active", "公海": "pool", "pool": "pool", "流失": "lost", "已流失": "lost", "lost": "lost",
    "成交": "won", "已成交": "won", "won": "won",
}  # fmt: skip
ROLES: Mapping[str, str] = {
    "销售": "rep", "业务员": "rep", "销售代表": "rep", "员工": "rep", "成员": "rep", "客户经理": "rep", "rep": "rep", "主管": "manager", "经理": "manager",
    "组长": "manager", "销售经理": "manager", "销售主管": "manager", "manager": "manager", "总监": "director", "销售总监": "director", "director": "director",
    "管理员": "admin", "admin": "admin",
}  # fmt: skip


class BadValue(ValueError):
    """A cell that can't be used; its text is the reason of the row."""


def plain(cell: object) -> str:
    """A cell as text: whole numbers without .0, no invisible or control characters, blanks made single."""
    if isinstance(cell, str) and cell.isprintable() and "  " not in cell:
        return cell.strip()  # nearly every cell; without it reading takes twice as long
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else ("是" if cell else "否")
    if isinstance(cell, float) and cell == int(cell) and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}" if cell.time() != time(0) else f"{cell:%Y-%m-%d}"
    text = unicodedata.normalize("NFC", str(cell)).replace("\u3000", " ").replace("\xa0", " ")
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]+", " ", text)).strip()


def many(cell: object) -> list[str]:
    """Several values in one cell."""
    return [part for part in (p.strip() for p in re.split(r"[,，;；、|/\n]+", plain(cell))) if part]


def phones(cell: object) -> list[str]:
    """Phone numbers, mobiles as digits, landlines as typed: 13800001111, 0512-66881234转8001."""
    text = unicodedata.normalize("NFKC", plain(cell)).replace("—", "-").replace("–", "-")
    out = []
    for part in (p.strip() for p in re.split(r"[,;、|/\n]+|\s{2,}|(?<=\d{7})\s(?=0\d{2,3}-|1\d{10})", text)):
        if not part:
            continue
        part = re.sub(r"^(?:电话|手机|tel|mob(?:ile)?)[.: ]*", "", part, flags=re.IGNORECASE)
        digits = re.sub(r"\D", "", re.sub(r"(?:转|ext\.?|#|x).*", "", part, flags=re.IGNORECASE))
        if not _PHONE.fullmatch(part) or not 7 <= len(digits) <= 15:
            raise BadValue(f"电话「{part[:30]}」不像电话号码")
        bare = re.sub(r"^(?:0086|86)(?=1\d{10}$)", "", digits)
        out.append(bare if re.fullmatch(r"1\d{10}", bare) else re.sub(r"\s+", "", part))
    return list(dict.fromkeys(out))


def emails(cell: object) -> list[str]:
    """E-mail addresses."""
    out = []
    for part in re.split(r"[,，;；、|\s]+", unicodedata.normalize("NFKC", plain(cell))):
        if part and not _EMAIL.fullmatch(part):
            raise BadValue(f"邮箱「{part[:40]}」不像邮箱地址")
        if part:
            out.append(part)
    return list(dict.fromkeys(out))


def uscc(cell: object) -> str:
    """A 统一社会信用代码: 18 letters and digits; "" for an empty cell."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", plain(cell))).upper()
    if text and not re.fullmatch(r"[0-9A-Z]{15}|[0-9A-Z]{18}", text):
        raise BadValue(f"统一社会信用代码「{text[:24]}」应为 18 位字母和数字")
    return text


def grade(cell: object) -> str:
    """A, B, C or D out of A类, a级, 重点A; "" for an empty cell."""
    text = unicodedata.normalize("NFKC", plain(cell)).upper()
    found = re.sub(r"[类级客户等 ]", "", text)
    if text and found not in GRADES:
        raise BadValue(f"等级「{text[:20]}」应为 A、B、C、D")
    return found


def stage(cell: object) -> str:
    """One of the six stages; "" for an empty cell."""
    text = plain(cell)
    found = next((s for s in STAGES if s == text), "") or next((s for s in STAGES if text and (s in text or text in s)), "")
    if text and not found:
        raise BadValue(f"阶段「{text[:20]}」应为 {'、'.join(STAGES)}")
    return found


def word(cell: object, words: Mapping[str, str], what: str) -> str:
    """A word of a list, by itself or inside what was typed; "" for an empty cell."""
    text = unicodedata.normalize("NFKC", plain(cell)).casefold()
    if not text:
        return ""
    if text in words:
        return words[text]
    found = {words[w] for w in sorted(words, key=len, reverse=True) if w in text}
    if len(found) != 1:
        shown = dict.fromkeys(w for w in words if not w.isascii())
        raise BadValue(f"{what}「{text[:20]}」应为 {'、'.join(list(shown)[:6])}")
    return found.pop()


def minutes(cell: object) -> int:
    """A length in minutes: 60, 90分钟, 1.5小时; 0 for an empty cell."""
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, timedelta):
        return int(cell.total_seconds() // 60)
    text = unicodedata.normalize("NFKC", plain(cell))
    if not text:
        return 0
    if (m := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(小时|h|分钟|分|min)?", text, re.IGNORECASE)) is None:
        raise BadValue(f"时长「{text[:20]}」应为分钟数")
    length = float(m[1]) * (60 if (m[2] or "").lower() in ("小时", "h") else 1)
    return int(length)


# ---------------------------------------------------------------------- times
def moment(cell: object, now: datetime, *, day: date | None = None, what: str = "时间") -> tuple[datetime | None, bool]:
    """A time in the office's zone and whether a clock was told; (None, False) for an empty cell.

    `day` is the day a bare clock belongs to. A year that is missing is this year's.
    """
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=cell.tzinfo or OFFICE), cell.time() != time(0)
    if isinstance(cell, date):
        return datetime.combine(cell, time(0), OFFICE), False
    if isinstance(cell, time | timedelta):
        clock = cell if isinstance(cell, time) else (datetime(1900, 1, 1, tzinfo=OFFICE) + cell).time()
        if day is None:
            raise BadValue(f"{what}只有钟点，没有日期")
        return datetime.combine(day, clock, OFFICE), True
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 < cell < 80_000:
        serial = datetime.combine(_EXCEL_ZERO, time(0), OFFICE) + timedelta(minutes=round(cell * 1440))
        return serial, serial.time() != time(0)
    text = unicodedata.normalize("NFKC", plain(cell))
    if not text:
        return None, False
    return _typed(text, now, day, what)


def _typed(text: str, now: datetime, day: date | None, what: str) -> tuple[datetime, bool]:
    try:
        iso = datetime.fromisoformat(text)
        return iso if iso.tzinfo else iso.replace(tzinfo=OFFICE), "T" in text or ":" in text
    except ValueError:
        pass
    found, rest = _day(text, now)
    found = found or day
    clock = _clock(rest, text, what)
    if found is None or (clock is None and re.search(r"\d{1,2}[:点]", rest)):
        raise BadValue(f"{what}「{text[:24]}」看不懂，例如 2026-03-12 14:00")
    return datetime.combine(found, clock or time(0), OFFICE), clock is not None


def _day(text: str, now: datetime) -> tuple[date | None, str]:
    """The date in a text, and what is left beside it."""
    for pattern, order in ((_US, (2, 0, 1)), (_SOLID, (0, 1, 2)), (_DATE, (0, 1, 2))):
        m = pattern.search(text)
        if m is None:
            continue
        parts = [m.group(n + 1) for n in order]
        year = int(parts[0]) if parts[0] else now.astimezone(OFFICE).year
        try:
            found = date(year + 2000 if year < 100 else year, int(parts[1]), int(parts[2]))
        except ValueError:
            continue
        return found, text[: m.start()] + " " + text[m.end() :]
    return None, text


def _clock(rest: str, text: str, what: str) -> time | None:
    m = _CLOCK.search(rest)
    if m is None:
        return None
    hour, minute = int(m[2]), int(m[3] or 0)
    if m[3] is None and "半" in rest[m.end() - 1 : m.end() + 1]:
        minute = 30
    part = (m[1] or m[4] or "").lower()
    if part in ("下午", "晚上", "pm", "中午") and 1 <= hour < 12 and not (part == "中午" and hour == 11):
        hour += 12
    try:
        return time(hour, minute)
    except ValueError:
        raise BadValue(f"{what}「{text[:24]}」没有这个钟点") from None
