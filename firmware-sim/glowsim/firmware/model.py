"""The differences between models of rollers: name, channels, rates, ceilings, and the wiring of the sensors.

All models share one firmware. It has four inputs for cells, two for encoders, and one for the loop between two heads; a
model with fewer sensors leaves inputs open, or wires one sensor to several of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from glowsim.physics.types import IMPEDANCE_OPEN, Sensed
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.channel import Channel, ChannelFacts, ChannelFlag, Format, Place, Quantity, Stream, Unit
from glowtool.model.state import Capability
from glowtool.protocol.advertising import MODEL_GR1, NAME_PREFIX
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.channels import CHANNELS
from glowtool.protocol.commands.rules import Offer
from glowtool.protocol.status import RATES_HZ, Feature, own_feature
from glowtool.protocol.wire import PROTOCOL_VERSION, V1_3, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glowtool.protocol.program import StepRecord


@dataclass(frozen=True, slots=True)
class Wiring:
    """The body's sensor to which each input of the firmware is wired, by its place in `Sensed`."""

    cells: tuple[int, int, int, int]
    encoders: bool
    electrodes: bool
    thermometers: tuple[int, int] = (0, 1)

    def felt(self, sensed: Sensed) -> Sensed:
        """Return the readings at the firmware's inputs."""
        cells, (a, b, c, d) = sensed.cells_raw, self.cells
        left, right = self.thermometers
        return Sensed(
            (cells[a], cells[b], cells[c], cells[d]),
            sensed.travel_raw if self.encoders else (0, 0),
            sensed.impedance_raw if self.electrodes else IMPEDANCE_OPEN,
            (sensed.head_temp_raw[left], sensed.head_temp_raw[right]),
            sensed.battery_percent,
            sensed.charging,
            sensed.source_raw if self.electrodes else (0, 0),
        )


@dataclass(frozen=True, slots=True)
class Model:
    """One model of roller.

    `ceilings` lists those that are stricter than the table's, in steps of the wire; `capabilities` are all but the
    display's. `number` identifies the model in the advertisement. Without a `wiring`, every input has its own sensor.
    `protocol` is the version that it states, and `firmware` its firmware's; both are of an older roller for one that is
    here to be told from a newer.
    """

    name: str
    number: int
    capabilities: Capability
    channels: tuple[Channel, ...]
    rates_hz: tuple[int, ...] = RATES_HZ
    ceilings: Mapping[CeilingId, int] = field(default_factory=dict)
    wiring: Wiring | None = None
    protocol: Version = PROTOCOL_VERSION
    firmware: str = "1.4.0"

    @property
    def offer(self) -> Offer:
        """The telemetry that the model offers."""
        fast = sum(1 << channel.row.number for channel in self.channels if channel.row.stream is Stream.FAST)
        return Offer(self.rates_hz, fast)

    @property
    def amplitude_most(self) -> float:
        """The largest amplitude as a share of full."""
        return self._most(CeilingId.VIBRATION_AMPLITUDE) / 1000

    @property
    def peak_ua_most(self) -> float:
        """The largest peak of the microcurrent in µA; 0 without a microcurrent."""
        return float(self._most(CeilingId.PEAK_CURRENT))

    @property
    def keyframes(self) -> bool:
        """Whether the firmware knows the records of keyframes."""
        return Capability.KEYFRAMES in self.capabilities

    @property
    def electrodes(self) -> bool:
        """Whether the heads are electrodes, so that the loop between them shows whether they touch."""
        return self.wiring is None or self.wiring.electrodes

    def feature(self, display: Capability) -> Feature:
        """Return the content of the feature characteristic."""
        table = {int(which): self._most(which) for which in CEILINGS}
        feature = own_feature(self.capabilities | display, self.protocol)
        return replace(feature, rates_hz=self.rates_hz, ceilings=table)

    def forbids(self, program: Iterable[StepRecord]) -> bool:
        """Return whether a program asks for more than this model allows."""
        return any(
            step.peak_ua_most > self._most(CeilingId.PEAK_CURRENT)
            or step.amplitude_permille_most > self._most(CeilingId.VIBRATION_AMPLITUDE)
            or (
                step.amplitude_permille_most > 0
                and step.vibration_dhz_most > self._most(CeilingId.VIBRATION_FREQUENCY_MAX)
            )
            for step in program
        )

    def _most(self, which: CeilingId) -> int:
        return self.ceilings.get(which, ceiling(which))


#: The reference hardware.
GR1: Final = Model(
    NAME_PREFIX,
    MODEL_GR1,
    Capability.VIBRATION
    | Capability.MICROCURRENT
    | Capability.PRESSURE
    | Capability.TRAVEL
    | Capability.IMPEDANCE
    | Capability.HEAD_TEMPERATURE
    | Capability.RECORDS
    | Capability.KEYFRAMES,
    CHANNELS,
)

#: A GR-1 whose firmware has not been updated: it speaks protocol 1.3, and its levels only change from step to step.
GR1_OF_1_3: Final = replace(GR1, capabilities=GR1.capabilities & ~Capability.KEYFRAMES, protocol=V1_3, firmware="1.3.0")

#: One head with one cell and a motor: no encoder, no electrodes. Its cell counts in 20 Pa from −2 kPa up to 30 kPa.
MINI: Final = Model(
    "GR-mini",
    2,
    Capability.VIBRATION
    | Capability.PRESSURE
    | Capability.HEAD_TEMPERATURE
    | Capability.RECORDS
    | Capability.KEYFRAMES,
    (
        Channel(
            "motor",
            ChannelFacts(
                0, Stream.FAST, Quantity.VIBRATION_AMPLITUDE, Place.TOOL, Format.UINT8, ChannelFlag.SATURATES,
                Unit.UNITLESS, 1, -2, 0, 0, 100,
            ),
        ),
        Channel(
            "press",
            ChannelFacts(
                5, Stream.FAST, Quantity.PRESSURE, Place.TOOL, Format.UINT16, ChannelFlag.SATURATES,
                Unit.PASCAL, 2, 1, -100, 0, 1600,
            ),
        ),
        Channel(
            "warmth",
            ChannelFacts(
                3, Stream.SLOW, Quantity.TEMPERATURE, Place.TOOL, Format.SINT16, ChannelFlag.SATURATES,
                Unit.DEGREE_CELSIUS, 5, -1, 0, -80, 250,
            ),
        ),
    ),
    rates_hz=(100,),
    ceilings={
        CeilingId.PEAK_CURRENT: 0,
        CeilingId.VIBRATION_AMPLITUDE: 700,
        CeilingId.VIBRATION_FREQUENCY_MAX: 1200,
    },
    wiring=Wiring((0, 0, 0, 0), encoders=False, electrodes=False, thermometers=(0, 0)),
)  # fmt: skip

#: The models that a scenario can name.
MODELS: Final[Mapping[str, Model]] = {"gr-1": GR1, "gr-1-of-1.3": GR1_OF_1_3, "mini": MINI}
