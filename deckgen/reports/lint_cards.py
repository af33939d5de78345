"""One draft → what makes its card hard to learn by itself.

Lengths are columns, of which a Chinese character takes two: about what it takes to read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from hashlib import blake2b

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.findings import CardFacts, KnownCards
from deckgen.diagnostics import Diagnostic, Span
from deckgen.extraction.faults import cut_words, has_no_letter
from deckgen.identity.normal_form import normalise
from deckgen.markdown.document import ListBlock, inner_blocks, read_document
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import DELETION_CLOSE, DELETION_OPEN, Draft, Source
from deckgen.reports.columns import columns, cut, exceeds
from deckgen.reports.drafts import plain

LONGEST_QUESTION = 160
LONGEST_ANSWER = 400
LONGEST_LIST = 7


class Card(Struct, frozen=True, dict=True):
    """One draft as it is asked: compared and linted wherever it stands."""

    draft: Draft
    question: str  # Markdown; around the deletions of a cloze
    answers: tuple[str, ...]  # Markdown: of a cloze each deletion
    digest: int = 0  # of what it is made of: its facts are kept by that
    known: CardFacts | None = None  # where it was looked at before

    @cached_property
    def asked(self) -> str:
        """What is asked, bare."""
        return bare(self.question)

    @cached_property
    def said(self) -> str:
        """What is answered, bare."""
        return "\n".join(bare(answer) for answer in self.answers)

    @cached_property
    def shown_question(self) -> str:
        """The question as read."""
        return plain(self.question)

    @cached_property
    def shown_answer(self) -> str:
        """The answer as read."""
        return "; ".join(plain(answer) for answer in self.answers)

    @cached_property
    def normal(self) -> list[str]:
        """The fields in their normal form."""
        return [normalise(value) for _, value in self.draft.fields]

    @cached_property
    def names(self) -> Counter[str]:
        """The numbers and the names in it."""
        words = re.findall(r"[A-Za-z0-9.]*[A-Z0-9][A-Za-z0-9.]*", f"{self.shown_question} {self.shown_answer}")
        return Counter(word.lower().rstrip(".") for word in words)

    @cached_property
    def facts(self) -> CardFacts:
        """What it is looked up by, and what is found about it by itself."""
        if self.known is not None:
            return self.known
        names = "\n".join(f"{name} {count}" for name, count in sorted(self.names.items()))
        return CardFacts(_hash(self.asked), _hash(self.said), _hash(names), self.findings)

    @cached_property
    def findings(self) -> tuple[tuple[str, str, str], ...]:
        """Kind, message and hint of each thing that is found about it by itself."""
        return tuple(_of_one(self)) if self.known is None else self.known.findings

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of these things; none about the learner's own words."""
        return () if self.draft.worded else tuple(dict.fromkeys(kind for kind, *_ in self.findings))

    def report(self, kind: str, message: str, hint: str, span: Span) -> Diagnostic:
        """Something that was found about it, at its place."""
        return Diagnostic(kind, message, span, f"{hint}\nmade by {self.draft.rule}")


def findings_about(draft: Draft) -> tuple[str, ...]:
    """The kinds of findings about one card alone."""
    return card_of(draft).kinds


def card_of(draft: Draft, known: KnownCards | None = None) -> Card:
    """A draft as it is asked. `known`: what was found out about cards before."""
    digest = _card_digest(draft)
    facts = known.get(digest) if known else None
    if any(DELETION_OPEN in value for _, value in draft.fields):
        deleted = [answer for answer in draft.answer.split("\n") if answer.strip()]
        return Card(draft, draft.question, tuple(deleted), digest, facts)
    question = draft.fields[0][1]
    return Card(draft, question, tuple(value for _, value in draft.fields[1:2] if value), digest, facts)


def _card_digest(draft: Draft) -> int:
    """By what `CardFacts` are kept: all that they depend on."""
    made_of = draft.kind, draft.note_type, draft.fields, draft.question, draft.answer, draft.origin.text
    return _hash(_ENCODER.encode(made_of))


_ENCODER = msgspec.msgpack.Encoder()


def _hash(text: str | bytes) -> int:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") or 1 if data else 0


def without_place(draft: Draft) -> Draft:
    """The draft as it would be anywhere in its source: what is found about it by itself does not hang on that."""
    return replace(draft, origin=replace(draft.origin, span=Span(draft.origin.span.path)))


def bare(markdown: str) -> str:
    """Letters and digits of the normal form alone: what is asked, however it is set."""
    return _NO_LETTERS.sub("", normalise(markdown)).casefold()


def _of_one(card: Card) -> Iterator[tuple[str, str, str]]:
    question, answer = card.shown_question, card.shown_answer
    if not _is_cloze(card):
        if has_no_letter(card.question):
            yield ("no-letters", f"“{cut(question, 60)}” asks nothing", "name what the answer is about")
        if words := next(filter(None, map(cut_words, card.answers)), ""):
            message = f"the answer to “{cut(question, 60)}” is cut: “{words}”"
            yield ("answer-cut", message, "take the whole of it, or leave the note out")
        if child := _left_off(card.draft):
            message = f"“{cut(child, 60)}” stands below “{cut(question, 60)}”, and not on its card"
            yield ("children-left-off", message, "put `{children}` into the answer or into Extra")
    if given := _given_away(card):
        hint = "ask so that the answer is not in the question; where it is a name, ask for something else"
        message = f"“{cut(question, 100)}” holds its answer, “{cut(given, 40)}”"
        yield ("answer-in-question", message, hint)
    if exceeds(question, LONGEST_QUESTION) and not _is_cloze(card):
        message = (
            f"the question is {columns(question):,} columns long; {LONGEST_QUESTION} are what one reads at a glance"
        )
        yield ("question-too-long", message, "shorten it, or make a rule ask for its kernel")
    items = max((_items(answer) for answer in card.answers), default=0)
    if items > LONGEST_LIST:
        message = f"the answer to “{cut(question, 60)}” lists {items} things"
        yield ("long-list", message, "group them, or let each be asked by itself (`on: list_item`)")
    elif exceeds(answer, LONGEST_ANSWER):
        message = f"the answer to “{cut(question, 60)}” is {columns(answer):,} columns long, over {LONGEST_ANSWER}"
        yield ("answer-too-long", message, "split it under headings of its own, or shorten it")
    if word := _missing_subject(question):
        message = f"“{cut(question, 100)}” does not say what “{word}” is"
        yield ("no-subject", message, "name it in the heading or sentence that the question is made of")
    if word := next(filter(None, map(_leaning, card.answers)), ""):
        message = f"the answer to “{cut(question, 60)}” leans on what stood before it: “{word}”"
        yield ("answer-leans", message, "say it in words that stand on their own")


_NO_LETTERS = lazy_regex(r"[\W_]+")
_ITEM = lazy_regex(r"^(?P<indent>[ \t]*)(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>.*)$")


def _left_off(draft: Draft) -> str:
    """A child of the item that a note was made of, of which nothing is on the card."""
    first, *others = draft.origin.text.split("\n")
    item = _ITEM.match(first)
    if item is None or not others:
        return ""
    shown = bare("\n".join(value for _, value in draft.fields))
    own = len(item["indent"].expandtabs(4))
    children = [child for line in others if (child := _ITEM.match(line)) and len(child["indent"].expandtabs(4)) > own]
    depth = min((len(child["indent"].expandtabs(4)) for child in children), default=0)
    for child in children:
        if len(child["indent"].expandtabs(4)) == depth:  # what stands deeper belongs to one of them
            text = re.sub(r"^\d+[.、)]\s*", "", child["text"])
            label = bare(re.split(r"[:：]|\s[-–—=]\s|——|->|→", text, maxsplit=1)[0])[:24]
            if label and label not in shown:
                return child["text"]
    return ""


def _is_cloze(card: Card) -> bool:
    return card.draft.note_type == "Cloze" or any(DELETION_CLOSE in value for _, value in card.draft.fields)


_CHINESE = lazy_regex("[\u3400-\u9fff]")
_CHOICE = lazy_regex(r"还是|或者|\bor\b|\bvs\b", re.IGNORECASE)


def _given_away(card: Card) -> str:
    """An answer, whole, as words of the question; not where the question offers it as a choice."""
    if _CHOICE.search(card.shown_question):
        return ""
    question = normalise(card.question)
    for answer in card.answers:
        said = normalise(answer).strip(" .。,，;；")
        # An expression of its own for each answer takes long to compile: hardly any is there at all.
        if said not in question or len(bare(answer)) < (2 if _CHINESE.search(said) else 3):
            continue
        if re.search(rf"(?<![A-Za-z0-9]){re.escape(said)}(?![A-Za-z0-9])", question):
            return plain(answer)
    return ""


def _items(markdown: str) -> int:
    """How many items the longest list of a text has, where it is too long, else less.

    A list is one of Markdown, or names with `、` or commas between.
    """
    most = 0
    if markdown.count("\n") >= LONGEST_LIST:  # each item begins on a line of its own
        document, _ = read_document(Source("answer.md", markdown))
        blocks = list(document.blocks)
        while blocks:
            block = blocks.pop()
            if isinstance(block, ListBlock):
                most = max(most, len(block.items))
            blocks.extend(inner_blocks(block))
    shown = plain(markdown)
    if max(shown.count("、"), shown.count(",")) < LONGEST_LIST:
        return most
    for sentence in re.split(r"[。；;！？\n]|\.\s", shown):
        parts = re.split(r"、", sentence) if "、" in sentence else re.split(r",\s", sentence)
        if len(parts) > LONGEST_LIST and not any(exceeds(part, 30) for part in parts):  # names, not clauses
            most = max(most, len(parts))
    return most


# A pronoun where the subject of a question stands. 其 and 该 begin other words; “this” may stand for itself.
_SUBJECT = lazy_regex(
    r"""^\s*(?:
      (?:什么是|为什么|为何|怎么|如何|何时|请问)?\s*
      (它们?|他们?|她们?|该(?=[个种类款项套]|方法|技术|算法|模型|系统|结构|网络|函数|协议|理论|公司|作品|赛事)|此(?!外)|其(?![他实中它余次])|这(?!样)[个些种类款项位]?|那(?!么)[个些种类款项位]?|前者|后者|两者|二者|上述|本文|我们?|你们?)
    | (?:what|who|when|where|why|how|which)\s+(?:else\s+)?
      (?:is|are|was|were|does|do|did|can|could|should|would|will|has|have|had)\s+
      (it|this|these|those|they|he|she|that)\b(?!(?<=it)\s+that\s)  # “Why is it that …” names what it asks about
    | (?:is|are|was|were|does|do|did|can|could|should|would|will)\s+(it|this|these|those|they|he|she)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE_QUESTION = lazy_regex(
    r"^\W*(why|how|what|when|where|who|how so|why not|what else"
    r"|为什么(?:呢)?|怎么办|怎么做|如何做|是什么|如何实现|有哪些|何时|是谁|原因)\W*$",
    re.IGNORECASE,
)


def _missing_subject(question: str) -> str:
    """The pronoun, or the bare question word, that stands where the subject should."""
    if found := _BARE_QUESTION.match(question):
        return found[1]
    found = _SUBJECT.match(question)
    return next(filter(None, found.groups()), "") if found else ""


_LEANS = lazy_regex(
    r"^\W*(上述|如上|前面提到|前文|同上|上面|前者|后者|这两[个种类者]|此外|综上|该[^当]"
    r"|(?:the\s+)?above\b|as (?:mentioned|noted|described|shown) (?:above|before|earlier)|the former\b|the latter\b"
    r"|see above|as before|ditto\b)",
    re.IGNORECASE,
)
_POINTS = lazy_regex(
    r"(如[上下]?[图表]|(?<!以)[上下][图表](?![书层像面])|见[上下]文|图\s*\d+|(?:figure|table|section) (?:above|below))",
    re.IGNORECASE,
)


def _leaning(markdown: str) -> str:
    """The words of an answer that point at something which is not on the card."""
    answer = plain(markdown)
    if found := _LEANS.match(answer):
        return found[1].strip()
    found = _POINTS.search(answer)
    return found[1] if found and "![" not in markdown else ""
