"""The interface of a processor: settings, state, and `process`, whose output is the same however its input is cut."""

from __future__ import annotations

from typing import Protocol, TypeVar

In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)


class Processor(Protocol[In_contra, Out_co]):
    """One stage. The outputs of `process`, and of `flush` at the end, add up to the same however the input is cut."""

    def process(self, item: In_contra, /) -> Out_co:
        """Take the next piece of input and return the output that it settles."""
        ...

    def flush(self) -> Out_co | None:
        """Return the output that the end of the input settles, None when there is none."""
        ...
