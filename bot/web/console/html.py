"""HTML by hand: everything that comes from outside goes through `e`; no inline script or style (the page's CSP forbids both)."""

import html
from collections.abc import Iterable

from bot.cards import Card, Facts, Items, Text

NAV = (
    ("week", "日程"), ("stages", "阶段"), ("kpi", "指标"), ("conflicts", "冲突"), ("rules", "规则"), ("import", "导入"),
)  # fmt: skip


def e(value: object) -> str:
    """Text made safe for HTML."""
    return html.escape(str(value), quote=True)


def join(parts: Iterable[str]) -> str:
    return "".join(parts)


def page(
    title: str, body: str, *, name: str = "", active: str = "", proof: str = "", leads: bool = False, wide: bool = False
) -> str:
    """A whole page; without a name it is one for people who are not in."""
    links = join(
        f'<a href="/app/{key}"{" aria-current=page" if key == active else ""}>{word}</a>'
        for key, word in NAV
        if key != "import" or leads
    )
    head = (
        f'<header><b class=brand>拜访助手</b><nav aria-label="页面">{links}</nav>'
        f'<form class=out method=post action="/app/logout"><input type=hidden name=proof value="{e(proof)}">'
        f"<span>{e(name)}</span><button>退出</button></form></header>"
        if name
        else "<header><b class=brand>拜访助手</b></header>"
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1">'
        f'<meta name=proof content="{e(proof)}"><meta name=referrer content=no-referrer><title>{e(title)} · 拜访助手</title>'
        '<link rel=icon href="data:,"><link rel=stylesheet href="/app/static/console.css"><script src="/app/static/console.js" defer></script>'
        f"</head><body><p id=offline class=offline hidden role=status>没有网络：显示的是上次打开时的内容，改动暂时不能保存。</p>{head}"
        f'<main class="{"wide" if wide else ""}">{body}</main><div id=toast role=status aria-live=polite hidden></div></body></html>'
    )


def card(c: Card) -> str:
    """A card of the chat on a page: its blocks, without buttons."""
    out = []
    for block in c.blocks:
        if isinstance(block, Facts):
            out.append("<dl>" + join(f"<div><dt>{e(n)}</dt><dd>{e(v)}</dd></div>" for n, v in block.rows if v) + "</dl>")
        elif isinstance(block, Items):
            out.append("<ul class=lines>" + join(f"<li>{e(line)}</li>" for line in block.lines) + "</ul>")
        elif isinstance(block, Text):
            out.append(join(f"<p>{e(line)}</p>" for line in block.text.splitlines()))
    return join(out)


def tabs(items: Iterable[tuple[str, str, bool]], label: str) -> str:
    """Links side by side, the chosen one marked: (address, words, chosen)."""
    links = join(f'<a href="{e(href)}"{" aria-current=true" if on else ""}>{e(words)}</a>' for href, words, on in items)
    return f'<div class=tabs role=group aria-label="{e(label)}">{links}</div>'


def notice(title: str, text: str) -> str:
    """A short message in the middle of a page."""
    return f"<section class=notice><h1>{e(title)}</h1><p>{e(text)}</p></section>"
