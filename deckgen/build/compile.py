"""One source → all that the later steps want of it: its drafts, their normal forms, and their HTML.

What is made here depends on the source, the rules and deck.yaml, never on other sources, the lock, the clock or the
disk: so sources can be shared out among processes, and what came of one can be kept until it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.build.index_rows import FactRow, Suggestion, choice_key, family_key, text_key
from deckgen.build.unit import CompiledNote, CompiledSource, RenderedDraft, as_rendered, is_rendering_of
from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.extraction.rival_values import Sign
from deckgen.extraction.rivals import sign_of
from deckgen.extraction.settings import Settings
from deckgen.identity.assign import content_hash, first_numbers
from deckgen.identity.facts import make_guid, normalise_draft
from deckgen.identity.normal_form import cut
from deckgen.identity.visible_changes import visible_digest
from deckgen.markdown.dialects import PLAIN, Dialect
from deckgen.markdown.document import Block, Document, ListItem, Paragraph, inner_blocks, read_document
from deckgen.markdown.front_matter import EVERY_KEY, TAG_KEYS
from deckgen.model import Draft, Note, RenderedNote, Source, is_at_least
from deckgen.patterns.chinese_words import dictionary_version
from deckgen.project.choices import choice_digest
from deckgen.rendering.baseline import baseline_of, format_baseline
from deckgen.rendering.media import find_references
from deckgen.rendering.note import RenderOptions, render_note
from deckgen.rules.shipped import PACK_LANGUAGES, PackText

if TYPE_CHECKING:
    from deckgen.rules.rule import RuleSet

define(
    "warning",
    notes_left_alone="The tags in the front matter of a source cannot be read, or another key that its notes need. "
    "Its notes are neither built nor retired: Anki keeps them as they are, with their tags.",
)


class CompileOptions(Struct, frozen=True):
    """All but the source that its notes are made of."""

    packs: tuple[PackText, ...]
    settings: Settings
    rendering: RenderOptions
    field_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of own note types
    language: str = ""  # what deck.yaml says that the notes are in
    project: str = ""  # what the lock calls the project
    dialect: Dialect = PLAIN

    @property
    def words(self) -> str:
        """The dictionary that Chinese words are found by, where rules for Chinese text look for them."""
        return dictionary_version() if any("language: zh" in pack.text for pack in self.packs) else ""

    def rules(self) -> tuple[RuleSet, list[Diagnostic]]:
        """The rules, and what is wrong with them; read once in a process."""
        return _rules(self.packs, tuple(self.field_names.items()))

    def rules_without_bounds(self) -> RuleSet:
        """The same rules, in which the length of a text does not matter."""
        from deckgen.build.rule_cache import read_rules

        return read_rules(self.packs, dict(self.field_names), has_bounds=False)[0]


@lru_cache(maxsize=2)
def _rules(
    packs: tuple[PackText, ...], field_names: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[RuleSet, list[Diagnostic]]:
    from deckgen.build.rule_cache import read_rules  # many runs need no rules

    return read_rules(packs, dict(field_names))


class SourceDigest(NamedTuple):
    """As much of what came of a source as can be held of all of them."""

    path: str
    languages: tuple[str, ...]
    facts: tuple[FactRow, ...]
    signs: tuple[Sign | None, ...] = ()
    suggested: tuple[Suggestion | None, ...] = ()  # of each draft that is less sure than a note has to be
    matched: tuple[str, ...] = ()

    @classmethod
    def of(cls, notes: CompiledSource) -> SourceDigest:
        """Of all that came of it."""
        signs = tuple([one.sign for one in notes.prepared])
        suggested = tuple([suggestion_of(one) if one.suggested else None for one in notes.prepared])
        return cls(notes.path, notes.languages, facts_in(notes), signs, suggested, notes.matched)


def facts_in(notes: CompiledSource) -> tuple[FactRow, ...]:
    """What the index holds of the drafts of a source."""
    return tuple([fact_of(one) for one in notes.prepared])


def fact_of(one: CompiledNote) -> FactRow:
    """What the index holds of a draft."""
    text = text_key(one.draft.kind, one.draft.identity, one.normal.digest)
    of = choice_digest(cut(one.normal.question), one.normal.digest)
    return one.guid, text, one.shown is None, choice_key(of)


def suggestion_of(one: CompiledNote) -> Suggestion:
    """What the index holds of a suggestion beside that."""
    return Suggestion(one.suggested, family_key(one.draft.kind, one.draft.identity), one.normal.text)


Read = tuple[Document, list[Diagnostic]]
"""A source as parsed, and what is wrong with it."""


class ExtractedSource(Struct, frozen=True):
    """The drafts of one source, and what was found while they were made."""

    path: str
    languages: tuple[str, ...]
    drafts: tuple[Draft, ...] = ()
    untried: tuple[str, ...] = ()  # identities of rules
    diagnostics: tuple[Diagnostic, ...] = ()
    matched: tuple[str, ...] = ()


def compile_source(source: Source, compile_options: CompileOptions, read: Read | None = None) -> CompiledSource:
    """Read a source, where that was not done, and try the rules on it."""
    found = extract_source(source, compile_options, read)
    prepared = tuple([prepare(draft, compile_options) for draft in found.drafts])
    return CompiledSource(found.path, prepared, found.languages, found.untried, found.diagnostics, found.matched)


def extract_source(source: Source, compile_options: CompileOptions, read: Read | None = None) -> ExtractedSource:
    """The same without what later steps want of each draft."""
    from deckgen.extraction.extract import extract  # many runs compile nothing

    rules, _ = compile_options.rules()
    document, problems = read or read_document(source, compile_options.language, compile_options.dialect)
    if lost := document.unread and _lost_keys(document, rules):
        return _left_alone(document, problems, lost, rules)
    extracted = extract([document], rules, compile_options.settings)
    return ExtractedSource(
        source.path,
        tuple(sorted(languages_of(document))),
        extracted.found,
        tuple(sorted(identity for _, identity in extracted.untried)),
        tuple([with_line(problem, document) for problem in (*problems, *extracted.diagnostics)]),
        tuple(sorted(extracted.matched)),
    )


def _lost_keys(document: Document, rules: RuleSet) -> list[str]:
    """The keys of the front matter that notes depend on, and whose values cannot be known."""
    wanted = {*TAG_KEYS, "title", "language", "lang", "deck", "anki"}
    wanted.update(name.split(".")[1] for rule in rules.rules for name in rule.names if name.startswith("front_matter."))
    return sorted(document.unread if EVERY_KEY in document.unread else document.unread & wanted)


def _left_alone(
    document: Document, problems: Iterable[Diagnostic], lost: Sequence[str], rules: RuleSet
) -> ExtractedSource:
    """A source of which no rule is tried: its notes would lose their tags, or leave, for a slip in the front matter."""
    what = " and ".join(f"`{key}`" for key in lost if key) or "the tags"
    message = f"{what} cannot be read, so the notes of this file stay as they are"
    place = Span(document.path)
    reported = [*problems, Diagnostic("notes-left-alone", message, place, "correct the front matter and build again")]
    return ExtractedSource(
        document.path,
        tuple(sorted(languages_of(document))),
        untried=tuple(sorted({rule.identity for rule in rules.rules})),
        diagnostics=tuple([with_line(problem, document) for problem in reported]),
    )


def languages_of(document: Document) -> set[str]:
    """That of a document, and of any paragraph in it: of each language that has a pack."""
    found = {document.language}
    blocks: list[Block] = list(document.blocks)
    while blocks and not found.issuperset(PACK_LANGUAGES):
        block = blocks.pop()
        if isinstance(block, (Paragraph, ListItem)) and block.text is not None and len(block.text.raw) >= 20:
            found.add(document.language_of(block.text.raw))
        blocks.extend(inner_blocks(block))
    return found


def with_line(diagnostic: Diagnostic, document: Document) -> Diagnostic:
    """A diagnostic with the line that it is about."""
    span = diagnostic.span
    if span is None or diagnostic.line_text or span.line > len(document.lines):
        return diagnostic
    return replace(diagnostic, line_text=document.lines[span.line - 1][:2000])


def prepare(draft: Draft, compile_options: CompileOptions) -> CompiledNote:
    """A draft with its normal form, and rendered where nothing else has a say in that."""
    prepared = _prepared(draft, compile_options)
    if is_at_least(draft.confidence, compile_options.settings.confidence):
        return prepared
    of = choice_digest(cut(prepared.normal.question), prepared.normal.digest)
    return replace(prepared, suggested=of)


def _prepared(draft: Draft, compile_options: CompileOptions) -> CompiledNote:
    normal = normalise_draft(draft)
    guid = make_guid(compile_options.project, (draft.kind, draft.identity, normal.key), "")
    sign = sign_of(draft)
    if any("![[" in markdown or find_references(markdown) for _, markdown in draft.fields):
        return CompiledNote(draft, None, normal, guid, sign)  # what the media are, the disk says
    if draft.kind == "Basic":
        normal = normal.of_content(content_hash(draft, ()))
    numbers = first_numbers(draft)
    rendered, problems = render_note(Note(draft, guid, 0, 0, "new", numbers), compile_options.rendering)
    if rendered is None or problems:
        return CompiledNote(draft, None, normal, guid, sign)  # reported once it is known that the note is made
    note_type = compile_options.rendering.note_type(draft.note_type)
    seen = visible_digest(rendered, note_type.field_names, is_own=False)
    stamp = format_baseline(baseline_of(rendered, note_type))
    shown = RenderedDraft(guid, rendered.fields, rendered.cards, numbers, seen, stamp)
    return CompiledNote(draft, shown, normal, guid, sign)


def render_compiled(
    note: Note, rendered: RenderedDraft | None, options: RenderOptions
) -> tuple[RenderedNote | None, list[Diagnostic]]:
    """`render_note`, with what was rendered before where that is it."""
    if not is_rendering_of(rendered, note):
        return render_note(note, options)
    found = as_rendered(note, rendered, options.note_type(note.draft.note_type))
    return (replace(found, seen="") if options.note_types else found), []  # it is that of the built-in ones
