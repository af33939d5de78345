"""The learner's choices × the notes of a build → how each is worded, which are skipped, and what there is to tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, define
from deckgen.identity.decisions import Decided
from deckgen.identity.facts import Fact
from deckgen.identity.lock import Lock
from deckgen.identity.normal_form import digest
from deckgen.markdown.atoms import PRIVATE, REPLACEMENT
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN, Draft, Guid, Markdown
from deckgen.project.choices import Choices, NoteChoice, choice_digest
from deckgen.rendering.media import MediaReader, collect_media
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import NoteType

define(
    "warning",
    worded_source_changed="The source of a note changed since the learner worded it. The learner's words stay; they "
    "may say what the notes no longer do.",
    bad_wording="The learner's words for a note cannot be used: its note type has no such field, its first field would "
    "be empty, or a cloze would have no deletion. The note is as its rule makes it.",
)

_CLOZE = lazy_regex(r"\{\{c(\d{1,4})::(.*?)(?:::(.*?))?\}\}", re.DOTALL)


class ProjectDecisions(Struct):
    """The choices of a project, asked about one note after the other. `is_known`: whether a GUID is one of the lock."""

    choices: Choices
    is_known: Callable[[str], bool]
    files: MediaReader
    rendering: RenderOptions
    problems: dict[Guid, list[Diagnostic]] = field(default_factory=dict)
    used: dict[Guid, str] = field(default_factory=dict)  # of each note of this build: the GUID that a decision names
    _by_text: dict[str, NoteChoice] = field(default_factory=dict)  # those whose GUID the lock has lost

    @classmethod
    def of_lock(cls, choices: Choices, lock: Lock, files: MediaReader, rendering: RenderOptions) -> ProjectDecisions:
        """For a build with a lock that is read."""
        known = frozenset(line.guid for line in lock.lines) if choices.notes else frozenset[str]()
        return cls(choices, known.__contains__, files, rendering)

    def __post_init__(self) -> None:
        self._by_text = {
            choice.of: choice for guid, choice in self.choices.notes.items() if choice.of and not self.is_known(guid)
        }

    def on(self, guid: Guid, fact: Fact, /) -> Decided:
        """About one note."""
        draft = fact.draft
        choice = self.choice_of(guid, fact)
        is_skipped = self.choices.is_rule_off(draft.rule, draft.origin.span.path)
        if choice is not None:
            self.used[guid] = choice.guid
            is_skipped = is_skipped or choice.is_skipped
            if choice.fields and not is_skipped:
                draft = self.worded(guid, fact, choice)
        return Decided(draft, is_skipped)

    def choice_of(self, guid: Guid, fact: Fact) -> NoteChoice | None:
        """What was decided about a note: by its GUID, or by what it is made of where that GUID is lost."""
        choice = self.choices.notes.get(guid)
        if choice is None and self._by_text:
            choice = self._by_text.get(choice_digest(fact.question, fact.digest))
        return choice

    def worded(self, guid: Guid, fact: Fact, choice: NoteChoice) -> Draft:
        """A note's draft in the learner's words."""
        reported = self.problems.setdefault(guid, [])
        reported.clear()
        draft = fact.draft
        note_type = self.rendering.note_type(draft.note_type)
        made, problem = with_words(draft, choice, note_type)
        span, line = draft.origin.span, draft.origin.text.partition("\n")[0]
        if problem:
            hint = f"deck.choices.yaml says so of the note {choice.guid}"
            reported.append(Diagnostic("bad-wording", problem, span, hint, line))
            return draft
        if choice.of and choice.of != choice_digest(fact.question, fact.digest):
            message = "the source of this note changed since it was worded by hand"
            hint = "`deckgen review` shows both; `edit` words it anew, and `undo` takes the words back"
            reported.append(Diagnostic("worded-source-changed", message, span, hint, line))
        made, problems = collect_media(made, self.files)
        reported.extend(problems)
        return made


class DecidedState(msgspec.Struct, frozen=True, array_like=True):
    """The decisions that a build went by, for the next one to see which of them changed."""

    notes: dict[str, tuple[str, str]] = {}  # of each GUID a digest, and what finds the note where the GUID is lost
    rules: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, choices: Choices, is_known: Callable[[str], bool]) -> DecidedState:
        """Those of a project as it is."""
        notes = {
            guid: (
                digest(repr((choice.is_skipped, choice.is_kept, choice.fields, choice.of))),
                "" if is_known(guid) else choice.of,
            )
            for guid, choice in choices.notes.items()
        }
        return cls(notes, tuple((choice.rule, choice.path) for choice in choices.rules))

    @classmethod
    def read(cls, data: bytes) -> DecidedState:
        """Those that were written down."""
        return msgspec.msgpack.decode(data, type=cls) if data else cls()

    @property
    def written(self) -> bytes:
        """As they are written down."""
        return msgspec.msgpack.encode(self)

    def differing(self, other: DecidedState) -> list[str]:
        """The GUIDs about which something else was decided."""
        return [guid for guid in {**self.notes, **other.notes} if self.notes.get(guid) != other.notes.get(guid)]

    def lost_among(self, guids: Iterable[str]) -> set[str]:
        """What finds the notes of those decisions whose GUIDs are lost."""
        return {of for guid in guids if (of := self.notes.get(guid, ("", ""))[1])}


def with_words(draft: Draft, choice: NoteChoice, note_type: NoteType) -> tuple[Draft, str]:
    """A draft with the fields of a choice, and why these cannot be used."""
    names = note_type.field_names
    unknown = [name for name, _ in choice.fields if name not in names]
    if unknown:
        return draft, f"`{note_type.name}` has no field `{unknown[0]}`"
    fields = dict(draft.fields)
    for name, wording in choice.fields:
        fields[name] = Markdown(PRIVATE.sub(REPLACEMENT, wording.text))
    ordered = sorted(fields.items(), key=lambda one: names.index(one[0]) if one[0] in names else len(names))
    if not fields[draft.fields[0][0]].strip():
        return draft, f"{draft.fields[0][0]} would be empty"
    numbers: list[int] = []
    if note_type.is_cloze:
        ordered = [(name, _with_deletions(markdown, numbers)) for name, markdown in ordered]
        if not any(DELETION_OPEN in markdown for _, markdown in ordered):
            return draft, "the words delete nothing: `{{c1::…}}` is a deletion"
    made = replace(
        draft,
        fields=tuple(ordered),
        media=(),
        missing_media=(),
        cloze_numbers=tuple(numbers) if numbers else draft.cloze_numbers,
        worded=tuple(name for name, _ in choice.fields),
        html_fields=tuple(name for name, wording in choice.fields if wording.is_html),
    )
    return made, ""


def _with_deletions(markdown: Markdown, numbers: list[int]) -> Markdown:
    """Anki's `{{c1::…::hint}}` as the marks of deletions, whose numbers are added."""

    def mark(found: re.Match[str]) -> str:
        numbers.append(int(found[1]))
        hint = f"{DELETION_HINT}{found[3]}" if found[3] else ""
        return f"{DELETION_OPEN}{found[2]}{hint}{DELETION_CLOSE}"

    return Markdown(_CLOZE.sub(mark, markdown))


def as_written(draft: Draft, numbers: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """The fields of a note as the learner would write them: deletions in Anki's syntax."""
    left = iter(numbers)

    def write(found: re.Match[str]) -> str:
        hint = f"::{found[2]}" if found[2] else ""
        return f"{{{{c{next(left, 1)}::{found[1]}{hint}}}}}"

    return tuple((name, _MARKED.sub(write, markdown)) for name, markdown in draft.fields)


_NONE = f"[^{DELETION_OPEN}{DELETION_HINT}{DELETION_CLOSE}]*"
_MARKED = lazy_regex(f"{DELETION_OPEN}({_NONE})(?:{DELETION_HINT}({_NONE}))?{DELETION_CLOSE}")
