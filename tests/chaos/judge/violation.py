"""The error that the judge raises."""


class ViolationError(AssertionError):
    """A ceiling was passed, or the device did or said something else than it was told."""
