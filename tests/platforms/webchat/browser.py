"""A real headless Chromium, driven over its DevTools websocket."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--force-prefers-reduced-motion", "--lang=zh-CN", "--remote-debugging-port=0",
)  # fmt: skip


class Wrong(Exception):
    """The browser refused, or the page threw."""


class Tab:
    """One page. `problems` collects what the page complained about: exceptions, console errors, refused loads."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._no = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.problems: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if (answer := self._waiting.pop(data.get("id", 0), None)) is not None and not answer.done():
                answer.set_result(data)
            elif data.get("method") == "Runtime.exceptionThrown":
                self.problems.append(json.dumps(data["params"]["exceptionDetails"], ensure_ascii=False)[:500])
            elif data.get("method") == "Log.entryAdded" and data["params"]["entry"]["level"] == "error":
                self.problems.append(data["params"]["entry"]["text"])

    async def do(self, method: str, **params: object) -> dict[str, Any]:
        """One DevTools command."""
        number = next(self._no)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        answer = await asyncio.wait_for(self._waiting[number], 30)
        if "error" in answer:
            raise Wrong(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, url: str, width: int = 1280, height: int = 800, *, scale: float = 1) -> None:
        """Load a page at a size of window."""
        for domain in ("Page", "Runtime", "Log"):
            await self.do(f"{domain}.enable")
        await self.size(width, height, scale=scale)
        await self.do("Page.navigate", url=url)

    async def size(self, width: int, height: int, *, scale: float = 1) -> None:
        """Another size of window."""
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=width < 600
        )

    async def js(self, code: str) -> Any:
        """The value of an expression in the page."""
        got = await self.do("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in got:
            raise Wrong(f"{code[:200]}: {got['exceptionDetails'].get('exception', got['exceptionDetails'])}")
        return got["result"].get("value")

    async def until(self, code: str, within_s: float = 10) -> Any:
        """Wait until an expression is truthy; its value."""
        end = asyncio.get_running_loop().time() + within_s
        while True:
            with contextlib.suppress(Wrong):
                if value := await self.js(code):
                    return value
            if asyncio.get_running_loop().time() > end:
                raise Wrong(f"never true: {code}; problems: {self.problems}")
            await asyncio.sleep(0.03)

    async def click(self, selector: str, text: str = "", *, meanwhile: str = "") -> None:
        """A real mouse click in the middle of the last visible element that matches and (if given) has exactly this text.

        Like a person it waits until the element has stopped moving and nothing lies over it.
        `meanwhile`: an expression run while the button is held down.
        """
        wanted = json.dumps(text)
        spot = await self.until(
            f"""(async () => {{
              const found = [...document.querySelectorAll({json.dumps(selector)})].filter((e) => e.getClientRects().length
                && (!{wanted} || e.textContent.replace(/^\\d/, '').trim() === {wanted} || e.textContent.trim() === {wanted}));
              const e = found.at(-1);
              if (!e || e.disabled) return null;
              e.scrollIntoView({{ block: 'center', inline: 'center' }});
              const middle = () => {{ const box = e.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }};
              const before = middle();
              for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
              const now = middle();
              return before.join() === now.join() && e.contains(document.elementFromPoint(...now)) ? now : null;
            }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            if meanwhile and kind == "mouseReleased":
                await self.js(meanwhile)
            await self.do("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button="left", clickCount=1)

    async def type(self, text: str) -> None:
        """Words into whatever has the focus."""
        await self.do("Input.insertText", text=text)

    async def key(self, name: str, code: int, text: str = "", *, shift: bool = False) -> None:
        """One key down and up."""
        for kind in ("keyDown", "keyUp"):
            await self.do(
                "Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, text=text,
                modifiers=8 if shift else 0,
            )  # fmt: skip

    async def shot(self, path: Path) -> None:
        """A screenshot as PNG."""
        picture = base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])
        await asyncio.to_thread(path.write_bytes, picture)

    async def close(self) -> None:
        await self._socket.close()
        self._reading.cancel()


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Tab]:
    """A browser with one empty tab; it ends with the context."""
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            port = await _port(folder / "DevToolsActivePort", process)
            async with session.get(f"http://127.0.0.1:{port}/json") as response:
                pages = [t for t in await response.json() if t["type"] == "page"]
            tab = Tab(await session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0))
            try:
                yield tab
            finally:
                await tab.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _port(file: Path, process: asyncio.subprocess.Process) -> int:
    for _ in range(600):
        if process.returncode is not None:
            raise Wrong(f"chromium ended with {process.returncode}")
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((await asyncio.to_thread(file.read_text)).splitlines()[0])
        await asyncio.sleep(0.05)
    raise Wrong("chromium opened no DevTools port")
