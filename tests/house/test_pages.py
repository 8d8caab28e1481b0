"""Every decision has a number of its own, links lead to files that are there, and no change is listed twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "docs/explanation/decisions").glob("*.md"))
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")


def test_no_two_decisions_share_a_number() -> None:
    numbers = Counter(path.name[:4] for path in DECISIONS)
    assert not [number for number, count in numbers.items() if count > 1]
    assert [path.name for path in DECISIONS if not path.read_text("utf-8").startswith(f"# {path.name[:4]}. ")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_that_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_changes_stand_under_the_headings_of_keep_a_changelog_each_once_and_in_their_order() -> None:
    allowed = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for release in re.split(r"\n## ", (ROOT / "CHANGELOG.md").read_text("utf-8"))[1:]:
        named = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert named == [each for each in allowed if each in named]
        added = release.partition("### Added")[2].partition("\n### ")[0]
        assert not re.findall(r"ended in an internal error|ended every log in", added), "what mends a fault is a fix"


def test_no_change_is_listed_twice() -> None:
    entries = re.split(r"\n(?=- |#)", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert [entry for entry, count in Counter(entries).items() if entry.startswith("- ") and count > 1] == []
