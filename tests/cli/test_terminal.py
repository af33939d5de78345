"""The bar that a long build shows on a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys
import time

import pytest

from deckgen.cli.terminal import Bar


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
