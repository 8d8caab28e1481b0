"""Driver, stream, journal and analysis take any table of channels; what it does not hold is unknown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from glowsim.time.virtual_time import in_virtual_time
from glowtool.analysis.log import analyse_log, recording_of
from glowtool.analysis.report.page import render_html
from glowtool.analysis.report.series import series_of
from glowtool.errors import DecodeError
from glowtool.model.channel import Channel, ChannelFacts, ChannelFlag, Format, Place, Quantity, Stream, Unit
from glowtool.model.ending import Ending
from glowtool.protocol.channels import encode_channel_table, select
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.gatt import CHANNEL_TABLE
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.telemetry import FrameHeader
from glowtool.session.do.runner import Session
from glowtool.store.logs.log import SessionLog
from glowtool.stream.columns import distinct_channels
from glowtool.stream.heads import Head
from glowtool.stream.layout import layout_of
from support.host.masseur import Masseur, plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.commands.codec import Request

SAMPLES, FRAMES = 10, 24
#: Formats that this version cannot read: of a slow one it must know the width, as it does of signed 32 bits.
UNREAD = {Stream.FAST: [Format(0x10), Format(77)], Stream.SLOW: [Format(0x10)]}
RANGES = {Format.UINT8: (0, 0xFF), Format.UINT16: (0, 0xFFFF), Format.SINT16: (-0x8000, 0x7FFF)}
UNITS = {
    Quantity.PRESSURE: Unit.PASCAL,
    Quantity.TRAVEL: Unit.METRE,
    Quantity.IMPEDANCE: Unit.OHM,
    Quantity.VIBRATION_AMPLITUDE: Unit.UNITLESS,
    Quantity.PEAK_CURRENT: Unit.AMPERE,
    Quantity.TEMPERATURE: Unit.DEGREE_CELSIUS,
}
EXPONENTS = {Quantity.PRESSURE: 0, Quantity.TRAVEL: -4, Quantity.PEAK_CURRENT: -6, Quantity.VIBRATION_AMPLITUDE: -2}


def channel(
    name: str, number: int, quantity: Quantity, place: Place, *, stream: Stream = Stream.FAST, unit: Unit | None = None
) -> Channel:
    """Return a channel of 16 bits in steps that make sense of its quantity."""
    form = Format.SINT16 if quantity is Quantity.TRAVEL else Format.UINT16
    flags = ChannelFlag.WRAPS if quantity is Quantity.TRAVEL else ChannelFlag(0)
    exponent = EXPONENTS.get(quantity, 0)
    row = ChannelFacts(
        number, stream, quantity, place, form, flags, unit or UNITS[quantity], 1, exponent, 0, *RANGES[form]
    )
    return Channel(name, row)


def pressure(count: int, *places: Place) -> tuple[Channel, ...]:
    """Return this many cells at each of these places."""
    return tuple(
        channel(f"cell_{number}", number, Quantity.PRESSURE, places[number % len(places)])
        for number in range(count * len(places))
    )


def unread(name: str, number: int, stream: Stream, form: Format) -> Channel:
    """Return a channel of a format that this version cannot read."""
    known = channel(name, number, Quantity.TRAVEL, Place.TOOL, stream=stream)
    return replace(known, row=replace(known.row, format=form))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Channel, ...]:
    """Draw a table that a roller may have: names that clash with ours, and unknown units and quantities."""
    numbers = draw(st.lists(st.integers(0, 31), unique=True, min_size=1, max_size=14))
    own = st.sampled_from(["step", "amplitude", "contact_l", "pressure_l", "contact_head", "a", "a_kpa"])
    name = own | st.from_regex(r"[a-z][a-z0-9_]{0,14}", fullmatch=True)
    names = draw(st.lists(name, unique=True, min_size=len(numbers), max_size=len(numbers)))
    found = []
    for at, (number, called) in enumerate(zip(numbers, names, strict=True)):
        quantity = draw(st.sampled_from([*UNITS, Quantity(99)]))
        stream = Stream.FAST if at == 0 else draw(st.sampled_from(Stream))
        form = draw(st.sampled_from([*Format, *([] if at == 0 else UNREAD[stream])]))
        low, high = RANGES.get(form, (0, 0xFF))
        row = ChannelFacts(
            number,
            stream,
            quantity,
            draw(st.sampled_from([*Place, Place(77)])),
            form,
            ChannelFlag(draw(st.integers(0, 7))),
            draw(st.sampled_from([UNITS.get(quantity, Unit.UNITLESS), Unit(0x2799)])),
            draw(st.integers(-5, 5).filter(bool)),
            draw(st.integers(-6, 2)),
            draw(st.integers(-100, 100)),
            low,
            draw(st.integers(low + 1, high)),
        )
        found.append(Channel(called, row))
    assume(distinct_channels(found))
    return tuple(found)


class AnyRoller(Masseur):
    """A masseur with a table of its own, that sends random counts of the channels that it is asked for."""

    table: tuple[Channel, ...] = ()
    asked: TelemetryStart | None = None
    start_us = 0

    def of(self, table: tuple[Channel, ...]) -> AnyRoller:
        self.table = table
        self.values[CHANNEL_TABLE.uuid] = encode_channel_table(table)
        self.perform()
        begin: Callable[[Request], None] | None = self.on_request

        def take(request: Request) -> None:
            if isinstance(request.operands, TelemetryStart):
                self.asked = request.operands
            if begin is not None:
                begin(request)
            if request.opcode is Opcode.START:
                self.start_us = self.status.device_time_us
                for number in range(FRAMES):
                    asyncio.get_running_loop().call_later(0.05 * number + 0.01, self.send, number)

        self.on_request = take
        return self

    def send_samples(self, number: int) -> None:
        """Send nothing of a GR-1."""

    def send(self, number: int) -> None:
        assert self.asked is not None
        dtype = sample_dtype(select(self.table, Stream.FAST, self.asked.channel_mask))
        noise = np.random.default_rng(number).integers(0, 256, SAMPLES * dtype.itemsize, np.uint8)
        time_us = (self.start_us + number * SAMPLES * 5_000) % 2**32
        header = FrameHeader(Stream.FAST, SAMPLES, number, time_us, number * SAMPLES)
        self.notify_frame(encode_frame(header, noise.view(dtype)))


async def massage(table: tuple[Channel, ...], folder: Path) -> SessionLog:
    """Return the log of a massage by a roller with this table."""
    result = await Session(plan(AnyRoller().of(table), folder)).run()
    assert result.ending is Ending.COMPLETED, result.reason
    return SessionLog.open(result.path)


def goes_through(table: tuple[Channel, ...]) -> None:
    """Check that a table is recorded whole, and analysed without a number for what it does not tell."""
    with TemporaryDirectory() as folder:
        log = in_virtual_time(massage)(table, Path(folder))
        kept, layout = distinct_channels(table), layout_of(distinct_channels(table))
        assert {item.name for item in kept} <= set(log.sample_columns())
        assert log.manifest.known_channels() == table
        assert log.manifest.counters.lost == log.manifest.counters.decode_errors == 0
        assert len(log.samples("sample")["sample"]) == SAMPLES * FRAMES
        summary = analyse_log(log)
        html = render_html(summary, series_of(recording_of(log)))
    both, dose = summary.session.both, summary.session.dose
    assert (both["contact_time_s"] is None) is (not layout.heads)
    assert (both["stroke_count"] is None) is (not layout.tells_travel)
    assert (dose["vibration_min"] is None) is (not layout.amplitudes)
    assert (dose["charge_mc"] is None) is (not layout.peaks or not layout.heads)
    assert (summary.session.symmetry["contact_time_symmetry_percent"] is None) or len(layout.heads) == 2
    assert all(f"{head.words}, kPa" in html for head in layout.names)


TEN_CELLS = pressure(5, Place.LEFT_HEAD, Place.RIGHT_HEAD)
NAMED: dict[str, tuple[Channel, ...]] = {
    "one head of two cells": pressure(1, Place.LEFT_FRONT, Place.LEFT_REAR),
    "one head, one cell": pressure(1, Place.TOOL),
    "ten cells": (*TEN_CELLS, channel("roll", 20, Quantity.TRAVEL, Place.TOOL)),
    "two motors and two sources": (
        *pressure(1, Place.LEFT_FRONT, Place.RIGHT_FRONT),
        *(channel(f"motor_{number}", number, Quantity.VIBRATION_AMPLITUDE, Place.TOOL) for number in (4, 5)),
        *(channel(f"source_{number}", number, Quantity.PEAK_CURRENT, Place.BETWEEN_HEADS) for number in (6, 7)),
    ),
    "no cells": (channel("motor", 3, Quantity.VIBRATION_AMPLITUDE, Place.TOOL),),
    "a format that nobody knows": (
        *pressure(1, Place.LEFT_FRONT, Place.RIGHT_FRONT),
        unread("roll", 3, Stream.FAST, Format(77)),
        unread("moisture", 4, Stream.SLOW, Format(0x10)),
    ),
    "a unit that nobody knows": (channel("cell", 3, Quantity.PRESSURE, Place.TOOL, unit=Unit(0x2799)),),
}


@pytest.mark.parametrize("name", NAMED)
def test_every_bench_runs_and_is_analysed(name: str) -> None:
    goes_through(NAMED[name])


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_random_tables_go_through_driver_stream_journal_and_analysis(table: tuple[Channel, ...]) -> None:
    goes_through(table)


@pytest.mark.long
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_more_random_tables(table: tuple[Channel, ...]) -> None:
    goes_through(table)


def test_a_massage_whose_slow_frames_cannot_be_read_is_refused_and_the_roller_stays_stopped(tmp_path: Path) -> None:
    table = (*pressure(1, Place.TOOL), unread("moisture", 4, Stream.SLOW, Format(77)))
    with pytest.raises(DecodeError, match=r"^channel table: moisture has format 77, .*; update glowtool$"):
        in_virtual_time(massage)(table, tmp_path)
    assert list(tmp_path.glob("2*")) == []


def test_cells_that_share_a_place_have_words_of_their_own() -> None:
    layout = layout_of(TEN_CELLS)
    assert [len(head.cells) for head in layout.heads] == [5, 5]
    assert len({cell.words for cell in layout.cells}) == 10
    assert layout.names == (Head.LEFT, Head.RIGHT)
