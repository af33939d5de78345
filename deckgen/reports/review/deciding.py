"""What a person does with a note → the line of deck.choices.yaml that says so, written at once, and how to undo it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.build.choices_file import edit_choices
from deckgen.build.decisions import as_written
from deckgen.diagnostics import Diagnostic
from deckgen.identity.facts import normalise_draft
from deckgen.identity.normal_form import cut
from deckgen.model import Draft, RenderedNote
from deckgen.project.choices import Choices, NoteChoice, RuleChoice, Wording, choice_digest
from deckgen.project.choices_text import excerpt, with_note, with_notes, with_pair, with_rule

Edit = Callable[[str], str]
"""The text of deck.choices.yaml → the new one."""


class Deciding(Struct):
    """Decisions about the notes of a project, one after the other; each is on the disk before the next one."""

    root: Path
    lock_path: Path
    choices: Choices  # as they are now
    _undone_by: list[tuple[Edit, Choices]] = field(default_factory=list)

    def choice_of(self, note: RenderedNote) -> NoteChoice:
        """What is decided about a note; nothing where nothing is."""
        return self.choices.notes.get(note.note.guid, NoteChoice(note.note.guid))

    def keep(self, note: RenderedNote) -> list[Diagnostic]:
        """The note is a good one: it stays in the deck, or comes into it."""
        return self._decide(note, replace(self.choice_of(note), is_kept=True, is_skipped=False))

    def skip(self, note: RenderedNote) -> list[Diagnostic]:
        """The note is no card."""
        return self._decide(note, replace(self.choice_of(note), is_skipped=True, is_kept=False))

    def word(self, note: RenderedNote, fields: Mapping[str, Wording]) -> list[Diagnostic]:
        """Some fields of the note in the learner's own words, which take it as well where it is a suggestion."""
        before = self.choice_of(note)
        return self._decide(
            note,
            replace(before, is_kept=True, is_skipped=False, fields=tuple({**dict(before.fields), **fields}.items())),
        )

    def take_back(self, note: RenderedNote) -> list[Diagnostic]:
        """Nothing is decided about the note any more."""
        return self._decide(note, NoteChoice(note.note.guid))

    def all_of(self, action: str, notes: Sequence[RenderedNote]) -> list[Diagnostic]:
        """Keep or skip many notes at once, or take back what was decided about them: one line each, one undo."""
        before = self.choices
        changed: list[tuple[NoteChoice, NoteChoice, str]] = []
        for note in notes:
            old = self.choice_of(note)
            new = NoteChoice(note.note.guid)
            if action != "back":
                new = replace(old, is_kept=action == "keep", is_skipped=action == "skip")
            changed.append((old, self._remembering(new, note.note.draft), question_of(note.note.draft)))
        decided = {new.guid: new for _, new, _ in changed}
        kept = {guid: one for guid, one in {**self.choices.notes, **decided}.items() if not one.is_empty}

        def edit(text: str) -> str:
            return with_notes(text, [(new, question) for _, new, question in changed])

        def undo(text: str) -> str:
            return with_notes(text, [(old, question) for old, _, question in changed])

        return self._write(edit, undo, replace(before, notes=kept))

    def never(self, rule: str, path: str) -> list[Diagnostic]:
        """A rule makes no notes in some sources."""
        choice = RuleChoice(rule, path)
        is_there = choice in self.choices.rules
        after = self.choices if is_there else replace(self.choices, rules=(*self.choices.rules, choice))
        return self._write(
            lambda text: with_rule(text, choice), lambda text: with_rule(text, choice, holds=is_there), after
        )

    def pair(self, name: str, old: str, new: str, question: str) -> list[Diagnostic]:
        """An old note and a new one are the `same`, or `another`."""
        if name == "same":
            after = replace(self.choices, same=(*self.choices.same, (old, new)))
        else:
            after = replace(self.choices, another=(*self.choices.another, (old, new)))
        return self._write(
            lambda text: with_pair(text, name, old, new, question),
            lambda text: with_pair(text, name, old, new, holds=False),
            after,
        )

    @property
    def can_undo(self) -> bool:
        """Whether there is a decision to be taken back."""
        return bool(self._undone_by)

    def undo(self) -> list[Diagnostic]:
        """Take the last decision back."""
        edit, before = self._undone_by[-1]
        problems = edit_choices(self.root, self.lock_path, edit)
        if not problems:
            self._undone_by.pop()
            self.choices = before
        return problems

    def _decide(self, note: RenderedNote, choice: NoteChoice) -> list[Diagnostic]:
        draft, before = note.note.draft, self.choice_of(note)
        choice = self._remembering(choice, draft)
        question = question_of(draft)
        notes = {guid: one for guid, one in self.choices.notes.items() if guid != choice.guid}
        after = replace(self.choices, notes=notes if choice.is_empty else {**notes, choice.guid: choice})
        return self._write(
            lambda text: with_note(text, choice, question), lambda text: with_note(text, before, question), after
        )

    def _remembering(self, choice: NoteChoice, draft: Draft) -> NoteChoice:
        """A decision with what the note is made of now."""
        if choice.is_empty:
            return choice
        return replace(choice, of=digest_of(draft), text=excerpt(draft.origin.text) if choice.is_skipped else "")

    def _write(self, edit: Edit, undo: Edit, after: Choices) -> list[Diagnostic]:
        problems = edit_choices(self.root, self.lock_path, edit)
        if not problems:
            self._undone_by.append((undo, self.choices))
            self.choices = after
        return problems


def decide(deciding: Deciding, action: str, notes: Sequence[RenderedNote], fields: object) -> list[Diagnostic]:
    """What a page asks for, about one note or many at once. Raises ValueError for what it never asks."""
    if action == "undo":
        return deciding.undo() if deciding.can_undo else []
    if not notes:
        raise ValueError("no such note")
    if action in ("keep", "skip", "back"):
        return deciding.all_of(action, notes)
    if action == "never":
        draft = notes[0].note.draft
        return deciding.never(draft.rule, draft.origin.span.path)
    if action == "edit" and isinstance(fields, dict) and all(isinstance(text, str) for text in fields.values()):
        words = changed_fields(notes[0], {str(name): text for name, text in fields.items()})
        return deciding.word(notes[0], words) if words else []
    raise ValueError("no such decision")


def digest_of(draft: Draft) -> str:
    """What a decision remembers of what a note is made of."""
    normal = normalise_draft(draft)
    return choice_digest(cut(normal.question), normal.digest)


def question_of(draft: Draft) -> str:
    """The question of a note, for people."""
    from deckgen.reports.drafts import plain

    return plain(draft.fields[0][1]) if draft.fields else ""


def editable(note: RenderedNote) -> dict[str, str]:
    """The fields of a note as a person edits them."""
    return dict(as_written(note.note.draft, note.note.cloze))


def changed_fields(note: RenderedNote, edited: Mapping[str, str]) -> dict[str, Wording]:
    """What of an edited note is another text than before; a field that is HTML stays so."""
    before, html = editable(note), note.note.draft.html_fields
    return {
        name: Wording(text.strip(), is_html=name in html)
        for name, text in edited.items()
        if text.strip() != before.get(name, "").strip()
    }
