"""The rule that tells one stroke from two: every threshold of the stroke finder."""

from __future__ import annotations

from dataclasses import dataclass

from glowtool.stream.contact import BLINK_S


@dataclass(frozen=True, slots=True)
class StrokeSettings:
    """The thresholds that tell one stroke from two.

    A reversal counts from `turn_mm` on, a stroke from `shortest_mm`; within `jitter_mm` of a turning point the head is
    still there. A rest of `rest_s`, in which the encoder counts no further, ends a stroke where the head came to rest.
    A hand slows down before it rests: its last count takes up to two and a half times as long as the one before, and so
    does the first one after. Twice the time of the last count, but at most `slowing_s`, is therefore not yet rest.

    A lift ends a stroke. One that is too short for the filtered pressure to reach the end of contact shows all the
    same: the head stands still for `still_s`, and its pressure falls to `eased_share` of the stroke's mean. No hand
    rolls faster than `fastest_mm_per_s`: such a jump of the encoder is none, and ends the stroke as well.

    A gap of at most `blink_s` leaves no time for a lift or for a stroke there and back. A longer one, but shorter than
    a rest, is bridged when the encoder says that the head rolled on in it, at no less than `onward_share` of the
    stroke's speed so far; a lifted head stands still. Where it does not say so, what comes after tells: a head that
    goes on for less than `shortest_mm` has only ended its stroke, and one that goes on for longer began another.
    Any longer gap ends the stroke.
    """

    turn_mm: float = 3.0
    shortest_mm: float = 10.0
    jitter_mm: float = 0.15
    rest_s: float = 0.4
    slowing_s: float = 0.1
    still_s: float = 0.05
    eased_share: float = 0.25
    fastest_mm_per_s: float = 2500.0
    blink_s: float = BLINK_S
    onward_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The rule at one sampling rate: what is in seconds there is counted in samples here."""

    turn_mm: float
    shortest_mm: float
    jitter_mm: float
    eased_share: float
    onward_share: float
    fastest_mm: float
    rest_samples: int
    still_samples: int
    slowing_samples: int
    blink_samples: int

    @classmethod
    def at(cls, rate_hz: int, rule: StrokeSettings) -> Thresholds:
        """Return the thresholds for samples that come at this rate."""
        return cls(
            rule.turn_mm,
            rule.shortest_mm,
            rule.jitter_mm,
            rule.eased_share,
            rule.onward_share,
            rule.fastest_mm_per_s / rate_hz,
            round(rule.rest_s * rate_hz),
            round(rule.still_s * rate_hz),
            round(rule.slowing_s * rate_hz),
            round(rule.blink_s * rate_hz),
        )

    def rest_after(self, count_samples: int) -> int:
        """Return how long a head stands before it rests, after a last count that took so many samples."""
        return self.rest_samples + min(2 * count_samples, self.slowing_samples)
