"""What a rule captured → a draft: its filled fields, what it is known by, its deck and tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from deckgen.extraction.chinese_wording import fields_in_script
from deckgen.extraction.cloze_marks import (
    around_deletions,
    delete_marks,
    delete_parts,
    deleted,
    deletions_in,
    settle_numbers,
)
from deckgen.extraction.elements.element import Element
from deckgen.extraction.owner_names import shown_name, shown_question
from deckgen.extraction.settings import Settings
from deckgen.extraction.tidy_fields import tidied
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft, Markdown
from deckgen.patterns.english_articles import with_article
from deckgen.patterns.english_verbs import in_base_form
from deckgen.patterns.english_words import in_sentence_case
from deckgen.patterns.passage import Passage
from deckgen.rules.conditions import is_asked_tag
from deckgen.rules.element_values import EVERYWHERE, has_columns
from deckgen.rules.mark_forms import NO_CARD
from deckgen.rules.rule import Rule
from deckgen.rules.templates import Slot

_FIRST_WORD = lazy_regex(r"(?:[*_]|\[(?!\[)|\[\[(?:[^\[\]|]*\|)?)*([^\W\d_]+)\b")
"""Of a value in Markdown, behind what opens emphasis or a link."""

_BEHIND_MARK = lazy_regex(r"(?:\s*[:：]\s|\s[-–—]\s).*", re.DOTALL)
"""Of a heading such as *Marketing: Tours*, by whose first part older versions knew what stands below it."""
_TAGS_AT_END = lazy_regex(r"(?<=\S)(?:[ \t]+#[^\W\d][\w/-]*)+[ \t]*$", re.MULTILINE)
_TAG = lazy_regex(r"[ \t]+#([^\W\d][\w/-]*)")
_FEWEST_TAGGED = 2  # lines of a note that have a tag
_OF_WORD = lazy_regex(r" (?:mean|stand for|describe)\?")
_DETERMINING = ("'s ", "’s ", " the ", " first ")
"""What stands before a value that has no article of its own."""
_OWNERS = ("owner", "asked_owner", "whose", "about", "topic")
_TITLE = lazy_regex(r"[A-Z][a-z]{2,}(?:[ -](?:[A-Z][a-z]+|of|and|the|in|for))*[ -][A-Z][a-z]+")
"""Words that begin with a capital each; of a name, or of a heading."""

ValueOf = Callable[[str], Passage | None]


def make_draft(rule: Rule, element: Element, value_of: ValueOf, settings: Settings) -> Draft | str:
    """The draft of one match; else what came out empty: the question, something in it, or an answer to be filled."""
    return _Drafter(rule, element, value_of, settings).draft()


class _Drafter:
    def __init__(self, rule: Rule, element: Element, value_of: ValueOf, settings: Settings) -> None:
        self.rule, self.element, self.value_of, self.settings = rule, element, value_of, settings

    def draft(self) -> Draft | str:
        rule, element = self.rule, self.element
        first_name, first = rule.fields[0]
        if (empty := self.empty_in_question()) is not None:
            return empty
        is_cloze = bool(rule.cloze or rule.marks)
        fields: list[tuple[str, Markdown]] = []
        numbers: list[int] = []
        for name, template in fields_in_script(rule, element.document.lines):
            is_first = name == first_name
            filled = template.fill(self.deleting if is_first and rule.cloze else self.markdown)
            if is_first and rule.marks:
                filled, numbers = delete_marks(filled, rule.marks)
            elif is_first and is_cloze:
                numbers = [0] * len(deletions_in(filled))
            if not filled and (is_first or name == "Back"):
                return name
            if name == "Back" and "#" in filled:
                filled = self.without_tags(filled)
            if self.is_plain:
                filled = tidied(name, filled, is_english_term=self.is_english_term)
            fields.append((name, Markdown(filled)))
        if is_cloze and (not numbers or NO_CARD in numbers):
            return first_name
        question = dict.fromkeys(slot.name for slot in first.slots() if slot.name != "count" or "count" in rule.key)
        answer = dict.fromkeys(
            slot.name for _, template in rule.fields[1:] for slot in template.slots() if slot.name not in question
        )
        question_values, answer_values = self.ordered(question), self.ordered(answer)
        outside = [text for passage, text in question_values + answer_values if passage.is_outside]
        question_texts = [text for _, text in question_values]
        answer_texts = [text for _, text in answer_values]
        key = [text for _, text in self.ordered(dict.fromkeys(map(self.key_name, rule.key)))]
        if is_cloze:
            question_texts = self.around(question)
            answer_texts = deletions_in(fields[0][1])
            if not any(name in rule.cloze for name in rule.key):
                key = self.around(rule.key)
        if not key:  # an id that this note has not: the question says which it is
            key = question_texts
        return Draft(
            rule=rule.name,
            identity=rule.identity,
            kind=self.kind(),
            note_type=rule.note,
            fields=tuple(fields),
            key=tuple(key),
            question="\n".join(question_texts),
            answer="\n".join(answer_texts),
            text="\n".join([element.source_text, *outside]),
            origin=element.origin(),
            deck=self.deck(),
            tags=self.tags(),
            has_explicit_id=any(name in rule.aside_names and self.value_of(name) for name in rule.key),
            cloze_numbers=settle_numbers(numbers, rule.numbering) if rule.keeps_numbers else (),
            former=self.former(tuple(key)),
            apart=rule.is_apart,
            owner=self.owner,
            role_key=self.role_key(tuple(key)),
            ids=self.ids(),
        )

    @property
    def is_plain(self) -> bool:
        """Whether a rule for notes as they are written made it, and no author's own or one for another tool's marks."""
        return self.rule.is_shipped and not self.rule.pack.startswith("compat/")

    @property
    def is_english_term(self) -> bool:
        """Whether it asks for what an English label names."""
        label = self.element.value("label") if self.element.kind == "entry" else None
        return label is not None and label.plain.isascii() and self.shown("class", False) == "term"

    def without_tags(self, answer: str) -> str:
        """An answer without the tags at the ends of its lines: those that its author gives to several."""
        lines = self.element.document.lines

        def left(found: re.Match[str]) -> str:
            tag = f"#{found[1]}"
            return found[0] if sum(tag in line.split() for line in lines) < _FEWEST_TAGGED else ""

        return _TAGS_AT_END.sub(lambda found: _TAG.sub(left, found[0]), answer)

    def key_name(self, name: str) -> str:
        """What stands in a key under a name: of an owner what stands in the note, and not the name of its file."""
        return "inner_owner" if name == "owner" and self.element.offers("inner_owner") else name

    @property
    def owner(self) -> str:
        """The nearest name above an entry."""
        passage = self.element.value("owner") if self.element.kind == "entry" else None
        return str(passage.markdown).strip() if passage else ""

    @property
    def older_owner(self) -> str:
        """The same as older versions knew it."""
        passage = self.element.value("older_owner") if self.element.kind == "entry" else None
        return str(passage.markdown).strip() if passage else ""

    def _label(self) -> str:
        passage = self.element.value("label") if self.element.kind == "entry" else None
        return str(passage.markdown).strip() if passage else ""

    def role_key(self, key: tuple[str, ...]) -> tuple[str, ...]:
        """The key that an entry known by its label has once that is a role."""
        if not self.rule.is_apart or self.rule.key != ("label",) or not self.owner or len(key) != 1:
            return ()
        if self.element.value("role") or self.shown("form", False) in ("heading", "row"):
            return ()
        inner = self.element.value(self.key_name("owner"))
        if inner is None or self.shown("class", False) != "term":
            return ()
        return (inner.markdown.strip(), *key)

    def former(self, key: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What its note may have been known by: by older rules, and by its label as another class."""
        rule, label = self.rule, self._label()
        keys = [key]
        if label and rule.key in (("label",), ("owner", "label")):
            owners = dict.fromkeys((self.owner, _BEHIND_MARK.sub("", self.owner), self.older_owner))
            keys.extend([(label,), *((owner, label) for owner in owners if owner)])
            if self.shown("form", False) == "row" and self.owner:  # the other way round, where its table was read so
                keys.append((label, self.owner))
        forms = dict.fromkeys((name, one) for name in (rule.identity, *rule.former) for one in keys)
        return tuple(form for form in forms if form != (rule.identity, key))

    def ids(self) -> tuple[str, ...]:
        """What the author wrote to name this note: the values of the key that no field shows, but for its place."""
        return tuple(text for _, text in self.ordered(self.rule.id_names)) if self.rule.id_names else ()

    def kind(self) -> str:
        """What identity tells apart: switches of one note type are none."""
        if self.rule.note == "Cloze":
            return "Cloze together" if self.rule.numbering == "together" else "Cloze"
        return {"Reversed": "Basic", "Typed": "Basic"}.get(self.rule.note, self.rule.note)

    def empty_in_question(self) -> str | None:
        """A value without which the question is none: one of this element that is empty, outside brackets."""
        for part in self.rule.fields[0][1].parts:
            if isinstance(part, Slot) and self.belongs(part.name) and not self.value_of(part.name):
                return part.name
        return None

    def belongs(self, name: str) -> bool:
        """Whether a value is this element's own, not one that another element or pattern of the rule has."""
        if name in self.rule.carry or name == "tag":
            return True
        if name in self.rule.captured:
            return False
        if self.element.offers(name) or name in EVERYWHERE or name == "subject" or name.startswith("front_matter."):
            return name != "subject" or self.element.kind == "clause"
        return has_columns(self.element.kind, name)

    def markdown(self, name: str, follows_text: bool) -> str:  # noqa: FBT001
        """A value as Markdown; an article in small letters where other text comes before it."""
        passage = self.value_of(name)
        if passage is None:
            return ""
        text = self.lowered(name, passage, passage.markdown.strip(), follows_text)
        if follows_text:
            return text
        if name == "label" and self.element.kind == "entry":
            return shown_question(text) if self.shown("class", False) == "question" else text
        return shown_name(text) if name in _OWNERS else text

    def lowered(self, name: str, passage: Passage, text: str, follows_text: bool) -> str:  # noqa: FBT001
        kind = self.rule.articles.get(name)
        if follows_text and kind is not None and kind.is_noun_phrase:
            following = passage.text.plain[passage.end : passage.end + 8]
            document = self.element.document
            text = in_sentence_case(text, following, lambda: document.small_words)
            if _TITLE.fullmatch(text) and f" {text.lower()}" in document.prose:
                text = text.lower()
            before, after = self.beside(name)
            if not (before.endswith(_DETERMINING) or self.value_of("article")):
                text = with_article(text, lambda: document.prose, is_word=_OF_WORD.match(after) is not None)
        if follows_text and kind is not None and kind.is_verb:
            return in_base_form(text)
        if not follows_text or kind is None:
            return text
        found = _FIRST_WORD.match(text)
        if found is None or found.group(1).lower() not in kind.articles:
            return text
        is_alone = len(passage.plain.split()) == 1  # `A` may name something, but where a type takes articles only
        if is_alone and kind.longest > max(map(len, kind.articles)):
            return text
        return text[: found.start(1)] + found.group(1).lower() + text[found.end(1) :]

    def beside(self, name: str) -> tuple[str, str]:
        """What stands before and behind a value in the question."""
        parts = self.rule.fields[0][1].parts
        place = next((i for i, part in enumerate(parts) if isinstance(part, Slot) and part.name == name), None)
        if place is None:
            return "", ""
        before, after = parts[place - 1] if place else "", parts[place + 1] if place + 1 < len(parts) else ""
        return before if isinstance(before, str) else "", after if isinstance(after, str) else ""

    def deleting(self, name: str, follows_text: bool) -> str:  # noqa: FBT001
        """The same with what is deleted in it."""
        passage = self.value_of(name)
        if passage is None or not passage:
            return ""
        if name in self.rule.cloze:
            return deleted(self.lowered(name, passage, passage.markdown.strip(), follows_text), self.hint(passage))
        parts = [part for cut in self.rule.cloze if (part := self.value_of(cut)) is not None and part]
        return self.lowered(name, passage, delete_parts(passage, parts, self.hint), follows_text)

    def hint(self, part: Passage) -> str:
        """The hint of a marked span."""
        found = self.value_of("hint") if self.element.kind == "highlight" else None
        return found.markdown.strip() if found and part is self.value_of("marked") else ""

    def around(self, names: Iterable[str]) -> list[str]:
        """The values without what is deleted in them; those that are deleted have no part in the question."""
        texts = []
        for passage, name in self.in_order(name for name in names if name not in self.rule.cloze):
            text = self.deleting(name, follows_text=False) if self.rule.cloze else passage.markdown.strip()
            if self.rule.marks:
                text, _ = delete_marks(text, self.rule.marks)
            texts.append(around_deletions(text))
        return texts

    def article(self, name: str, passage: Passage) -> str:
        """The article that a capture begins with, which is no part of its key."""
        kind = self.rule.articles.get(name)
        if kind is None:
            return ""
        words = passage.plain.split(" ", 1)
        return words[0] if len(words) > 1 and words[0].lower() in kind.articles else ""

    def in_order(self, names: Iterable[str]) -> Iterator[tuple[Passage, str]]:
        """The values that are there: outside ones first, then in source order."""
        found = [(passage, name) for name in names if (passage := self.value_of(name))]
        if len(found) < 2:
            return iter(found)
        placed = []
        for order, (passage, name) in enumerate(found):
            place = (0, order, 0) if passage.is_outside else (1, *passage.text.place(passage.start))
            placed.append((place, order, passage, name))
        return ((passage, name) for _, _, passage, name in sorted(placed, key=lambda entry: entry[:2]))

    def ordered(self, names: Iterable[str]) -> list[tuple[Passage, str]]:
        """The same with their Markdown, without articles."""
        values = []
        for passage, name in self.in_order(names):
            text = passage.markdown.strip()
            if article := self.article(name, passage):
                text = text[len(article) :].lstrip() if text.startswith(article) else text
            values.append((passage, text))
        return values

    def shown(self, name: str, _: bool) -> str:  # noqa: FBT001 (how a template asks for a value)
        """A value as it reads, for the names of decks and tags."""
        passage = self.value_of(name)
        return "" if passage is None else passage.shown.strip()

    def tags(self) -> tuple[str, ...]:
        rule, element = self.rule, self.element
        own = [template.fill(self.shown) for template in rule.tags]
        own += [tag for template in rule.tag_lists for tag in _listed_tags(template.fill(self.listed))]
        inline = [t for t in (*element.own_tags, *element.file_tags) if not is_asked_tag(t, rule.mark_tags)]
        folders = self.settings.folders_above(element.path) if self.settings.folders else ()
        of_folders = [tag for folder in folders for tag in folder.tags]
        return _written_tags((*self.settings.tags, *of_folders, *element.document.tags, *inline, *own))

    def deck_of_source(self) -> list[str]:
        """What `deck:` in the front matter says, below the project's deck; a rule may read it itself."""
        written = self.element.document.front_matter.get("deck")
        slots = self.rule.deck.slots() if self.rule.deck is not None else ()
        if not isinstance(written, str) or any(slot.name == "front_matter.deck" for slot in slots):
            return []
        tails = [tail.strip() for tail in written.split("::")]
        own = self.settings.deck.split("::")
        return [tail for tail in (tails[len(own) :] if tails[: len(own)] == own else tails) if tail]

    def deck_of_folder(self) -> list[str]:
        """What `folders:` in deck.yaml says, of the nearest folder that has a deck there."""
        if not self.settings.folders:
            return []
        decks = [folder.deck for folder in self.settings.folders_above(self.element.path) if folder.deck]
        return decks[-1].split("::") if decks else []

    def subdecks(self) -> list[str]:
        """The tail that `subdecks:` in deck.yaml asks for."""
        element, subdecks = self.element, self.settings.subdecks
        if subdecks == "folder":
            return element.path.split("/")[:-1]
        if subdecks == "file":
            return [element.document.title]
        return [element.heading_path()[0].shown] if subdecks == "heading" and element.heading_path() else []

    def listed(self, name: str, _: bool) -> str:  # noqa: FBT001 (how a template asks for a value)
        """A value as it is written, for a list of tags; of asides all that hold."""
        if name in self.rule.aside_names:
            return " ".join(self.element.asides(name, is_with_next="after" in self.rule.slots))
        passage = self.value_of(name)
        return "" if passage is None else passage.markdown.strip()

    def deck(self) -> str:
        rule = self.rule
        named = rule.deck.fill(self.shown).replace("/", "::").split("::") if rule.deck is not None else []
        tails = self.deck_of_source() or (self.deck_of_folder() if not any(named) else []) or self.subdecks()
        tails = [*tails, *named]
        return "::".join([self.settings.deck, *(tail.strip().replace("::", ":") for tail in tails if tail.strip())])


def _listed_tags(text: str) -> list[str]:
    """The tags that a line holds: `a, b c`, `#a #b`, `[#a]() [#b]()`."""
    marked = re.findall(r"#([\w/:.-]+)", text)
    return marked or [tag for tag in re.split(r"[\s,;，]+", text.replace("[[", "").replace("]]", "")) if tag]


@lru_cache(maxsize=256)  # many notes have the same
def _written_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tags as Anki has them, sorted."""
    written = (re.sub(r"\s+", "_", tag.strip().lstrip("#")).replace("/", "::") for tag in tags)
    return tuple(sorted({tag for tag in written if tag}))
