"""docs/architecture.md shows people the way: what it names is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
CHANGES = re.findall(r"^\| ([^|]+) \| `(deckgen/[^`]+)` \| `(\w+)` \|$", PAGE, re.MULTILINE)
FILES = sorted(set(re.findall(r"`([\w/]+/\w+\.py)`", PAGE)))


def test_there_are_changes() -> None:
    assert len(CHANGES) == len({change for change, _, _ in CHANGES}) == PAGE.count("| `deckgen/") >= 17


@pytest.mark.parametrize(("change", "file", "name"), CHANGES, ids=[change for change, _, _ in CHANGES])
def test_a_change_has_its_file(change: str, file: str, name: str) -> None:
    assert (ROOT / file).is_file(), change
    defined = rf"^(?:def |class )?{name}\b(?=[(:= ])"
    assert re.search(defined, (ROOT / file).read_text("utf-8"), re.MULTILINE), f"{file} defines no {name}"


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_there(file: str) -> None:
    assert any((ROOT / folder / file).is_file() for folder in ("deckgen", ".")), file


def test_the_folders_are_those_of_the_code() -> None:
    """In the drawing, and in the list of what may import what, which is that of the import contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    allowed = [name for layer in layers for name in re.findall(r"\w+", layer)]
    named = PAGE.split("`make lint` checks that:")[1].split("\n\n")[1]
    assert re.findall(r"`(\w+)`", named) == allowed
    drawn = set(re.findall(r"^ +(\w+)/ |  (\w+)/ ", PAGE.split("```text\n")[1].split("```")[0], re.MULTILINE))
    names = {one or other for one, other in drawn} - {"elements", "entries"}
    assert names | {"patterns", "model"} == {path.stem for path in (ROOT / "deckgen").glob("[a-z]*")}
