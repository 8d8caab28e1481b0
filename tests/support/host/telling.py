"""A scripted roller that only sends samples, and free recordings of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glowsim.time.virtual_time import unix_us
from glowtool.device.gated_driver import gated
from glowtool.drivers.gr1.opener import opener
from glowtool.protocol.commands.opcode import Opcode
from glowtool.safety import Gate
from glowtool.safety.bounds import NO_OUTPUT
from glowtool.session.listening.plan import ListeningPlan
from support.host.losing_client import Deaf
from support.host.masseur import Masseur

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.link.client import LostCallback
    from glowtool.protocol.commands.codec import Request
    from glowtool.session.listening.plan import ListeningNews
    from support.host.scripted_client import ScriptedClient

FRAME_S = 0.05
MEASURING = {
    Opcode.STOP, Opcode.TELEMETRY_START, Opcode.TELEMETRY_STOP, Opcode.SETTING_GET, Opcode.DIAGNOSTICS,
    Opcode.EMERGENCY_STOP,
}  # fmt: skip


class Teller(Masseur):
    """Sends a frame of ten samples every 50 ms while telemetry is on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.deaf_for = 0
        self.on_request = self._on_telemetry

    def client_for(self, lost: LostCallback) -> ScriptedClient:
        if self.clients and self.deaf_for:
            self.deaf_for -= 1
            self.clients.append(Deaf(self, lost))
            return self.clients[-1]
        return super().client_for(lost)

    def _on_telemetry(self, request: Request) -> None:
        if request.opcode is Opcode.TELEMETRY_START:
            asyncio.get_running_loop().call_later(FRAME_S, self._send, self.clients[-1], 0)
        if request.opcode is Opcode.TELEMETRY_STOP:
            self.clients[-1].subscriptions_ended = True  # type: ignore[attr-defined]  # a mark for `_send`

    def _send(self, client: ScriptedClient, number: int) -> None:
        if client.is_connected and not getattr(client, "subscriptions_ended", False):
            self.send_samples(number)
            asyncio.get_running_loop().call_later(FRAME_S, self._send, client, number + 1)


@dataclass
class Heard:
    """Remembers the news of a recording."""

    news: list[ListeningNews] = field(default_factory=list)

    def publish(self, news: ListeningNews) -> None:
        self.news.append(news)

    def of(self, kind: type) -> list[ListeningNews]:
        return [each for each in self.news if isinstance(each, kind)]


def listening_plan(roller: Teller, logs: Path | None, duration_s: float | None = None) -> ListeningPlan:
    open_driver = gated(opener(roller.client_for, Gate(personal=NO_OUTPUT)), Gate(personal=NO_OUTPUT))
    return ListeningPlan(
        open_driver, "GR-1 C0DE", "F0:00:00:00:00:01", logs, duration_s=duration_s, host_clock_us=unix_us
    )
