"""Sentences that no rule takes → frames that come back: the same words around other names, and a rule for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.chinese_words import words_of
from deckgen.patterns.english_words import is_word
from deckgen.reports.rules_by_example.tokens import is_chinese, tokens_of

LEAST = 5
"""Subjects that a frame has to have by default."""
_LONGEST_SUBJECT, _LONGEST_CHINESE = 9, 14
"""Words of an English subject, characters of a Chinese one."""
_JOINING = frozenset({"and", "or", "of", "that", "which", "who", "to"})
_WEAK = frozenset(
    {"is", "are", "was", "were", "has", "had", "does", "did", "means", "said", "says", "makes", "made", "let"}
)
_WEAK_CHINESE = frozenset(
    {"是", "有", "可以", "可能", "需要", "没有", "会", "能", "应该", "不是", "进行", "就是", "能够", "存在"}
)
_PARTICLES = frozenset(
    {"to", "in", "on", "at", "by", "for", "from", "with", "as", "of", "into", "between", "out", "up"}
)
_PRONOUNS = frozenset(
    [
        "it",
        "they",
        "he",
        "she",
        "we",
        "you",
        "i",
        "this",
        "that",
        "these",
        "those",
        "there",
        "here",
        "what",
        "which",
        "who",
        "one",
    ]
)
_CHINESE_PRONOUNS = (
    "它",
    "他",
    "她",
    "我",
    "你",
    "这",
    "那",
    "其",
    "此",
    "该",
    "在",
    "如果",
    "因为",
    "所以",
    "但",
    "当",
    "上图",
    "下图",
    "公式",
    "直接",
    "比较",
    "还",
    "一般",
)
_ENUMERATED = lazy_regex(r"^\W*\d{1,2}[.、）)]\s*")


class Place(Struct, frozen=True):
    """A sentence, and where it stands."""

    path: str
    line: int
    text: str


class Frame(Struct, frozen=True):
    """Words that come back between a subject and what is said of it, and the sentences in which they do."""

    words: str
    places: tuple[Place, ...]

    @property
    def rule(self) -> str:
        """A rule for it, as it stands in a rule file; its question is to be worded by a person."""
        wide = is_chinese(self.words)
        gap = "" if wide else " "
        front = f"{{subject}}{gap}{self.words}{'什么？' if wide else ' what?'}"
        name = self.words if wide else "-".join(self.words.lower().split())
        match = f"{{subject:name}}{gap}{self.words}{gap}{{answer:phrase}}"
        return "\n".join(
            [
                f"  - id: {name}",
                "    on: sentence",
                f"    language: {'zh' if wide else 'en'}",
                f"    match: '{match}'".replace("it's", "it''s"),
                f"    fields: {{Front: '{front}', Back: '{{answer}}'}}",
            ]
        )


def find_frames(sentences: Iterable[Place], least: int = LEAST) -> list[Frame]:
    """The frames of some sentences, of `least` subjects or more, those with the most first."""
    found: dict[str, dict[str, Place]] = defaultdict(dict)
    for place in sentences:
        for words, subject in _frames_of(place.text):
            found[words].setdefault(subject.lower(), place)
    frames = [Frame(words, tuple(places.values())) for words, places in found.items() if len(places) >= least]
    frames.sort(key=lambda frame: (-len(frame.places), -len(frame.words), frame.words))
    return list(_without_parts(frames))


def _without_parts(frames: Sequence[Frame]) -> Iterator[Frame]:
    """Of frames within one another the longest that stands in most of the sentences."""
    kept: list[Frame] = []
    for frame in sorted(frames, key=lambda frame: -len(frame.words)):
        longer = [one for one in kept if frame.words in one.words and len(one.places) * 10 >= len(frame.places) * 6]
        if not longer:
            kept.append(frame)
    return iter(sorted(kept, key=lambda frame: (-len(frame.places), frame.words)))


def _frames_of(text: str) -> Iterator[tuple[str, str]]:
    """Words of a sentence between a subject at its beginning and the rest, and the subject."""
    if is_chinese(text):
        yield from _chinese_frames(text)
        return
    tokens = tokens_of(text)
    if not 4 <= len(tokens) <= 60 or not tokens[0].is_word or tokens[0].text.lower() in _PRONOUNS:
        return
    for start in range(1, min(_LONGEST_SUBJECT, len(tokens) - 2) + 1):
        if not tokens[start - 1].is_word:
            return
        size = _verb_size([token.text.lower() for token in tokens[start : start + 4]])
        if size and tokens[start - 1].text.lower() not in _JOINING and start + size < len(tokens):
            words = tokens[start : start + size]
            if tokens[start + size].is_word:
                yield text[words[0].start : words[-1].end], text[tokens[0].start : tokens[start - 1].end]
            return  # what follows the first verb is no subject


def _verb_size(words: Sequence[str]) -> int:
    """How many words a verb takes with what belongs to it, such as `was founded in`; 0 where none begins here."""
    size = 0
    if words[0] in ("is", "are", "was", "were") and len(words) > 1 and is_word(words[1], "participle", "past"):
        size = 2
    elif is_word(words[0], "verb-s", "past") and words[0] not in _WEAK:
        size = 1
    return size + (len(words) > size and words[size] in _PARTICLES) if size else 0


def _word_at(words: Sequence[tuple[str, str]], index: int) -> str:
    return words[index][0] if index < len(words) else ""


def _chinese_frames(text: str) -> Iterator[tuple[str, str]]:
    words = words_of(_ENUMERATED.sub("", text))
    subject = ""
    for index, (word, kind) in enumerate(words[:7]):
        is_verb = kind.startswith("v") and word not in _WEAK_CHINESE
        verb, following = word, _word_at(words, index + 1)
        if is_verb and len(word) == 1 and following and words[index + 1][1].startswith("v"):
            verb, following = word + following, _word_at(words, index + 2)
        if subject and is_verb and len(following) and (following[0].isalnum() or following[0] in "《“"):
            frame = verb + (following if following in "于为在由自到成过至出以" else "")
            is_named = not subject.startswith(_CHINESE_PRONOUNS) and not subject.endswith("的")
            if len(frame) > 1 and is_named:
                yield frame, subject
            return
        if kind[:1] in "rpcyw" or word in "，。；：、？！":
            return
        subject += word
        if len(subject) > _LONGEST_CHINESE:
            return
