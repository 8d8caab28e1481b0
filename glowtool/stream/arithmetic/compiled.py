"""scipy's compiled filter, which takes a second to load: nothing live waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    import numpy as np

    from glowtool.stream.block import FloatArray


class SosFilter(Protocol):
    """`scipy.signal.sosfilt`, as it is called here."""

    def __call__(
        self, sections: FloatArray, values: FloatArray, *, axis: int, zi: FloatArray
    ) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], FloatArray]:
        """Filter along an axis from a memory on; return the outputs and the memory after them."""
        ...


class CompiledFilter:
    """The filter of scipy, loaded when it is first needed, or before by `load` in another thread."""

    def __init__(self) -> None:
        self._sosfilt: SosFilter | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether it can be used without a wait."""
        return self._sosfilt is not None

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
