"""The commands to a connected roller: one method for each, named after what it does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from glowtool.drivers.gr1.archive import Archive
from glowtool.drivers.gr1.commands.answers import answer_in, payload_of, setting_of
from glowtool.drivers.gr1.commands.refusals import refused
from glowtool.errors import LinkError
from glowtool.model.state import State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import (
    Extend,
    ProgramBegin,
    ProgramData,
    SetTime,
    SettingGet,
    SettingSet,
    Trim,
)
from glowtool.protocol.commands.payloads import SelfTestReport
from glowtool.protocol.liveness import HEARTBEATS_PER_WATCHDOG
from glowtool.protocol.program import STEP_SIZE, pack_program, program_crc
from glowtool.protocol.telemetry import NOTIFICATION_OVERHEAD
from glowtool.protocol.vocabulary import Result, Setting
from glowtool.protocol.wire import Message, size_of
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.drivers.gr1.connection import Connection
    from glowtool.model.answer import Answer
    from glowtool.model.program import Program
    from glowtool.model.state import Fault
    from glowtool.protocol.commands.codec import Response

#: After an emergency stop, re-arming is refused for this long.
REARM_GRACE_S: Final = REARM_GRACE_MS / MILLISECONDS_PER_SECOND

_CONTROL_OVERHEAD: Final = NOTIFICATION_OVERHEAD + 2 + size_of(ProgramData)


class Verbs:
    """The commands of a roller over the connection that there is now; a stop waits for none of the others.

    Every method raises `ConnectionLostError` as soon as the connection ends, `RefusedError` when the roller refuses,
    and `CommandLackingError` when its version of the protocol does not have the command.
    """

    watchdog_ms: int
    _connection: Connection | None = None

    async def upload(self, program: Program) -> None:
        """Upload and commit a program; one that fails leaves the earlier one, unless only the last answer was lost."""
        data = pack_program(program)
        await self._ask(Opcode.PROGRAM_BEGIN, ProgramBegin(len(data) // STEP_SIZE, len(data), program_crc(data)))
        piece = self._up.client.mtu_size - _CONTROL_OVERHEAD
        for offset in range(0, len(data), piece):
            await self._ask(Opcode.PROGRAM_DATA, ProgramData(offset), data[offset : offset + piece])
        await self._ask(Opcode.PROGRAM_COMMIT)

    async def start(self) -> Answer:
        """Start the program at its first step."""
        return await self._tell(Opcode.START)

    async def pause(self) -> Answer:
        """Make outputs zero and keep the place in the program."""
        return await self._tell(Opcode.PAUSE)

    async def resume(self) -> Answer:
        """Go on from the place where the program paused, with a soft start."""
        return await self._tell(Opcode.RESUME)

    async def skip(self) -> Answer:
        """Go to the next step."""
        return await self._tell(Opcode.SKIP)

    async def extend(self, extra_ms: int) -> Answer:
        """Lengthen the running step by `extra_ms`."""
        return await self._tell(Opcode.EXTEND, Extend(extra_ms))

    async def trim(self, vibration_percent: int, current_percent: int) -> Answer:
        """Scale both outputs down to a share of the program's; of several trims that wait, the newest is sent."""
        return answer_in((await self._up.control.trim(Trim(vibration_percent, current_percent))).head)

    def post_stop(self) -> asyncio.Task[Answer]:
        """Write a stop at once, from any callback of the event loop; await the task for the answer."""
        return self._up.post_stop()

    async def stop(self) -> Answer:
        """Make outputs zero and end the program, ahead of everything that waits.

        A roller whose emergency stop is latched refuses to leave it; its outputs are zero, which is what counts.
        """
        head = (await self._up.control.post_stop()).head
        if head.result is not Result.SUCCESS and head.state is not State.LATCHED:
            raise refused(Opcode.STOP, head)
        return answer_in(head)

    async def emergency_stop(self) -> Answer:
        """Make outputs zero and latch: everything is refused until `rearm`."""
        head = (await self._up.control.post_stop(Opcode.EMERGENCY_STOP)).head
        if head.result is not Result.SUCCESS:
            raise refused(Opcode.EMERGENCY_STOP, head)
        return answer_in(head)

    async def rearm(self) -> Answer:
        """Re-arm after an emergency stop; refused during the grace time."""
        return await self._tell(Opcode.REARM)

    async def heartbeat(self) -> Answer:
        """Show that the host is alive."""
        return await self._tell(Opcode.HEARTBEAT)

    async def keep_alive(self) -> None:
        """Send heartbeats until cancelled, three in the watchdog's time; run it while a program runs."""
        period_s = self.watchdog_ms / 1000 / HEARTBEATS_PER_WATCHDOG
        clock = asyncio.get_running_loop().time
        due_s = clock()
        while True:
            await self.heartbeat()
            due_s = max(due_s + period_s, clock())
            await asyncio.sleep(due_s - clock())

    async def set_time(self, unix_ms: int) -> None:
        """Set the roller's clock."""
        await self._ask(Opcode.SET_TIME, SetTime(unix_ms))

    async def tare(self) -> None:
        """Take the present reading of the unloaded pressure cells as zero."""
        await self._ask(Opcode.TARE)

    async def self_test(self) -> Fault:
        """Test sensors, motor drive and memory without moving anything; return what failed."""
        return payload_of(await self._ask(Opcode.SELF_TEST), SelfTestReport).failed

    async def identify(self) -> None:
        """Buzz and blink."""
        await self._ask(Opcode.IDENTIFY)

    async def signal(self) -> None:
        """Beep once; needs protocol 1.4."""
        await self._ask(Opcode.SIGNAL)

    async def forget_host(self) -> None:
        """Make the roller drop its bond with this host when the connection ends; needs protocol 1.2."""
        await self._ask(Opcode.FORGET_HOST)

    async def setting(self, which: Setting) -> int:
        """Return a setting's value in its own unit."""
        return setting_of(await self._ask(Opcode.SETTING_GET, SettingGet(which)), which)

    async def change_setting(self, which: Setting, value: int) -> int:
        """Change a setting and return the value in force; a setting can lower a ceiling, but never raise it."""
        in_force = setting_of(await self._ask(Opcode.SETTING_SET, SettingSet(which, value)), which)
        if which is Setting.WATCHDOG_MS:
            self.watchdog_ms = in_force
        return in_force

    @property
    def archive(self) -> Archive:
        """The content of the roller's flash; needs protocol 1.1."""
        return Archive(self._ask)

    @property
    def _up(self) -> Connection:
        if self._connection is None:
            raise LinkError("the roller is not connected", advice="open it first")
        return self._connection

    async def _tell(self, opcode: Opcode, operands: Message | None = None) -> Answer:
        return answer_in((await self._ask(opcode, operands)).head)

    async def _ask(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> Response:
        return await self._up.control.command(opcode, operands, tail)
