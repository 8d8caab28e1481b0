"""The dates of samples by the host's clock.

Samples are dated as they come, by the best line so far: a journal whose checkpoints are damaged has no other time. At
the end of a log all of them are dated again, by all lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.columns import DEVICE_TIME, HOST_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from glowtool.stream.block import Columns
    from glowtool.stream.clock.model import ClockLine, ClockModel


def dated(samples: Mapping[str, npt.NDArray[np.generic]], model: ClockModel | ClockLine | None) -> Columns:
    """Return samples with the host's time by this model, behind the device's and in place of an earlier date.

    Without a model they are returned as they are. In a replay nothing was heard, and there is no such column.
    """
    if model is None:
        return dict(samples)
    columns: Columns = {}
    for name, values in samples.items():
        if name == HOST_TIME.name:
            continue
        columns[name] = values
        if name == DEVICE_TIME.name:
            columns[HOST_TIME.name] = model.host_times_us(values.astype(np.int64))
    return columns


def dated_at_the_end(samples: Columns, model: ClockModel | None, known_until_us: int | None = None) -> Columns:
    """Return all samples of a log with the date that stays.

    Those after `known_until_us` keep their first date: the device's clock began anew there, and the model is older.
    """
    columns = dated(samples, model)
    first, last = samples.get(HOST_TIME.name), columns.get(HOST_TIME.name)
    if known_until_us is not None and first is not None and last is not None:
        columns[HOST_TIME.name] = np.where(samples[DEVICE_TIME.name].astype(np.int64) > known_until_us, first, last)
    return columns
