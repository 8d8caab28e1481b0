"""A fetch of two records over the whole stack in virtual time that is cut at one frame, and what came of it.

A frame is a command on its way to the roller, or an answer on its way back: of the first the roller knows nothing, of
the second it did what was asked.
"""

from __future__ import annotations

import asyncio
import enum
import os
import shutil
import signal
import warnings
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from unittest import mock

from glowsim.adapter import adapter as simulated
from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.outage import ResetCause
from glowsim.roller.roller import LONG_PRESS_S
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool import app
from glowtool.app.place import Place
from glowtool.app.rollers import finding, opening
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import GlowtoolError
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.protocol.commands.codec import RequestError, decode_request
from glowtool.protocol.records import (
    HEAD_SIZE,
    RECORD_FORMAT,
    ROW_SIZE,
    Massage,
    MassageHead,
    MassageStep,
    RecordRead,
    encode_massage,
)
from glowtool.safety import Gate
from glowtool.store.ledger.book import books
from glowtool.store.ledger.lines import LineKind
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry
from support.logs.full_disk import full_disk
from support.people import screened
from support.stack.massage import FIND_S, Display, bond

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bumble.transport.common import Transport

    from glowtool.link.adapter import Adapter

SEED: Final = 23
_OTHER: Final = "another host"


class Cut(enum.StrEnum):
    """What happens at the frame."""

    LINK = "the link is lost"
    KILLED = "the computer's glowtool is killed, and the roller goes with it"
    FULL = "the disk is full from then on"
    POWER = "the roller's power fails"
    OTHER = "another host fetches meanwhile"


def _record(steps: int) -> bytes:
    rows = tuple(MassageStep(30_000, 28_500, 312 + at, 671) for at in range(steps))
    head = MassageHead(
        RECORD_FORMAT, HEAD_SIZE, ROW_SIZE, steps, MassageEnd.BUTTON, Interlock.NO_CONTACT, 0, 0x1234ABCD, 50_250, 1000
    )
    return encode_massage(Massage(head, rows))


#: A short record, and one of several pieces.
RECORDS: Final = {7: _record(2), 8: _record(64)}


def prepare(folder: Path) -> None:
    """Leave a roller with both records that two computers are bonded with: the folders `here` and `there`."""
    in_virtual_time(_prepare)(folder)
    for name in ("here", "there"):
        screened(folder / name)


async def _prepare(folder: Path) -> None:
    air, display = Air(), Display()
    async with VirtualRoller.open(air, folder / "sim", Scenario(), seed=SEED, display=display.show) as roller:
        for number, data in RECORDS.items():
            roller.memory.records.put(Kind.MASSAGE, number, data)
        for name in ("here", "there"):
            (folder / name).mkdir()
            roller.press_button(LONG_PRESS_S)
            async with (
                in_process_transport(air, name) as transport,
                open_bumble_adapter("virtual", transport, folder / name / "bonds") as adapter,
            ):
                await bond(adapter, await find_device(adapter, roller.address, FIND_S), display)
                device = await find_device(adapter, roller.address, FIND_S)
                async with Roller.open(lambda lost: adapter.client(device, lost), Gate()) as host:  # noqa: B023 - used here
                    known = KnownRoller(
                        address=device.address,
                        name=device.name or "",
                        serial=host.identity.serial,
                        last_seen_utc=datetime.now(UTC),
                    )
            DeviceRegistry(folder / name).remember(known)


@dataclass
class Stage:
    """The air with the roller, for one command; `frame` says where it is cut, None for nowhere."""

    folder: Path
    cut: Cut = Cut.LINK
    frame: int | None = None
    frames: int = 0
    other: asyncio.Task[None] | None = None
    roller: VirtualRoller | None = None
    air: Air = field(default_factory=Air)
    patches: list[mock._patch[object]] = field(default_factory=list)

    @asynccontextmanager
    async def lit(self) -> AsyncIterator[None]:
        """Have the roller on, and heard by `--adapter sim`, for the time of the block."""

        @asynccontextmanager
        async def heard(
            argument: str | None, *, state_dir: Path, announce: Callable[[str], None]
        ) -> AsyncIterator[Transport]:
            async with in_process_transport(self.air, "glowtool") as transport:
                yield transport

        found = finding.find_known

        async def find_known(adapter: Adapter, known: KnownRoller) -> object:
            if self.other is not None and asyncio.current_task() is not self.other:
                await asyncio.wait([self.other])  # the other one was nearer
            return await found(adapter, known)

        async with VirtualRoller.open(self.air, self.folder / "sim", Scenario(), seed=SEED) as self.roller:
            answered = self.roller.machine.on_control

            def on_control(data: bytes, mtu: int) -> bytes:
                if self._at_a_frame():
                    return b""
                answer = answered(data, mtu)
                self._note(data, answer)
                return b"" if self._at_a_frame() else answer

            with (
                mock.patch.object(self.roller.machine, "on_control", on_control),
                mock.patch.object(simulated, "open_transport", heard),
                mock.patch.object(opening, "find_known", find_known),
            ):
                try:
                    yield
                finally:
                    for patch in self.patches:
                        patch.stop()
                    if self.other is not None:
                        await self.other

    def _at_a_frame(self) -> bool:
        """Count a frame, and return whether it is lost."""
        here = self.frames
        self.frames += 1
        return here == self.frame and self._strike()

    def _strike(self) -> bool:
        assert self.roller is not None
        match self.cut:
            case Cut.LINK:
                self.air.cut(self.roller.address)
            case Cut.POWER:
                self.roller.power_cycle(ResetCause.BROWN_OUT, 0.5)
            case Cut.KILLED:
                os.kill(os.getpid(), signal.SIGKILL)
            case Cut.OTHER:
                self.air.cut(self.roller.address)
                self.other = asyncio.create_task(self._fetch_there(), name=_OTHER)
            case Cut.FULL:
                for what in ("begun._framed", "massages.write_atomic"):
                    self.patches.append(mock.patch(f"glowtool.store.rollers.{what}", full_disk))
                self.patches.append(mock.patch("glowtool.app.ledger.recorded.make_folder", full_disk))
                for patch in self.patches:
                    patch.start()
                return False
        return True

    async def _fetch_there(self) -> None:
        place = Place("sim", self.folder / "there")
        await app.fetching.fetch(place, app.finding.known_roller(place), remove=True)

    def _note(self, data: bytes, answer: bytes) -> None:
        """Write down which byte was asked for from here, whatever becomes of this process."""
        if self.other is not None and not self.other.done():
            return
        with suppress(RequestError):
            asked = decode_request(data).operands
            if isinstance(asked, RecordRead) and answer:
                with (self.folder / "asked").open("a") as log:
                    log.write(f"{asked.record} {asked.offset}\n")


async def _fetch_once(stage: Stage) -> str:
    place = Place("sim", stage.folder / "here")
    async with stage.lit():
        try:
            await app.fetching.fetch(place, app.finding.known_roller(place), remove=True)
        except GlowtoolError as error:
            return f"{type(error).__name__}: {error}"
    return ""


def fetch_once(stage: Stage) -> str:
    """Run `logs fetch --remove` once, and return why it failed, empty if it did not."""
    if stage.cut is not Cut.KILLED or stage.frame is None:
        return in_virtual_time(_fetch_once)(stage)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child starts a loop of its own, and no thread is used
        child = os.fork()
    if child == 0:  # pragma: no cover - nothing reports from there
        try:
            in_virtual_time(_fetch_once)(stage)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a fetch that was cut: what the first command said, and everything that is wrong in the end."""

    first: str
    commands: int
    asked_twice: int
    wrong: tuple[str, ...]


def frames_of(prepared: Path, folder: Path) -> int:
    """Return how many frames a fetch has that nothing cuts."""
    shutil.copytree(prepared, folder)
    stage = Stage(folder)
    assert fetch_once(stage) == ""
    assert _wrong(folder, Cut.LINK) == ()
    return stage.frames


def cut_at(prepared: Path, folder: Path, cut: Cut, frame: int) -> Fetched:
    """Run a fetch that is cut at a frame, then whole ones until one ends well, and look at what is there."""
    shutil.copytree(prepared, folder)
    first = fetch_once(Stage(folder, cut, frame))
    early = _deleted_too_early(folder)
    last, commands = first, 1
    while last and commands < 4:
        last, commands = fetch_once(Stage(folder)), commands + 1
    noted = folder / "asked"  # not there where the other host had all of them before
    asked = Counter(noted.read_text().split("\n")[:-1] if noted.exists() else ())
    wrong = early + _wrong(folder, cut) + ((f"it never ended well: {last}",) if last else ())
    return Fetched(first, commands, sum(asked.values()) - len(asked), wrong)


def _deleted_too_early(folder: Path) -> tuple[str, ...]:
    """Return what is wrong where the roller has deleted what is on no disk, or in no ledger."""
    deleted = len(RECORDS) - len(in_virtual_time(_still_there)(folder))
    places = [Place("sim", folder / name) for name in ("here", "there")]
    files = sum(len(app.listing.massages(place)) for place in places)
    lines = sum(_lines(place) for place in places)
    return (f"{deleted} deleted, {files} on disk, {lines} counted",) if deleted > min(files, lines) else ()


def _lines(place: Place) -> int:
    every = [line for book in books(place.ledger_dir) for line in book.prove().lines]
    return sum(line.kind == LineKind.RECORDED for line in every)


def _wrong(folder: Path, cut: Cut) -> tuple[str, ...]:
    """Return everything in which two computers and their roller are not as they should be."""
    wrong, found = list[str](), Counter[str]()
    for name in ("here", "there"):
        place = Place("sim", folder / name)
        entries = app.listing.massages(place)
        wrong += [f"{name}: {entry.problem}" for entry in entries if entry.massage is None]
        kept = [entry.massage.record_hex for entry in entries if entry.massage is not None]
        found.update(kept)
        lines = _lines(place)
        if len(set(kept)) != len(kept) or lines != len(kept):
            wrong.append(f"{name}: {len(set(kept))} records in {len(kept)} files, {lines} lines in the ledger")
        left = [path.name for path in place.massages_dir.glob(".*")] if place.massages_dir.is_dir() else []
        if left and name == "here":
            wrong.append(f"{name}: {left} are left")
    for number, data in RECORDS.items():
        copies = found.pop(data.hex(), 0)
        if not copies or (copies > 1 and cut is not Cut.OTHER):
            wrong.append(f"record {number} is there {copies} times")
    if found:
        wrong.append(f"{len(found)} files hold what the roller never had")
    left_there = in_virtual_time(_still_there)(folder)
    if left_there:
        wrong.append(f"the roller still keeps {left_there}")
    return tuple(wrong)


async def _still_there(folder: Path) -> list[int]:
    async with VirtualRoller.open(Air(), folder / "sim", Scenario(), seed=SEED) as roller:
        return roller.memory.records.keys(Kind.MASSAGE)
