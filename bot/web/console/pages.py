"""The bodies of the pages, from what handlers/data_console.py gives."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.web.console.html import e, join, tabs

Data = Mapping[str, Any]
UNITS = (("week", "本周", "上周"), ("month", "本月", "上月"), ("quarter", "本季度", "上季度"))


def week(d: Data) -> str:
    """Team × day; a visit that may be moved can be dragged to another day, or opened and given another time."""
    start = datetime.fromisoformat(d["start"])
    team = d["team"]

    def at(days: int) -> str:
        return f"/app/week?at={(start + timedelta(days=days)).date()}&team={e(team)}"

    options = join(
        f'<option value="{e(t)}"{" selected" if t == team else ""}>{e("全部团队" if t == "*" else t)}</option>'
        for t in ("*", *d["teams"])
    )
    days = [n for n, day in enumerate(d["days"]) if not day["off"] or n < 5 or any(p["cells"][n]["visits"] for p in d["people"])]
    heads = join(
        f'<div class="day{" today" if d["days"][n]["today"] else ""}{" off" if d["days"][n]["off"] else ""}" role=columnheader>'
        f"<b>{e(d['days'][n]['name'])}</b><span>{e(d['days'][n]['day'])}</span></div>"
        for n in days
    )
    rows = join(_person(p, [(d["days"][n], p["cells"][n]) for n in days]) for p in d["people"])
    empty = "" if d["people"] else "<p class=empty>这个团队还没有成员。</p>"
    return (
        f"<div class=bar><h1>团队日程 <small>{e(d['words'])}，{d['count']} 个拜访</small></h1><div class=tools>"
        f'<div class=tabs><a href="{at(-7)}">上一周</a><a href="/app/week?team={e(team)}">本周</a><a href="{at(7)}">下一周</a></div>'
        f'<form method=get action="/app/week" class=pick><input type=hidden name=at value="{start.date()}"><label>团队 <select name=team>{options}</select></label></form></div></div>'
        f'<div class="week days-{len(days)}" role=table aria-label="团队日程"><div class=corner></div>{heads}{rows}</div>{empty}'
        "<p class=hint>拖动自己或下属的拜访到另一天即可改期（手机上先长按），点一下看详情、改时间；时间冲突会先问您。</p>"
        + DIALOG
    )


def _person(p: Data, cells: list[tuple[Data, Data]]) -> str:
    out = [f"<div class=person role=rowheader>{e(p['name'])}</div>"]
    for day, cell in cells:
        visits = join(_visit(v) for v in cell["visits"])
        away = "<span class=away>不在</span>" if cell["away"] else ""
        classes = "cell" + (" off" if day["off"] else "") + (" today" if day["today"] else "")
        out.append(f'<div class="{classes}" role=cell data-date="{day["date"]}" data-person="{e(p["id"])}">{away}{visits}</div>')
    return join(out)


def _visit(v: Data) -> str:
    rows = join(f"<div><dt>{e(n)}</dt><dd>{e(value)}</dd></div>" for n, value in v["rows"])
    facts = rows or f"<div><dt>时间</dt><dd>{e(v['time'])}</dd></div><div><dt>客户</dt><dd>{e(v['name'])}</dd></div>"
    facts += f"<div><dt>负责人</dt><dd>{e(v['rep'])}</dd></div><div><dt>状态</dt><dd>{e(v['word'])}</dd></div>"
    more = f'<a href="/app/customer/{e(v["customer"])}">客户页</a>' if v["customer"] else ""
    classes = (
        f"visit s-{v['state']}" + (" clash" if v["clash"] else "") + (" may" if v["may"] else "") + (" with" if v["with"] else "")
    )
    word = "" if v["state"] == "planned" else f"<em>{e(v['word'])}</em>"
    return (
        f'<button type=button class="{classes}" data-id="{e(v["id"])}" data-start="{e(v["start"])}" data-end="{e(v["end"])}" data-version={v["version"]} data-may={int(v["may"])}>'
        f"<time>{e(v['time'][:5])}</time><b>{e(v['name'])}</b>{word}<template><dl>{facts}</dl>{more}</template></button>"
    )


DIALOG = (
    '<dialog id=visit aria-label="拜访"><form method=dialog><div class=facts></div><div class=move hidden><label>改到 <input type=datetime-local name=when step=900></label>'
    "<button type=button class=primary data-do=move>改期</button></div><menu><button value=close>关闭</button></menu></form></dialog>"
    '<dialog id=conflict aria-label="时间冲突"><form method=dialog><h2></h2><pre></pre><div class=ways></div><menu><button value=close>不改了</button></menu></form></dialog>'
)


# ---------------------------------------------------------------------- boards
def stages(d: Data) -> str:
    """Columns of customers."""
    columns = join(
        f"<section class=column><h2>{e(c['stage'])} <span>{c['count']}</span></h2>"
        + join(
            f'<a class="chip{" stale" if i["stale"] else ""}" href="/app/customer/{e(i["id"])}"><b>{e(i["name"])}</b>'
            f"{'<em>' + e(i['grade']) + '</em>' if i['grade'] else ''}<small>{e(i['owner'])}{'，上次 ' + e(i['last']) if i['last'] else ''}"
            f"{'，停滞' if i['stale'] else ''}{'，已锁定' if i['locked'] else ''}</small></a>"
            for i in c["items"]
        )
        + (f"<p class=more>等共 {c['count']} 家</p>" if c["count"] > len(c["items"]) else "")
        + "</section>"
        for c in d["columns"]
    )
    return (
        f"<div class=bar><h1>{e(d['scope'])}阶段看板 <small>在跟 {d['count']} 家</small></h1></div><div class=columns>{columns}</div>"
        f"<p class=hint>停滞：阶段超过 {d['stale_days']} 天没有变化。</p>"
    )


def _period(path: str, d: Data) -> str:
    items = []
    for unit, now, before in UNITS:
        items.append((f"{path}?unit={unit}", now, d["unit"] == unit and d["back"] == 0))
        items.append((f"{path}?unit={unit}&back=1", before, d["unit"] == unit and d["back"] == 1))
    return tabs(items, "期间")


def kpi(d: Data) -> str:
    """A tile per figure that opens to its rows, and the trend of the conflict rate."""
    tiles = join(_tile(i) for i in d["items"])
    return (
        f"<div class=bar><h1>{e(d['scope'])}指标 <small>{e(d['words'])}</small></h1><div class=tools>{_period('/app/kpi', d)}</div></div>"
        f"<div class=tiles>{tiles}</div><section class=panel><h2>冲突率，最近 {len(d['trend'])} 周</h2>{trend(d['trend'])}</section>"
    )


def _tile(i: Data) -> str:
    rows = join(f"<li>{e(r)}</li>" for r in i["rows"])
    more = f"<li>等共 {len(i['rows']) + i['more']} 项</li>" if i["more"] else ""
    whole = f"{i['part']} ÷ {i['whole']}" if i["metric"] != "visits" and i["whole"] else ""
    inside = f"<p>{e(i['definition'])}</p>" + (f"<p>{e(i['rows_are'])}：</p><ul class=lines>{rows}{more}</ul>" if rows else "")
    over = "<em>超标</em>" if i["alarm"] else ""
    return (
        f'<details class="tile{" over" if i["alarm"] else ""}"><summary><span>{e(i["name"])}</span><b>{e(i["shown"])}</b>{over}'
        f"<small>{e(whole)}{'，' if whole and i['limit'] else ''}{e(i['limit'])}</small></summary>{inside}</details>"
    )


def trend(points: list[Data]) -> str:
    """A line with its two reference lines, as SVG."""
    known = [p["rate"] for p in points if p["rate"] is not None]
    if not known:
        return "<p class=empty>这段时间还没有预约，画不出趋势。</p>"
    top = min(1.0, max(0.1, *known) * 1.15)
    w, h, left, bottom = 760, 240, 46, 28
    step = (w - left - 20) / max(1, len(points) - 1)

    def xy(n: int, rate: float) -> tuple[float, float]:
        return left + step * n, (h - bottom) * (1 - rate / top) + 8

    lines = "".join(
        f'<line x1="{left}" x2="{w - 10}" y1="{xy(0, v)[1]:.1f}" y2="{xy(0, v)[1]:.1f}" class="{c}"/>'
        for v, c in ((0.05, "alarm"), (0.02, "aim"))
    )
    path = " ".join(f"{x:.1f},{y:.1f}" for n, p in enumerate(points) if p["rate"] is not None for x, y in [xy(n, p["rate"])])
    dots = "".join(
        f'<circle cx="{xy(n, p["rate"])[0]:.1f}" cy="{xy(n, p["rate"])[1]:.1f}" r="4"><title>{e(p["label"])} {e(p["shown"])}（{p["whole"]} 次）</title></circle>'
        for n, p in enumerate(points)
        if p["rate"] is not None
    )
    labels = "".join(
        f'<text x="{xy(n, 0)[0]:.1f}" y="{h - 4}" class=x>{e(p["label"])}</text>'
        for n, p in enumerate(points)
        if n % 2 == len(points) % 2 ^ 1
    )
    scale = "".join(f'<text x="{left - 8}" y="{xy(0, v)[1] + 4:.1f}" class=y>{100 * v:.0f}%</text>' for v in (0.0, top / 2, top))
    svg = f'<svg class=trend viewBox="0 0 {w} {h}" role=img aria-label="冲突率趋势">{lines}{scale}{labels}<polyline points="{path}"/>{dots}</svg>'
    legend = "<p class=legend><span class=alarm>参考线 5%</span><span class=aim>目标 2%</span></p>"
    return f'<div class=scroll tabindex=0 role=group aria-label="可以左右滑动">{svg}</div>{legend}'


def conflicts(d: Data) -> str:
    """Newest first; open ones stand out."""
    items = join(_conflict(i) for i in d["items"])
    body = f"<ul class=conflicts>{items}</ul>" if items else "<p class=empty>这段时间没有冲突。</p>"
    return (
        f"<div class=bar><h1>{e(d['scope'])}冲突 <small>{e(d['words'])}，共 {d['count']} 起，未解决 {d['open']} 起</small></h1>"
        f"<div class=tools>{_period('/app/conflicts', d)}</div></div>{body}"
    )


def _conflict(i: Data) -> str:
    took = f"，用时 {i['took']} 分钟" if i["took"] is not None else ""
    kinds = join(f"<em>{e(k)}</em>" for k in i["kinds"])
    return (
        f'<li class="{"open" if i["open"] else ""}"><div><b>{e(i["customer"])}</b><span>{e(i["rep"])}</span><time>{e(i["at"])}</time></div>'
        f"<div class=kinds>{kinds}</div><small>{e('；'.join(i['others']))}</small><span class=state>{e(i['state'])}{took}</span></li>"
    )


def customer(d: Data) -> str:
    """Facts and the timeline."""
    facts = join(f"<div><dt>{e(n)}</dt><dd>{e(v)}</dd></div>" for n, v in d["rows"])
    line = join(f"<li><time>{e(t['at'])}</time><em>{e(t['kind'])}</em><span>{e(t['text'])}</span></li>" for t in d["timeline"])
    hidden = f"<p class=hint>{e(d['hidden'])}</p>" if d["hidden"] else ""
    story = f"<ol class=timeline>{line}</ol>" if line else "<p class=empty>没有可以显示的记录。</p>"
    lock = " <small>已锁定</small>" if d["locked"] else ""
    return f"<div class=bar><h1>{e(d['short'])}{lock}</h1></div><section class=panel><dl class=grid>{facts}</dl>{hidden}</section><section class=panel><h2>时间线</h2>{story}</section>"


# ---------------------------------------------------------------------- import
def upload(proof: str, message: str = "") -> str:
    """The form; nothing is written before the preview is confirmed."""
    said = f"<p class=wrong role=alert>{e(message)}</p>" if message else ""
    return (
        "<div class=bar><h1>导入 <small>客户、拜访、成员表</small></h1></div><section class=panel>"
        f'{said}<form method=post action="/app/import" enctype="multipart/form-data" class=upload><input type=hidden name=proof value="{e(proof)}">'
        '<label>选择文件（.xlsx 或 .csv，最大 20 MB）<input type=file name=file accept=".xlsx,.xls,.ods,.csv" required></label><button class=primary>上传并预览</button></form>'
        "<p class=hint>先看预览，确认之前不会写入任何数据；列的顺序随意，“手机”“公司”等常见叫法都认得。</p></section>"
    )


def preview(id_: str, name: str, summary: list[str], expected: str, troubles: list[str], proof: str) -> str:
    """What was read and what entering it would come to."""
    lines = join(f"<li>{e(line)}</li>" for line in summary)
    bad = f"<h2>有问题的行</h2><ul class=lines>{join(f'<li>{e(t)}</li>' for t in troubles)}</ul>" if troubles else ""
    return (
        f"<div class=bar><h1>导入预览 <small>{e(name)}</small></h1></div><section class=panel><p class=big>预计{e(expected)}</p>"
        f'<ul class=lines>{lines}</ul>{bad}<form method=post action="/app/import/{e(id_)}"><input type=hidden name=proof value="{e(proof)}">'
        '<menu><button class=primary>确认导入</button><a href="/app/import">算了</a></menu></form></section>'
    )


def progress(id_: str, name: str, done: int, total: int, finished: str, failed: str) -> str:
    """How far it is; the script asks again until it is through."""
    share = 100 if finished else done * 100 // total if total else 0
    head = f"导入完成：{finished}" if finished else "没有导入成功" if failed else "正在导入"
    link = f'<a class="button primary" href="/app/import/{e(id_)}/result">下载结果文件</a>' if finished else ""
    note = e(failed) if failed else "结果文件里每一行都有结果和原因。" if finished else "可以离开这个页面，导入会继续。"
    live = "" if finished or failed else f' data-import="/app/import/{e(id_)}/state"'
    return (
        f"<div class=bar><h1>{e(head)} <small>{e(name)}</small></h1></div><section class=panel{live}><progress max=100 value={share}>{share}%</progress>"
        f'<p class=count>{done} / {total} 行</p><p class=hint>{note}</p><menu>{link}<a href="/app/import">再导一个</a></menu></section>'
    )
