"""Generated pages and vectors agree with today's declarations."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_no_generated_file_is_stale() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stale = [str(path) for path, text in module.generated().items() if path.read_text("utf-8") != text]
    assert not stale, f"run `make docs`: {stale}"
