"""Why a package or a collection cannot be read, and what to do about it."""

from __future__ import annotations

from typing import NoReturn

from deckgen.diagnostics import Diagnostic, define

define(
    "error",
    unreadable_package="A file is neither an Anki package nor a collection, or the disk returned an error.",
    package_needs_zstandard="A package is compressed with Zstandard, which this Python cannot read by itself.",
    collection_in_use="A collection is open in Anki, or Anki did not close it properly; the file does not contain "
    "everything that is in Anki.",
    package_too_large="A package holds more than any collection of notes does, or says so of itself.",
)

ASKED_FOR = "name an .apkg file, or the collection.anki2 of a profile while Anki is closed"
EXPORT_AGAIN = "in Anki, File › Check Database, then File › Export as an Anki Deck Package"


class UnreadableError(Exception):
    """Why a file cannot be read; turned into its diagnostic by `read_anki_notes`."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(kind, message, hint=hint)


def refuse_size(message: str) -> NoReturn:
    """Refuse what would take more time or memory than any collection does."""
    raise UnreadableError("package-too-large", message, "this is no deck; where does the file come from?")
