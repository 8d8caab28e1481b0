"""The turning points of the runs: where a head that rolled one way has come back far enough to roll the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.stream.strokes.sweep.chunks import chunks_of

if TYPE_CHECKING:
    from glowtool.stream.strokes.parts import Moving
    from glowtool.stream.strokes.rule import Thresholds
    from glowtool.stream.strokes.sweep.rows import Rows


class Turns:
    """The turning points of all runs, in order, as far as the chunks of `size` rows tell them.

    A turning point lies at `points_mm`. It was reached in the chunk that begins at row `reached`, and the head has left
    it at row `left`, or in the chunk that begins there. The last point of a run, one of `lasts`, is where the head had
    come until `left`, which is the end of the run. From a point that is one of `lingers`, the head may have stood still
    for the time of a rest on its way.
    """

    def __init__(self, rows: Rows, rule: Thresholds) -> None:
        self.size = max(min(rule.rest_samples // 4, len(rows) // 256), 4)
        self.points_mm: list[float] = []
        self.reached: list[int] = []
        self.left: list[int] = []
        self.lasts: list[int] = []
        self.lingers: list[int] = []
        self._travel_mm, self._turn_mm = rows.travel_mm, rule.turn_mm
        self._longest = rule.rest_samples // self.size
        self._seen = chunks_of(rows.travel_mm, self.size, rule.turn_mm)
        #: Upwards 1, downwards −1; how far the head has come (with the sign changed downwards), and in which chunk.
        self._sign, self._farthest_mm, self._at = 0, 0.0, 0
        moving = rows.moving
        for start, stop in rows.runs:
            begin = self._seek(start, stop) if moving is None else self._resume(moving, rows)
            moving = None
            if self._sign:
                self._move(begin, stop)
                self._note(self._farthest_mm * self._sign, self._at, stop)
                self.lasts.append(len(self.left) - 1)

    def _resume(self, moving: Moving, rows: Rows) -> int:
        """Take the stroke that is in progress: its start is in row 0, its end so far in row 1."""
        self._note(moving.start.farthest_mm, 0, 1)
        if rows.samples[rows.first] - moving.end.sample >= rows.first:
            self.lingers.append(0)  # it has stood for longer than rows tell
        self._sign, self._farthest_mm, self._at = moving.sign, moving.sign * moving.ahead.farthest_mm, 0
        return rows.first

    def _seek(self, start: int, stop: int) -> int:
        """Find where the head first moves; return the row after, or `stop`."""
        size, turn_mm, (highest_mm, lowest_mm, *_) = self.size, self._turn_mm, self._seen[0]
        low_mm = high_mm = float(self._travel_mm[start])
        low_at = high_at = start // size
        at, self._sign = start, 0
        while at < stop:
            chunk, end = at // size, min(at - at % size + size, stop)
            if end - at == size and lowest_mm[chunk] >= low_mm and highest_mm[chunk] <= high_mm:
                chunks = range(chunk + 1, stop // size)
                at = size * next((c for c in chunks if lowest_mm[c] < low_mm or highest_mm[c] > high_mm), stop // size)
                continue
            for row, travel_mm in enumerate(self._travel_mm[at:end].tolist(), at):
                if travel_mm < low_mm:
                    low_mm, low_at = travel_mm, chunk
                elif travel_mm > high_mm:
                    high_mm, high_at = travel_mm, chunk
                if travel_mm - low_mm >= turn_mm:
                    return self._leave(-1, low_mm, low_at, row, travel_mm)
                if high_mm - travel_mm >= turn_mm:
                    return self._leave(1, high_mm, high_at, row, travel_mm)
            at = end
        return stop

    def _leave(self, sign: int, point_mm: float, at: int, row: int, travel_mm: float) -> int:
        """Note that the head has left its lowest point (−1) or its highest one at a row; return the row after."""
        self._note(point_mm, at, row)
        self._sign, self._farthest_mm, self._at = -sign, -sign * travel_mm, row // self.size
        return row + 1

    def _move(self, at: int, stop: int) -> None:
        """Find the turning points of the rows [at, stop): by chunks where nothing hidden can happen, else by rows."""
        while at < stop:
            if at % self.size == 0:
                at = self._skip(at // self.size, stop // self.size) * self.size
            end = min(at - at % self.size + self.size, stop)
            self._step(at, end)
            at = end

    def _skip(self, chunk: int, stop: int) -> int:
        """Take chunks up to one whose rows must be looked at; return that, or `stop`."""
        turn_mm, longest = self._turn_mm, self._longest
        sign, best_mm, at = self._sign, self._farthest_mm, self._at
        farthest_mm, nearest_mm, back, onward, notable = self._seen[sign < 0]
        while chunk < stop:
            if at == chunk - 1 and not notable[chunk]:
                chunk = notable.find(1, chunk, stop)
                chunk = stop if chunk < 0 else chunk
                best_mm, at = farthest_mm[chunk - 1], chunk - 1
                continue
            turned = best_mm - nearest_mm[chunk] >= turn_mm
            if farthest_mm[chunk] > best_mm:
                if turned or back[chunk]:
                    break
                if chunk - at >= longest:
                    self.lingers.append(len(self.left) - 1)
                best_mm, at = farthest_mm[chunk], chunk
            elif turned:
                if onward[chunk]:
                    break
                self._note(best_mm * sign, at, chunk * self.size)
                sign, best_mm, at = -sign, -nearest_mm[chunk], chunk
                farthest_mm, nearest_mm, back, onward, notable = self._seen[sign < 0]
            chunk += 1
        self._sign, self._farthest_mm, self._at = sign, best_mm, at
        return chunk

    def _step(self, start: int, stop: int) -> None:
        """Take the rows [start, stop), which are in one chunk."""
        chunk, turn_mm = start // self.size, self._turn_mm
        sign, farthest_mm, at = self._sign, self._farthest_mm, self._at
        for row, travel_mm in enumerate(self._travel_mm[start:stop].tolist(), start):
            way_mm = travel_mm * sign
            if way_mm > farthest_mm:
                if chunk - at >= self._longest:
                    self.lingers.append(len(self.left) - 1)
                farthest_mm, at = way_mm, chunk
            elif farthest_mm - way_mm >= turn_mm:
                self._note(farthest_mm * sign, at, row)
                sign, farthest_mm, at = -sign, -way_mm, chunk
        self._sign, self._farthest_mm, self._at = sign, farthest_mm, at

    def _note(self, point_mm: float, chunk: int, left: int) -> None:
        """Note a turning point, reached in this chunk, which the head has left at this row or in its chunk."""
        self.points_mm.append(point_mm)
        self.reached.append(chunk * self.size)
        self.left.append(left)
