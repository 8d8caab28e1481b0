"""The massages that are filmed: every state in which a person may find the live view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.scene.scenario import Scenario
from glowtool.model.state import Interlock
from glowtool.session.news import Asked
from support.stack.filmed import Scene

if TYPE_CHECKING:
    from support.stack.filmed import Camera

#: Presses harder than the roller allows, in kPa.
TOO_HARD_KPA = 15.0
OVER_HALF_KPA = 11.0


async def _an_even_massage(camera: Camera) -> None:
    await camera.shoot("connecting")
    await camera.shoot("starting", 0.3)
    await camera.when(lambda state: state.running)
    await camera.shoot("beginning", 0.5)
    await camera.into_step(0, 8)
    await camera.shoot("running")
    await camera.into_step(0, 13)
    await camera.shoot("next-step")
    await camera.into_step(1, 5)
    await camera.connected.pause()
    await camera.when(lambda state: state.paused)
    await camera.shoot("paused", 4)
    await camera.connected.resume()
    await camera.into_step(3, 4)
    await camera.shoot("last-step")
    await camera.when(lambda state: state.ending is not None)
    await camera.shoot("ended")


async def _a_lift(camera: Camera) -> None:
    await camera.into_step(0, 6)
    camera.roller.body.lift()
    await camera.shoot("contact-lost", 4)
    camera.roller.body.set_down()
    await camera.when(lambda _: camera.roller.machine.signalling)  # it beeps before the next step
    camera.film.beeped = True


async def _too_much_pressure(camera: Camera) -> None:
    await camera.into_step(0, 5)
    camera.roller.body.press(OVER_HALF_KPA)
    await camera.shoot("over-pressure", 2)
    camera.roller.body.press(TOO_HARD_KPA)
    await camera.when(lambda state: state.status is not None and Interlock.PRESSURE_ZERO in state.status.interlocks)
    await camera.shoot("pressure-zero", 1)


async def _a_lost_link(camera: Camera) -> None:
    await camera.into_step(0, 7)
    camera.roller.go_away(200.0)
    await camera.when(lambda state: state.link is not None)
    await camera.shoot("link-lost", 0.1)
    await camera.shoot("link-trying", 4)
    camera.roller.go_away(None)
    await camera.when(lambda state: isinstance(state.link, Asked))
    await camera.shoot("question", 1)
    camera.answer.set()
    await camera.when(lambda state: state.ending is not None)


async def _an_emergency(camera: Camera) -> None:
    await camera.into_step(0, 6)
    await camera.connected.emergency_stop()
    await camera.when(lambda state: state.ending is not None)
    await camera.shoot("emergency-stop")


async def _advice(camera: Camera) -> None:
    await camera.when(lambda state: state.tip is not None)
    await camera.shoot("advice", 1)


async def _an_offset(camera: Camera) -> None:
    await camera.when(lambda state: state.asked_zero)
    await camera.shoot("zero-question", 0.5)
    camera.answer.set()
    await camera.into_step(0, 3)


SCENES = (
    Scene("even", _an_even_massage),
    Scene("lift", _a_lift),
    Scene("pressure", _too_much_pressure),
    Scene("link", _a_lost_link),
    Scene("emergency", _an_emergency),
    Scene("hasty", _advice, Scenario.model_validate({"hand": {"persona": "hasty"}}), "evening-calm"),
    Scene("offset", _an_offset, Scenario.model_validate({"cells": {"offset_kpa": 0.3}})),
)
