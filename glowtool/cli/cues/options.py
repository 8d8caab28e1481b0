"""The options of a massage for people who do not look at a screen, declared once for the commands that run one."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click

from glowtool.cli.cues.bell import Bell
from glowtool.cli.cues.speech import Voice, find_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowtool.cli.cues.speech import Command
    from glowtool.session.news import MassageNews, Publish

F = TypeVar("F", bound="Callable[..., object]")


@dataclass(frozen=True, slots=True)
class Senses:
    """How a massage is told besides what is shown: by bell, by the roller's buzzer, and by a command that speaks."""

    bell: bool
    buzz: bool
    speech: Command | None

    @contextmanager
    def beside(self, face: Publish, *, silent: bool) -> Iterator[Publish]:
        """Yield a face that also rings and speaks, for the time of the block; `silent`: it does not ring."""
        hear: list[Callable[[MassageNews], None]] = [face]
        if self.bell and not silent:
            hear.append(Bell().hear)
        # One voice a massage: it is silent for good once its massage has ended.
        voice = None if self.speech is None else Voice(self.speech)
        if voice is not None:
            hear.append(voice.hear)

        def publish(news: MassageNews) -> None:
            for each in hear:
                each(news)

        try:
            yield publish
        finally:
            if voice is not None:
                voice.hush()


_OPTIONS = (
    click.option("--speak", is_flag=True, help="Say cues and advice aloud, by this system's own command for that."),
    click.option("--no-bell", "bell", is_flag=True, flag_value=False, default=True, help="Do not ring before a step."),
    click.option("--no-buzz", "buzz", is_flag=True, flag_value=False, default=True, help="Let the roller not beep."),
)


def cue_options(function: F) -> F:
    """Give a command its options for cues, as one value `senses`; raises `UsageError` where nothing can speak."""

    @functools.wraps(function)
    def with_senses(*arguments: object, speak: bool, bell: bool, buzz: bool, **keywords: object) -> object:
        speech = find_command() if speak else None
        return function(*arguments, senses=Senses(bell, buzz, speech), **keywords)

    for option in reversed(_OPTIONS):
        option(with_senses)
    return with_senses  # type: ignore[return-value]  # the wrapper has the function's own signature less its options
