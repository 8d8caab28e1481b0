"""Every registered processor gives the same bits, however its input is cut."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glowtool.stream
from glowtool.stream.block import Block, Reading, period_us
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import Meter
from glowtool.stream.registry import STAGES, Chain, chain, quality_watch, running_statistics
from support.logs.streams import DTYPE, FAST, random_raw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.stream.quality.watch import QualityWatch
    from glowtool.stream.statistics.running import RunningStatistics


#: These take something else than consecutive blocks, or are compositions of others.
NOT_ON_BLOCKS = {"Accountant", "ClockEstimator", "Processor", "Chain"}

#: Each processor by its place on the way of a block: the calibration, the stages, then the meter, the watch over the
#: cells, and the running statistics, each after all stages.
PLACES = range(len(STAGES) + 4)
STROKES, METER, WATCH, STATISTICS = PLACES[-4:]


class Way:
    """The way of a block up to one processor, by that one's place."""

    def __init__(self, place: int, rate_hz: int) -> None:
        whole = chain(FAST, rate_hz)
        self._chain = Chain(whole.calibrate, whole.stages[:place])
        self._last: Meter | QualityWatch | RunningStatistics | None = None
        if place == METER:
            self._last = Meter()
        elif place > METER:
            self._last = quality_watch(FAST, rate_hz) if place == WATCH else running_statistics(FAST)

    @property
    def processors(self) -> list[object]:
        """All processors on it, in order."""
        return [self._chain.calibrate, *self._chain.stages, *filter(None, [self._last])]

    def process(self, block: Block) -> Reading | tuple[object, ...]:
        """Take one block as far as it goes."""
        reading = self._chain.process(block)
        return reading if self._last is None else self._last.process(reading)

    def flush(self) -> Reading | tuple[object, ...] | None:
        """Return the output that the last processor settles at the end."""
        return self._chain.flush() if self._last is None else self._last.flush()


def last_on(way: Way) -> str:
    return type(way.processors[-1]).__name__


each_processor = pytest.mark.parametrize("place", PLACES, ids=lambda place: last_on(Way(place, 200)))


def blocks_of(seed: int, lengths: list[int], gaps: list[int], rate_hz: int) -> list[Block]:
    """Return blocks of random samples with lost samples between them."""
    raw = random_raw(seed, sum(lengths) + sum(gaps))
    blocks, at = [], 0
    for length, gap in zip(lengths, gaps, strict=True):
        at += gap
        blocks.append(Block(at, rate_hz, 7_000_000 + at * period_us(rate_hz), raw[at : at + length]))
        at += length
    return blocks


def cut(blocks: list[Block], cuts: list[float]) -> Iterable[Block]:
    for block in blocks:
        edges = sorted({0, len(block), *(round(part * len(block)) for part in cuts)})
        for start, stop in itertools.pairwise(edges):
            yield block.cut(start, stop)


def output_of(place: int, rate_hz: int, blocks: Iterable[Block]) -> tuple[dict[str, bytes], list[object]]:
    """Return columns as bytes and records as a list: equal means equal to the last bit."""
    way = Way(place, rate_hz)
    results = [*map(way.process, blocks), way.flush()]
    columns: dict[str, bytes] = {}
    records: list[object] = []
    for result in results:
        if isinstance(result, Reading):
            for column, values in result.columns.items():
                columns[column] = columns.get(column, b"") + values.tobytes()
            records += result.strokes
        elif result is not None:
            records += result
    return columns, records


@each_processor
@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.lists(st.tuples(st.integers(1, 500), st.integers(0, 60)), min_size=1, max_size=3),
    cuts=st.lists(st.floats(0, 1), max_size=12),
    rate_hz=st.sampled_from([50, 100, 200, 400]),
)
def test_output_does_not_depend_on_the_cut(
    place: int, seed: int, shape: list[tuple[int, int]], cuts: list[float], rate_hz: int
) -> None:
    blocks = blocks_of(seed, [length for length, _ in shape], [gap for _, gap in shape], rate_hz)
    assert output_of(place, rate_hz, blocks) == output_of(place, rate_hz, cut(blocks, cuts))


def test_the_random_input_exercises_what_it_should() -> None:
    blocks = blocks_of(1, [4000], [0], 200)
    _, strokes = output_of(STROKES, 200, blocks)
    assert len(strokes) > 5
    _, readings = output_of(METER, 200, blocks)
    assert len({reading.heads[Head.LEFT].band for reading in readings}) > 2  # type: ignore[attr-defined]  # meter readings


@each_processor
def test_an_empty_block_changes_nothing(place: int) -> None:
    blocks = blocks_of(3, [300], [0], 200)
    empty = Block(0, 200, 7_000_000, np.zeros(0, DTYPE))
    assert output_of(place, 200, blocks) == output_of(place, 200, [empty, *blocks])


def test_every_processor_is_registered() -> None:
    registered = {last_on(Way(place, 200)) for place in PLACES}
    declared = set()
    for module in pkgutil.walk_packages(glowtool.stream.__path__, "glowtool.stream."):
        for name, item in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if item.__module__ == module.name and hasattr(item, "process"):
                declared.add(name)
    assert declared - NOT_ON_BLOCKS == registered


@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(1, 900), min_size=1, max_size=4),
    rate_hz=st.sampled_from([50, 200, 400]),
)
def test_the_latest_reading_of_the_meter_is_the_last_of_all(seed: int, lengths: list[int], rate_hz: int) -> None:
    way, meter = chain(FAST, rate_hz), Meter()
    whole = Meter()
    for block in blocks_of(seed, lengths, [0, *(3 for _ in lengths[1:])], rate_hz):
        reading = way.process(block)
        assert meter.latest(reading) == next(reversed(whole.process(reading)), None)
    assert meter.state == whole.state
    assert meter.dryness.state == whole.dryness.state
