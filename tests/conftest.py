"""Every test runs examples without a time limit, since machines are noisy, and a failure says how to repeat it.

`make test` draws few examples for its budget, `make test-long` more of each property. Both draw the same each time, so
that what a check says of a commit stays true. `make search` draws new ones: what it finds is pinned with `@example`.
"""

from __future__ import annotations

import os
import platform
import signal
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

#: They need dbus-fast, which is there on Linux only, as BlueZ is.
collect_ignore_glob = [] if platform.system() == "Linux" else ["unit/link/bluez", "unit/link/test_link_radio.py"]

#: How long an example takes to draw says how busy the machine is, and nothing about the code.
settings.register_profile("any machine", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
_ANY: Final = settings.get_profile("any machine")
settings.register_profile("glowtool", _ANY, max_examples=40, derandomize=True)
settings.register_profile("long", _ANY, max_examples=300, derandomize=True)
settings.register_profile("search", _ANY, max_examples=300)
settings.load_profile("glowtool")


def pytest_configure() -> None:
    """Listen to signals that a script has its background jobs ignore, or `nohup`: tests send them to themselves."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)


@pytest.fixture
def no_umask() -> Iterator[None]:
    """Make files as a careless machine does, which takes nothing away from a mode."""
    before = os.umask(0)
    yield
    os.umask(before)
