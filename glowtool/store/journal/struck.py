"""The bytes of a log's files without its roller: names are struck out where they stand, and every length stays.

This is for what is not written anew: a journal that cannot be closed, one that is set aside, a damaged file. What could
be read before can be read afterwards, and what is damaged stays damaged.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from glowtool.store.erasure.unnamed import SENTENCES, longest_first
from glowtool.store.journal.salvage import sealed_messages
from glowtool.store.journal.seal import sealed_anew

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.store.erasure.unnamed import RollerNames

#: Shorter numbers and words may stand anywhere by chance; they are struck out of sentences, where they are words.
_NUMBER_LEAST_BYTES: Final = 6
_WORD_LEAST_BYTES: Final = 4

#: A sentence in the text of an event, also one whose end is missing.
_SENTENCE: Final = re.compile(rb'"(?:%b)":\s*"(?:[^"\\]|\\.)*' % "|".join(SENTENCES).encode(), re.DOTALL)


def struck_text(content: bytes, roller: RollerNames) -> bytes:
    """Return the text of events without the roller: no number of it anywhere, and no word of it in a sentence."""
    words = _words(roller, 1)
    return _SENTENCE.sub(lambda said: _struck(words, said[0]), _struck(_numbers(roller), content))


def struck_bytes(content: bytes, roller: RollerNames) -> bytes:
    """Return bytes that nothing reads as numbers without the roller: none of its names anywhere."""
    return _struck(_words(roller, _WORD_LEAST_BYTES), struck_text(content, roller))


def struck_samples(content: bytes, roller: RollerNames) -> bytes:
    """Return a stream of samples without the roller's numbers; it holds no sentences."""
    return _in_messages(content, lambda piece: _struck(_numbers(roller), piece), lambda piece: piece)


def struck_events(content: bytes, roller: RollerNames) -> bytes:
    """Return a stream of events without the roller; a message that is whole stays whole."""
    return _in_messages(content, lambda piece: struck_text(piece, roller), lambda piece: struck_bytes(piece, roller))


def _in_messages(content: bytes, whole: Callable[[bytes], bytes], rest: Callable[[bytes], bytes]) -> bytes:
    pieces, at = [], 0
    for head, _ in sealed_messages(content):
        message = content[head.start : head.end]
        told = whole(message)
        pieces += [rest(content[at : head.start]), message if told == message else sealed_anew(told)]
        at = head.end
    return b"".join([*pieces, rest(content[at:])])


def _struck(pattern: re.Pattern[bytes] | None, content: bytes) -> bytes:
    return content if pattern is None else pattern.sub(lambda found: b"*" * len(found[0]), content)


def names_its_roller(content: bytes, roller: RollerNames) -> bool:
    """Return whether a number of the roller stands in the content, so that the words in it may be the roller's, too."""
    numbers = _numbers(roller)
    return numbers is not None and numbers.search(content) is not None


def _numbers(roller: RollerNames) -> re.Pattern[bytes] | None:
    # One of digits alone is struck out as a word, and not where JSON has a number: that would be none any more.
    spelt = [
        rb"(?<![0-9A-Za-z_.:,\[-])%b(?![0-9A-Za-z_]|\.[0-9])" % name if name.isdigit() else re.escape(name)
        for name in _spellings(roller.numbers, _NUMBER_LEAST_BYTES)
    ]
    return re.compile(b"|".join(spelt), re.IGNORECASE) if spelt else None


def _words(roller: RollerNames, least_bytes: int) -> re.Pattern[bytes] | None:
    spelt = b"|".join(map(re.escape, _spellings(roller.all, least_bytes)))
    return re.compile(rb"(?<![0-9A-Za-z_.])(?:%b)(?![0-9A-Za-z_]|\.[0-9])" % spelt, re.IGNORECASE) if spelt else None


def _spellings(names: frozenset[str], least_bytes: int) -> list[bytes]:
    """Return names as they stand in bytes, the longest first: in either case, and as JSON escapes them."""
    cases = frozenset(form for name in names for form in (name, name.lower(), name.upper()))
    escaped = frozenset(json.dumps(form, ensure_ascii=False)[1:-1] for form in cases)
    spelt = [form.encode(errors="replace") for form in longest_first(cases | escaped)]
    return [form for form in spelt if len(form) >= least_bytes]
