"""Every file of a whole journey belongs to its owner alone, also where the umask takes nothing away."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from support.people import screened
from support.processes.console import Host, command
from support.processes.routine_file import IN_CONTACT, routine_file

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such permissions here")


def open_to_others(root: Path) -> list[str]:
    """Return what others than the owner can use: name and mode of every folder, file and socket."""
    found = (path for path in (root, *root.rglob("*")) if not path.is_symlink())
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in found}
    return [f"{path.relative_to(root)} {mode:o}" for path, mode in sorted(modes.items()) if mode & 0o077]


@pytest.mark.slow
@pytest.mark.long
def test_nothing_of_a_whole_journey_is_open_to_others(tmp_path: Path, no_umask: None) -> None:
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    routine = Path(routine_file(own, 20))
    routine.chmod(0o600)
    roller, truth = own / "deep" / "roller", own / "truth" / "deep"
    with command("glowsim", "serve", "--port", "0", "--state-dir", str(roller), "--truth", str(truth)) as serving:
        spec = serving.wait_for(r"tcp:\S+").split()[-1]
        passkey = next(line.split()[1] for line in serving.out if line.startswith("passkey "))
        host = Host(own / "other" / "data", spec)
        assert host.call("pair", "--passkey", passkey).status == 0
        screened(host.data_dir)
        assert host.call("button", "store", str(routine), "--yes").status == 0
        with host.running("run", str(routine), "--json") as running:
            running.wait_for(IN_CONTACT)
            assert [path.name for path in own.rglob("*.sock")] != []
            assert open_to_others(own) == []
            assert host.call("stop").status == 0
            running.finish()
        assert host.call("analyze", "last").status == 0
        assert host.call("logs", "export", "last", "-o", str(own / "exports" / "samples.csv")).status == 0
        serving.process.terminate()
        assert serving.finish().status == 0
    assert re.search(r"delivered\.bin", " ".join(path.name for path in roller.iterdir()))
    assert list(truth.iterdir()) != []
    assert open_to_others(own) == []
