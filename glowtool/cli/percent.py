"""The type of an option that takes a share in percent, with its sign or without."""

from __future__ import annotations

import click


class Percent(click.ParamType[float]):
    """A number of percent: `60` or `60%`."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; fail on anything else."""
        if isinstance(value, float):
            return value
        try:
            return float(str(value).strip().removesuffix("%").strip())
        except ValueError:
            self.fail(f"{value!r} is no share; write it as 60 or 60%", param, ctx)
