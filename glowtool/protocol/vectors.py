"""Golden byte vectors: bytes and meaning of every message, made from the declarations.

An engineer of the other side checks against `tests/vectors/*.json`. Each vector is `{"name", "kind", "hex",
"value"}`; values are the raw numbers of the wire, enumerations as numbers.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from glowtool.model.channel import Stream
from glowtool.model.face import Direction, Zone
from glowtool.model.names import key_of
from glowtool.model.output import Pattern, Waveform
from glowtool.model.state import Capability, Interlock, State
from glowtool.protocol import advertising, channels, program, records, status, telemetry
from glowtool.protocol.commands import codec
from glowtool.protocol.commands.codec import Request, Response, ResponseHead
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import M, Message, encode, layout

Vector = dict[str, object]


def values_of(message: Message) -> dict[str, int]:
    """Return the raw numbers of a message by field name."""
    return {item.name: int(getattr(message, item.name)) for item in layout(type(message))}


def _corner(kind: type[M], *, highest: bool) -> M:
    """Return the message with every field at one end of its range; enumerations at their first or last member."""
    chosen: dict[str, int] = {}
    for item in layout(kind):
        if item.enumeration is not None:
            members: list[int] = list(item.enumeration)
            chosen[item.name] = members[-1 if highest else 0]
        else:
            chosen[item.name] = item.wire.maximum if highest else item.wire.minimum
    return kind(**chosen)


def _vector(name: str, kind: str, data: bytes, value: object) -> Vector:
    return {"name": name, "kind": kind, "hex": data.hex(), "value": value}


def request_vectors() -> list[Vector]:
    """Return both corners of every command."""
    found = []
    for opcode in Opcode:
        for highest in (False, True):
            operands = _corner(opcode.command.operands, highest=highest)
            tail = bytes(range(16)) if opcode.command.tail else b""
            sequence = 255 if highest else 1
            data = codec.encode_request(Request(opcode, sequence, operands, tail))
            value = {"opcode": int(opcode), "sequence": sequence, "operands": values_of(operands), "tail": tail.hex()}
            found.append(_vector(f"{key_of(opcode)} {'high' if highest else 'low'}", "request", data, value))
    return found


def response_vectors() -> list[Vector]:
    """Return an answer to every command, and one for every result code."""
    head = ResponseHead(
        codec.RESPONSE_MARKER, 0, 7, Result.SUCCESS, State.RUNNING, 2, Interlock.SOFT_START, 350, 750, 120, 100
    )
    found = []
    for opcode in Opcode:
        kind = opcode.command.payload
        payload = None if kind is None else _corner(kind, highest=True)
        tail = bytes(range(255)) if kind is records.RecordPiece else b""
        answer = Response(dataclasses.replace(head, opcode=int(opcode)), payload, tail)
        value: dict[str, object] = {**values_of(answer.head)}
        value["payload"] = None if payload is None else values_of(payload)
        if tail:
            value["tail"] = tail.hex()
        found.append(_vector(f"{key_of(opcode)} success", "response", codec.encode_response(answer), value))
    for result in Result:
        if result is not Result.SUCCESS:
            refused = dataclasses.replace(head, opcode=int(Opcode.START), result=result, state=State.IDLE)
            value = {**values_of(refused), "payload": None}
            found.append(_vector(f"start {key_of(result)}", "response", encode(refused), value))
    return found


def program_vectors() -> list[Vector]:
    """Return programs of one and of three steps, and one with keyframes, with length and CRC."""
    step = program.StepRecord(
        Zone.CHEEK_LEFT, Direction.UPWARD, Pattern.WAVE, Waveform.BIPHASIC_PULSE,
        15_000, 350, 750, 2000, 120, 100, 4000, 200, 500,
    )  # fmt: skip
    rest = dataclasses.replace(step, zone=Zone.FOREHEAD_RIGHT, waveform=Waveform.NONE, peak_ua=0)
    corner = _corner(program.StepRecord, highest=True)
    keyframe = program.KeyframeRecord(program.KEYFRAME_MARK, 0, 0, 5000, 600, 900, 0, 200, 50, 0, 0)
    highest = _corner(program.KeyframeRecord, highest=True)
    swell = dataclasses.replace(
        step, keyframes=(keyframe, dataclasses.replace(keyframe, at_ms=15_000, amplitude_permille=0))
    )
    ends = dataclasses.replace(
        corner, duration_ms=300_000, keyframes=(_corner(program.KeyframeRecord, highest=False), highest)
    )
    found = []
    for name, steps in (
        ("one step", (step,)),
        ("three steps", (step, rest, corner)),
        ("keyframes", (swell, rest)),
        ("keyframes at the ends of their ranges", (ends,)),
    ):
        data = b"".join(encode(record) for item in steps for record in (item, *item.keyframes))
        value = {
            "steps": [_step_values(item) for item in steps],
            "length": len(data),
            "crc32": program.program_crc(data),
        }
        found.append(_vector(name, "program", data, value))
    return found


def _step_values(step: program.StepRecord) -> dict[str, object]:
    keyframes = [values_of(item) for item in step.keyframes]
    return {**values_of(step), **({"keyframes": keyframes} if keyframes else {})}


def status_vectors() -> list[Vector]:
    """Return status, feature, advertisement and channel table."""
    feature = status.own_feature(Capability(0x1FF))
    table = channels.encode_channel_table(channels.CHANNELS)
    rows = [{"name": item.name, **values_of(channels.ChannelRow.of(item.row))} for item in channels.CHANNELS]
    value = {
        "major": feature.major,
        "minor": feature.minor,
        "capabilities": int(feature.capabilities),
        "rates_hz": list(feature.rates_hz),
        "ceilings": [[which, value] for which, value in feature.ceilings.items()],
    }
    found = [
        _vector("own feature", "feature", status.encode_feature(feature), value),
        _vector("own channel table", "channel_table", table, rows),
    ]
    for highest in (False, True):
        corner = "high" if highest else "low"
        for kind, label in ((status.Status, "status"), (advertising.Advertisement, "advertisement")):
            message = _corner(kind, highest=highest)
            found.append(_vector(f"{label} {corner}", label, encode(message), values_of(message)))
    return found


def record_vectors() -> list[Vector]:
    """Return a massage record at each end of its ranges."""
    found = []
    for highest in (False, True):
        row = _corner(records.MassageStep, highest=highest)
        corner = values_of(_corner(records.MassageHead, highest=highest))
        sizes = {"head_size": records.HEAD_SIZE, "row_size": records.ROW_SIZE, "steps": 2 if highest else 1}
        head = records.MassageHead(**{**corner, **sizes})  # type: ignore[arg-type]  # raw numbers, for the wire
        rows = [row] * (2 if highest else 1)
        data = encode(head) + b"".join(map(encode, rows))
        value = {**values_of(head), "rows": [values_of(item) for item in rows], "crc32": records.record_crc(data)}
        found.append(_vector(f"massage {'high' if highest else 'low'}", "massage", data, value))
    return found


def frame_vectors() -> list[Vector]:
    """Return frames of both kinds, with full and with partial masks, at the ends of every counter."""
    found = []
    cases: Final = (
        ("fast, all channels", Stream.FAST, channels.ALL_FAST, 3, (0, 0, 0)),
        ("fast, pressure only", Stream.FAST, 0b1111, 1, (0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)),
        ("fast, full frame", Stream.FAST, channels.ALL_FAST, 10, (258, 1_000_000, 2570)),
        ("slow", Stream.SLOW, 0, 1, (7, 123_456_789, 20)),
    )
    for name, stream, mask, count, (sequence, time_us, first) in cases:
        chosen = channels.select(channels.CHANNELS, stream, mask)
        samples = np.zeros(count, dtype=sample_dtype(chosen))
        for place, channel in enumerate(chosen):
            low, high = channel.row.raw_minimum, channel.row.raw_maximum
            samples[channel.name] = [low + (high - low) * (number + place) // (count + 9) for number in range(count)]
        header = telemetry.FrameHeader(stream, count, sequence, time_us, first)
        value = {
            **values_of(header),
            "mask": mask,
            "samples": samples.tolist(),
            "channels": [channel.name for channel in chosen],
        }
        found.append(_vector(name, "frame", encode_frame(header, samples), value))
    return found


def all_vectors() -> dict[str, list[Vector]]:
    """Return every vector by the stem of the file that holds it."""
    return {
        "requests": request_vectors(),
        "responses": response_vectors(),
        "programs": program_vectors(),
        "characteristics": status_vectors(),
        "frames": frame_vectors(),
        "records": record_vectors(),
    }
