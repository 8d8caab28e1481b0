"""`python -m glowsim` is `glowsim`."""

from __future__ import annotations

from glowsim.console.main import main

if __name__ == "__main__":
    main()
