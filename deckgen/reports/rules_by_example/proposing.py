"""One sentence and the card that is wanted of it → a rule: the words between become the pattern, the rest captures.

Which part of the sentence is captured, and as which type, is tried out with the engine itself: the first rule that
makes exactly the cards of its examples is the proposal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise, product, takewhile

from msgspec import Struct
from msgspec.structs import replace

from deckgen.diagnostics import has_errors
from deckgen.extraction.examples import check_examples
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.chinese_words import words_of
from deckgen.reports.rules_by_example.tokens import Token, is_chinese, tokens_of
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import PackText

SUBJECT_TYPES = ("name", "phrase", "word", "latin", "text")
ANSWER_TYPES = ("number", "phrase", "rest", "latin", "text")
_NAMED_TYPES = ("name", *ANSWER_TYPES)
_ARTICLES = frozenset({"a", "an", "the"})
_SPECIAL = lazy_regex(r"[\\{}\[\]()|…$]")
_MOST_SUBJECTS = 8
_ALIKE = 0.5


class Wanted(Struct, frozen=True):
    """A sentence, and the card that is wanted of it; none where it is to make none."""

    text: str
    front: str = ""
    back: str = ""


class Proposal(Struct, frozen=True):
    """A rule that makes the cards of its examples."""

    id: str
    language: str
    patterns: tuple[str, ...]
    front: str  # with captures in braces
    examples: tuple[Wanted, ...]

    @property
    def text(self) -> str:
        """The rule as it stands in a rule file."""
        match = _quoted(self.patterns[0]) if len(self.patterns) == 1 else f"[{', '.join(map(_quoted, self.patterns))}]"
        lines = [
            f"  - id: {self.id}",
            "    on: sentence",
            *([f"    language: {self.language}"] if self.language else []),
            f"    match: {match}",
            f"    fields: {{Front: {_quoted(self.front)}, Back: '{{answer}}'}}",
            "    examples:",
        ]
        for one in self.examples:
            card = f"[{{Front: {_double_quoted(one.front)}, Back: {_double_quoted(one.back)}}}]"
            lines.append(f"      - text: {_double_quoted(one.text)}")
            lines.append(f"        notes: {card if one.front else '[]'}")
        return "\n".join(lines) + "\n"

    def rules(self) -> RuleSet | None:
        """The rule, checked; None where its pattern is none."""
        found, problems = load_rules([PackText("mine", "mine.yaml", f"rules:\n{self.text}")])
        return None if has_errors(problems) else found

    @property
    def settled(self) -> Proposal:
        """The same, with the letter case of its examples as the rule makes it."""
        rules = self.rules()
        if rules is None:
            return self
        got = [result.got for result in check_examples(rules)]
        return replace(self, examples=tuple(map(_as_made, self.examples, got)))

    @property
    def is_right(self) -> bool:
        """Whether it makes exactly the cards of its examples."""
        rules = self.rules()
        return rules is not None and all(result.is_right for result in check_examples(rules))


def _as_made(wanted: Wanted, got: Sequence[Mapping[str, object]]) -> Wanted:
    """A card as the rule words it, where that differs in letter case alone: `Dynamite` begins a sentence."""
    if len(got) != 1 or not wanted.front:
        return wanted
    front, back = str(got[0].get("Front", "")), str(got[0].get("Back", ""))
    is_same = front.lower() == wanted.front.lower() and back.lower() == wanted.back.lower()
    return Wanted(wanted.text, front, back) if is_same else wanted


def propose(first: Wanted, others: Sequence[Wanted] = (), rule_id: str = "") -> Proposal | None:
    """The rule for a sentence and its card. `others`: sentences that it takes, too, or leaves alone: without a card."""
    answer = _place_of(first.text, first.back)
    if answer is None:
        return None
    language = "zh" if is_chinese(first.text) else "en"
    for subject in _subjects(first, answer):
        front = _front(first, subject)
        pieces = _pieces(first.text, answer, subject)
        if not any(token.is_word for piece in pieces[::2] for token in tokens_of(piece or "")):
            continue  # without a word of its own it would take anything
        for subject_type, answer_type in product(SUBJECT_TYPES, _answer_types(first.back)):
            pattern = _pattern(pieces, subject_type, answer_type)
            known = rule_id or _id_of(pieces)
            proposal = Proposal(known, language, (pattern,), front, (first,)).settled
            if not proposal.is_right:
                continue
            found = _with_others(proposal, pieces, others, subject_type, answer_type)
            if found is not None:
                return found
    return None


def _with_others(
    proposal: Proposal, pieces: Sequence[str | None], others: Sequence[Wanted], subject_type: str, answer_type: str
) -> Proposal | None:
    """A proposal that takes the other sentences, too, and leaves alone what it is to leave alone."""
    for other in others:
        shown = replace(proposal, examples=(*proposal.examples, other)).settled
        if not shown.is_right and other.front and (wider := _widened(pieces, other)):
            patterns = (*shown.patterns, _pattern(wider, subject_type, answer_type))
            shown = replace(shown, patterns=patterns).settled
        if not shown.is_right:
            return None
        proposal = shown
    return proposal


def _place_of(text: str, part: str) -> tuple[int, int] | None:
    """Where the answer stands in a sentence, the last time: as it is, or in another letter case."""
    wanted = part.strip().rstrip("。.")
    for one, other in ((text, wanted), (text.lower(), wanted.lower())):
        start = one.rfind(other)
        if wanted and start >= 0:
            return start, start + len(wanted)
    return None


def _subjects(wanted: Wanted, answer: tuple[int, int]) -> list[tuple[int, int]]:
    """The parts of a sentence that its question names, the likeliest first."""
    tokens = [t for t in tokens_of(wanted.text) if t.end <= answer[0] or t.start >= answer[1]]
    asked = wanted.front.lower()
    runs: list[list[Token]] = [[]]
    for token in tokens:
        is_beside = bool(runs[-1]) and not wanted.text[runs[-1][-1].end : token.start].strip()
        joined = wanted.text[runs[-1][0].start : token.end].lower() if runs[-1] else token.text.lower()
        if token.is_function or (runs[-1] and (not is_beside or joined not in asked)):
            runs.append([])
        if not token.is_function and token.text.lower() in asked:
            runs[-1].append(token)
    found = [run for run in runs if run]

    spans = [(run[0].start, run[-1].end) for run in found]
    spans += [(run[0].start, token.end) for run in found for token in run[:-1] if not is_chinese(token.text)]
    for start, end in list(spans):
        if is_chinese(wanted.text[start:end]):
            spans.extend((start, stop) for stop in _word_ends(wanted.text, start, end))
    spans += [(one[0], other[1]) for one, other in pairwise(spans) if _is_one_name(wanted, one, other)]
    spans = [_with_article(wanted, span) for span in spans]

    def rank(span: tuple[int, int]) -> tuple[bool, int, int]:
        part = wanted.text[slice(*span)]
        words = part.split()
        is_named = any(word[0].isupper() or word[0].isdigit() for word in words[not span[0] :])
        return not is_named, span[0], len(part) if is_chinese(part) else -len(part)

    return sorted(dict.fromkeys(spans), key=rank)[:_MOST_SUBJECTS]


def _word_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where the words of a Chinese run end, but for the last."""
    place = start
    for word, _ in words_of(text[start:end])[:-1]:
        place += len(word)
        yield place


def _is_one_name(wanted: Wanted, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two parts are one name with `of` between, as in *Treaty of Ghent*."""
    between, joined = wanted.text[one[1] : other[0]].strip(), wanted.text[one[0] : other[1]]
    is_named = wanted.text[one[0]].isupper() and wanted.text[other[0]].isupper()
    return between in ("of", "of the", "de", "von") and is_named and joined.lower() in wanted.front.lower()


def _with_article(wanted: Wanted, span: tuple[int, int]) -> tuple[int, int]:
    """A part with the article before it, where the question has it, too."""
    found = re.search(r"\b(?:the|an?)\s+$", wanted.text[: span[0]], re.IGNORECASE)
    if found and wanted.text[found.start() : span[1]].lower() in wanted.front.lower():
        return found.start(), span[1]
    return span


def _answer_types(answer: str) -> tuple[str, ...]:
    """Types that an answer may be of, the narrowest first."""
    words = answer.split()
    is_name = all(word[0].isupper() for word in words if word not in ("of", "the", "de", "von", "and"))
    return _NAMED_TYPES if is_name or (is_chinese(answer) and len(answer) <= 8) else ANSWER_TYPES


def _front(wanted: Wanted, subject: tuple[int, int]) -> str:
    part = wanted.text[slice(*subject)]
    return re.sub(re.escape(part), "{subject}", wanted.front, count=1, flags=re.IGNORECASE)


def _pieces(text: str, answer: tuple[int, int], subject: tuple[int, int]) -> list[str | None]:
    """The sentence as literal texts with the captures between: a name of one, or its words."""
    marked = sorted([(*answer, "{answer}"), (*subject, "{subject}")])
    pieces: list[str | None] = []
    end = 0
    for start, stop, name in marked:
        pieces += [text[end:start], name]
        end = stop
    rest = text[end:].rstrip().rstrip("。.!！")
    following = tokens_of(rest)
    if not following:
        pieces.append("")
    elif not following[0].is_word:
        pieces.append(following[0].text + "…")
    else:
        words = list(takewhile(lambda token: token.is_word, following))[: 6 if is_chinese(rest) else 3]
        pieces.append(rest[: words[-1].end])
    return pieces


def _pattern(pieces: Sequence[str | None], subject_type: str, answer_type: str) -> str:
    types = {"{subject}": subject_type, "{answer}": answer_type}
    found = []
    for piece in pieces:
        if piece in types:
            found.append(f"{piece[:-1]}:{types[piece]}}}" if types[piece] != "text" else str(piece))
        else:
            found.append(_literal(piece or ""))
    return "".join(found).strip()


def _literal(text: str) -> str:
    """Text as it stands in a pattern: articles may be others, numbers too."""
    gap = text.endswith("…")
    pieces = re.split(r"(\d[\d,.]*|\b(?:a|an|the)\b)", text.removesuffix("…"), flags=re.IGNORECASE)
    for index in range(1, len(pieces), 2):
        pieces[index] = "[the|a|an]" if pieces[index].lower() in _ARTICLES else "{:number}"
    pieces[::2] = [_SPECIAL.sub(r"\\\g<0>", piece) for piece in pieces[::2]]
    return "".join(pieces) + ("…" if gap else "")


def _widened(pieces: Sequence[str | None], other: Wanted) -> list[str | None] | None:
    """The same pieces with the words of another sentence, where these are alike."""
    answer = _place_of(other.text, other.back)
    if answer is None:
        return None
    found = [_pieces(other.text, answer, subject) for subject in _subjects(other, answer)]
    alike = [(_likeness(pieces, one), one) for one in found if one[1::2] == list(pieces[1::2])]
    score, best = max(alike, key=lambda entry: entry[0], default=(0.0, None))
    return best if score >= _ALIKE else None


def _likeness(pieces: Sequence[str | None], others: Sequence[str | None]) -> float:
    """How much the words of two sentences are alike, 0 to 1."""
    one, other = (" ".join(piece or "" for piece in some[::2]) for some in (pieces, others))
    return SequenceMatcher(None, one, other).ratio()


def _id_of(pieces: Sequence[str | None]) -> str:
    """A name for the rule, of the words that it looks for."""
    words = [t.text.lower() for piece in pieces[::2] for t in tokens_of(piece or "") if t.is_word]
    slug = re.sub(r"[^\w]+", "-", "".join(words) if is_chinese("".join(words)) else "-".join(words)).strip("-")
    return slug[:40].strip("-") or "rule"


def _double_quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def sentences_like(text: str) -> Iterator[str]:
    """The sentences of a line, for choosing one."""
    for part in re.split(r"(?<=[。！？])|(?<=[.!?])\s+", text):
        if part.strip():
            yield part.strip()
