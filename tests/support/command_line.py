"""The command line as a person calls it, in this process: what it prints and its exit code."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckgen.cli import main


@dataclass(frozen=True, slots=True)
class Ended:
    """One run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read."""
        return json.loads(self.out)

    @property
    def kinds(self) -> list[str]:
        """The kinds of the diagnostics, as printed."""
        heads = [line.partition("]: ")[0] for line in self.err.splitlines() if "]: " in line]
        return [head.rpartition("[")[2] for head in heads if head.rpartition("[")[0].endswith(("error", "warning"))]


def deckgen(*arguments: object, cwd: Path | None = None) -> Ended:
    """Run `deckgen ARGUMENTS…`, in a folder."""
    out, err = io.StringIO(), io.StringIO()
    argv, before = sys.argv, Path.cwd()
    sys.argv = ["deckgen", *map(str, arguments)]
    try:
        if cwd is not None:
            os.chdir(cwd)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = end.code
            else:
                code = 0
    finally:
        gc.enable()  # a command ends with its process, and leaves the collector off
        sys.argv = argv
        os.chdir(before)
    assert "Traceback" not in err.getvalue()
    assert "bug in deckgen" not in err.getvalue(), err.getvalue()
    return Ended(code if isinstance(code, int) else 1 if code else 0, out.getvalue(), err.getvalue())


def write_files(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Files below a folder, which is returned."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root
