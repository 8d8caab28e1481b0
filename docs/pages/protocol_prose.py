"""What the protocol page says in prose, around the tables that are made from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.control.commands import IDENTIFY_US
from glowsim.firmware.outputs.limiter import STEP_UA
from glowsim.peripheral.gatt.server import MTU
from glowsim.peripheral.pairing.window import ATTEMPTS, WINDOW_S
from glowtool.model.ceilings import CeilingId
from glowtool.protocol import ceilings, gatt, liveness, program, wire
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.commands import ownership

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.protocol.commands.opcode import Opcode


def _names(opcodes: Iterable[Opcode], last: str) -> str:
    *most, end = (f"`{opcode.name}`" for opcode in sorted(opcodes))
    return f"{', '.join(most)} {last} {end}"


def _count(number: int) -> str:
    return ("no", "one", "two", "three", "four", "five")[number]


_STOPS: Final = _names(ownership.STOPS, "and")
_TAKES_OVER: Final = _names(ownership.TAKES_OVER, "or")

INTRODUCTION: Final = f"""\
# The protocol of the roller

Version {wire.PROTOCOL_VERSION}. This page is generated from `glowtool/protocol/` by `make docs`; a test fails when it is stale.
Byte vectors for every message are in `tests/vectors/`.

## Conventions

- All integers are little-endian and packed without padding. `u8`, `u16`, `u32`, `u64` are unsigned, `i8`, `i16`, `i32` are two's complement.
- Vendor UUIDs are `{gatt.vendor_uuid(0).replace("0000", "XXXX", 1)}`, `XXXX` being the short id.
- **Requests** have the exact length of their declaration (`PROGRAM_DATA`: at least one byte of data after it); anything else is answered
  `BAD_LENGTH`.
- **What the roller sends** may grow at its end from one minor version to the next, and a host ignores bytes at the end that it does not know.
  That is: status and feature at their ends, rows of the feature and the channel table as stated there, answers after their payload.
  The head of an answer and the header of a frame are fixed, since payload and samples follow them at once.
- A host refuses a roller of another **major** version and says which of the two needs the update.
- Unknown bits of a bit field are not acted upon, and need not be kept. An unknown number of an enumeration is an error, unless the
  enumeration's table says that it may grow: then a host shows the number, and takes an unknown result for a refusal.
- A value outside its allowed range, or a number that an enumeration does not allow: a device answers such a request with `OUT_OF_RANGE`; a host
  drops such a message from a roller and says so.
- Values that must be as stated (a marker, a format number, sizes no smaller than declared here): anything else is refused the same way.
- A device checks a request in [a fixed order](#order-of-checks). The first failure is the answer.

The formats of Device Information (text), Battery Level (u8, percent), Current Time and SMP are those of the SIG and of MCUmgr. Battery Level
is notified when it changes. Current Time is all zeros while the clock is not set. The roller agrees to an MTU of up to {MTU}.

## Security

Without a bond a host can read the Device Information service and nothing else. Everything marked *bond* below answers
reads, writes and subscriptions with *Insufficient Authentication* (ATT 0x05), or for a bonded host with *Insufficient Encryption*
(0x0F), until the link is encrypted with a key from LE Secure Connections. Legacy pairing is refused. What a model can show decides how
it pairs, and no host can talk it into less:

| display | IO capability | pairs by | what the person does |
| --- | --- | --- | --- |
| six digits (GR-1) | DisplayOnly | passkey entry | types at the host the passkey that the roller shows |
| six digits and a button to answer | DisplayYesNo | numeric comparison | compares both numbers and confirms at both ends |
| none; advertises `NO_DISPLAY`, lacks the capability `DISPLAY` | NoInputNoOutput | Just Works | nothing: nobody proves who the host is |

Just Works is refused by every roller that has a display, and a host refuses it from every roller that does not advertise `NO_DISPLAY`.

Pairing is possible only while the pairing window is open (`PAIRING_WINDOW_OPEN`); a person opens it on the roller (long press), and
outside of it a request is answered *Pairing Not Supported* (SMP 0x05). The passkey is new for every attempt; after {_count(ATTEMPTS)} failed attempts
the window closes. It also closes {WINDOW_S:g} s after it was opened, unless an attempt is under way, and with a new bond. The display shows the next
attempt's passkey as soon as the window is open. Legacy pairing, and an IO capability that leads to another way than the table's, are answered
*Authentication Requirements* (SMP 0x03) and are no attempt. There is one attempt at a time: another one is answered as outside of the window.

The roller keeps eight bonds. When there is no room for another it advertises `BONDS_FULL` (since 1.2) and pairs only
with a host that is bonded already, whose bond is replaced. `FORGET_HOST` (since 1.2) drops the bond of the host that asks, when
its connection ends.

### Links without a bond

One bonded host is connected at a time, and while it is, the roller does not advertise. A link that is not encrypted with a bond's key is
a stranger's: it is ended after 10 s (30 s while the pairing window is open, and 30 s anew with a pairing attempt), there is one at a time
(three while the window is open), and an address whose link lasted for 2 s or more without a bond is not let in again for 10 s, doubling each
time up to 320 s, until the window is opened. While strangers have all the places, and for 1 s after each (0.3 s while the window is open),
the roller goes on advertising, but takes connections of bonded hosts only: of their identity addresses, and of private
addresses that their IRKs resolve (the controller's filter accept list and resolving list). So a bonded host gets in within 2 s, whatever
strangers do; as soon as its link is encrypted, every other one is ended. To who is not let in, the roller does not answer, or it hangs up with
*Low Resources* (0x14): try again later. Where a controller cannot select, everyone may connect, and is hung up as above.
Who imitates the address of a bonded host can delay it at the radio itself; a host with a private address cannot be imitated.

A roller may go by a resolvable private address, a new one every quarter of an hour while no host is connected; its identity address, a
random static one, and its IRK are distributed in pairing. Name and `serial_tail` of its advertisement are not hidden by that.

The roller keeps bonds, and with each what its host has subscribed to, over the loss of power. Subscriptions of an earlier connection are in
force again as soon as the link is encrypted with the bond's key, and nothing is sent before; a host that has not asked for a
notification yet in this connection may still get one.
"""

GENERIC: Final = """\
Beside these there are GAP (0x1800) and GATT (0x1801), both open, at the beginning of the table and always at the same handles. GATT has
Service Changed, Database Hash (Core, Vol 3, Part G, 7.3), and Client Supported Features, whose bits a host may set and which change nothing.

An update may move every other handle. A host that keeps handles compares the hash in each connection, or subscribes to Service Changed: it
is then indicated while a host is connected, or as soon as a bonded host's next link is encrypted, once in each connection until the host has
confirmed it. What a host has subscribed to under the earlier table is void, but for Service Changed itself.
"""


def _heartbeats() -> str:
    watchdogs = (ceilings.WATCHDOG_MS_MIN, 500, ceiling(CeilingId.HOST_SILENCE))
    lines = [
        f"| {ms} ms | {liveness.latest_heartbeat_ms(ms)} ms | {liveness.heartbeat_period_ms(ms)} ms | {liveness.longest_wait_ms(ms)} ms |"
        for ms in watchdogs
    ]
    head = "| `WATCHDOG_MS` | given up after | glowtool's period | longest wait for a turn |\n| --- | --- | --- | --- |"
    return "\n".join((head, *lines, ""))


CONTROL: Final = f"""\
## Control point

A host subscribes to the control point's indications, then writes `opcode (u8), sequence (u8), operands`. Every write is answered by
exactly one indication: the head below, then, when the result is `SUCCESS` and the command has one, its payload. The
sequence number is the host's own and is repeated in the answer; it goes from 255 to 0. A host may write again before an answer
is there: answers come in the order of the writes. A write is a write request, or a long write (prepare and execute) of up to 512 bytes;
a write command (without response) is ignored.

A host sends a command only to a roller whose feature states the version of the column *since*, or a later one, and the capability of the column
*needs*. Any other roller answers it `UNKNOWN_OPCODE`.

State, step and interlocks of an answer are those after the command. Levels are the actual ones at that moment, not those that were asked for:
zero at once where the command ends outputs; what else it changes (`TRIM`, `SKIP`, `START`, `RESUME`) shows in the status from 5 ms on.

A write of one byte is answered with sequence 0, an empty one with opcode 0 and sequence 0, both
`BAD_LENGTH`.

Without the *indication* bit in the control point's client configuration, a write is refused with ATT error 0xFD (CCCD improperly
configured), whatever the notification bit says. Only {_STOPS}, well formed, are carried out all the same: they get the response
to the write, and no indication. Answers that wait in line when a host takes the bit back are not sent.

Every request is answered. What fails inside the roller in carrying out a command is a fault of its firmware (`FIRMWARE`, since 1.3): outputs
are zero, the state is `FAULT`, and the command is answered `WRONG_STATE`. A read that fails so is answered *Unlikely Error* (ATT 0x0E),
with the same consequence. `SET_TIME` takes no time before 1970 or after 2099.

Settings are kept over the loss of power, and are the same for every host. `IDENTIFY` lasts {IDENTIFY_US // 1_000_000} s.

Each `EMERGENCY_STOP` begins the time of grace anew, also in `LATCHED`; a `REARM` that is refused does not. An
emergency stop outlives the power: what `EMERGENCY_STOP` or `REARM` has answered with `SUCCESS` holds at the next start. A roller that
starts latched begins its time of grace anew (since 1.3; before, a start forgot the latch). Where its note of that is damaged,
it starts latched. Where its flash takes no note (`FLASH` among the faults), the stop is answered all the same, and is forgotten with the power; but
without a flash that takes what it is given, no output is on after the start either.

### Heartbeats

While a massage runs, any write to the control point that is answered `SUCCESS` shows that its host is alive. When none comes, all is at rest
before the watchdog time is over (setting `WATCHDOG_MS`, 1000 ms unless lowered), and the massage is paused. A motor that is shorted takes up to
{liveness.RUN_DOWN_MS} ms to stand still, so **the roller gives a host up {liveness.RUN_DOWN_MS} ms before `WATCHDOG_MS`**: it counts from the arrival of one such write, and the next has to
arrive sooner than that.

A write waits for its turn on the radio: up to connection interval × (1 + peripheral latency), and as long again for each time that it
has to be repeated. The table has the latest arrival, the period of glowtool's own heartbeats, which is a third of the watchdog time, and the
longest such wait with which they are in time, each being repeated once:

{_heartbeats()}
A host that sends more seldom takes a shorter interval. Peripheral latency is best left at 0 while a massage runs. The supervision timeout does not
matter here: a link that is given up pauses the massage as well.

### Whose a massage is

A massage belongs to the host whose `START` began it, and a program to the host whose `PROGRAM_COMMIT` was answered `SUCCESS`. A host is
known by its bond, whatever address it goes by. The column *from* of the commands says who may give which; from another host they are
answered `NOT_FROM_THIS_HOST`, when the state allows them at all, and change nothing. {_STOPS} are carried out for every bonded host.

- **A lost link, a silent host**: the massage pauses and stays its host's, which may connect again and `RESUME`. Another host can only stop
  it. It has to load a program of its own then.
- **The button**: a massage that it began belongs to nobody. It runs without a host, also while one only looks on. The first host
  whose {_TAKES_OVER} is answered `SUCCESS` takes it over: it is that host's from then on, and its silence, or the loss of its link,
  pauses it as any other. The program that is kept for the button belongs to nobody either, once the button has started it: any bonded host
  may start or store it then, and what it starts is its own. Only a host that is connected keeps the button from replacing the program that it
  has loaded; one that is away finds the button's in its place, and loads anew.
- **A massage of another host is not taken over**, neither by a command nor in time: what is left of it was checked for another person.
  Stop it, load, start.
- **Two hosts in turn**: an upload that is not committed ends with its link. A commit replaces the program whoever had loaded it, and from then on
  only the host that committed starts or stores it.
- **A bond that goes** (forgotten, lost, or replaced by pairing anew) ends a massage of its host and drops a program that it has loaded. A link
  that is encrypted with it already keeps its rights until it ends.
- **A loss of power** ends every massage, and no program is held after it.

### Uploads

`PROGRAM_BEGIN` announces number of steps, length (steps × {program.STEP_SIZE}, else `OUT_OF_RANGE`) and CRC, and forgets an upload that was going
on; any number of `PROGRAM_DATA` pieces, each an offset followed by its bytes, in any order, later ones overwriting earlier ones, none beyond
the announced length (`OUT_OF_RANGE`); `PROGRAM_COMMIT` checks that every byte came, the CRC (`BAD_CRC`), every step (`OUT_OF_RANGE`), and what
they come to together and under the settings in force (`OVER_CEILING`), and only then replaces the current program. A piece may be longer than
MTU − 3, by a long write. An upload ends with its commit, with another `PROGRAM_BEGIN`, with its link, with the start of a massage, and with every
change of state that drops the program; a refused `PROGRAM_BEGIN` or `PROGRAM_DATA` leaves it as it is.

`EXTEND` beyond the ceiling of a step, of a massage or of a place is refused with `OVER_CEILING`, not clipped.
"""

STATES: Final = """\
A part that is broken and the charger are conditions, not events: after `REARM` with a broken part the state goes on to `FAULT` at once, and on the
charger to `LOCKED`, and the answer says so.
"""

PROGRAM: Final = f"""\
The source goes in steps of {STEP_UA:g} µA: what step, trim and soft start come to is rounded down, and less than one step is no current. A ramp longer
than its step does not get to the end.
"""

RECORDS: Final = """\
## Massage records

Since 1.1, for rollers with the capability `RECORDS`. A person who presses the button while no massage runs starts the stored program, if one is
kept and no connected host has loaded one of its own; the roller keeps a record of it, written anew at the end of every step, so that a loss of
power costs no more than the step it falls into. So a record is in the list from the start of its massage on, with `end` `POWER_LOST`, and changes
under its number until the massage is over: a host fetches it then, or holds what it has read against `RECORD_HASH` at the end. `RECORD_COUNT` says how many there are; `RECORD_INFO` names the one at each place, the oldest first
(`NO_RECORD` beyond the last); `RECORD_READ` gives the bytes from any offset, as many as MTU − 3 leaves after the head of the answer and
`size` (`OUT_OF_RANGE` for an offset behind the end, no byte at the end); `RECORD_HASH` gives the roller's own CRC-32, and
`RECORD_DELETE` deletes when the host's copy has the same. No record is ever overwritten: when the flash is full, a massage is done but
not kept, and `lost` counts it.

A record is the head below, then `steps` rows of `row_size` bytes beginning at byte `head_size`.
"""

TELEMETRY: Final = """\
## Telemetry

`TELEMETRY_START` names a sampling rate and a mask of fast channels; the answer tells samples in a frame and bytes a second. It ends a stream that
goes on and begins another; when it is refused, the stream goes on. A stream goes on through every change of state, until `TELEMETRY_STOP` (which
succeeds without one, and tells 0 frames) or the end of its link. Frames are made, numbered and counted whether a host has subscribed or not. Each
notification is one frame: the header below, then `count` samples; a sample is the raw values of the stream's channels in the
order of the channel table's rows, packed. Fast frames carry the channels of the mask (bit *number* of each row), slow frames carry all
slow channels, once a second, the first when the stream begins. `sequence` counts frames of all kinds together, starting at 0; `first_sample` counts samples of the
frame's own kind. A gap in `sequence` is a lost frame; a sequence seen before is a duplicate; one that comes after a later one is
late. Sample *i* of a fast frame was taken *i* / rate after `device_time_us`.

A fast frame carries rate × 50 ms samples, rounded (half to even), at least one, and never more than MTU − 3 bytes with its header; when not
even one sample fits, `TELEMETRY_START` is answered `MTU_TOO_SMALL`. `bytes_per_second` counts headers, samples and the slow frames, rounded up.
The answer to `TELEMETRY_STOP` tells how many frames there were; when the link was lost instead, `DIAGNOSTICS` of `LAST_STREAM_FRAMES`
(since 1.2) tells it in the next connection, before another stream is started. Frames that found no room on the way count as well.
A header with `count` 0 is refused.
"""

#: What a line of the table of ceilings cannot say about how its value is meant.
CEILINGS: Final = f"""\
### What rises softly

`SOFT_START` is a line, not a ramp at the start alone. Amplitude, acceleration of the motor (amplitude × frequency²), peak and r.m.s. of the
current, and charge of one phase each rise by no more than their full value in {ceiling(CeilingId.SOFT_START)} ms, from any lower value that they had. Full is the most that
the ceilings allow: amplitude 1000 ‰, that at 150 Hz, 400 µA peak, 400 µA r.m.s., and the charge of one phase of a square wave of 400 µA at 1 Hz. A
slower ramp of the step holds as well. Falls are free.

- So it is at an edge of steps, a change of frequency or of waveform, a trim, a skip, a resume, and when an interlock lets go. What would stand over
  a line falls at once to where every quantity is on its line, and rises from there. A motor that has to turn so much faster that its own lag would
  shake the heads more than the line allows is stopped first, for 100 ms.
- A pattern of the vibration (pulse, wave, ramp) is held to the line, too: where it is too fast for it, its depth is less, and its highest is what the step says.
- A waveform of the current is one quantity: within its period nothing is a rise. Peak, r.m.s. and charge are those of its whole period.

### How long a place is worked

A place is a zone, which has its side. It fills by the time for which outputs are on there, and gives back as much as it is not worked: on another
place, in a step without outputs, in a pause, between massages, as long as the power is on. `PLACE_DWELL` is the most that it may hold.

- `PROGRAM_COMMIT` holds a program against it by itself; `START`, `SKIP` and `EXTEND` with what places hold already, as if every step lasted to its
  end. All are refused with `OVER_CEILING`; `DIAGNOSTICS` of `PROGRAM_REST_S` tells how long to wait before `START`.
- Where a place is full all the same, outputs there are zero with interlock `DOSE`, and the massage goes on.

### What is remembered of pressure

Time over `PRESSURE_HALF` fills a memory, time below empties it, four times as slowly. With {ceiling(CeilingId.PRESSURE_HALF_AFTER)} ms in it outputs are halved, until it is empty and the
pressure is under nine tenths of the threshold. So a pressure that dips now and then is not forgotten: after 10 s over the threshold, half holds for 40 s.
`PRESSURE_ZERO` and the caution have no delay that could be gone around: they hold at each reading over them, and until the pressure is under nine tenths.
"""
