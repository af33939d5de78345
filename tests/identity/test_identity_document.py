"""docs/identity.md says what the code does: the diagnostics, the keys of the lock, the passes, the thresholds."""

from __future__ import annotations

import re
from pathlib import Path

import deckgen.build.preflight  # noqa: F401  (defines kinds)
from deckgen.diagnostics import KINDS
from deckgen.identity import match_reworded as rewording
from deckgen.identity.lock import FORMAT, LockEntry
from deckgen.identity.normal_form import FIRST, LAST, LONGEST
from deckgen.reports.diff import REASONS

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "identity.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its head."""
    _, _, below = DOCUMENT.partition(f"{heading}\n")
    found = re.search(r"^\|.*\n\| ---.*\n((?:\|.*\n)+)", below, re.MULTILINE)
    assert found, heading
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in found[1].splitlines()]


def test_every_diagnostic_is_explained() -> None:
    sources = sorted((ROOT / "deckgen" / "identity").glob("*.py"))
    defined = set()
    for source in sources:
        for call in re.findall(r"^define\(\n(.*?)^\)", source.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            defined |= {name.replace("_", "-") for name in re.findall(r"^    (\w+)=", call, re.MULTILINE)}
    assert defined <= set(KINDS)
    assert {row[0].strip("` ") for row in rows("## Diagnostics")} == defined


def test_every_key_of_the_lock_is_explained() -> None:
    told = [name for row in rows("## deck.lock") for name in re.findall(r"`(\w+)`", row[0])]
    header = ["deckgen_lock", "project", "rules", "rendering", "note_types"]
    assert sorted(told) == sorted([*header, *LockEntry.__struct_fields__])
    assert f"the normal form, {FORMAT} |" in DOCUMENT


def test_every_pass_is_explained() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "deckgen" / "identity").glob("match_*.py"))
    named = {reason for reason in REASONS if f'"{reason}"' in code}
    told = [row[0].strip("` ") for row in rows("## Which line is which fact")]
    assert set(told) == named
    assert set(REASONS) - named == {"lock", "guid"}, "what `diff` says of packages and revisions"


def test_the_thresholds_are_those_of_the_code() -> None:
    assert f"2. *alike*: texts similar {rewording.ALIKE}," in DOCUMENT
    assert f"3. *ahead*: by {rewording.AHEAD} of" in DOCUMENT
    assert f"over {LONGEST:,} characters the first {FIRST:,} and the last {LAST}" in DOCUMENT
