"""Measure the share of a processor that `glowtool run` takes at 200 Hz without a screen, while the outputs run.

python tests/measure/speed/share.py [--seconds 30]

The roller and its radio are in another process, behind HCI over TCP, so the share is that of the host with its
Bluetooth stack in Python.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from measure.times.first_output import BIN, ROUTINE, glowtool, over_tcp
from support.people import screened


def used_s(pid: int) -> float:
    """Return the processor time of a process so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def share(root: Path, seconds: float) -> float:
    """Pair, run, and return processor time ÷ time of the part between the first second and the stop."""
    routine = root / "long.toml"
    routine.write_text(ROUTINE.replace("duration_s = 60", f"duration_s = {round(seconds) + 20}"))
    async with over_tcp(root / "roller") as place:
        common = ("--adapter", place.adapter, "--data-dir", root / "host")
        await glowtool(*common, "pair", "--passkey", place.passkey)
        screened(root / "host")
        process = await asyncio.create_subprocess_exec(
            BIN / "glowtool", *common, "-v", "run", "--yes", routine,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        while b"the program runs" not in (line := await process.stderr.readline()):
            assert line, "the massage did not start"
        reading = asyncio.create_task(process.stderr.read())
        await asyncio.sleep(1.0)
        begun_s, before_s = time.perf_counter(), used_s(process.pid)
        await asyncio.sleep(seconds)
        found = (used_s(process.pid) - before_s) / (time.perf_counter() - begun_s)
        process.send_signal(signal.SIGINT)
        await process.wait()
        await reading
    return found


def main() -> None:
    """Print the share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(share(Path(folder), asked.seconds))
    print(f"glowtool run at 200 Hz without a screen: {100 * found:.1f} % of one processor")


if __name__ == "__main__":
    main()
