"""The bar that a long build shows on a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.cli.terminal import Bar, print_diagnostics
from deckgen.diagnostics import Diagnostic


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, waited: float, steps: list[int]) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    bar = Bar("notes")
    began = time.monotonic()
    for index, step in enumerate(steps, 1):
        moment = began + waited + index
        monkeypatch.setattr(time, "monotonic", lambda moment=moment: moment)
        bar.step(step, 10)
    bar.end()
    monkeypatch.undo()
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), 1.5, [2, 5, 10])
    assert "2/10" in text
    assert "5/10" in text
    assert "10/10" in text
    assert text.endswith("\x1b[1A\x1b[2K"), "the line is cleared"


def test_nothing_for_what_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, Terminal(), -5.0, [2, 5, 10]) == ""
    assert shown(monkeypatch, Terminal(), 5.0, [10]) == "", "all is done when the second is over"


def test_nothing_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO(), 1.5, [2, 5, 10]) == ""


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_nothing_where_nobody_looks(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    bar = Bar("notes")
    bar._begun -= 10
    bar.step(1, 10)
    assert stream.getvalue() == ""


def test_quiet_and_verbose(tmp_path: Path) -> None:
    note = "MTL stands for multi-task learning.\n"
    write_files(tmp_path, {"a.md": note, "deck.yaml": "deck: N\nid: n\n"})
    plain = deckgen("build", "--dry-run", cwd=tmp_path)
    for options in (["-q", "build", "--dry-run"], ["build", "--quiet", "--dry-run"]):
        ended = deckgen(*options, cwd=tmp_path)
        assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert "1 note" in plain.out
    assert deckgen("-q", "list", cwd=tmp_path).out == deckgen("list", cwd=tmp_path).out
    assert deckgen("-q", "list", "none", cwd=tmp_path).kinds == ["source-not-found"]


def test_verbose_leaves_no_warning_out(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DECKGEN_VERBOSITY", raising=False)
    warnings = [Diagnostic("missing-media", f"`{number}.png` is not there") for number in range(60)]
    print_diagnostics(warnings)
    assert "60 warnings (10 not shown: `-v` shows all)" in capsys.readouterr().err
    monkeypatch.setenv("DECKGEN_VERBOSITY", "verbose")
    print_diagnostics(warnings)
    assert capsys.readouterr().err.count("is not there") == 60
    monkeypatch.setenv("DECKGEN_VERBOSITY", "quiet")
    print_diagnostics(warnings)
    assert capsys.readouterr().err == ""
