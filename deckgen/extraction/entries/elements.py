"""An outline → `entry` elements: what rules can ask of a labelled line, and which class it is."""

from __future__ import annotations

from collections.abc import Iterator

from deckgen.extraction.elements.element import Element, Value, Where
from deckgen.extraction.entries.answers import EntryAnswers
from deckgen.extraction.entries.chinese_sides import asked_name, lists_kinds
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.first_item import first_item, other_items
from deckgen.extraction.entries.labels import Labels
from deckgen.extraction.entries.lists import Listed
from deckgen.extraction.entries.marks import has_chinese
from deckgen.extraction.entries.owners import LONGEST_OWNER
from deckgen.extraction.entries.words import is_mostly_chinese
from deckgen.extraction.settings import Settings
from deckgen.markdown.blocks import Paragraph
from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.document import Document
from deckgen.markdown.escaping import escaped
from deckgen.patterns.english_words import names_common_thing, names_several
from deckgen.patterns.passage import Passage
from deckgen.rules.initials import fitting_words


def entry_elements(document: Document, entry: Entry, labels: Labels, settings: Settings) -> Iterator[Element]:
    """One entry as an element; a word also the other way round, where deck.yaml asks for it."""
    reader = _Reader(document, entry, labels)
    yield reader.element(settings)
    if settings.vocabulary == "both" and reader.entry_class == "word":
        yield reader.reversed_word()


def _meaning(said: Passage | None) -> str:
    """The language of what a word means, as far as rules ask."""
    return "zh" if said is not None and is_mostly_chinese(said.plain) else "other"


def _truth(claim: object) -> Passage:
    return Passage.of("true" if claim else "false")


def _is_expanded(entry: Entry) -> bool:
    """Whether what is said of the label, an abbreviation, is what it stands for."""
    label, body = entry.label.strip(), entry.body.strip(" .;,")
    if not body and len(entry.blocks) == 1 and isinstance(entry.blocks[0], Paragraph):
        body = entry.blocks[0].text.plain.strip(" .;,")
    if not body or sum(character.isupper() for character in label) < 2 or " " in label or len(label) > 12:
        return False
    return fitting_words(body, label) == (0, len(body))


def _list_kind(listed: Listed, settings: Settings) -> str:
    """What is below as a list; what deck.yaml says of lists in its place."""
    return settings.lists if listed.is_card and settings.lists != "card" else listed.kind


class _Reader(EntryAnswers):
    """What one entry offers, each made when it is asked for."""

    @cached_property
    def language(self) -> str:
        """That of its words; of an abbreviation with the foreign words that it stands for, that of the note."""
        return "zh" if self.document.language == "zh" and _is_expanded(self.entry) else super().language

    def element(self, settings: Settings) -> Element:
        """The entry as rules see it."""
        entry = self.entry
        label = self.label()
        values: dict[str, Value] = {
            "label": label,
            "class": Passage.of(self.entry_class),
            "doubt": lambda: Passage.of(escaped(self.doubt)) if self.doubt else None,
            "why": lambda: Passage.of(escaped(self.reason)),
            "form": Passage.of(entry.form),
            "mark": Passage.of(escaped(entry.parted.mark)) if entry.parted is not None and entry.parted.mark else None,
            "number": Passage.of(escaped(entry.number)) if entry.number else None,
            "body": self.body,
            "children": self.children,
            "answer": lambda: self.answers[0],
            "more": lambda: self.answers[1],
            "owner": self.owner,
            "asked_owner": self.named_owner,
            "inner_owner": self.inner_owner,
            "older_owner": self.older_owner,
            "roles": self.roles,
            "context": lambda: asked_name(self.context()),
            "about": lambda: None if has_chinese(entry.label) else self.about(),
            "whose": self.whose,
            "list": lambda: Passage.of(_list_kind(self.listed, settings)) if self.listed else None,
            "count": lambda: Passage.of(str(self.listed.count)) if self.listed else None,
            "kin": lambda: Passage.of(str(self.listed.is_kin).lower()) if self.listed else None,
            "gaps": lambda: self.written(self.listed.gaps) if self.listed and self.listed.markdown else None,
            "items": lambda: self.written(self.listed.markdown) if self.listed and self.listed.markdown else None,
            "paragraph": self.paragraph,
            "first": lambda: first_item(entry),
            "others": lambda: other_items(self.document, entry),
            "role": lambda: Passage.of(escaped(found)) if (found := self.labels.role_in(entry.label)) else None,
            "several": lambda: _truth(self.names_several()),
            "expands": lambda: _truth(_is_expanded(entry)),
            "kinds": lambda: _truth(not entry.blocks and lists_kinds(entry.label, entry.body)),
            "shape": lambda: Passage.of(self.shape),
            "gloss": self.gloss,
            "reading": self.reading,
            "meaning": lambda: Passage.of(_meaning(self.body())),
            "emphasis": Passage.of(entry.parted.emphasis) if entry.parted and entry.parted.emphasis else None,
            "run": Passage.of("true" if entry.is_run else "false"),
            "depth": lambda: Passage.of(str(entry.depth)),
            "language": lambda: Passage.of(self.language),
        }  # fmt: skip
        if entry.form == "heading":
            values["heading"] = label
        where = entry.where
        if self.entry_class == "question" and entry.form == "heading":
            last = self.section[-1].end_line if self.section else entry.end_line
            where = where.up_to(where.index + len(self.section))
            return self._made(values, where, last)
        last = entry.end_line
        remarks = {line for start, end in self.remarks for line in range(start, end + 1)}
        while last > entry.line and last in remarks:
            last -= 1
        return self._made(values, where, last)

    def names_several(self) -> bool:
        """Whether the label names several things, by its grammar: a foreign word among Chinese ones has no plural."""
        label = self.entry.label
        return self.document.language == "zh" or names_several(label) or bool(self.labels.role_in(label))

    def named_owner(self) -> Passage | None:
        """The owner as a question of its language names it."""
        return asked_name(self.owner(), self.entry.label) if self.language == "zh" else self.asked_owner()

    def whose(self) -> Passage | None:
        """What a label of one everyday word belongs to, as a question names it: *Constraints* of what?"""
        label = self.entry.label.strip()
        if " " in label or not names_common_thing(label):  # ASCII letters alone
            return None
        owner = self.asked_owner()
        is_long = owner is None or len(owner.plain) > LONGEST_OWNER
        return None if is_long or (owner is not None and label.lower() in owner.plain.lower()) else owner

    def reversed_word(self) -> Element:
        """A word asked by what it means."""
        values: dict[str, Value] = {
            "label": self.body,
            "class": Passage.of("word-back"),
            "form": Passage.of(self.entry.form),
            "body": self.label,
            "answer": self.label,
            "reading": self.reading,
            "meaning": lambda: Passage.of(_meaning(self.label())),
            "list": None,
            "shape": Passage.of("nothing"),
            "why": Passage.of("it is a word asked by what it means"),
            "language": lambda: Passage.of(self.language),
        }
        return self._made(values, self.entry.where, self.entry.line)

    def _made(self, values: dict[str, Value], where: Where, last: int) -> Element:
        entry = self.entry
        element = Element("entry", self.document, where, "label", values, (entry.line, last), entry.column)
        element.language = self.language
        return element
