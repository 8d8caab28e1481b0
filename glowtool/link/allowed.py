"""What `--adapter` takes, for its help, which loads nothing else of the link."""

from __future__ import annotations

from typing import Final

#: What `--adapter` takes, in its help and in the advice of an error.
ALLOWED_SPECS: Final = "auto, hci0, sim[:SCENARIO], tcp:HOST:PORT, bumble:TRANSPORT"
