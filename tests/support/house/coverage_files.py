"""A helper that sets half-written coverage files aside, since one such file stops their combination."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def is_whole(path: Path) -> bool:
    """Return whether SQLite finds nothing wrong with the data file at path."""
    try:
        with closing(sqlite3.connect(path)) as data:
            return bool(data.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def remove_broken(folder: Path) -> int:
    """Remove each data file of a process in folder that is not whole; return how many there were."""
    broken = [path for path in folder.glob(".coverage.*") if not is_whole(path)]
    for path in broken:
        path.unlink()
    return len(broken)


if __name__ == "__main__":
    sys.stderr.write(f"{remove_broken(Path.cwd())} data files of killed processes were not whole and are left out\n")
