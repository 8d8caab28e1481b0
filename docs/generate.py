"""Write every generated page and vector: `python docs/generate.py`; with `--check`, only say what is stale."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def generated() -> dict[Path, str]:
    """Return the text of every generated file by its path."""
    from glowtool.protocol import vectors
    from pages.body import render as body
    from pages.commands import render_commands, render_exit_codes
    from pages.completion import render_words
    from pages.ledger import render as ledger
    from pages.library import picture
    from pages.library import render as library
    from pages.library import table as built_in
    from pages.log_format import render as log_format
    from pages.manual import render_manual
    from pages.metrics import render as metrics
    from pages.outputs import render as outputs
    from pages.performance import render as performance
    from pages.plans import render as plans
    from pages.protocol import render as protocol
    from pages.routines import render as routines
    from pages.scenarios import render_faults, render_scenarios, scenario_schema

    pages = {
        "body": body,
        "commands": render_commands,
        "exit-codes": render_exit_codes,
        "faults": render_faults,
        "library": library,
        "ledger": ledger,
        "log-format": log_format,
        "metrics": metrics,
        "performance": performance,
        "plans": plans,
        "protocol": protocol,
        "routines": routines,
        "scenarios": render_scenarios,
    }
    files = {ROOT / f"docs/reference/{name}.md": render() for name, render in pages.items()}
    files[ROOT / "docs/preview.svg"] = picture()
    files[ROOT / "glowtool/store/routines/built_in.json"] = built_in()
    files[ROOT / "docs/reference/scenario.schema.json"] = scenario_schema()
    files[ROOT / "glowtool/cli/completion/words.json"] = render_words()
    files |= {ROOT / "docs/man" / name: text for name, text in render_manual().items()}
    for stem, rows in vectors.all_vectors().items():
        lines = ",\n".join("  " + json.dumps(row) for row in rows)
        files[ROOT / f"tests/vectors/{stem}.json"] = f"[\n{lines}\n]\n"
    files[ROOT / "tests/vectors/over_time/outputs.json"] = outputs()
    return files


def main(arguments: list[str]) -> int:
    """Write or check; the exit status is 1 when `--check` finds a stale file."""
    stale = [path for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"{'stale' if '--check' in arguments else 'written'}: {path.relative_to(ROOT)}")
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(generated()[path], "utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
