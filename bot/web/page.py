"""Where the bot's own pages are, as commands may tell it to people."""

from storage.tx import Tx

PUBLIC_URL = "public_url"
"""The note of the person `system` that keeps `server.public_url` of the process that serves."""


def public_url(tx: Tx) -> str:
    """The address people reach the bot by, "" when the admin has not set one."""
    return str(tx.talk.noted("system", PUBLIC_URL) or "")


CONSOLE_URL, LOGIN_MIN = "console_url", "login_ttl_min"
"""Notes of `system`: where the web console is (`public_url`, else the address served), and how long a link to it is good."""


def console(tx: Tx) -> tuple[str, int]:
    """The console's address and the minutes a link is good; ("", …) when no process serves it."""
    minutes = tx.talk.noted("system", LOGIN_MIN)
    return str(tx.talk.noted("system", CONSOLE_URL) or ""), minutes if isinstance(minutes, int) else 10
