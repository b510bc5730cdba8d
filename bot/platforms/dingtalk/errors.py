"""What DingTalk's answers mean: status and body → Fault. Pure; dingtalk.md 4, "Error shapes" and "Limits"."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from bot.platforms.dingtalk.frames import read_object, text_of

QPS_WAIT_S = 1.5
BAN_WAIT_S = 300.0
"""A banned egress address stays banned for five minutes."""
QUOTA_WAIT_S = 3600.0
BUSY_WAIT_S = 5.0


class Kind(StrEnum):
    """Why a call failed, by what can be done about it."""

    TOKEN = "token"
    """The access token is not valid (any more): fetch a new one."""
    QPS = "qps"
    """Too many calls this second; refused before anything happened."""
    BANNED = "banned"
    """Our address is locked out for minutes; the answer may be HTML."""
    QUOTA = "quota"
    """The month's calls are used up."""
    SCOPE = "scope"
    """A permission is not granted: the operator must do it."""
    SECRET = "secret"
    """The app's id or secret is wrong: the operator must correct it."""
    BUSY = "busy"
    """The server could not do it now; not done."""
    UNCLEAR = "unclear"
    """No answer, or a gateway's: it may have been done."""
    REFUSED = "refused"
    """This call, as it stands, will never work."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` is DingTalk's own, `text` its message with the request id, `scope` the permission missing ("" = other)."""

    kind: Kind
    code: str
    text: str
    scope: str = ""
    wait_s: float = BUSY_WAIT_S


_QPS = ("90018", "90002", "410100")
_TOKEN = ("40014", "42001", "40001", "InvalidAuthentication")
_QUOTA = ("90020",)
_SCOPE_NAME = re.compile(r'requiredScopes"?\s*:\s*(\[[^\]]*\]|"[^"]*")', re.IGNORECASE)


def judge(status: int, text: str) -> Fault | None:
    """None when the call worked. HTTP 200 with an errcode, and HTML, are understood; never raises."""
    body = read_object(text)
    if str(body.get("status")) == "1111":
        return Fault(Kind.BANNED, "1111", "calls from this address are refused for minutes", wait_s=BAN_WAIT_S)
    if 300 <= status < 400:
        return Fault(Kind.REFUSED, "", f"HTTP {status}: sent elsewhere, not followed")
    errcode = text_of(body.get("errcode"))
    if status < 400 and (body or text.strip() in ("", "{}")) and errcode in ("", "0"):
        return None
    code = errcode if errcode not in ("", "0") else text_of(body.get("code"))
    if code == "88":  # oapi's "the gateway said no", with the reason beside it
        code = text_of(body.get("sub_code")) or code
    words = text_of(body.get("errmsg")) or text_of(body.get("message"))
    asked = text_of(body.get("requestid")) or text_of(body.get("request_id"))
    told = f"HTTP {status} {code} {words}".strip() + (f" (request {asked})" if asked else "")
    if not code:
        return _bare(status, text, told)
    if "Qps" in code or code in _QPS:
        return Fault(Kind.QPS, code, told, wait_s=QPS_WAIT_S)
    if "ApiCountLimit" in code or code in _QUOTA:
        return Fault(Kind.QUOTA, code, told, wait_s=QUOTA_WAIT_S)
    if code in _TOKEN:
        return Fault(Kind.TOKEN, code, told, wait_s=1.0)
    if "Permission" in code or code in ("60011", "60020", "88"):
        return Fault(Kind.SCOPE, code, told, scope=_scope(text), wait_s=600.0)
    if status == 504:
        return Fault(Kind.UNCLEAR, code, told)
    if status >= 500 or status == 429 or code in ("system.busy", "-1", "idempotencyProcessing"):
        return Fault(Kind.BUSY, code, told)
    return Fault(Kind.REFUSED, code, told)


def _bare(status: int, text: str, told: str) -> Fault:
    """An answer without a code: a gateway's page, or no JSON at all."""
    if status in (403, 405) or (status < 400 and text.lstrip().startswith("<")):
        return Fault(Kind.BANNED, "", f"{told}: no JSON", wait_s=BAN_WAIT_S)
    if status >= 500:
        return Fault(Kind.UNCLEAR, "", told)
    if status == 429:
        return Fault(Kind.BUSY, "", told)
    if status < 400:
        return Fault(Kind.UNCLEAR, "", f"{told}: no JSON")
    return Fault(Kind.REFUSED, "", told)


def _scope(text: str) -> str:
    """The permission named in an AccessDeniedDetail, whatever the case of its key."""
    found = _SCOPE_NAME.search(text.replace('\\"', '"'))
    if not found:
        return ""
    try:
        names = json.loads(found.group(1))
    except ValueError:
        return ""
    return ", ".join(names) if isinstance(names, list) else str(names)
