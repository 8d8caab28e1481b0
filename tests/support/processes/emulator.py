"""As much of a terminal as the live view uses: cells, two screens, erasing, and folding at the edge."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\x1b\[(?P<digits>\??[\d;]*)(?P<order>[A-Za-z])|(?P<other>[\s\S])")


class Emulator:
    """Shows what it is fed; single-width characters only."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.first: list[list[str]] = self._blank()
        self.cells = self.first
        self.row = self.column = 0
        self.left = (0, 0)
        self.fold = self.cursor = True

    @property
    def lines(self) -> list[str]:
        """The visible text, row by row."""
        return ["".join(row).rstrip() for row in self.cells]

    @property
    def other(self) -> bool:
        """Whether the other screen is seen."""
        return self.cells is not self.first

    def resize(self, columns: int, rows: int) -> None:
        """Give it another size: the other screen is cut or filled up, as terminals do."""
        self.columns, self.rows = columns, rows
        for row in self.cells:
            row[columns:] = [" "] * (columns - len(row))
        self.cells[rows:] = [[" "] * columns for _ in range(rows - len(self.cells))]
        self.row, self.column = min(self.row, rows - 1), min(self.column, columns - 1)

    def feed(self, text: str) -> None:
        """Take what a program writes."""
        for piece in _PIECE.finditer(text):
            if piece["other"] is not None:
                self._put(piece["other"])
            else:
                self._obey(piece["digits"] + piece["order"])

    def _blank(self) -> list[list[str]]:
        return [[" "] * self.columns for _ in range(self.rows)]

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._down()
        else:
            if self.column == self.columns and self.fold:
                self.column = 0
                self._down()
            self.column = min(self.column, self.columns - 1)
            self.cells[self.row][self.column] = character
            self.column += 1

    def _down(self) -> None:
        if self.row == self.rows - 1:
            self.cells.append([" "] * self.columns)
            del self.cells[0]
        else:
            self.row += 1

    def _obey(self, order: str) -> None:
        match order:
            case "H":
                self.row = self.column = 0
            case "K" | "J":
                at = min(self.column, self.columns - 1)  # behind a full row, the cursor stands on its last cell
                self.cells[self.row][at:] = [" "] * (self.columns - at)
                if order == "J":
                    for row in self.cells[self.row + 1 :]:
                        row[:] = [" "] * self.columns
            case "?7h" | "?7l":
                self.fold = order.endswith("h")
            case "?25h" | "?25l":
                self.cursor = order.endswith("h")
            case "?1049h":
                self.cells, self.left = self._blank(), (self.row, self.column)
            case "?1049l":
                self.cells, (self.row, self.column) = self.first, self.left
            case _ if order.endswith("m"):
                pass
            case _:
                raise AssertionError(f"the live view has no business with {order!r}")
