"""What a command printed about a project, for as long as nothing changes in it.

`list`, `lint` and `diff` are functions of what a build reads and of the command line. The record of the last build
(`snapshot`) tells whether anything changed; where nothing did, they print the same again.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from deckgen.build.owned_folder import is_own_file, seal
from deckgen.build.snapshot import BuildRecord, load_snapshot
from deckgen.project.locate import Request, keeps_cache, locate

_MOST = 8  # reports in one project
_LARGEST = 1 << 24  # characters


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What a command printed, and the code that it ended with."""

    out: str
    err: str
    code: int


class ReportPlace:
    """Where the report of one command line stays while the project is what it was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Report | None:
        """The report; None where there is none yet."""
        try:
            if not self._path.exists() or not is_own_file(self._path):
                return None
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Report)
        except (OSError, msgspec.DecodeError, ValueError):
            return None

    def write(self, report: Report) -> None:
        """Keep a report, instead of the oldest one where there are many."""
        if len(report.out) + len(report.err) > _LARGEST:
            return
        with contextlib.suppress(OSError, UnicodeError):
            descriptor, name = tempfile.mkstemp(prefix="report-", suffix=".tmp", dir=self._path.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.msgpack.encode(report))
            os.replace(name, self._path)
            seal(self._path)
            kept = sorted(self._path.parent.glob("report-*"), key=lambda path: -path.stat().st_mtime_ns)
            for path in kept[_MOST:]:
                path.unlink(missing_ok=True)


def report_place(request: Request, command: Sequence[str], now: int) -> ReportPlace | None:
    """Where the report of a command line stays; None where something changed since the last build. `command` is all
    that the output depends on beside the project.
    """
    place, _ = locate(request)
    if place is None or not keeps_cache(place):
        return None
    last = load_snapshot(request, place, now)
    if last is None or not last.is_same:
        return None
    name = sha256(_state_of(last.record) + "\0".join(command).encode("utf-8", "surrogatepass")).hexdigest()
    return ReportPlace(last.folder / f"report-{name[:32]}")


def _state_of(record: BuildRecord) -> bytes:
    """A digest of what a build read and left, and of where one stands, on which paths in a report depend; touching a
    file changes nothing in it.
    """
    parts = (record.sources, record.settings, record.media, record.written, record.folders)
    found = [(entry.path, entry.digest) for part in parts for entry in part]
    return sha256(repr((record.key, os.getcwd(), found)).encode("utf-8", "surrogatepass")).digest()
