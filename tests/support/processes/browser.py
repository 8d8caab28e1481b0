"""A real browser without a window, spoken to over its debugging pipe, so that no port is opened."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeAlias, cast

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Message = dict[str, Json]

TIMEOUT_S = 30.0


def find_browser() -> str | None:
    """Return the path of an installed Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@dataclass
class Opened:
    """The requests and the complaints of a page while it was opened."""

    session: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Browser:
    """One Chromium with an empty profile; a context manager."""

    def __init__(self, program: str, profile: Path) -> None:
        self._program, self._profile = program, profile
        self._number = 0
        self._rest = b""
        self._events: list[Message] = []

    def __enter__(self) -> Self:
        ours_read, theirs_write = os.pipe()
        theirs_read, ours_write = os.pipe()
        flags = (
            "--headless --disable-gpu --hide-scrollbars --no-first-run --disable-background-networking "
            "--disable-component-update --disable-sync --remote-debugging-pipe "
            # Build machines run as root, where Chromium's sandbox cannot; the pages are our own.
            "--no-sandbox"
        )
        # The debugging pipe is file descriptors 3 and 4 by Chromium's own rule.
        line = f'exec "$0" {flags} --user-data-dir="$1" about:blank 3<&{theirs_read} 4>&{theirs_write}'
        self._process = subprocess.Popen(  # noqa: S603 - a browser that was found on the path
            ["/bin/bash", "-c", line, self._program, str(self._profile)],
            pass_fds=(theirs_read, theirs_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_read)
        os.close(theirs_write)
        self._read, self._write = ours_read, ours_write
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._write)
        self._process.terminate()
        self._process.wait(TIMEOUT_S)
        os.close(self._read)

    def call(self, method: str, session: str | None = None, **parameters: Json) -> Message:
        """Send a command and return its result; what else arrives meanwhile is kept as events."""
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") != self._number:
                self._events.append(answer)
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            return cast("Message", answer["result"])

    def open(self, url: str, *, width: int = 1200, dark: bool = False, medium: str = "") -> Opened:
        """Open a page in a tab of its own and wait until it and all it asked for is there."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        session = str(attached["sessionId"])
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable", session)
        self.call(
            "Emulation.setDeviceMetricsOverride", session, width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        scheme: Message = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", session, media=medium, features=[scheme])
        self._events.clear()
        self.call("Page.navigate", session, url=url)
        self._wait_for("Page.loadEventFired")
        opened = Opened(session)
        # A round trip through the page: what it still had to say has been said before.
        self.evaluate(opened, "1")
        for event in self._events:
            self._note(opened, event)
        return opened

    def evaluate(self, opened: Opened, expression: str) -> Json:
        """Return the value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", opened.session, expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return cast("Message", answer["result"]).get("value")

    @staticmethod
    def _note(opened: Opened, event: Message) -> None:
        method, parameters = str(event.get("method")), cast("Message", event.get("params", {}))
        if method == "Network.requestWillBeSent":
            opened.requests.append(str(cast("Message", parameters["request"])["url"]))
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            opened.complaints.append(json.dumps(parameters))

    def _wait_for(self, method: str) -> None:
        while not any(event.get("method") == method for event in self._events):
            self._events.append(self._receive())

    def _receive(self) -> Message:
        deadline_s = time.monotonic() + TIMEOUT_S
        while b"\0" not in self._rest:
            left_s = deadline_s - time.monotonic()
            ready, _, _ = select.select([self._read], [], [], max(0.0, left_s))
            if not ready:
                raise TimeoutError(f"the browser said nothing for {TIMEOUT_S:g} s")
            piece = os.read(self._read, 1 << 16)
            if not piece:
                raise ConnectionError("the browser has gone")
            self._rest += piece
        line, self._rest = self._rest.split(b"\0", 1)
        return cast("Message", json.loads(line))
