"""The settings in force: values within their declared ranges, which can only lower a ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.model.names import key_of
from glowtool.protocol.meanings import SETTINGS
from glowtool.protocol.vocabulary import Setting

if TYPE_CHECKING:
    from glowsim.firmware.program.executor import Program


class Settings:
    """The values in force; a kept value outside its range counts as never set.

    `amplitude_max` (share of full), `peak_ua_max` and `watchdog_ms` are cached, since every tick uses them.
    """

    def __init__(self, kept: dict[str, int] | None = None) -> None:
        self._values = {setting: facts.default for setting, facts in SETTINGS.items()}
        self._have_ready()
        for setting in SETTINGS:
            value = (kept or {}).get(key_of(setting))
            if value is not None:
                self.put(setting, value)

    def __getitem__(self, setting: Setting) -> int:
        return self._values[setting]

    def put(self, setting: Setting, value: int) -> None:
        """Change a setting; a value outside its range changes nothing."""
        facts = SETTINGS[setting]
        if facts.low <= value <= facts.high:
            self._values[setting] = value
            self._have_ready()

    def _have_ready(self) -> None:
        self.amplitude_max = self[Setting.AMPLITUDE_PERMILLE_MAX] / 1000
        self.peak_ua_max = float(self[Setting.PEAK_UA_MAX])
        self.watchdog_ms = self[Setting.WATCHDOG_MS]

    def forbid(self, program: Program) -> bool:
        """Return whether a program asks for more than the settings allow."""
        peak_ua, amplitude_permille = self[Setting.PEAK_UA_MAX], self[Setting.AMPLITUDE_PERMILLE_MAX]
        return any(step.peak_ua_most > peak_ua or step.amplitude_permille_most > amplitude_permille for step in program)

    def kept(self) -> dict[str, int]:
        """Return the content for the memory."""
        return {key_of(setting): value for setting, value in self._values.items()}
