"""Measure what the rules of current cost where nothing lies: mean current in contact, by hand and level.

Two minutes for each persona, at three levels and on three skins, with steps like a routine's. Prints mean µA over the
time in contact as a share of what the program asks for, the longest time in contact without any current, and the peak
of r.m.s. density. Run it before and after a change of the rules.

PYTHONPATH=tests python -m measure.safety.honest_current [--seconds 120]
"""

from __future__ import annotations

import argparse
import sys
from typing import Final

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from support.device.firmware_bench import Bench, step

LEVELS_UA: Final = (100, 200, 400)
SKINS: Final = (0.3, 0.6, 0.95)
HANDS: Final = {"steady": HandParameters(), "light": HandParameters(target_kpa=1.0), **PERSONAS}


def delivered(hand: HandParameters, level_ua: int, moisture: float, seconds: int) -> tuple[float, float, float]:
    """Return the share delivered in contact, the longest dark time in contact in s, and the peak density."""
    skin = SkinParameters(moisture=moisture, bare_moisture=moisture)
    bench = Bench(Body(BodyParameters(hand=hand, skin=skin), 7))
    bench.run(0.3)
    bench.start(*(step(30_000, 0, level_ua) for _ in range(seconds // 30)))
    touched = charge = dark = darkest = density = 0.0
    for number in range(seconds * 200):
        if number % 50 == 0:
            bench.run(0.0)
        bench.run(0.005)
        now = bench.delivered
        if now is None or now.contact_area_cm2 == 0.0:
            dark = 0.0
            continue
        touched += 1.0
        charge += now.peak_ua
        dark = 0.0 if now.peak_ua else dark + 0.005
        darkest, density = max(darkest, dark), max(density, now.density_rms_ua_cm2)
    return charge / (touched * level_ua), darkest, density


def main() -> int:
    """Print a row for each hand and skin."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=120)
    asked = parser.parse_args()
    print("hand, moisture: share of what is asked for, longest dark time in contact, peak density, by level")
    for name, hand in HANDS.items():
        for moisture in SKINS:
            rows = [delivered(hand, level_ua, moisture, asked.seconds) for level_ua in LEVELS_UA]
            cells = "  ".join(
                f"{level_ua} µA: {share:6.1%} {dark:5.2f} s {density:5.0f}"
                for level_ua, (share, dark, density) in zip(LEVELS_UA, rows, strict=True)
            )
            print(f"{name:16} {moisture:.2f}  {cells}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
