"""The faults of sensors as data; they stand in one table with the others in `kinds`."""

from __future__ import annotations

from typing import Final

from glowsim.faults.kind import Choice, Kind, Number, Part

HEAD: Final = Choice("head", ("left", "right", "both"), "left")
_CELL: Final = Choice("cell", ("lf", "lr", "rf", "rr", "all"), "lf")
_AT_OHM: Final = Number("at_ohm", "Ω; -1: what it reads then", -1.0, 655_350.0, -1.0)
_STUCK_NOISE_KPA: Final = Number("noise_kpa", "kPa, r.m.s.", 0.0, 5.0, 0.015)
_LENIENT: Final = (
    "no interlock by itself, and no more current: the less pressed cell of a head decides. "
    "With all four, the impedance bounds the current; once it changes under cells that stand still there is none, "
    "until they live again and the roller is lifted"
)

SENSOR_KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "cell-stuck",
        Part.SENSOR,
        f"takes the stuck reading for true; {_LENIENT}",
        "the same reading in every sample of that cell; interlock NO_CONTACT with all four",
        (_CELL,),
    ),
    Kind(
        "cell-stuck-noisy",
        Part.SENSOR,
        "takes what it reads for pressure. With all four: once the contact changes while they stand still in the mean, "
        "there is no current until they live again and the roller is lifted",
        "about the same reading in every sample of that cell, with noise on it; interlock NO_CONTACT with all four",
        (_CELL, Number("at_kpa", "kPa; -1: what it reads then", -1.0, 40.0, -1.0), _STUCK_NOISE_KPA),
    ),
    Kind(
        "cell-noisy",
        Part.SENSOR,
        "takes the noise for pressure: halves or ends outputs when it passes a threshold",
        "noise in that cell's samples; interlocks PRESSURE_… as it passes them",
        (_CELL, Number("noise_kpa", "kPa, r.m.s.", 0.01, 20.0, 1.0)),
    ),
    Kind(
        "cell-saturated",
        Part.SENSOR,
        "outputs to zero: a saturated cell counts as harmful pressure",
        "the cell's maximum in every sample; interlock PRESSURE_ZERO",
        (_CELL,),
    ),
    Kind(
        "cell-drifting",
        Part.SENSOR,
        "takes the drift for pressure: halves, then ends outputs when it passes the thresholds; with all four, the "
        "impedance bounds the current, and cells that feel skin where the loop is open have none until both sensors "
        "agree on a lift",
        "that cell's samples rise without end; interlocks PRESSURE_… as it passes them, CURRENT_DENSITY or NO_CONTACT "
        "with all four",
        (_CELL, Number("rate_kpa_per_min", "kPa/min", -60.0, 60.0, 5.0)),
    ),
    Kind(
        "cell-dead",
        Part.SENSOR,
        "no current, since the less pressed cell of a head decides on it; vibration goes on",
        "zero in every sample of that cell; interlock CURRENT_DENSITY or NO_CONTACT",
        (_CELL,),
    ),
    Kind(
        "thermistor-broken",
        Part.SENSOR,
        "outputs to zero, state FAULT until it is switched off and on",
        "state FAULT, fault TEMPERATURE_SENSOR; START is answered WRONG_STATE",
        (HEAD,),
    ),
    Kind(
        "impedance-stuck",
        Part.SENSOR,
        "takes what it reads for the contact's, and holds it against the cells and the source's own voltage and "
        "current; where they contradict it there is no current until the roller is lifted",
        "about the same impedance in every sample; interlock NO_CONTACT once the contact changes",
        (
            _AT_OHM,
            Number("noise_share", "", 0.0, 1.0, 0.0),
        ),
    ),
    Kind(
        "impedance-noisy",
        Part.SENSOR,
        "takes the worse of it and of the source's own reading; where they differ for long there is no current until "
        "the roller is lifted",
        "noise in the impedance; interlocks CURRENT_DENSITY and NO_CONTACT",
        (Number("noise_share", "", 0.0, 2.0, 0.3),),
    ),
    Kind(
        "source-sense-stuck",
        Part.SENSOR,
        "no current once the source's own current is not what it was asked for, or its load not what the impedance "
        "says, until the roller is lifted; vibration goes on",
        "interlock NO_CONTACT",
        (Number("noise_share", "", 0.0, 1.0, 0.0),),
    ),
    Kind(
        "source-sense-noisy",
        Part.SENSOR,
        "takes the worse of it and of the impedance; where they differ for long there is no current until the roller "
        "is lifted; vibration goes on",
        "interlocks CURRENT_DENSITY and NO_CONTACT",
        (Number("noise_share", "", 0.0, 2.0, 0.3),),
    ),
    Kind(
        "source-sense-dead",
        Part.SENSOR,
        "no current: a source that measures none counts as an open loop; vibration goes on",
        "interlock NO_CONTACT",
    ),
)
