"""The reader turns notifications into arrivals, and accounts for lost frames, full queues and restarts."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glowtool.drivers.gr1.incoming.frames import FrameReader
from glowtool.drivers.gr1.incoming.telemetry import CAPACITY
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import DecodeError
from glowtool.model.channel import Channel, Format, Stream
from glowtool.protocol.channels import CHANNELS, encode_channel_table
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import CHANNEL_TABLE
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.telemetry import FrameHeader
from glowtool.protocol.wire import encode
from glowtool.safety.gate import Gate
from glowtool.stream.arrivals import Books, Gap, Restart, Slow
from glowtool.stream.block import Block
from support.host.scripted_client import ScriptedRoller
from support.logs.framed import SETTINGS, FramedPipeline
from support.logs.streams import HOST_US, SLOW, START_US, fast_frames, rolled

if TYPE_CHECKING:
    from glowtool.stream.arrivals import Arrival


def read(frames: list[bytes]) -> list[Arrival]:
    reader = FrameReader(SETTINGS)
    return [arrival for frame in frames for arrival in reader.read(frame, HOST_US)]


def test_a_frame_is_a_block_and_what_is_missing_before_it_a_gap() -> None:
    frames = fast_frames(rolled(60))
    first, gap, last = read([frames[0], frames[4]])
    assert isinstance(first, Block)
    assert (first.first_sample, len(first), first.device_time_us) == (0, 10, START_US)
    assert first.heard == ((START_US + 50_000, HOST_US),)
    assert gap == Gap(10, 30, START_US + 50_000)
    assert isinstance(last, Block)
    assert last.first_sample == 40


def test_samples_that_were_there_already_are_cut_off_and_their_arrival_still_sets_the_clock() -> None:
    raw = rolled(60)
    dtype = raw.dtype
    header = FrameHeader(Stream.FAST, 10, 1, START_US + 5 * 5000, 5)
    overlapping = encode_frame(header, np.ascontiguousarray(raw[5:15]).astype(dtype))
    _, block = read([fast_frames(raw)[0], overlapping])
    assert isinstance(block, Block)
    assert (block.first_sample, len(block), block.heard) == (10, 5, ((START_US + 75_000, HOST_US),))


def test_a_device_that_begins_anew_says_so_before_its_first_samples_slow_ones_too() -> None:
    slow = encode_frame(FrameHeader(Stream.SLOW, 1, 0, 2_000_000, 0), np.array([(300, 300)], dtype=sample_dtype(SLOW)))
    _, restart, sample = read([fast_frames(rolled(10))[0], slow])
    assert restart == Restart()
    assert isinstance(sample, Slow)


def test_a_slow_channel_that_cannot_be_read_is_stepped_over() -> None:
    *others, last = CHANNELS
    # Four bytes, by the SIG's list.
    later = Channel("moisture", replace(last.row, number=len(CHANNELS), format=Format(0x10)))
    settings = replace(SETTINGS, channels=(*others, later, last))
    header = FrameHeader(Stream.SLOW, 1, 0, START_US, 0)
    (temperature,) = (
        FramedPipeline(settings).feed(encode(header) + struct.pack("<hih", 315, -1, -12), HOST_US).temperatures
    )
    assert temperature.celsius == {"temperature_l": 31.5, "temperature_r": pytest.approx(-1.2)}


async def test_a_slow_channel_of_unknown_width_is_named_before_anything_is_read() -> None:
    scripted = ScriptedRoller()
    later = Channel("moisture", replace(CHANNELS[-1].row, number=len(CHANNELS), format=Format(77)))
    scripted.values[CHANNEL_TABLE.uuid] = encode_channel_table((*CHANNELS, later))
    async with Roller.open(scripted.client_for, Gate()) as roller:
        with pytest.raises(
            DecodeError, match=r"^channel table: moisture has format 77, .* slow frames .*update glowtool$"
        ):
            roller.readings()
    assert Opcode.TELEMETRY_START not in scripted.opcodes


async def test_frames_that_the_hosts_own_queue_dropped_are_in_the_books() -> None:
    scripted = ScriptedRoller()
    async with Roller.open(scripted.client_for, Gate()) as roller:
        readings = roller.readings()
        reader = FrameReader(SETTINGS)
        readings._reader = reader
        await readings.start()
        telemetry = readings._telemetry
        assert telemetry is not None
        for frame in fast_frames(rolled((CAPACITY + 5) * 10)):
            telemetry.on_notification(frame)
        telemetry.frames.close()
        arrivals = [arrival async for each in readings.arrivals() for arrival in each]
    readings.settle(CAPACITY + 5)
    assert readings.books == Books(sent=CAPACITY + 5, received=CAPACITY, lost=5, dropped=5)
    assert arrivals[0] == Gap(0, 50, START_US)
