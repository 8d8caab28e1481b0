"""`python -m glowtool` is `glowtool`."""

from __future__ import annotations

from glowtool.cli import main

if __name__ == "__main__":
    main()
