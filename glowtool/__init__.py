"""The companion of a smart facial massage roller: pair it, run routines on it, analyse its pressure logs."""

__version__ = "0.1.0"

__all__ = ["__version__"]
