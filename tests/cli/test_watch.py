"""`deckgen watch`: a build on every save, whatever the save is, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from push_world import RULES, YAML, World, items, opened

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Watching:
    """A running `deckgen watch`, and what it printed, both streams in one."""

    def __init__(self, folder: Path, *options: str) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in ("CI", "SOURCE_DATE_EPOCH")}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}
        command = [sys.executable, "-m", "deckgen", "watch", str(folder), *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment
        )
        self.printed = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line

    def wait_for(self, text: str, times: int = 1) -> None:
        end = time.monotonic() + PATIENCE
        while self.printed.count(text) < times:
            assert time.monotonic() < end, (text, times, self.printed)
            assert self.process.poll() is None, self.printed
            time.sleep(0.05)

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write_files(
        tmp_path / ".hidden" / "notes", {"deck.yaml": YAML, "facts.yaml": RULES, "main.md": items("HDMI")}
    )


@pytest.fixture
def watching(notes: Path) -> Iterator[Watching]:
    started = Watching(notes)
    yield started
    if started.process.poll() is None:
        started.process.kill()


def test_every_save_is_built(notes: Path, watching: Watching) -> None:
    watching.wait_for("Ctrl-C ends it")
    watching.wait_for("built: 1 notes")
    (notes / "main.md").write_text(items("HDMI", "DP"), "utf-8")
    watching.wait_for("built: 2 notes")
    assert "what DP is" in watching.printed
    (notes / "deck.yaml").write_text("decks: Test\n", "utf-8")
    watching.wait_for("not built: see above")
    assert "error[unknown-key]" in watching.printed
    write_files(notes, {"deck.yaml": YAML, "new/other.md": items("VGA", head="# other\n\n")})
    watching.wait_for("built: 3 notes")
    assert "Traceback" not in watching.printed
    assert watching.end() == 0
    assert "Traceback" not in watching.printed
    assert deckgen("build", notes, "--check").code == 0


def test_what_a_build_writes_starts_no_build(notes: Path, watching: Watching) -> None:
    watching.wait_for("Ctrl-C ends it")
    (notes / "main.md").write_text(items("HDMI", "DP"), "utf-8")
    watching.wait_for("built: 2 notes")
    (notes / "notes.txt").write_text("no note", "utf-8")
    time.sleep(2)
    assert watching.printed.count("built:") == 2, watching.printed
    assert watching.end() == 0


def test_anki_follows(tmp_path: Path) -> None:
    files = {"deck.yaml": YAML, "facts.yaml": RULES, "main.md": items("HDMI")}
    with opened(World(tmp_path, files)) as world:
        watching = Watching(world.notes, "--push", "--url", world.server.url)
        watching.wait_for("done, 0 unchanged")
        watching.wait_for("Ctrl-C ends it")
        world.write("main.md", items("HDMI", "DP"))
        watching.wait_for("done, 1 unchanged")
        assert len(world.state()["notes"]) == 2
        world.server.fail_at = 1
        world.write("main.md", items("HDMI", "DP", "VGA"))
        watching.wait_for("error[")
        world.server.fail_at = 0
        world.write("main.md", items("HDMI", "DP", "VGA", "SCART"))
        watching.wait_for("done, 2 unchanged")
        assert len(world.state()["notes"]) == 4
        assert watching.end() == 0


def test_options_that_would_cost_schedules_are_refused(notes: Path) -> None:
    assert deckgen("watch", notes, "--push", "--retired", "delete").code == 2
    assert deckgen("watch", notes, "--push", "--conflicts", "ask").code == 2


def _watched(watching: Watching) -> int:
    """How many folders the process has its system watch."""
    places = Path(f"/proc/{watching.process.pid}/fdinfo").iterdir()
    return sum(place.read_text().count("inotify wd:") for place in places)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process tells what it watches")
def test_no_folder_behind_a_link_is_watched(notes: Path, tmp_path: Path) -> None:
    (tmp_path / "outside" / "a" / "b").mkdir(parents=True)
    for place in (notes / "link", notes / "deep" / "link", notes / "deep" / "deeper" / "link"):
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(tmp_path / "outside")
    watching = Watching(notes)
    watching.wait_for("built: 1 notes")
    time.sleep(2)
    assert _watched(watching) == 3
    (notes / "later").symlink_to(tmp_path / "outside")
    (notes / "new").mkdir()
    (notes / "new" / "link").symlink_to(tmp_path / "outside")
    (notes / "new" / "b.md").write_text(items("DP"), "utf-8")
    watching.wait_for("built: 2 notes")
    time.sleep(2)
    assert _watched(watching) == 4
    (notes / "new" / "b.md").write_text(items("DP", "VGA"), "utf-8")
    watching.wait_for("built: 3 notes")
    assert watching.end() == 0
