"""The faults of sensors as data; `kinds` puts them into one table with the others."""

from __future__ import annotations

from typing import Final

from glowsim.faults.kind import Choice, Kind, Number, Part

HEAD: Final = Choice("head", ("left", "right", "both"), "left")
_CELL: Final = Choice("cell", ("lf", "lr", "rf", "rr", "all"), "lf")
_AT_OHM: Final = Number("at_ohm", "Ω; -1: what it reads then", -1.0, 655_350.0, -1.0)
_STUCK_NOISE_KPA: Final = Number("noise_kpa", "kPa, r.m.s.", 0.0, 5.0, 0.015)
_LENIENT: Final = (
    "no interlock follows, and no more current either, since the less pressed cell of a head decides. "
    "With all four cells stuck, the impedance bounds the current; once it changes while the cells stand still there is "
    "no current until they move again and the roller is lifted"
)

SENSOR_KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "cell-stuck",
        Part.SENSOR,
        f"believes the stuck reading; {_LENIENT}",
        "the same reading in every sample of that cell; interlock NO_CONTACT with all four",
        (_CELL,),
    ),
    Kind(
        "cell-stuck-noisy",
        Part.SENSOR,
        "believes the reading. With all four cells stuck: once the contact changes while the cells' mean stands still, "
        "there is no current until they move again and the roller is lifted",
        "nearly the same reading in every sample of that cell, with noise; interlock NO_CONTACT with all four",
        (_CELL, Number("at_kpa", "kPa; -1: what it reads then", -1.0, 40.0, -1.0), _STUCK_NOISE_KPA),
    ),
    Kind(
        "cell-noisy",
        Part.SENSOR,
        "takes the noise for pressure: halves or ends outputs when the noise passes a threshold",
        "noise in that cell's samples; interlocks PRESSURE_… as it passes their thresholds",
        (_CELL, Number("noise_kpa", "kPa, r.m.s.", 0.01, 20.0, 1.0)),
    ),
    Kind(
        "cell-saturated",
        Part.SENSOR,
        "sets outputs to zero: a saturated cell counts as harmful pressure",
        "the cell's maximum in every sample; interlock PRESSURE_ZERO",
        (_CELL,),
    ),
    Kind(
        "cell-drifting",
        Part.SENSOR,
        "takes the drift for pressure: halves, then ends outputs when the drift passes the thresholds. With all four "
        "cells drifting, the impedance bounds the current; if they report skin while the loop is open, there is no "
        "current until both sensors agree on a lift",
        "steadily rising samples of that cell; interlocks PRESSURE_… as they pass the thresholds, CURRENT_DENSITY or "
        "NO_CONTACT with all four",
        (_CELL, Number("rate_kpa_per_min", "kPa/min", -60.0, 60.0, 5.0)),
    ),
    Kind(
        "cell-dead",
        Part.SENSOR,
        "delivers no current, since the less pressed cell of a head decides; vibration continues",
        "zero in every sample of that cell; interlock CURRENT_DENSITY or NO_CONTACT",
        (_CELL,),
    ),
    Kind(
        "thermistor-broken",
        Part.SENSOR,
        "sets outputs to zero and stays in state FAULT until it is switched off and on",
        "state FAULT, fault TEMPERATURE_SENSOR; START is answered WRONG_STATE",
        (HEAD,),
    ),
    Kind(
        "impedance-stuck",
        Part.SENSOR,
        "believes the reading, but compares it with the cells and with the source's own voltage and current; where "
        "they contradict it, there is no current until the roller is lifted",
        "nearly the same impedance in every sample; interlock NO_CONTACT once the contact changes",
        (
            _AT_OHM,
            Number("noise_share", "", 0.0, 1.0, 0.0),
        ),
    ),
    Kind(
        "impedance-noisy",
        Part.SENSOR,
        "uses the worse of this and the source's own reading; where they differ for long, there is no current until "
        "the roller is lifted",
        "noise in the impedance; interlocks CURRENT_DENSITY and NO_CONTACT",
        (Number("noise_share", "", 0.0, 2.0, 0.3),),
    ),
    Kind(
        "source-sense-stuck",
        Part.SENSOR,
        "delivers no current once the source's own reading differs from the current asked for, or its load from the "
        "impedance, until the roller is lifted; vibration continues",
        "interlock NO_CONTACT",
        (Number("noise_share", "", 0.0, 1.0, 0.0),),
    ),
    Kind(
        "source-sense-noisy",
        Part.SENSOR,
        "uses the worse of this and the impedance; where they differ for long, there is no current until the roller is "
        "lifted; vibration continues",
        "interlocks CURRENT_DENSITY and NO_CONTACT",
        (Number("noise_share", "", 0.0, 2.0, 0.3),),
    ),
    Kind(
        "source-sense-dead",
        Part.SENSOR,
        "delivers no current: a source that measures none counts as an open loop; vibration continues",
        "interlock NO_CONTACT",
    ),
)
