"""Open texts and the projects around them, and what is to be done next about them: the server without its protocol.

Work is done in small steps, between which requests are answered: the changed section of a note first, then the whole
of it once the typing stops, then the other sources of the project.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct, field

from deckgen.project.locate import Request
from deckgen.project.source_files import CONFIG_NAME
from deckgen.reports.language_server.editor_project import EditorProject, project_around
from deckgen.reports.language_server.identities import Identifier
from deckgen.reports.language_server.note_views import NoteView
from deckgen.reports.language_server.texts import OpenText

PAUSE = 0.4
"""Seconds without a key press after which a whole note is tried, and a project is read anew."""
_IDLE = 2
NOTES = (".md", ".markdown")
RULES = (".yaml", ".yml")


class OpenProject(Struct, eq=False):
    """A project with its open notes."""

    project: EditorProject
    identifier: Identifier
    reopen_at: float | None = 0.0  # when it is to be read anew; None: it is as it is on the disk


class _Note(Struct):
    """An open note, and what is still to be done about it."""

    text: OpenText
    is_dirty: bool = True
    whole_at: float | None = None  # when all of it is to be tried; None: it was


class Session(Struct):
    """All that is open. `publish` is called with a text whose diagnostics are new, `publish_project` with a project."""

    publish: Callable[[OpenText], None]
    publish_project: Callable[[EditorProject], None]
    notes: dict[str, _Note] = field(default_factory=dict)  # by URI
    rules: dict[str, OpenText] = field(default_factory=dict)  # rule files and deck.yaml
    projects: dict[Request, OpenProject] = field(default_factory=dict)
    _of_path: dict[str, Request] = field(default_factory=dict)
    _rules_to_publish: dict[str, None] = field(default_factory=dict)

    @property
    def texts(self) -> Mapping[str, str]:
        """What is open, by real paths."""
        opened = [*(note.text for note in self.notes.values()), *self.rules.values()]
        return {text.path: text.text for text in opened}

    # --- what the editor says

    def open(self, text: OpenText) -> None:
        """A file was opened, or changed."""
        name = os.path.basename(text.path).lower()
        if name.endswith(NOTES):
            self._open_note(text)
        elif name.endswith(RULES):
            known = self.rules.get(text.uri)
            self.rules[text.uri] = text
            self._rules_to_publish[text.uri] = None
            if known is None or known.text != text.text:
                self._rules_changed(text.path, is_new=known is None)

    def _open_note(self, text: OpenText) -> None:
        note = self.notes.get(text.uri)
        if note is None:
            self.notes[text.uri] = _Note(text)
            self.project_of(text.path)
        else:
            note.text, note.is_dirty = text, True

    def _rules_changed(self, path: str, *, is_new: bool) -> None:
        opened = self.project_of(path, makes=False)
        if opened is not None and not (is_new and self._is_saved(path)):
            opened.reopen_at = time.monotonic() + PAUSE

    def _is_saved(self, path: str) -> bool:
        """Whether an open rule file is as on the disk, so that opening it changes nothing."""
        try:
            with open(path, encoding="utf-8") as file:
                return file.read(1 << 21) == self.texts.get(path)
        except (OSError, ValueError):
            return False

    def close(self, uri: str) -> None:
        """A file was closed: what counts is the disk again."""
        note = self.notes.pop(uri, None)
        rules = self.rules.pop(uri, None)
        text = note.text if note is not None else rules
        if text is None:
            return
        opened = self.project_of(text.path, makes=False)
        if opened is None:
            return
        if rules is not None:
            opened.reopen_at = time.monotonic()
        elif (path := opened.project.source_at(text.path)) is not None:
            opened.project.forget_text(path, self.texts)
        self._drop_idle()

    def _drop_idle(self) -> None:
        """Let go of projects of which nothing is open, but for the last: one looks elsewhere and comes back."""
        paths = [one.text.path for one in self.notes.values()] + [one.path for one in self.rules.values()]
        used = [self.project_of(path, makes=False) for path in paths]
        idle = [request for request, opened in self.projects.items() if opened not in used]
        for request in idle[: max(len(idle) - _IDLE, 0)]:
            closed = self.projects.pop(request).project
            closed.close()
            closed.project, closed.problems = None, []
            self.publish_project(closed)

    def files_changed(self) -> None:
        """Files changed on the disk: a note was saved, a build was made, a branch was checked out."""
        for opened in self.projects.values():
            opened.reopen_at = opened.reopen_at or time.monotonic() + PAUSE / 2
        self._of_path.clear()  # a deck.yaml may have come or gone
        for note in self.notes.values():
            self.project_of(note.text.path)

    # --- what there is to know

    def project_of(self, path: str, *, makes: bool = True) -> OpenProject | None:
        """The project around a file; of a rule file only one that is open, or has a deck.yaml."""
        request = self._of_path.get(path)
        if request is None:
            is_config = os.path.basename(path) == CONFIG_NAME
            request = project_around(Path(path).parent if is_config else Path(path))
            self._of_path[path] = request
        opened = self.projects.get(request)
        if opened is None and makes:
            project = EditorProject(request)
            opened = self.projects[request] = OpenProject(project, Identifier(project))
        return opened

    def view(self, uri: str) -> NoteView | None:
        """An open note with all that is known of it as it is now; None for what is no source of a project."""
        note = self.notes.get(uri)
        opened = self.project_of(note.text.path) if note is not None else None
        if note is None or opened is None:
            return None
        self._read(opened)
        if note.is_dirty:
            self._compile(note, opened)
        path = opened.project.source_at(note.text.path)
        if path is None or path not in opened.project.states:
            return None
        return NoteView(opened.project, opened.identifier, note.text, path)

    # --- what is to be done

    def step(self) -> float | None:
        """Do the next thing; how many seconds to wait before the one after it, None where nothing is left."""
        now = time.monotonic()
        for uri, note in self.notes.items():
            if note.is_dirty:
                self.view(uri)
                self.publish(note.text)
                return 0
        if self._rules_to_publish:
            uri = next(iter(self._rules_to_publish))
            del self._rules_to_publish[uri]
            if uri in self.rules:
                self.publish(self.rules[uri])
            return 0
        for opened in self.projects.values():
            if opened.reopen_at is not None and opened.reopen_at <= now:
                self._read(opened, is_due=True)
                return 0
        for note in self.notes.values():
            if note.whole_at is not None and note.whole_at <= now:
                self._compile_whole(note)
                return 0
        for opened in self.projects.values():
            if opened.project.is_loading:
                if opened.project.load_one():
                    self._publish_all(opened)
                return 0
        waits = [note.whole_at for note in self.notes.values() if note.whole_at is not None]
        waits += [opened.reopen_at for opened in self.projects.values() if opened.reopen_at is not None]
        return max(min(waits) - now, 0) if waits else None

    def _read(self, opened: OpenProject, *, is_due: bool = False) -> None:
        """Read a project that never was, or that is to be read anew."""
        if opened.project.place is not None and not is_due:
            return
        opened.reopen_at = None
        opened.project.open(self.texts)
        self.publish_project(opened.project)
        for note in self.notes.values():
            if self.project_of(note.text.path, makes=False) is opened:
                note.is_dirty = True
        for uri, text in self.rules.items():
            if self.project_of(text.path, makes=False) is opened:
                self._rules_to_publish[uri] = None

    def _compile(self, note: _Note, opened: OpenProject) -> None:
        note.is_dirty = False
        project = opened.project
        path = project.source_at(note.text.path)
        if path is None or project.compile_options is None:
            note.whole_at = None
            return
        project.change(path, note.text.text, is_hurried=True)
        state = project.states.get(path)
        is_whole = state is None or state.is_whole
        note.whole_at = None if is_whole else time.monotonic() + max(PAUSE, len(note.text.text) * PAUSE / 100_000)

    def _compile_whole(self, note: _Note) -> None:
        note.whole_at = None
        opened = self.project_of(note.text.path)
        assert opened is not None
        project = opened.project
        path = project.source_at(note.text.path)
        if path is not None and project.compile_options is not None:
            project.change(path, note.text.text, is_hurried=False)
            self.publish(note.text)

    def _publish_all(self, opened: OpenProject) -> None:
        """What is found between notes may be another thing now."""
        for note in self.notes.values():
            if self.project_of(note.text.path) is opened:
                self.publish(note.text)

    @property
    def is_settled(self) -> bool:
        """Whether all that is open was looked at as a whole."""
        return (
            not self._rules_to_publish
            and not any(note.is_dirty or note.whole_at is not None for note in self.notes.values())
            and not any(one.project.is_loading or one.reopen_at is not None for one in self.projects.values())
        )
