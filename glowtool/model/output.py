"""What a device puts into the skin: which outputs there are, and their shapes over time."""

import enum


class Output(enum.StrEnum):
    """What a device can put into the skin."""

    VIBRATION = "vibration"
    MICROCURRENT = "microcurrent"


class Pattern(enum.IntEnum):
    """How the vibration's amplitude goes over one pattern period."""

    STEADY = 0
    PULSE = 1
    WAVE = 2
    RAMP = 3


class Waveform(enum.IntEnum):
    """The shape of the microcurrent. Every shape is charge-balanced: both phases carry the same charge."""

    NONE = 0
    BIPHASIC_SQUARE = 1
    BIPHASIC_PULSE = 2
    MODULATED = 3
