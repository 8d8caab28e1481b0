"""The roller's name is taken out of the words of events as a whole word only, since a name can be short."""

from __future__ import annotations

import pytest

from glowtool.store.erasure.unnamed import without_roller
from glowtool.store.tables.entries import DeviceEntry

MINI = DeviceEntry(name="Mini", address="C0:FF:EE:00:00:07", serial="7", firmware="", protocol="1.3")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Mini did not answer at 7.3 s, minimum 27 kPa", "the roller did not answer at 7.3 s, minimum 27 kPa"),
        ("c0:ff:ee:00:00:07 is gone, serial number 7.", "the roller is gone, serial number the roller."),
    ],
)
def test_a_name_is_taken_out_where_it_is_a_word(said: str, kept: str) -> None:
    assert without_roller({"reason": said, "n": 7}, MINI) == {"reason": kept, "n": 7}
