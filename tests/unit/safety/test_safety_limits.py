"""A roller or a person can lower a ceiling, and nothing can raise one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import SafetyError
from glowtool.model.ceilings import CEILINGS, CeilingId, Sense, limit
from glowtool.model.state import Capability, DeviceLimits
from glowtool.protocol.status import Feature, own_feature
from glowtool.safety.limits import PersonalMax, ceilings_in_force, over

VALUES = st.integers(-(2**31), 2**31 - 1)


def stated(rows: dict[int, int]) -> DeviceLimits:
    return Feature(1, 0, Capability(0), (200,), rows).limits


def test_without_anything_the_table_is_in_force() -> None:
    table = {which: row.value for which, row in CEILINGS.items()}
    assert dict(ceilings_in_force()) == table
    assert dict(ceilings_in_force(own_feature(Capability(0)).limits, PersonalMax())) == table


@given(
    st.dictionaries(st.integers(0, 40), VALUES),
    st.builds(
        PersonalMax, peak_ua=st.integers(0, 400), amplitude=st.integers(0, 1000).map(lambda permille: permille / 1000)
    ),
)
def test_no_roller_and_no_person_raises_a_ceiling(rows: dict[int, int], personal: PersonalMax) -> None:
    for which, value in ceilings_in_force(stated(rows), personal).items():
        assert not over(which, value, {which: limit(which)})


def test_the_strictest_of_table_roller_and_person_wins() -> None:
    theirs = stated({CeilingId.PEAK_CURRENT: 300, CeilingId.VIBRATION_AMPLITUDE: 500, CeilingId.SOFT_START: 6000})
    values = ceilings_in_force(theirs, PersonalMax(peak_ua=200, amplitude=0.7))
    assert values[CeilingId.PEAK_CURRENT] == 200
    assert values[CeilingId.VIBRATION_AMPLITUDE] == 0.5
    assert values[CeilingId.SOFT_START] == 6.0
    assert CEILINGS[CeilingId.SOFT_START].sense is Sense.AT_LEAST


@pytest.mark.parametrize(
    "change", [{"peak_ua": 401}, {"peak_ua": -1}, {"amplitude": 1.001}, {"step_s": 301}, {"massage_s": 1201}]
)
def test_a_personal_maximum_over_a_ceiling_is_refused_by_name(change: dict[str, int]) -> None:
    (name,) = change
    with pytest.raises(SafetyError, match=f"{name} is "):
        PersonalMax(**change)
