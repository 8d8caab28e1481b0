"""scipy's compiled filter, which takes a second to load: no massage waits for it, and a long replay has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    import numpy as np

    from glowtool.stream.block import FloatArray


#: To load scipy takes a second, and so long the small loop takes for some millions of values.
LOADED_FROM: Final = 3_000_000


class SosFilter(Protocol):
    """`scipy.signal.sosfilt`, as it is called here."""

    def __call__(
        self, sections: FloatArray, values: FloatArray, *, axis: int, zi: FloatArray
    ) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], FloatArray]:
        """Filter along an axis from a memory on; return the outputs and the memory after them."""
        ...


class CompiledFilter:
    """The filter of scipy, loaded once the small loop has cost about what that takes.

    The bits are the same with it and without it, so what it has counted changes nothing but the time.
    """

    def __init__(self) -> None:
        self._sosfilt: SosFilter | None = None
        self._filtered = 0

    def pays(self, values: int) -> bool:
        """Return whether it is to be used for so many more values of a block."""
        self._filtered += values
        return self._sosfilt is not None or self._filtered >= LOADED_FROM

    @property
    def sosfilt(self) -> SosFilter:
        """The filter itself; the first call may take a second."""
        return self._sosfilt or self.load()

    def load(self) -> SosFilter:
        """Load it, and return it."""
        from scipy.signal import sosfilt  # noqa: PLC0415 - it takes a second

        self._sosfilt = cast("SosFilter", sosfilt)
        return self._sosfilt


COMPILED: Final = CompiledFilter()
