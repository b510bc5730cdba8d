"""Where the bot's own pages are, as commands may tell it to people."""

from storage.tx import Tx

PUBLIC_URL = "public_url"
"""The note of the person `system` that keeps `server.public_url` of the process that serves."""


def public_url(tx: Tx) -> str:
    """The address people reach the bot by, "" when the admin has not set one."""
    return str(tx.talk.noted("system", PUBLIC_URL) or "")
