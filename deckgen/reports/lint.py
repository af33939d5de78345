"""Drafts → cards that will be hard to learn, each a diagnostic with its place. Nothing here changes a note.

Lengths are columns, of which a Chinese character takes two: about what it takes to read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.lint_kinds import LintSeverity, default_severity
from deckgen.extraction.faults import cut_words, has_no_letter, is_same_fact
from deckgen.extraction.rivals import resolve_rivals
from deckgen.identity.normal_form import normalise, similar
from deckgen.markdown.document import ListBlock, inner_blocks, read_document
from deckgen.model import DELETION_CLOSE, DELETION_OPEN, Draft, Source
from deckgen.reports.columns import columns, cut
from deckgen.reports.drafts import plain

LONGEST_QUESTION = 160
LONGEST_ANSWER = 400
LONGEST_LIST = 7

_ALIKE = 93.0  # of 100: what two notes that say nearly the same have in common
_ALIKE_FROM = 16  # characters: of shorter ones a single word is too much of them
_SHINGLE, _SHINGLES, _SHARED_BY = 4, 8, 24  # notes are compared that share a rare stretch of so many characters


@dataclass(frozen=True)
class _Card:
    """One draft as it is asked."""

    draft: Draft
    question: str  # Markdown; around the deletions of a cloze
    answers: tuple[str, ...]  # Markdown: of a cloze each deletion

    @cached_property
    def asked(self) -> str:
        return _bare(self.question)

    @cached_property
    def said(self) -> str:
        return "\n".join(_bare(answer) for answer in self.answers)

    @cached_property
    def shown_question(self) -> str:
        return plain(self.question)

    @cached_property
    def shown_answer(self) -> str:
        return "; ".join(plain(answer) for answer in self.answers)


def lint(all_drafts: Sequence[Draft], severities: Mapping[str, LintSeverity]) -> list[Diagnostic]:
    """All findings, with the severity that the project gives them, in the order of the kinds of trouble.

    `all_drafts`: all drafts of the project, before their fronts are made distinct.
    """
    settled = resolve_rivals(all_drafts)
    drafts = [draft for draft in settled if draft is not None]
    cards = [_card(draft) for draft in drafts]
    found = [*_two_answers(cards), *_same_note_twice(cards), *_same_fact_twice(drafts)]
    found.extend(_taken(draft) for draft, one in zip(all_drafts, settled, strict=True) if one is None)
    for card in cards:
        found.extend(_of_one(card))
    diagnostics = []
    for diagnostic in found:
        severity = severities.get(diagnostic.kind, default_severity(diagnostic.kind))
        if severity != "off":
            diagnostics.append(replace(diagnostic, own_severity=severity))
    return diagnostics


def _taken(draft: Draft) -> Diagnostic:
    hint = f"say in the label or in a heading above what tells it apart\nmade by {draft.rule}"
    message = f"“{cut(plain(draft.fields[0][1]), 100)}” is asked by another note, with another answer"
    return Diagnostic("front-taken", message, draft.origin.span, hint)


def _same_fact_twice(drafts: Sequence[Draft]) -> Iterator[Diagnostic]:
    """Two notes of one line for one fact."""
    by_line: dict[tuple[str, int], list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.note_type in ("Basic", "Reversed", "Typed"):
            by_line[draft.origin.span.path, draft.origin.span.line].append(draft)
    for several in by_line.values():
        for index, draft in enumerate(several):
            other = next((one for one in several[:index] if is_same_fact(one, draft)), None)
            if other is not None:
                question, asked = plain(draft.fields[0][1]), plain(other.fields[0][1])
                message = f"“{cut(question, 60)}” and “{cut(asked, 60)}” tell one fact of one line"
                hint = f"leave one of them out\nmade by {draft.rule} and {other.rule}"
                yield Diagnostic("same-fact-twice", message, draft.origin.span, hint)


def _card(draft: Draft) -> _Card:
    if any(DELETION_OPEN in value for _, value in draft.fields):
        deleted = [answer for answer in draft.answer.split("\n") if answer.strip()]
        return _Card(draft, draft.question, tuple(deleted))
    question = draft.fields[0][1]
    return _Card(draft, question, tuple(value for _, value in draft.fields[1:2] if value))


def _bare(markdown: str) -> str:
    """Letters and digits of the normal form alone: what is asked, however it is set."""
    return re.sub(r"[\W_]+", "", normalise(markdown)).casefold()


def _tell(card: _Card, kind: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(kind, message, card.draft.origin.span, f"{hint}\nmade by {card.draft.rule}")


def _place(card: _Card) -> str:
    span = card.draft.origin.span
    return f"{span.path}:{span.line}"


# --- between notes ------------------------------------------------------------------------------------------------


def _two_answers(cards: Sequence[_Card]) -> Iterator[Diagnostic]:
    """The same question with different answers; of a reversed note the answer asks as well."""
    sides: dict[tuple[str, str], dict[str, tuple[_Card, str]]] = defaultdict(dict)
    for card in cards:
        if card.draft.note_type not in ("Basic", "Reversed", "Typed") or not card.asked or not card.said:
            continue
        asks = [(card.asked, card.said, card.shown_question, card.shown_answer)]
        if card.draft.note_type == "Reversed":
            asks.append((card.said, card.asked, card.shown_answer, card.shown_question))
        for question, answer, shown_question, shown_answer in asks:
            known = sides[card.draft.deck, question]
            if answer in known:
                if _normal(card) != _normal(known[answer][0]):  # else they are one note, with two sources
                    yield _answered_alike(card, known[answer][0], shown_question)
            elif known:
                first, said = next(iter(known.values()))
                if similar(answer, first.said) >= _ALIKE and _names(card) == _names(first):
                    yield _answered_alike(card, first, shown_question)
                    known.setdefault(answer, (card, shown_answer))
                    continue
                yield _tell(
                    card,
                    "two-answers",
                    f"“{cut(shown_question, 60)}” is answered here by “{cut(shown_answer, 60)}”, "
                    f"but in {_place(first)} by “{cut(said, 60)}”",
                    "say what tells the two apart, such as the year, the version or the field",
                )
            known.setdefault(answer, (card, shown_answer))


def _answered_alike(card: _Card, first: _Card, question: str) -> Diagnostic:
    message = f"“{cut(question, 60)}” is answered nearly alike in {_place(first)}"
    return _tell(card, "same-note-twice", message, "write question and answer the same way in both places")


def _normal(card: _Card) -> list[str]:
    return [normalise(value) for _, value in card.draft.fields]


def _same_note_twice(cards: Sequence[_Card]) -> Iterator[Diagnostic]:
    """Notes that are nearly alike, compared only with those that share a stretch that few have: never all pairs."""
    texts = [card.asked + "\n" + card.said for card in cards]
    shingles = [_shingles(text) if len(text) >= _ALIKE_FROM else frozenset[str]() for text in texts]
    known = Counter(shingle for held in shingles for shingle in held)
    by_shingle: dict[str, list[int]] = defaultdict(list)
    for number, (card, text, held) in enumerate(zip(cards, texts, shingles, strict=True)):
        shared = sorted((s for s in held if 1 < known[s] <= _SHARED_BY), key=lambda s: (known[s], s))
        others = sorted({other for shingle in shared[:_SHINGLES] for other in by_shingle[shingle]})
        for other in others:
            if _are_alike(card, cards[other], text, texts[other]):
                first = cards[other]
                yield _tell(
                    card,
                    "same-note-twice",
                    f"“{cut(card.shown_question, 60)}” says nearly the same as “{cut(first.shown_question, 60)}” "
                    f"in {_place(first)}",
                    "keep one of them, or say in each what is its own",
                )
                break
        for shingle in shared:
            by_shingle[shingle].append(number)


def _shingles(text: str) -> frozenset[str]:
    return frozenset(text[start : start + _SHINGLE] for start in range(len(text) - _SHINGLE + 1))


def _are_alike(one: _Card, other: _Card, text: str, other_text: str) -> bool:
    if one.asked == other.asked:
        return False  # one note, or one question with two answers, which is reported as that
    if one.draft.kind != other.draft.kind or abs(len(text) - len(other_text)) > 0.2 * len(text):
        return False
    if similar(text, other_text) < _ALIKE:
        return False
    return _names(one) == _names(other)  # what differs in a number or a name is another fact


def _names(card: _Card) -> Counter[str]:
    words = re.findall(r"[A-Za-z0-9.]*[A-Z0-9][A-Za-z0-9.]*", f"{card.shown_question} {card.shown_answer}")
    return Counter(word.lower().rstrip(".") for word in words)


# --- one note -----------------------------------------------------------------------------------------------------


def _of_one(card: _Card) -> Iterator[Diagnostic]:
    question, answer = card.shown_question, card.shown_answer
    if not _is_cloze(card):
        if has_no_letter(card.question):
            yield _tell(card, "no-letters", f"“{cut(question, 60)}” asks nothing", "name what the answer is about")
        if words := next(filter(None, map(cut_words, card.answers)), ""):
            message = f"the answer to “{cut(question, 60)}” is cut: “{words}”"
            yield _tell(card, "answer-cut", message, "take the whole of it, or leave the note out")
        if child := _left_off(card.draft):
            message = f"“{cut(child, 60)}” stands below “{cut(question, 60)}”, and not on its card"
            yield _tell(card, "children-left-off", message, "put `{children}` into the answer or into Extra")
    if given := _given_away(card):
        hint = "ask so that the answer is not in the question; where it is a name, ask for something else"
        message = f"“{cut(question, 100)}” holds its answer, “{cut(given, 40)}”"
        yield _tell(card, "answer-in-question", message, hint)
    if (length := columns(question)) > LONGEST_QUESTION and not _is_cloze(card):
        message = f"the question is {length:,} columns long; {LONGEST_QUESTION} are what one reads at a glance"
        yield _tell(card, "question-too-long", message, "shorten it, or make a rule ask for its kernel")
    items = max((_items(answer) for answer in card.answers), default=0)
    if items > LONGEST_LIST:
        message = f"the answer to “{cut(question, 60)}” lists {items} things"
        yield _tell(card, "long-list", message, "group them, or let each be asked by itself (`on: list_item`)")
    elif (length := columns(answer)) > LONGEST_ANSWER:
        message = f"the answer to “{cut(question, 60)}” is {length:,} columns long, over {LONGEST_ANSWER}"
        yield _tell(card, "answer-too-long", message, "split it under headings of its own, or shorten it")
    if word := _missing_subject(question):
        message = f"“{cut(question, 100)}” does not say what “{word}” is"
        yield _tell(card, "no-subject", message, "name it in the heading or sentence that the question is made of")
    if word := next(filter(None, map(_leaning, card.answers)), ""):
        message = f"the answer to “{cut(question, 60)}” leans on what stood before it: “{word}”"
        yield _tell(card, "answer-leans", message, "say it in words that stand on their own")


_ITEM = re.compile(r"^(?P<indent>[ \t]*)(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>.*)$")


def _left_off(draft: Draft) -> str:
    """A child of the item that a note was made of, of which nothing is on the card."""
    first, *others = draft.origin.text.split("\n")
    item = _ITEM.match(first)
    if item is None or not others:
        return ""
    shown = _bare("\n".join(value for _, value in draft.fields))
    own = len(item["indent"].expandtabs(4))
    children = [child for line in others if (child := _ITEM.match(line)) and len(child["indent"].expandtabs(4)) > own]
    depth = min((len(child["indent"].expandtabs(4)) for child in children), default=0)
    for child in children:
        if len(child["indent"].expandtabs(4)) == depth:  # what stands deeper belongs to one of them
            text = re.sub(r"^\d+[.、)]\s*", "", child["text"])
            label = _bare(re.split(r"[:：]|\s[-–—=]\s|——|->|→", text, maxsplit=1)[0])[:24]
            if label and label not in shown:
                return child["text"]
    return ""


def _is_cloze(card: _Card) -> bool:
    return card.draft.note_type == "Cloze" or any(DELETION_CLOSE in value for _, value in card.draft.fields)


_CHOICE = re.compile(r"还是|或者|\bor\b|\bvs\b", re.IGNORECASE)


def _given_away(card: _Card) -> str:
    """An answer, whole, as words of the question; not where the question offers it as a choice."""
    if _CHOICE.search(card.shown_question):
        return ""
    question = normalise(card.question)
    for answer in card.answers:
        said = normalise(answer).strip(" .。,，;；")
        if len(_bare(answer)) < (2 if re.search(r"[\u3400-\u9fff]", said) else 3):
            continue
        if re.search(rf"(?<![A-Za-z0-9]){re.escape(said)}(?![A-Za-z0-9])", question):
            return plain(answer)
    return ""


def _items(markdown: str) -> int:
    """How many items the longest list of a text has: a Markdown list, or names with `、` or commas between."""
    most = 0
    if "\n" in markdown:
        document, _ = read_document(Source("answer.md", markdown))
        blocks = list(document.blocks)
        while blocks:
            block = blocks.pop()
            if isinstance(block, ListBlock):
                most = max(most, len(block.items))
            blocks.extend(inner_blocks(block))
    for sentence in re.split(r"[。；;！？\n]|\.\s", plain(markdown)):
        parts = re.split(r"、", sentence) if "、" in sentence else re.split(r",\s", sentence)
        if all(columns(part) <= 30 for part in parts):  # names, not clauses
            most = max(most, len(parts))
    return most


# A pronoun where the subject of a question stands. 其 and 该 begin other words; “this” may stand for itself.
_SUBJECT = re.compile(
    r"""^\s*(?:
      (?:什么是|为什么|为何|怎么|如何|何时|请问)?\s*
      (它们?|他们?|她们?|该(?=[个种类款项套]|方法|技术|算法|模型|系统|结构|网络|函数|协议|理论|公司|作品|赛事)|此(?!外)|其(?![他实中它余次])|这(?!样)[个些种类款项位]?|那(?!么)[个些种类款项位]?|前者|后者|两者|二者|上述|本文|我们?|你们?)
    | (?:what|who|when|where|why|how|which)\s+(?:else\s+)?
      (?:is|are|was|were|does|do|did|can|could|should|would|will|has|have|had)\s+
      (it|this|these|those|they|he|she|that)\b
    | (?:is|are|was|were|does|do|did|can|could|should|would|will)\s+(it|this|these|those|they|he|she)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE_QUESTION = re.compile(
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


_LEANS = re.compile(
    r"^\W*(上述|如上|前面提到|前文|同上|上面|前者|后者|这两[个种类者]|此外|综上|该[^当]"
    r"|(?:the\s+)?above\b|as (?:mentioned|noted|described|shown) (?:above|before|earlier)|the former\b|the latter\b"
    r"|see above|as before|ditto\b)",
    re.IGNORECASE,
)
_POINTS = re.compile(
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
