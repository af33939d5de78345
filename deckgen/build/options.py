"""What a command says about a build, beside the project."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct


class Options(Struct, frozen=True):
    """What a command says about identities."""

    same: tuple[tuple[str, str], ...] = ()  # GUIDs: the old one, and that of the new note which it is
    refresh: str | None = None  # a glob of sources whose notes are sent again; "" for all
    another: tuple[tuple[str, str], ...] = ()  # GUIDs: an old one, and that of a note which it is not
    takes_suggestions: bool = False  # whether every suggestion is a note

    @property
    def is_about_all(self) -> bool:
        """Whether all notes have to be decided on together."""
        return self.takes_suggestions

    def refreshes_all(self, paths: Iterable[str]) -> bool:
        """Whether the notes of all these sources are sent again."""
        glob = self.refresh
        if glob is None or not glob.strip("*"):
            return glob is not None
        return all(fnmatchcase(path, glob) for path in paths)
