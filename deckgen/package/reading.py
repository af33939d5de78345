"""An Anki package, or a closed collection, on disk → the notes in it.

A package is a zip file with a collection in it, a collection is a SQLite file. What is read may come from anybody:
sizes are bounded, nothing of it computes, and nothing is ever written beside the file.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.paths import shown_path
from deckgen.package.anki_notes import AnkiNotes
from deckgen.package.collection_reading import read_collection
from deckgen.package.unpacking import unpack_collection
from deckgen.package.unreadable import ASKED_FOR, EXPORT_AGAIN, UnreadableError


def read_anki_notes(path: Path) -> tuple[AnkiNotes | None, list[Diagnostic]]:
    """The notes of a package (`.apkg`, `.colpkg`) or of a collection that Anki has not open."""
    shown = shown_path(path)
    try:
        if path.exists() and not path.is_file():  # a pipe would never end
            raise UnreadableError("unreadable-package", f"{shown} is no ordinary file", ASKED_FOR)
        with path.open("rb") as file:
            start = file.read(16)
        if start.startswith(b"SQLite format 3\0"):
            _check_closed(path, shown)
            return read_collection(path, is_from_anki=True)
        if not start.startswith(b"PK"):
            raise UnreadableError(
                "unreadable-package", f"{shown} is neither an Anki package nor a collection", ASKED_FOR
            )
        with tempfile.TemporaryDirectory(prefix="deckgen-") as folder:
            collection = Path(folder) / "collection.anki2"
            is_from_anki = unpack_collection(path, collection, shown)
            return read_collection(collection, is_from_anki=is_from_anki)
    except UnreadableError as problem:
        return None, [problem.diagnostic]
    except OSError as problem:
        message = f"{shown} cannot be read: {problem.strerror or problem}"
        return None, [Diagnostic("unreadable-package", message, hint=ASKED_FOR)]
    except Exception as problem:  # zip, Zstandard, SQLite, JSON: of a broken file each trips over something else
        message = f"{shown} is damaged, or of a format that deckgen does not know: {problem}"
        return None, [Diagnostic("unreadable-package", message, hint=EXPORT_AGAIN)]


def _check_closed(path: Path, shown: str) -> None:
    """Refuse a collection that a process has open, or that was never closed: part of it would be in the `-wal` file."""
    journal = path.with_name(path.name + "-wal")
    in_use = journal.is_file() and journal.stat().st_size > 0
    hint = "close Anki, then try again"
    if in_use and not _is_locked(path):
        hint = "open and close Anki once: it did not end properly; or export the deck as a package"
    if in_use or _is_locked(path):
        raise UnreadableError("collection-in-use", f"{shown} is open in Anki, or was not closed", hint)


def why_in_use(path: Path) -> Diagnostic | None:
    """Why a collection may not be touched; None where it is closed."""
    try:
        _check_closed(path, shown_path(path))
    except UnreadableError as problem:
        return problem.diagnostic
    return None


def _is_locked(path: Path) -> bool:
    """Whether another process holds SQLite's lock; asked without SQLite, which would write beside the file."""
    try:
        import fcntl
    except ImportError:  # Windows: what is left is the journal
        return False
    with path.open("rb") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 510, 0x40000002)  # SQLite's SHARED_FIRST, SHARED_SIZE
        except OSError:
            return True
        return False
