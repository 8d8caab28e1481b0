"""The acts of a host, a person or the world beside driving a massage, each by the name it is counted under."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from chaos.programs import draw_program
from glowsim.faults.flash import empty, fill
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import STEP_SIZE, program_crc
from glowtool.protocol.records import Diagnostic
from glowtool.protocol.vocabulary import Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos.host import Host

#: Noon of a day that is today for a host, in ms since 1970.
_MS_PER_DAY: Final = 86_400_000
_NOON_MS: Final = 20_717 * _MS_PER_DAY + _MS_PER_DAY // 2

#: Uploads out of order come in pieces that are no whole records.
_BITS: Final = 37


def _charge(host: Host) -> None:
    body = host.bench.body
    if body is not None:
        body.place_on_charger(charging=True)
        host.later(host.chance.uniform(0.05, 3.0), lambda: body.place_on_charger(charging=False))


def _press(host: Host) -> None:
    for _ in range(host.chance.choice((1, 1, 2))):
        host.press(host.chance.choice((0.05, 0.3, 3.0)))


def _store(host: Host) -> None:
    """Keep a program for the button, press it after a loss of power, and perhaps hurry to start it as a host."""
    host.command(Opcode.STOP)
    host.command(Opcode.PROGRAM_STORE)
    host.lose_power()
    if host.chance.random() < 0.5:
        host.reconnect()
    _press(host)
    if host.chance.random() < 0.5:
        host.command(Opcode.STOP)
        host.command(Opcode.START)


def _trim(host: Host) -> None:
    host.send(Opcode.TRIM, bytes(host.chance.choice((0, 20, 50, 100, 101, 200, 255)) for _ in range(2)))


def _extend(host: Host) -> None:
    host.send(Opcode.EXTEND, struct.pack("<I", host.chance.choice((1, 1000, 3000, 60_000, 300_000, 2**32 - 1))))


def _set(host: Host) -> None:
    setting = host.chance.choice((*Setting, 9))
    value = host.chance.choice((-1, 0, 100, 250, 400, 401, 700, 1000, 1001, 60_000))
    host.send(Opcode.SETTING_SET, struct.pack("<Bi", setting, value))


def _set_time(host: Host) -> None:
    late_ms = host.chance.choice((-30_000_000, 10_000_000, 13 * 3_600_000, _MS_PER_DAY, 40 * _MS_PER_DAY))
    host.send(Opcode.SET_TIME, struct.pack("<Q", host.chance.choice((_NOON_MS + late_ms, 0, 1, 2**64 - 1))))


def _other_day(host: Host) -> None:
    """Lose the power, and be told that it is another day."""
    host.lose_power()
    host.reconnect()
    days = host.chance.choice((-1, 1, 2, 400))
    host.command(Opcode.SET_TIME, struct.pack("<Q", _NOON_MS + days * _MS_PER_DAY))


def _spam(host: Host) -> None:
    for _ in range(host.chance.randrange(5, 60)):
        host.send(host.chance.choice(_PLAIN))


def _babble(host: Host) -> None:
    host.send(host.chance.randrange(256), host.chance.randbytes(host.chance.randrange(20)))


def _upload_any(host: Host) -> None:
    host.upload(draw_program(host.chance, wrong=0.5), host.chance.choice((None, None, 0)))


def _upload_askew(host: Host) -> None:
    """Send a program in pieces out of order, some twice, now and then with one missing, and want it at once."""
    chance = host.chance
    host.send(Opcode.STOP)
    data = draw_program(chance, seconds=host.manner.step_s)
    pieces = [(at, data[at : at + _BITS]) for at in range(0, len(data), _BITS)]
    pieces += chance.sample(pieces, chance.choice((0, 1)))
    chance.shuffle(pieces)
    if chance.random() < 0.2:
        pieces.pop()
    begin = struct.pack("<BHI", len(data) // STEP_SIZE, len(data), program_crc(data))
    host.send(Opcode.PROGRAM_BEGIN, begin)
    for at, piece in pieces:
        host.send(Opcode.PROGRAM_DATA, struct.pack("<H", at) + piece)
    host.send(Opcode.PROGRAM_COMMIT)
    host.send(Opcode.START)


def _telemetry(host: Host) -> None:
    host.send(Opcode.TELEMETRY_START, struct.pack("<HI", host.chance.choice((50, 100, 200, 400, 7)), 1))


def _records(host: Host) -> None:
    chance = host.chance
    host.send(Opcode.RECORD_INFO, struct.pack("<H", chance.randrange(3)))
    host.send(Opcode.RECORD_READ, struct.pack("<HH", chance.randrange(4), chance.choice((0, 7, 60_000))))
    host.send(Opcode.RECORD_HASH, struct.pack("<H", chance.randrange(4)))
    host.send(Opcode.RECORD_DELETE, struct.pack("<HI", chance.randrange(4), chance.randrange(2**32)))


def _diagnose(host: Host) -> None:
    for item in host.chance.sample(tuple(Diagnostic), 4):
        host.send(Opcode.DIAGNOSTICS, bytes((item,)))


def _forget(host: Host) -> None:
    """Ask that the bond goes, and let the link go some time after."""
    host.send(Opcode.FORGET_HOST)
    host.later(host.chance.uniform(0.1, 2.0), host.break_link)


def _tare_loaded(host: Host) -> None:
    """Press the roller, which works on nothing now, and tare it; then go on."""
    body, chance = host.bench.body, host.chance
    if body is None:
        return
    host.command(Opcode.STOP)
    body.press(chance.choice((0.2, 0.4, 0.9, 0.9, 1.5, 3.0)))

    def release() -> None:
        if host.state in {State.IDLE, State.READY}:
            host.met.add("tare: under load")
        host.command(Opcode.TARE)
        body.press(None)

    host.later(chance.uniform(0.3, 0.8), release)


def _wet(host: Host) -> None:
    """Put gel on, or wipe it off, at once, mostly in mid-contact."""
    body = host.bench.body
    if body is not None:
        body.wet_skin(host.chance.choice((0.0, 0.3, 0.7, 1.0)))
        delivered = host.bench.delivered
        if delivered is not None and delivered.contact_area_cm2 > 0.0:
            host.met.add("skin: moisture jumps in contact")


def _fill(host: Host) -> None:
    """Leave no room in the flash for some time."""
    memory = host.bench.memory
    host.hope(lambda: fill(memory.records))
    host.later(host.chance.uniform(0.5, 10.0), lambda: host.hope(lambda: empty(memory.records)))


def _brown_out(host: Host) -> None:
    """Let the power fail in the middle of the next write to the flash, and give some command that writes."""
    chance, chip = host.chance, host.bench.memory.chip
    chip.cut = lambda write: chance.randrange(write.size + 1)
    opcode = chance.choice((Opcode.SETTING_SET, Opcode.PROGRAM_STORE, Opcode.TARE, Opcode.EMERGENCY_STOP, None))
    if opcode is not None:
        value = chance.choice((100, 250, 400))
        host.command(opcode, struct.pack("<Bi", Setting.PEAK_UA_MAX, value) if opcode is Opcode.SETTING_SET else b"")


_PLAIN: Final = (
    Opcode.START, Opcode.PAUSE, Opcode.RESUME, Opcode.SKIP, Opcode.STOP, Opcode.EMERGENCY_STOP, Opcode.REARM,
    Opcode.HEARTBEAT, Opcode.TARE, Opcode.SELF_TEST, Opcode.IDENTIFY, Opcode.SIGNAL, Opcode.TELEMETRY_STOP,
    Opcode.PROGRAM_STORE, Opcode.PROGRAM_ERASE_STORED, Opcode.RECORD_COUNT,
)  # fmt: skip


def _plain(opcode: Opcode) -> Callable[[Host], None]:
    return lambda host: host.send(opcode)


#: Some twice.
ACTS: Final[tuple[tuple[str, Callable[[Host], None]], ...]] = (
    *((f"act: {opcode.name.lower()}", _plain(opcode)) for opcode in _PLAIN),
    ("act: charger", _charge),
    ("act: button", _press),
    ("act: button", _press),
    ("act: stored program by the button", _store),
    ("act: stored program by the button", _store),
    ("act: power loss", lambda host: host.lose_power()),
    ("act: trim", _trim),
    ("act: trim", _trim),
    ("act: extend", _extend),
    ("act: setting", _set),
    ("act: clock", _set_time),
    ("act: power loss, and another day", _other_day),
    ("act: spam", _spam),
    ("act: garbage", _babble),
    ("act: any program", _upload_any),
    ("act: upload out of order", _upload_askew),
    ("act: upload out of order", _upload_askew),
    ("act: telemetry", _telemetry),
    ("act: records", _records),
    ("act: diagnostics", _diagnose),
    ("act: forget host", _forget),
    ("act: bond lost under a link", lambda host: host.lose_bond()),
    ("act: tare under load", _tare_loaded),
    ("act: moisture", _wet),
    ("act: moisture", _wet),
    ("act: flash full", _fill),
    ("act: brown-out at a write", _brown_out),
    ("act: brown-out at a write", _brown_out),
)

#: Telemetry at the rate at which the firmware ticks twice as often.
FAST: Final = (("telemetry: at 400 Hz", lambda host: host.send(Opcode.TELEMETRY_START, struct.pack("<HI", 400, 1))),)

#: What a host does again and again that hopes for another day's dose; other days without a loss of power mostly.
DAYS: Final = (
    ("act: clock", _set_time),
    ("act: clock", _set_time),
    ("act: clock", _set_time),
    ("act: power loss, and another day", _other_day),
)
