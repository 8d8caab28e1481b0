"""Any channel table decodes to what was meant, and any frame to the samples that went in."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glowtool.errors import DecodeError
from glowtool.model.channel import Channel, Format, Stream
from glowtool.protocol import channels, telemetry
from glowtool.protocol.channels import CHANNELS
from glowtool.protocol.samples import decode_frame, encode_frame, sample_dtype
from glowtool.protocol.status import RATES_HZ
from glowtool.protocol.wire import encode, size_of

FAST = channels.select(CHANNELS, Stream.FAST, channels.ALL_FAST)
SLOW = channels.select(CHANNELS, Stream.SLOW, 0)


@given(st.integers(1, channels.ALL_FAST), st.integers(1, 14), st.data())
def test_a_frame_of_any_channels_decodes_to_the_samples_that_went_in(
    mask: int, count: int, data: st.DataObject
) -> None:
    dtype = sample_dtype(channels.select(CHANNELS, Stream.FAST, mask))
    samples = data.draw(hnp.arrays(dtype, count))
    header = telemetry.FrameHeader(Stream.FAST, count, 65535, 2**32 - 1, 2**32 - 1)
    frame = decode_frame(encode_frame(header, samples), {Stream.FAST: dtype})
    assert frame.header == header
    assert frame.samples.tobytes() == samples.tobytes()


def test_a_frame_of_a_stream_without_channels_is_refused() -> None:
    header = telemetry.FrameHeader(Stream.SLOW, 1, 5, 0, 0)
    data = encode_frame(header, np.zeros(1, sample_dtype(SLOW)))
    with pytest.raises(DecodeError, match="frame 5: stream SLOW has no known channels"):
        decode_frame(data, {Stream.FAST: sample_dtype(FAST)})


@pytest.mark.parametrize("change", [-1, 1])
def test_a_frame_of_a_wrong_length_is_refused(change: int) -> None:
    dtype = sample_dtype(FAST)
    data = encode_frame(telemetry.FrameHeader(Stream.FAST, 2, 0, 0, 0), np.zeros(2, dtype)) + b"x"
    with pytest.raises(DecodeError, match="2 samples of 16 bytes make 44 bytes"):
        decode_frame(data[: len(data) - 1 + change], {Stream.FAST: dtype})


def test_the_header_counts_its_samples() -> None:
    header = telemetry.FrameHeader(Stream.FAST, 3, 0, 0, 0)
    with pytest.raises(ValueError, match="announces 3 samples, there are 2"):
        encode_frame(header, np.zeros(2, sample_dtype(FAST)))


def test_the_channel_table_survives_the_way() -> None:
    assert channels.decode_channel_table(channels.encode_channel_table(CHANNELS)) == CHANNELS


def test_a_channel_table_with_longer_rows_and_more_channels_is_understood() -> None:
    more = (*CHANNELS, Channel("pressure_chin", replace(CHANNELS[0].row, number=len(CHANNELS))))
    raw = channels.encode_channel_table(more)
    size = size_of(channels.ChannelRow)
    row = size + channels.NAME_SIZE
    longer = b"".join(raw[at : at + size] + b"\x01\x02" + raw[at + size : at + row] for at in range(3, len(raw), row))
    assert channels.decode_channel_table(bytes((raw[0], raw[1], row + 2)) + longer) == more


def with_row(**changes: int) -> Channel:
    row = CHANNELS[0].row
    return replace(CHANNELS[0], row=replace(row, **changes))  # type: ignore[arg-type]  # a test says which fields


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "format missing"),
        (b"\x02\x00\x26", "format 2"),
        (b"\x01\x02\x26" + bytes(38), "do not hold 2 rows"),
        (channels.encode_channel_table((CHANNELS[0], CHANNELS[0])), "same name"),
        (channels.encode_channel_table((CHANNELS[0], replace(CHANNELS[0], name="other"))), "same number"),
        (channels.encode_channel_table(CHANNELS[:1])[:-15] + b"\xff" * 15, "the name must be small letters"),
        (channels.encode_channel_table(CHANNELS[:1])[:-15] + bytes(15), "called ''"),
        (channels.encode_channel_table((with_row(multiplier=0),)), "multiplier of pressure_lf is 0"),
        (channels.encode_channel_table((with_row(raw_minimum=1, raw_maximum=0),)), "is 1 to 0"),
    ],
)
def test_a_broken_channel_table_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        channels.decode_channel_table(raw)


def test_what_a_newer_roller_measures_is_named_by_its_number_and_passed_by() -> None:
    newer = channels.encode_channel_table((*CHANNELS, replace(with_row(number=len(CHANNELS)), name="moisture")))
    changed = bytearray(newer)
    at = len(newer) - channels.NAME_SIZE - size_of(channels.ChannelRow)
    changed[at + 2] = 77
    *ours, moisture = channels.decode_channel_table(changed)
    assert tuple(ours) == CHANNELS
    assert moisture.row.quantity.name == "unknown (77)"
    assert not moisture.row.quantity.is_known
    changed[at + 4] = 77
    *ours, moisture = channels.decode_channel_table(changed)
    assert tuple(ours) == CHANNELS
    assert all(item.is_readable for item in ours)
    assert not moisture.is_readable
    with pytest.raises(DecodeError, match=r"moisture has format 77, and how many bytes .* fast frames cannot be read"):
        sample_dtype((moisture,))


#: Bytes of formats as the SIG's Assigned Numbers, 2.4.1, say it, and whether this version reads them.
WIDTHS = {0x04: 1, 0x06: 2, 0x0E: 2, 0x07: 3, 0x08: 4, 0x0A: 8, 0x0C: 1, 0x10: 4, 0x13: 16, 0x14: 4, 0x16: 2}
READ = {0x04: False, 0x06: False, 0x0E: True}  # and whether they have a sign


@given(st.lists(st.sampled_from([*WIDTHS]), min_size=1, max_size=8), st.integers(1, 5), st.data())
def test_channels_of_formats_that_nobody_here_reads_hide_no_other(
    formats: list[int], count: int, data: st.DataObject
) -> None:
    row = CHANNELS[0].row
    table = tuple(
        Channel(f"c{number}", replace(row, number=number, stream=Stream.SLOW, format=Format(form)))
        for number, form in enumerate(formats)
    )
    assert channels.decode_channel_table(channels.encode_channel_table(table)) == table
    size = sum(WIDTHS[form] for form in formats)
    body = data.draw(st.binary(min_size=count * size, max_size=count * size))
    header = telemetry.FrameHeader(Stream.SLOW, count, 0, 0, 0)
    frame = decode_frame(encode(header) + body, {Stream.SLOW: sample_dtype(table)})
    for number, form in enumerate(formats):
        if form in READ:
            starts = [at * size + sum(WIDTHS[other] for other in formats[:number]) for at in range(count)]
            sent = [int.from_bytes(body[at : at + WIDTHS[form]], "little", signed=READ[form]) for at in starts]
            assert frame.samples[f"c{number}"].tolist() == sent


def test_names_and_numbers_of_channels_are_unique_and_fit() -> None:
    assert (
        len({channel.name for channel in CHANNELS})
        == len({channel.row.number for channel in CHANNELS})
        == len(CHANNELS)
    )
    assert all(len(channel.name) <= channels.NAME_SIZE for channel in CHANNELS)


def test_one_step_is_what_the_hardware_page_says() -> None:
    scale = {channel.name: channel.scale for channel in CHANNELS}
    assert scale["pressure_lf"] == 10.0  # pascal: 0.01 kPa
    assert scale["travel_l"] == 0.0001  # metre: 0.1 mm
    assert scale["impedance"] == 10.0  # ohm
    assert scale["temperature_l"] == 0.1  # °C


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_every_rate_fits_mtu_247_with_all_channels(rate_hz: int) -> None:
    size = sample_dtype(FAST).itemsize
    count = telemetry.samples_per_frame(rate_hz, size, 247)
    assert count >= 1
    assert telemetry.HEADER_SIZE + count * size <= 244
    assert count / rate_hz <= telemetry.FRAME_SPAN_S


def test_at_the_smallest_mtu_pressure_alone_fits_and_all_channels_do_not() -> None:
    assert telemetry.samples_per_frame(50, sample_dtype(FAST[:4]).itemsize, 23) == 1
    assert telemetry.samples_per_frame(50, sample_dtype(FAST).itemsize, 23) == 0


def test_the_stated_cost_is_what_a_second_of_frames_weighs() -> None:
    size, slow = sample_dtype(FAST).itemsize, sample_dtype(SLOW).itemsize
    per_frame = telemetry.samples_per_frame(200, size, 247)
    frames = 200 / per_frame
    weight = frames * (telemetry.HEADER_SIZE + per_frame * size) + telemetry.HEADER_SIZE + slow
    assert telemetry.bytes_per_second(200, size, per_frame, slow) == weight
