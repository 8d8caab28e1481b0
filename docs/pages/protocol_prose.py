"""What the protocol page says in prose, around the tables that are made from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.control.commands import IDENTIFY_US, SIGNAL_US
from glowsim.firmware.outputs.limiter import STEP_UA
from glowsim.peripheral.gatt.server import MTU
from glowsim.peripheral.pairing.window import ATTEMPTS, WINDOW_S
from glowsim.physics.types import TICK_FAST_US, TICK_US
from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import HALFWAY, LAG_MOST_HZ, LAG_S, RUN_DOWN_MS, TICK_S, TOLERATED
from glowtool.model.program import MAX_STEPS
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
Byte vectors for every message are in `tests/vectors/`, and vectors of what comes out of a program over time in `tests/vectors/over_time/`.

## Conventions

- All integers are little-endian and packed without padding. `u8`, `u16`, `u32`, `u64` are unsigned, `i8`, `i16`, `i32` are two's complement.
- Vendor UUIDs are `{gatt.vendor_uuid(0).replace("0000", "XXXX", 1)}`, `XXXX` being the short id.
- **Requests** have exactly the declared length (`PROGRAM_DATA`: at least one byte of data after it); anything else is answered
  `BAD_LENGTH`.
- **Messages from the roller** may grow at the end from one minor version to the next, and a host ignores bytes at the end that it does not know.
  This applies to status and feature at their ends, to rows of the feature and the channel table as stated there, and to answers after their payload.
  The head of an answer and the header of a frame are fixed, because payload and samples follow them directly.
- A host refuses a roller of another **major** version, and says which of the two needs the update.
- Unknown bits of a bit field are ignored, and need not be kept. An unknown number of an enumeration is an error, unless the
  enumeration's table says that it may grow: then a host shows the number, and treats an unknown result as a refusal.
- If a value is outside its allowed range, or an enumeration does not allow a number, a device answers the request with `OUT_OF_RANGE`; a host
  drops such a message from a roller, and says so.
- Some values must be as stated (a marker, a format number, sizes no smaller than declared here): anything else is refused in the same way.
- A device checks a request in [a fixed order](#order-of-checks). The first failure is the answer.

The formats of Device Information (text), Battery Level (u8, percent), Current Time and SMP are those of the SIG and of MCUmgr. Battery Level
is notified when it changes. Current Time is all zeros while the clock is not set. The roller agrees to an MTU of up to {MTU}.

## Security

Without a bond a host can read the Device Information service and nothing else. Everything marked *bond* below answers
reads, writes and subscriptions with *Insufficient Authentication* (ATT 0x05), or for a bonded host with *Insufficient Encryption*
(0x0F), until the link is encrypted with a key from LE Secure Connections. Legacy pairing is refused. A model's display decides how
it pairs, and no host can make it accept a weaker way:

| display | IO capability | pairs by | what the person does |
| --- | --- | --- | --- |
| six digits (GR-1) | DisplayOnly | passkey entry | types the roller's passkey at the host |
| six digits and a button to answer | DisplayYesNo | numeric comparison | compares both numbers and confirms at both ends |
| none; advertises `NO_DISPLAY`, lacks the capability `DISPLAY` | NoInputNoOutput | Just Works | nothing: nobody proves who the host is |

Every roller with a display refuses Just Works, and a host refuses it from every roller that does not advertise `NO_DISPLAY`.

Pairing is possible only while the pairing window is open (`PAIRING_WINDOW_OPEN`). A person opens it on the roller (long press). While
it is closed, a request is answered *Pairing Not Supported* (SMP 0x05). The passkey is new for every attempt; after {_count(ATTEMPTS)} failed attempts
the window closes. It also closes with a new bond, and {WINDOW_S:g} s after it was opened, unless an attempt is under way. The display shows the next
attempt's passkey as soon as the window is open. Legacy pairing, and an IO capability that does not lead to the way in the table, are answered
*Authentication Requirements* (SMP 0x03) and do not count as attempts. There is one attempt at a time: a second one is answered as if the window were closed.

The roller keeps eight bonds. When there is no room for another, it advertises `BONDS_FULL` (since 1.2) and pairs only
with a host that is already bonded, whose bond is replaced. `FORGET_HOST` (since 1.2) drops the bond of the host that sends it, when
that host's connection ends.

### Links without a bond

One bonded host is connected at a time, and while it is, the roller does not advertise. A link that is not encrypted with a bond's key is
a stranger's link:

- The roller ends it after 10 s. While the pairing window is open it has 30 s, which begin again with a pairing attempt.
- There is one such link at a time (three while the window is open).
- If a link lasted for 2 s or more without a bond, its address is not let in again for 10 s, doubling each time up to 320 s, until the window is opened.

While strangers take all the places, and for 1 s after each (0.3 s while the window is open),
the roller goes on advertising, but accepts connections only from bonded hosts: from their identity addresses, and from private
addresses that their IRKs resolve (the controller's filter accept list and resolving list). So a bonded host gets in within 2 s, whatever
strangers do. As soon as its link is encrypted, every other link is ended. If a host is not let in, the roller does not answer it, or disconnects it with
*Low Resources* (0x14), which means: try again later. If the controller cannot filter hosts, anyone may connect, and is disconnected as above.
A device that imitates the address of a bonded host can delay that host at the radio itself; a host with a private address cannot be imitated.

A roller may use a resolvable private address, which changes every quarter of an hour while no host is connected. Its identity address, a
random static one, and its IRK are distributed in pairing. This does not hide the name and `serial_tail` in its advertisement.

Bonds, and the subscriptions of each bonded host, survive a loss of power. Subscriptions from an earlier connection are in
force again as soon as the link is encrypted with the bond's key, and nothing is sent before that. A host may therefore get a notification
that it has not asked for in this connection.
"""

GENERIC: Final = """\
In addition there are GAP (0x1800) and GATT (0x1801), both open, at the beginning of the table and always at the same handles. GATT has
Service Changed, Database Hash (Core, Vol 3, Part G, 7.3), and Client Supported Features. A host may set the bits of the latter, but they have no effect.

An update may move every other handle. A host that keeps handles compares the hash in each connection, or subscribes to Service Changed. The
roller then indicates it while the host is connected, or as soon as a bonded host's next link is encrypted, once in each connection until the host has
confirmed it. Subscriptions under the earlier table are void, except the one to Service Changed itself.
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
exactly one indication: the head below, and then the payload, if the result is `SUCCESS` and the command has one. The
host chooses the sequence number, and the answer repeats it; 255 is followed by 0. A host may write again before an answer
arrives: answers come in the order of the writes. A write is a write request, or a long write (prepare and execute) of up to 512 bytes;
a write command (without response) is ignored. Stops have [a faster way](#stops-that-wait-for-no-answer) in addition.

A host sends a command only to a roller whose feature states the version in the column *since*, or a later one, and the capability in the column
*needs*. Any other roller answers `UNKNOWN_OPCODE`.

State, step and interlocks in an answer are those after the command. Levels are the actual ones at that moment, not those that were asked for.
They are zero at once if the command ends outputs; other changes (`TRIM`, `SKIP`, `START`, `RESUME`) show in the status after 5 ms.

A write of one byte is answered with sequence 0, an empty one with opcode 0 and sequence 0, both
`BAD_LENGTH`.

Without the *indication* bit in the control point's client configuration, a write is refused with ATT error 0xFD (CCCD improperly
configured), whatever the notification bit says. Only {_STOPS}, if well formed, are still carried out: they get the response
to the write, but no indication. If a host clears the bit, answers that are still waiting are not sent.

Every request is answered. If something inside the roller fails while it carries out a command, that is a fault of its firmware (`FIRMWARE`, since 1.3): outputs
are zero, the state is `FAULT`, and the command is answered `WRONG_STATE`. A read that fails in this way is answered *Unlikely Error* (ATT 0x0E),
with the same consequence. `SET_TIME` does not accept a time before 1970 or after 2099.

Settings survive a loss of power, and are the same for every host. `IDENTIFY` lasts {IDENTIFY_US // 1_000_000} s,
`SIGNAL` (since 1.4) {SIGNAL_US // 1000} ms; it is the buzzer, never the motor.

Each `EMERGENCY_STOP` restarts the grace time, even in `LATCHED`; a refused `REARM` does not. An
emergency stop survives a loss of power: once `EMERGENCY_STOP` or `REARM` has been answered with `SUCCESS`, it holds at the next start. A roller that
starts latched restarts its grace time (since 1.3; before that, a start forgot the latch). If the stored latch is damaged,
the roller starts latched. If the flash cannot store it (`FLASH` among the faults), the stop is still answered, and is forgotten when the power is lost; but
with a flash that does not store what it is given, no output is on after the start either.

### Stops that wait for no answer

ATT lets a host have one request under way. A stop that is written as a request therefore waits for the answer to the one before: up to two
connection intervals for a heartbeat, and more for a long read. The stop point (since {gatt.STOP_POINT.since}) takes write commands, which wait for nothing. A host writes
the same bytes there as to the control point, `opcode (u8), sequence (u8)`.

- The roller carries out {_STOPS}, if well formed, for every bonded host, with no subscription. They do what they do at the
  control point, but nothing answers them; the status shows the change.
- Everything else that is written there, and everything from a host without a bond, is ignored. It is no sign of life of the host either.

A write command is not acknowledged, so a stack may drop it. It also overtakes requests that still wait in the host's own stack, a
`START` among them. So a host writes `STOP` and `EMERGENCY_STOP` **twice**: to the stop point, and at once as a request to the control point. That
comes behind everything that was written before, and only its answer confirms that the roller has stopped. It finds the first one done, which changes
nothing (the grace time of an emergency stop begins again). `PAUSE` is not for this: the second one would be answered `WRONG_STATE`.

A roller of an earlier version has no stop point; a host writes to the control point alone.

### Heartbeats

While a massage runs, any write to the control point that is answered `SUCCESS` shows that its host is alive. If none comes, everything is at rest
before the watchdog time is over (setting `WATCHDOG_MS`, 1000 ms unless lowered), and the massage is paused. A shorted motor takes up to
{RUN_DOWN_MS} ms to stand still, so **the roller gives up on a host {RUN_DOWN_MS} ms before `WATCHDOG_MS`**: it counts from the arrival of one such write, and the next has to
arrive within that time.

A write waits for its turn on the radio: up to connection interval × (1 + peripheral latency), and as long again for each
repetition. The table has the latest arrival, the period of glowtool's own heartbeats, which is a third of the watchdog time, and the
longest such wait at which they are still in time if each is repeated once:

{_heartbeats()}
A host that sends less often uses a shorter interval. Peripheral latency is best left at 0 while a massage runs. The supervision timeout does not
matter here: a lost link pauses the massage as well.

When a link falls silent, two times run: the watchdog's from the last heartbeat, and the supervision timeout from the last packet. The one that
ends first pauses the massage and names the interlock, `WATCHDOG` or `LINK_LOSS`; if both end at the same moment, it is `WATCHDOG`. The other one
finds the massage paused and changes nothing. So a host that connects again may find either: with a watchdog of 1000 ms and a supervision timeout
of 720 ms, `LINK_LOSS` if its last heartbeat came less than {liveness.latest_heartbeat_ms(1000) - 720} ms before the last packet.

### Who owns a massage

A massage belongs to the host whose `START` began it, and a program to the host whose `PROGRAM_COMMIT` was answered `SUCCESS`. A host is
known by its bond, whatever address it uses. The column *from* of the commands says which host may give which command. From any other host, a command that the state allows is
answered `NOT_FROM_THIS_HOST`, and changes nothing. {_STOPS} are carried out for every bonded host.

- **A lost link, a silent host**: the massage pauses and still belongs to its host, which may connect again and `RESUME`. Another host can only stop
  it, and then has to load a program of its own.
- **The button**: a massage that the button started belongs to nobody. It runs without a host, even while a host is connected and only watches. The first host
  whose {_TAKES_OVER} is answered `SUCCESS` takes it over. It belongs to that host from then on, and if that host falls silent or loses its link,
  the massage pauses like any other. The program that is kept for the button belongs to nobody either, once the button has started it: any bonded host
  may then start or store it, and owns the massage that it starts. Only a connected host keeps the button from replacing the program that it
  has loaded; a host that was away finds the button's program in its place, and loads its own again.
- **A massage of another host is never taken over**, neither by a command nor after some time: the rest of it was checked for another person.
  Stop it, load, start.
- **Two hosts in turn**: an upload that is not committed ends with its link. A commit replaces the program, whichever host loaded it, and from then on
  only the host that committed can start or store it.
- **A bond that ends** (forgotten, lost, or replaced by pairing again) ends a massage of its host and drops a program that the host has loaded. If the
  host is connected at that time, the roller ends the link (0x05), and until it has ended carries out nothing but {_STOPS} for it; everything else is
  answered `NOT_FROM_THIS_HOST`. A host that has paired again over its link has a new bond, and its link goes on.
- **A loss of power** ends every massage, and no program is held after it.

### Uploads

An upload has three parts:

- `PROGRAM_BEGIN` announces the number of records (`steps`), the length (records × {program.STEP_SIZE}, else `OUT_OF_RANGE`) and the CRC. It drops an upload that was under way.
- Any number of `PROGRAM_DATA` pieces follow, each an offset followed by its bytes, in any order. Later pieces overwrite earlier ones; none may go beyond
  the announced length (`OUT_OF_RANGE`). A piece may be longer than MTU − 3, by a long write.
- `PROGRAM_COMMIT` checks that every byte came, the CRC (`BAD_CRC`), every step (`OUT_OF_RANGE`), and all steps
  together under the settings in force (`OVER_CEILING`). Only then does it replace the current program.

An upload ends with its commit, with another `PROGRAM_BEGIN`, with its link, with the start of a massage, and with every
change of state that drops the program. A refused `PROGRAM_BEGIN` or `PROGRAM_DATA` leaves it as it is.

`EXTEND` beyond the ceiling of a step, of a massage or of a place is refused with `OVER_CEILING`, not clipped.
"""

STATES: Final = """\
A broken part and the charger are conditions, not events: after `REARM` with a broken part the state changes to `FAULT` at once, and on the
charger to `LOCKED`, and the answer says so.
"""

PROGRAM: Final = f"""\
### Keyframes

Since 1.4, for rollers with the capability `KEYFRAMES`. A record whose first byte is 0x{program.KEYFRAME_MARK:02X}, which is no zone, is a keyframe of the step before it. Its numbers stand
where they stand in the record of a step; all other bytes are zero. A commit requires that the first record is a step; that the keyframes of a step
are in the order of their moments, no two at the same one; and that none comes after the end of its step (`OUT_OF_RANGE`). Nothing else numbers keyframes: `step` and
`steps` in a status count steps.

A roller without the capability takes at most {MAX_STEPS} records, and no keyframe among them (`OUT_OF_RANGE`). A host sends it steps instead, each at a level of its
own: they come as close as steps can.

### What comes out

These formulas say what a program asks for, and what comes out of it as long as no interlock holds it back. Time *t* is that since the beginning of the step, as in
`step_elapsed_ms`; a pause stops it, and `EXTEND` moves the end of the step only. Frequencies and levels are those of the records; shares are 0 to 1.

- **Line.** The step's own levels are those at *t* = 0, and a keyframe's those at its moment. Between two of them, at *t*₀ with the level *v*₀ and at *t*₁ with
  *v*₁, each of the four numbers is *v*₀ + (*v*₁ − *v*₀) · (*t* − *t*₀) / (*t*₁ − *t*₀). After the last one it stays, however long the step becomes.
- **Trim.** *A* is the amplitude of the line, and *P* its peak, each multiplied by its trim.
- **Pattern.** The amplitude asked for is *A* − *D* · *dip*(*φ*). *φ* is the fractional part of *t* / *T*, *T* being `pattern_period_ms`. The depth *D* is the smaller of *A* and
  0.9 · *R* · *T* / `ramp_ms`, so that no pattern is faster than the ramp.

  | pattern | *R* | *dip*(*φ*) |
  | --- | --- | --- |
  | `STEADY` | 0 | 0 |
  | `PULSE` | 1/4 | 1 for *φ* < 1/2, then 1 − 4 (*φ* − 1/2) until 3/4, then 0 |
  | `WAVE` | 1/π | (1 + cos 2π*φ*) / 2 |
  | `RAMP` | 1 | 1 − *φ* |

- **Ramp.** `ramp_ms` is the time from nothing to full, not to the level of the step: half the amplitude is reached after half of it. Full is what the ceilings
  allow: 1000 ‰, and {ceiling(CeilingId.PEAK_CURRENT)} µA. In a tick of *dt* ({TICK_US / 1000:g} ms, or {TICK_FAST_US / 1000:g} ms while telemetry runs at 400 Hz) the amplitude *a* and the peak *p* that come out follow what is asked for, with
  *r* = *dt* / `ramp_ms` and the values of the tick before marked by ′; a smaller value is taken at once. They begin at 0 with `START`, `RESUME` and `SKIP`.
  - *a* is at most *a*′ + *r*. If the frequency *f* is higher than *f*′, it is also at most (*a*′ *f*′² + *r* · 150²) / *f*², *f* in Hz.
  - *p* is at most *p*′ + 400 *r*. If the waveform or the frequency *g* is another one, it is also at most (*p*′ *w*′ + 400 *r*) / *w* and
    (*p*′ *q*′ / *g*′ + 200 *r*) · *g* / *q*, *g* in Hz; *w* and *q* are those of the waveforms below.
  - An output that was 0 in the tick before has only the first limit.
- **Waveform.** With *φ* going from 0 to 1 within a period of the current, at the crest *p*, the current is

  | waveform | current | *w*, its r.m.s. / *p* | *q*, charge of a phase · *g* / *p* |
  | --- | --- | --- | --- |
  | `BIPHASIC_SQUARE` | *p* for *φ* < 1/2, then −*p* | 1 | 1/2 |
  | `BIPHASIC_PULSE` | *p* for *φ* < 1/20, −*p* until 1/10, then 0 | √(1/10) | 1/20 |
  | `MODULATED` | *p* sin 2π*φ* | √(1/2) | 1/π |

  Crest and frequency of a period are those in force at its beginning, so that both phases carry the same charge. A fall to zero does not wait for its end.
- **Source.** It works in steps of {STEP_UA:g} µA: *p* is rounded down to them, and less than one step is no current. The next tick goes on from *p* as it was.

A ramp longer than its step does not reach its end. A line that rises faster than the ramp is no error: what comes out rises with the ramp, and meets the line later.
"""

RECORDS: Final = """\
## Massage records

Since 1.1, for rollers with the capability `RECORDS`. When a person presses the button while no massage runs, the roller starts the stored program, if it has
one and no connected host has loaded one of its own. The roller keeps a record of the massage. It writes the record again at the end of every step, so a loss of
power costs only the step in which it happens. A record is therefore in the list from the start of its massage, with `end` `POWER_LOST`, and changes
under its number until the massage is over. A host fetches it after that, or compares what it has read with `RECORD_HASH` at the end.

`RECORD_COUNT` says how many records there are. `RECORD_INFO` names the one at each place, the oldest first
(`NO_RECORD` beyond the last). `RECORD_READ` gives the bytes from any offset, as many as MTU − 3 leaves after the head of the answer and
`size` (`OUT_OF_RANGE` for an offset beyond the end, no bytes at the end). `RECORD_HASH` gives the roller's own CRC-32, and
`RECORD_DELETE` deletes the record if the host's copy has the same CRC-32. No record is ever overwritten: when the flash is full, a massage is done but
not kept, and `lost` counts it.

A record is the head below, then `steps` rows of `row_size` bytes beginning at byte `head_size`.
"""

TELEMETRY: Final = """\
## Telemetry

`TELEMETRY_START` names a sampling rate and a mask of fast channels; the answer gives samples per frame and bytes per second. It ends the current
stream and begins another; if it is refused, the current stream continues. A stream continues through every change of state, until `TELEMETRY_STOP` (which
succeeds without a stream, and reports 0 frames) or the end of its link. Frames are made, numbered and counted whether or not a host has subscribed. Each
notification is one frame: the header below, then `count` samples; a sample is the raw values of the stream's channels in the
order of the channel table's rows, packed. Fast frames carry the channels of the mask (bit *number* of each row), slow frames carry all
slow channels, once a second, the first when the stream begins. `sequence` counts frames of all kinds together, starting at 0; `first_sample` counts samples of the
frame's own kind. A gap in `sequence` is a lost frame; a sequence seen before is a duplicate; one that comes after a later one is
late. Sample *i* of a fast frame was taken *i* / rate after `device_time_us`.

A fast frame carries rate × 50 ms samples, rounded (half to even), at least one, and never more than MTU − 3 bytes with its header; if not
even one sample fits, `TELEMETRY_START` is answered `MTU_TOO_SMALL`. `bytes_per_second` counts headers, samples and the slow frames, rounded up.
The answer to `TELEMETRY_STOP` says how many frames there were. If the link was lost instead, `DIAGNOSTICS` of `LAST_STREAM_FRAMES`
(since 1.2) says it in the next connection, before another stream is started. Frames that were dropped for lack of room count as well.
A header with `count` 0 is refused.
"""

#: What a line of the table of ceilings cannot say about how its value is meant.
CEILINGS: Final = f"""\
### What rises softly

`SOFT_START` limits every rise, not only the ramp at the start. Amplitude, acceleration of the motor (amplitude × frequency²), peak and r.m.s. of the
current, and charge of one phase each rise by no more than their full value in {ceiling(CeilingId.SOFT_START)} ms, from any lower value that they had: this is the line of each. Full is the most that
the ceilings allow: amplitude 1000 ‰, that at 150 Hz, 400 µA peak, 400 µA r.m.s., and the charge of one phase of a square wave of 400 µA at 1 Hz. A
slower ramp of the step applies as well. Falls are not limited.

- The limit applies between steps, at a change of frequency or of waveform, a trim, a skip or a resume, and when an interlock ends. An output that would be over
  a line falls at once to where every quantity is on its line, and rises from there.
- The motor follows its drive with a lag of {LAG_S * 1000:g} ms. At each tick of {TICK_S * 1000:g} ms in which it is driven, its frequency f comes nearer to that of its drive, F, by
  (F − f) × {TICK_S * 1000:g} / {(TICK_S + LAG_S) * 1000:g}, and is F where F is lower; its amplitude a falls in the same way, and is that of the drive where that is higher. If the next frequency is higher than f
  by so much that {HALFWAY:g} × a × (difference)² is more than {TOLERATED:g} × ({limit(CeilingId.VIBRATION_FREQUENCY_MAX):g} Hz)², the motor would shake the heads more than the line allows: it is stopped first,
  until it has been without drive for {RUN_DOWN_MS} ms, then stands still, and begins at the new frequency from zero. So it is between two steps; within a step glowtool refuses a line that
  is so fast, and keeps the lag within {LAG_MOST_HZ:.2f} Hz / √a.
- A pattern of the vibration (pulse, wave, ramp) is held to the line, too: if it is too fast for the line, its depth is reduced, and its highest value is what the step says.
- A waveform of the current is one quantity: nothing within its period counts as a rise. Peak, r.m.s. and charge are those of its whole period.

### How long a place is worked

A place is a zone, which includes its side. It fills with the time for which outputs are on there, and empties at the same rate while it is not worked: on another
place, in a step without outputs, in a pause, or between massages, as long as the power is on. `PLACE_DWELL` is the most that it may hold.

- `PROGRAM_COMMIT` checks a program by itself against this ceiling. `START`, `SKIP` and `EXTEND` also count what places already hold, as if every step lasted to its
  end. All are refused with `OVER_CEILING`; `DIAGNOSTICS` of `PROGRAM_REST_S` says how long to wait before `START`.
- If a place is full all the same, outputs there are zero with interlock `DOSE`, and the massage goes on.

### The memory of pressure

Time over `PRESSURE_HALF` fills a memory; time below it empties the memory, four times as slowly. Once it holds {ceiling(CeilingId.PRESSURE_HALF_AFTER)} ms, outputs are halved until it is empty and the
pressure is under nine tenths of the threshold. So a pressure that dips now and then is not forgotten: after 10 s over the threshold, outputs stay halved for 40 s.
`PRESSURE_ZERO` and the caution have no delay that could be exploited: they act at each reading over them, and until the pressure is under nine tenths.
"""
