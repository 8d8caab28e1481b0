"""Progress is shown where somebody looks, and only for work that takes long."""

from __future__ import annotations

import sys

import pytest

from glowtool.cli.options import Options
from glowtool.cli.terminal import progress as shown
from glowtool.cli.terminal.progress import Bar, Lines, Progress, progress


class Hand:
    """A clock that is set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def kind(options: Options) -> type[Progress]:
    with progress(options, "Exporting") as found:
        return type(found)


def test_a_bar_is_for_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kind(Options()) is Progress
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert kind(Options()) is Bar
    assert kind(Options(plain=True)) is Lines
    assert kind(Options(quiet=True)) is kind(Options(json=True)) is Progress


def test_lines_come_every_few_seconds_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Hand()
    lines = Lines("Exporting", clock)
    for clock.now_s, share in ((0.5, 0.1), (2.0, 0.25), (4.0, 0.5), (7.0, 0.75), (9.0, 1.0)):
        lines(share)
    assert capsys.readouterr().err.splitlines() == [
        "Exporting: 25 %, about 6 s left",
        "Exporting: 75 %, about 2 s left",
    ]


class Drawn:
    """Stands for rich's bar."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.stopped = 0

    def add_task(self, _what: str, *, total: float) -> int:
        assert total == 1
        return 0

    def start(self) -> None: ...

    def update(self, _task: int, *, completed: float) -> None:
        self.shares.append(completed)

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    found = Drawn()
    monkeypatch.setattr(shown, "_rich_bar", lambda: found)
    return found


def test_a_bar_waits_a_second_and_is_gone_in_the_end(drawn: Drawn) -> None:
    clock = Hand()
    bar = Bar("Exporting", clock)
    bar(0.5)
    assert drawn.shares == []
    clock.now_s = 1.5
    bar(0.6)
    bar(1.0)
    bar.close()
    assert (drawn.shares, drawn.stopped) == ([0.6, 1.0], 1)


def test_short_work_draws_nothing(drawn: Drawn) -> None:
    bar = Bar("Exporting", Hand())
    bar(1.0)
    bar.close()
    assert (drawn.shares, drawn.stopped) == ([], 0)
