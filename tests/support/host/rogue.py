"""A roller that lies in its bytes: in one field or at random, once or every time."""

from __future__ import annotations

import enum
import io
import random
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Console

from glowtool.app.checkup.roller import ROLLER_CHECKS, RollerFacts
from glowtool.app.errands.asking import Answers
from glowtool.app.logs.kept import READERS
from glowtool.cli.commands.info import _object, _print
from glowtool.cli.commands.massages import show_massage
from glowtool.cli.live.json_lines import JsonLines
from glowtool.cli.live.lines import Lines
from glowtool.cli.live.picture import LiveView
from glowtool.cli.options import Options
from glowtool.cli.terminal.output import Printer
from glowtool.drivers.gr1.examination import examine
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import GlowtoolError
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.model.status import Status
from glowtool.protocol.channels import NAME_SIZE, ChannelRow
from glowtool.protocol.commands.codec import RESPONSE_MARKER, Request, Response, ResponseHead, encode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import (
    BATTERY_LEVEL,
    CHANNEL_TABLE,
    CONTROL_POINT,
    FEATURE,
    SERIAL_NUMBER,
    STATUS,
    TELEMETRY,
)
from glowtool.protocol.records import (
    Massage,
    MassageHead,
    MassageStep,
    RecordAt,
    RecordCount,
    RecordHash,
    RecordInfo,
    RecordPiece,
    RecordRead,
    encode_massage,
    record_crc,
)
from glowtool.protocol.status import WIRE_NO_STEP, CeilingRow, FeatureHead
from glowtool.protocol.status import Status as WireStatus
from glowtool.protocol.telemetry import FrameHeader
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import Message, layout, size_of
from glowtool.safety import Gate
from glowtool.session.do.runner import Session
from glowtool.session.do.takeover import Source, Taking, take_over
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from glowtool.store.rollers.massages import Massages, list_massages
from glowtool.store.routines.load import load_routine
from glowtool.stream.live.meter import MeterReading
from support.host.masseur import Masseur, plan
from support.host.scripted_client import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from glowtool.link.client import LostCallback
    from glowtool.session.news import MassageNews, Publish
    from glowtool.store.rollers.known import KnownRoller

#: What a run may take, in virtual time: attempts, patience and the bounds of fetching are all within it.
BOUND_S: Final = 400.0

TARGETS: Final = (FEATURE, CHANNEL_TABLE, BATTERY_LEVEL, SERIAL_NUMBER, STATUS, CONTROL_POINT, TELEMETRY)

START_UNIX_MS: Final = 1_700_000_000_000

RECORD: Final = encode_massage(
    Massage(
        MassageHead(
            1,
            size_of(MassageHead),
            size_of(MassageStep),
            2,
            MassageEnd.BUTTON,
            Interlock(0),
            1_700_000_000_000,
            7,
            5,
            5,
        ),
        (MassageStep(1000, 900, 200, 300), MassageStep(1000, 900, 200, 300)),
    )
)


class Errand(enum.Enum):
    """An errand that the host runs with the roller."""

    INFO = enum.auto()
    RUN = enum.auto()
    FETCH = enum.auto()
    DOCTOR = enum.auto()


@dataclass
class Mutator:
    """Changes the bytes of one characteristic, of some messages or of all."""

    draw: random.Random
    target: str
    first: int = 0
    last: int = 10**9
    changed: int = 0
    _seen: int = 0

    def __call__(self, uuid: str, data: bytes) -> bytes:
        if uuid != self.target:
            return data
        self._seen += 1
        if not self.first < self._seen <= self.last:
            return data
        self.changed += 1
        return self._random(data) if self.draw.random() < 0.4 else self._structured(uuid, data)

    def _structured(self, uuid: str, data: bytes) -> bytes:
        places = list(_places(uuid, data))
        if not places:
            return self._random(data)
        code, at = self.draw.choice(places)
        size = struct.calcsize(code)
        top: int = 256**size - 1
        value = self.draw.choice((0, 1, top, top >> 1, (top >> 1) + 1, 200, 99, self.draw.randint(0, top))) & top
        return data[:at] + value.to_bytes(size, "little") + data[at + size :]

    def _random(self, data: bytes) -> bytes:
        draw = self.draw
        match draw.randrange(7):
            case 0:
                return data[: draw.randint(0, len(data))]
            case 1:
                return data + draw.randbytes(draw.randint(1, 600))
            case 2:
                return bytes(len(data))
            case 3:
                return b"\xff" * len(data)
            case 4:
                return draw.randbytes(draw.randint(0, 600))
            case _:
                flipped = bytearray(data or b"\0")
                for _ in range(draw.randint(1, 8)):
                    flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
                return bytes(flipped)


def _places(uuid: str, data: bytes) -> list[tuple[str, int]]:
    """Return struct code and offset of every field of a message, where its bytes are long enough."""
    kinds: list[tuple[type[Message], int]] = []
    if uuid == STATUS.uuid:
        kinds = [(WireStatus, 0)]
    elif uuid == TELEMETRY.uuid:
        kinds = [(FrameHeader, 0)]
    elif uuid == FEATURE.uuid:
        kinds = [(FeatureHead, 0), (CeilingRow, size_of(FeatureHead) + 8)]
    elif uuid == CHANNEL_TABLE.uuid:
        step = size_of(ChannelRow) + NAME_SIZE
        kinds = [(ChannelRow, at) for at in range(3, len(data), step)]
    elif uuid == CONTROL_POINT.uuid:
        payload = Opcode(data[1]).command.payload if data[1] in set(Opcode) else None
        kinds = [(ResponseHead, 0)] + ([(payload, size_of(ResponseHead))] if payload else [])
    found = [(item.wire.code, base + item.offset) for kind, base in kinds for item in layout(kind)]
    if uuid == CHANNEL_TABLE.uuid:
        found += [("B", 0), ("B", 1), ("B", 2), *(("B", at) for at in range(3 + size_of(ChannelRow), len(data), 39))]
    return [(code, at) for code, at in found if at + struct.calcsize(code) <= len(data)]


class RogueClient(ScriptedClient):
    """A client through which the roller's bytes are changed."""

    roller: RogueRoller

    async def read_gatt_char(self, char_specifier: str, /) -> bytearray:
        value = await super().read_gatt_char(char_specifier)
        return bytearray(self.roller.mutate(char_specifier, bytes(value)))

    def notify(self, uuid: str, data: bytes) -> None:
        super().notify(uuid, self.roller.mutate(uuid, data))


@dataclass
class RogueRoller(Masseur):
    """A scripted roller with one massage record, and a liar between it and the host."""

    mutate: Callable[[str, bytes], bytes] = field(default=lambda _, data: data)

    def client_for(self, lost: LostCallback) -> ScriptedClient:
        self.clients.append(RogueClient(self, lost))
        return self.clients[-1]

    def answer(self, request: Request, result: Result = Result.SUCCESS) -> None:
        if not isinstance(request.operands, RecordRead) or result is not Result.SUCCESS:
            super().answer(request, result)
            return
        piece = RECORD[request.operands.offset :][:40]
        head = ResponseHead(
            RESPONSE_MARKER,
            request.opcode,
            request.sequence,
            result,
            self.status.state,
            WIRE_NO_STEP,
            Interlock(0),
            0,
            0,
            0,
            0,
        )
        self.clients[-1].notify(CONTROL_POINT.uuid, encode_response(Response(head, RecordPiece(len(piece)), piece)))

    def _payload(self, request: Request) -> Message | None:
        match request.operands:
            case RecordAt():
                return RecordInfo(7, len(RECORD))
        return {
            Opcode.RECORD_COUNT: RecordCount(1, 0),
            Opcode.RECORD_HASH: RecordHash(record_crc(RECORD)),
        }.get(request.opcode) or super()._payload(request)


class Drawn(LiveView):
    """The live view, drawn whenever the roller says something."""

    def publish(self, news: MassageNews) -> None:
        super().publish(news)
        if isinstance(news, Status | MeterReading):
            Console(file=io.StringIO(), width=80).print(self.draw(80, 24))


def a_face(draw: random.Random) -> Publish:
    """Return one of the faces that a massage has for a person or a program."""
    routine, output = load_routine("first-glow"), Printer(Options())
    match draw.randrange(3):
        case 0:
            return Drawn(routine, "Desk").publish
        case 1:
            return Lines(output, routine).publish
    return JsonLines(Printer(Options(json=True))).publish


async def go(errand: Errand, roller: RogueRoller, logs: Path, known: KnownRoller, now_utc: datetime) -> None:
    """Do an errand as its command does, show it, and look at what it leaves, as a person would."""
    draw = roller.mutate.draw if isinstance(roller.mutate, Mutator) else random.Random(0)  # noqa: S311 - no secret
    match errand:
        case Errand.INFO:
            async with Roller.open(roller.client_for, Gate()) as opened:
                _print(
                    Printer(Options()),
                    _object(Answers.of(opened), known),
                    ceilings=True,
                )
        case Errand.FETCH:
            massages = Massages(logs / "massages", READERS)
            async with Roller.open(roller.client_for, Gate()) as opened:
                source = Source(opened.identity.serial, known.name, known.address)
                await take_over(opened.archive, Taking(source, massages, now_utc))
            for entry in list_massages(massages):
                show_massage(Options(data_dir=logs), Printer(Options()), entry)
        case Errand.DOCTOR:
            found = await examine(roller.client_for, Gate())
            for check in ROLLER_CHECKS:
                check.judge(RollerFacts(known=known, bonded=True, heard=True, found=found))
        case Errand.RUN:
            result = await Session(plan(roller, logs)).run(a_face(draw))
            if result.problem is not None and not isinstance(result.problem, GlowtoolError):
                raise result.problem
            look_at(result.path)


def look_at(folder: Path | None) -> None:
    """Open, analyse and recover what a massage left."""
    from glowtool.analysis.log import analyse_log

    if folder is None or not folder.exists():
        return
    try:
        analyse_log(SessionLog.open(folder))
        recover(folder)
    except GlowtoolError:
        pass


def mutant(number: int, seed: int) -> tuple[Errand, Mutator]:
    """Draw an errand and a change of bytes."""
    draw = random.Random(f"{seed}/{number}")  # noqa: S311 - reproducible on purpose
    errand = draw.choice(list(Errand))
    first = draw.choice((0, 0, 1, 2, 5, 9))
    last = draw.choice((first + 1, 10**9))
    return errand, Mutator(draw, draw.choice(TARGETS).uuid, first, last)
