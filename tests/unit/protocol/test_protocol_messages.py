"""Decoding inverts encoding, both sides check the ranges, and errors name field and value."""

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import DecodeError, VersionRefusedError
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.channel import Stream
from glowtool.model.face import Zone
from glowtool.model.output import Waveform
from glowtool.model.state import Capability
from glowtool.protocol import advertising, channels, program, samples, status, telemetry
from glowtool.protocol.ceilings import ceiling, steps_of
from glowtool.protocol.commands import codec, operands
from glowtool.protocol.commands.codec import Request, RequestError
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import Message, decode, encode, layout, size_of
from glowtool.safety.limits import ceilings_in_force
from support.device.programs import raw_program

PAYLOADS = tuple(dict.fromkeys(opcode.command.payload for opcode in Opcode if opcode.command.payload is not None))

KINDS: tuple[type[Message], ...] = (
    *dict.fromkeys(opcode.command.operands for opcode in Opcode),
    *PAYLOADS,
    status.Outputs,
    codec.ResponseHead,
    status.Status,
    status.FeatureHead,
    status.CeilingRow,
    program.StepRecord,
    program.KeyframeRecord,
    channels.ChannelRow,
    telemetry.FrameHeader,
    advertising.Advertisement,
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    kind = draw(st.sampled_from(KINDS))
    values: dict[str, int] = {}
    for item in layout(kind):
        if item.enumeration is not None:
            members: list[int] = list(item.enumeration)
            values[item.name] = draw(st.sampled_from(members))
        else:
            values[item.name] = draw(st.integers(item.wire.minimum, item.wire.maximum))
    return kind(**values)


@given(messages())
def test_decoding_gives_back_what_was_encoded(message: Message) -> None:
    data = encode(message)
    assert len(data) == size_of(type(message))
    assert decode(type(message), data, exact=True) == message


@given(messages(), st.binary(min_size=1, max_size=8))
def test_bytes_of_a_newer_version_at_the_end_are_ignored_unless_exact(message: Message, more: bytes) -> None:
    assert decode(type(message), encode(message) + more) == message
    with pytest.raises(DecodeError, match="expected"):
        decode(type(message), encode(message) + more, exact=True)


@given(messages().filter(lambda message: size_of(type(message)) > 0))
def test_a_message_that_is_cut_off_is_refused_at_every_length(message: Message) -> None:
    data = encode(message)
    for length in range(len(data)):
        with pytest.raises(DecodeError, match=type(message).__name__):
            decode(type(message), data[:length])


@given(st.sampled_from(KINDS), st.binary(max_size=600))
def test_any_bytes_decode_or_raise_decode_error(kind: type[Message], data: bytes) -> None:
    try:
        message = decode(kind, data)
    except DecodeError:
        return
    assert encode(message) == data[: size_of(kind)]


def _refused_with(data: bytes) -> Result | None:
    try:
        codec.decode_request(data)
    except RequestError as error:
        return error.result
    return None


@given(st.binary(max_size=300))
def test_any_request_decodes_or_names_the_result_code(data: bytes) -> None:
    result = _refused_with(data)
    assert result in {None, Result.BAD_LENGTH, Result.UNKNOWN_OPCODE, Result.OUT_OF_RANGE}
    if result is None:
        assert codec.encode_request(codec.decode_request(data)) == data


@given(st.binary(max_size=600))
def test_any_bytes_from_a_roller_decode_or_raise_decode_error(data: bytes) -> None:
    dtype = samples.sample_dtype(channels.CHANNELS[:3])
    attempts = (
        codec.decode_response,
        status.decode_feature,
        channels.decode_channel_table,
        program.decode_program,
        lambda raw: samples.decode_frame(raw, {Stream.FAST: dtype}),
    )
    for attempt in attempts:
        try:
            attempt(data)
        except (DecodeError, VersionRefusedError):
            continue


def test_encoding_out_of_range_names_field_value_and_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"Trim\.current_percent is 101; it must be 0 to 100 \(%\)"):
        encode(operands.Trim(50, 101))


def test_decoding_out_of_range_names_field_place_and_value() -> None:
    with pytest.raises(DecodeError, match=r"Trim\.vibration_percent at byte 0 is 200"):
        decode(operands.Trim, b"\xc8\x00")


def test_an_unknown_number_lists_the_known_ones() -> None:
    raw = bytearray(encode(_step()))
    raw[0] = 99
    with pytest.raises(DecodeError, match="99; it must be one of 1=FOREHEAD_LEFT"):
        decode(program.StepRecord, raw)


def test_a_request_takes_its_own_operands_only() -> None:
    with pytest.raises(ValueError, match="START takes NoOperands, not Trim"):
        codec.encode_request(Request(Opcode.START, 0, operands.Trim(1, 1)))
    with pytest.raises(ValueError, match="STOP takes no bytes"):
        codec.encode_request(Request(Opcode.STOP, 0, operands.NoOperands(), b"x"))


def test_an_answer_with_another_result_than_success_has_no_payload() -> None:
    head = codec.ResponseHead(0x80, Opcode.SELF_TEST, 1, Result.WRONG_STATE, 0, 255, 0, 0, 0, 0, 0)  # type: ignore[arg-type]  # raw numbers on purpose
    assert codec.decode_response(encode(head)).payload is None


def test_answers_fit_the_smallest_mtu() -> None:
    longest = size_of(codec.ResponseHead) + max(map(size_of, PAYLOADS))
    assert longest <= 20


def test_the_first_twenty_bytes_of_the_status_end_at_a_field() -> None:
    ends = {item.offset + item.wire.size for item in layout(status.Status)}
    assert 20 in ends


def test_a_feature_of_a_newer_minor_version_with_longer_rows_is_understood() -> None:
    feature = status.own_feature(Capability.VIBRATION)
    raw = status.encode_feature(feature)
    head_size, row_size = size_of(status.FeatureHead), size_of(status.CeilingRow)
    head = bytearray(raw[:head_size])
    head[1], head[6], head[7] = 9, head_size + 2, row_size + 3
    rates_end = head_size + 2 * len(feature.rates_hz)
    rows = [raw[at : at + row_size] + b"new" for at in range(rates_end, len(raw), row_size)]
    newer = status.decode_feature(bytes(head) + b"??" + raw[head_size:rates_end] + b"".join(rows))
    assert (newer.minor, newer.rates_hz, newer.ceilings) == (9, feature.rates_hz, feature.ceilings)


@pytest.mark.parametrize(("major", "who"), [(0, "firmware of the roller"), (2, "glowtool")])
def test_another_major_version_is_refused_and_says_who_must_update(major: int, who: str) -> None:
    raw = bytearray(status.encode_feature(status.own_feature(Capability(0))))
    raw[0] = major
    with pytest.raises(VersionRefusedError, match=f"update (the )?{who}"):
        status.decode_feature(raw)


@given(st.sampled_from(list(CeilingId)), st.integers(-(2**31), 2**31 - 1))
def test_a_device_can_make_a_ceiling_stricter_and_never_looser(which: CeilingId, theirs: int) -> None:
    feature = status.Feature(1, 0, Capability(0), (), {int(which): theirs})
    ours = ceiling(which)
    force = ceilings_in_force(feature.limits)[which]
    stricter = min(ours, theirs) if CEILINGS[which].sense.name == "AT_MOST" else max(ours, theirs)
    assert steps_of(which, force) == stricter


def _step(**changes: int) -> program.StepRecord:
    values: dict[str, int] = {
        "zone": Zone.CHEEK_LEFT, "direction": 0, "pattern": 0, "waveform": Waveform.BIPHASIC_SQUARE,
        "duration_ms": 15_000, "amplitude_permille": 300, "vibration_dhz": 750, "pattern_period_ms": 1000,
        "peak_ua": 100, "current_dhz": 100, "ramp_ms": 4000, "band_low": 200, "band_high": 500,
    }  # fmt: skip
    return program.StepRecord(**{**values, **changes})  # type: ignore[arg-type]  # enumerations as numbers


def _keyed(*changes: dict[str, int], **one: int) -> program.StepRecord:
    """Return a step with a keyframe for each table of changes."""
    usual = {
        "mark": program.KEYFRAME_MARK, "reserved_1": 0, "reserved_2": 0, "at_ms": 5000, "amplitude_permille": 400,
        "vibration_dhz": 800, "reserved_12": 0, "peak_ua": 200, "current_dhz": 100, "reserved_18": 0, "reserved_20": 0,
    }  # fmt: skip
    keyframes = tuple(program.KeyframeRecord(**{**usual, **each}) for each in changes or (one,))
    return replace(_step(), keyframes=keyframes)


def test_a_program_survives_the_way_to_the_device() -> None:
    later = replace(_keyed({"at_ms": 1}, {"at_ms": 15_000}), peak_ua=0)
    steps = (_step(), _step(waveform=Waveform.NONE, peak_ua=0), _keyed(), later)
    assert program.decode_program(program.encode_program(steps)) == steps


def test_a_program_begins_with_a_step() -> None:
    with pytest.raises(DecodeError, match="begins with a step"):
        program.decode_program(encode(_keyed().keyframes[0]))


def test_steps_and_keyframes_together_have_a_number_that_no_roller_exceeds() -> None:
    crowd = tuple({"at_ms": at_ms} for at_ms in range(1, 255))
    assert len(program.encode_program((_keyed(*crowd),))) == program.PROGRAM_SIZE_MAX
    with pytest.raises(ValueError, match="at most 255 steps and keyframes together, not 256"):
        program.encode_program((_keyed(*crowd), _step()))


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "1 to 255 records"),
        ((_step(duration_ms=1000),) * 65, "at most 64 steps, not 65"),
        ((_step(duration_ms=1000),) * 256, "1 to 255 records"),
        ((_keyed(at_ms=0),), "at_ms"),
        ((_keyed(at_ms=15_001),), "after its end at 15000 ms"),
        ((_keyed({"at_ms": 5000}, {"at_ms": 5000}),), "not in the order"),
        ((_keyed(amplitude_permille=1001),), "amplitude_permille"),
        ((_keyed(reserved_20=1),), "reserved_20"),
        ((replace(_keyed(peak_ua=10), waveform=Waveform.NONE, peak_ua=0),), "NONE with peak_ua 10"),
        ((_step(band_low=600),), "band_low 600 is above band_high 500"),
        ((_step(waveform=Waveform.NONE),), "NONE with peak_ua 100"),
        ((_step(peak_ua=0),), "peak_ua 0"),
        ((_step(duration_ms=300_000),) * 5, "1500000 ms"),
    ],
)
def test_a_program_that_breaks_a_rule_is_refused(steps: tuple[program.StepRecord, ...], words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        program.decode_program(raw_program(list(steps)))


@pytest.mark.parametrize(
    ("offset", "value"),
    [("duration_ms", 300_001), ("amplitude_permille", 1001), ("peak_ua", 401), ("ramp_ms", 3999), ("current_dhz", 9)],
)
def test_a_step_over_a_ceiling_does_not_decode(offset: str, value: int) -> None:
    raw = bytearray(encode(_step()))
    place = next(item for item in layout(program.StepRecord) if item.name == offset)
    struct.pack_into("<" + place.wire.code, raw, place.offset, value)
    with pytest.raises(DecodeError, match=offset):
        program.decode_program(bytes(raw))
