"""A log asks for those channels of a table whose columns it can tell apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glowtool.model.channel import Channel, Quantity
from glowtool.stream.columns import distinct_channels, sample_columns
from support.logs.streams import FAST

IMPEDANCE = next(item for item in FAST if item.row.quantity is Quantity.IMPEDANCE)
AMPLITUDE = next(item for item in FAST if item.row.quantity is Quantity.VIBRATION_AMPLITUDE)


@pytest.mark.parametrize("name", ["sample", "device_time_us", "step", "contact_l", "pressure_l_kpa", "pressure_lf_kpa"])
def test_a_channel_that_would_hide_another_column_is_not_asked_for(name: str) -> None:
    assert distinct_channels((*FAST, Channel(name, replace(IMPEDANCE.row, number=20)))) == FAST


def test_of_two_motors_each_has_a_column_of_its_own() -> None:
    second = Channel("second", replace(AMPLITUDE.row, number=20))
    assert distinct_channels((*FAST, second)) == (*FAST, second)
    names = [column.name for column in sample_columns((*FAST, second))]
    assert len(set(names)) == len(names)
    assert {"amplitude", "second_amplitude"} < set(names)


def test_a_further_channel_with_columns_of_its_own_is_asked_for() -> None:
    further = Channel("moisture", replace(IMPEDANCE.row, number=21))
    assert distinct_channels((*FAST, further)) == (*FAST, further)
