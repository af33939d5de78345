"""Edits that no card shows: what the lock remembers of them, also on branches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from identity_factories import merged

pytestmark = pytest.mark.usefixtures("plain_environment")

CONFIG = "deck: Seen\nid: seen\nsources: ['**/*.md']\nrules: [structure]\n"
PLAIN = "# Notes\n\n## Why is a cache fast?\n\nIt is **small** and near:\n\n- tags\n- lines\n"
FORMATTED = PLAIN.replace("**small**", "__small__").replace("- ", "* ")
EDITED = PLAIN.replace("near", "close by")


def built(root: Path, text: str, now: int, monkeypatch: pytest.MonkeyPatch, **options: str) -> dict[str, object]:
    """Build these notes at that second; the line of the one note."""
    write_files(root, {"deck.yaml": CONFIG, "a.md": text})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now))
    flags = [f"--{name}={value}" for name, value in options.items()]
    assert deckgen("build", ".", *flags, cwd=root).code == 0
    rows = (root / "deck.lock").read_text("utf-8").splitlines()[1:]
    (row,) = (row for row in rows if '"question":"Why is a cache fast' in row)
    return dict(json.loads(row))


def test_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = built(tmp_path, PLAIN, 1760000000, monkeypatch)
    second = built(tmp_path, FORMATTED, 1760000100, monkeypatch)
    assert second["hash"] != first["hash"]
    assert (second["mod"], second["seen"]) == (first["mod"], first["seen"])
    assert built(tmp_path, PLAIN, 1760000200, monkeypatch) == first


def test_with_an_edit_that_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = built(tmp_path, PLAIN, 1760000000, monkeypatch)
    both = built(tmp_path, FORMATTED.replace("near", "close by"), 1760000100, monkeypatch)
    assert (both["mod"], both["seen"] != first["seen"]) == (1760000100, True)
    again = built(tmp_path, EDITED, 1760000200, monkeypatch)
    assert (again["mod"], again["seen"]) == (1760000100, both["seen"])


def test_what_was_seen_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `adopt`, or of an older lock: the edit is sent, the next one is known."""
    built(tmp_path, PLAIN, 1760000000, monkeypatch)
    lock = tmp_path / "deck.lock"
    header, row = lock.read_text("utf-8").splitlines()
    line = json.loads(row)
    del line["seen"]
    lock.write_text(f"{header}\n{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n", "utf-8")
    text = lock.read_text("utf-8")
    assert "seen" not in built(tmp_path, PLAIN, 1760000050, monkeypatch)
    assert lock.read_text("utf-8") == text
    assert built(tmp_path, FORMATTED, 1760000100, monkeypatch)["mod"] == 1760000100
    assert built(tmp_path, PLAIN, 1760000200, monkeypatch)["mod"] == 1760000100


def test_sent_again_by_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(tmp_path, PLAIN, 1760000000, monkeypatch)
    assert built(tmp_path, FORMATTED, 1760000100, monkeypatch, refresh="a.md")["mod"] == 1760000100


@pytest.mark.parametrize("is_ours_first", [True, False])
@pytest.mark.parametrize("other", [PLAIN, EDITED])
def test_on_a_branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str, is_ours_first: bool) -> None:
    """One branch formats, the other leaves the note alone, or edits it: the lines of both are merged, and built."""
    lock = tmp_path / "deck.lock"
    built(tmp_path, PLAIN, 1760000000, monkeypatch)
    base = lock.read_text("utf-8")
    built(tmp_path, FORMATTED, 1760000100, monkeypatch)
    ours = lock.read_text("utf-8")
    lock.write_text(base, "utf-8")
    theirs_line = built(tmp_path, other, 1760000200, monkeypatch)
    theirs = lock.read_text("utf-8")
    both = (ours, theirs) if is_ours_first else (theirs, ours)
    lock.write_text(merged(*both), "utf-8")
    text = FORMATTED.replace("near", "close by") if other == EDITED else FORMATTED
    line = built(tmp_path, text, 1760000300, monkeypatch)
    assert (line["mod"], line["seen"]) == (theirs_line["mod"], theirs_line["seen"])
    if other == PLAIN:
        assert lock.read_text("utf-8") == ours
