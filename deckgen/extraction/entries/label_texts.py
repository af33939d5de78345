"""The words of a label → its class: a term that asks by itself, a role that is asked with its owner, or neither."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from deckgen.extraction.entries.marks import has_chinese
from deckgen.extraction.entries.questions import has_blank
from deckgen.identity.chinese_scripts import simplified
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.sentences import section_number_end
from deckgen.patterns.chinese_words import is_deed, is_quality, says_something, word_around
from deckgen.patterns.english_clauses import why_doubtful_label, why_no_label
from deckgen.patterns.folded_text import fold_characters
from deckgen.rules.label_words import LabelWords

LabelClass = Literal["question", "stem", "term", "role", "date", "sequence", "remark", "clause", "maybe", "none"]
Classified = tuple[LabelClass, str]
"""A class, and why."""

_AND = lazy_regex(r"[和与及、]")
NUMBERED = lazy_regex(r"(.*[\u3400-\u9fff]{2}\s*)([一二三四五六七八九十]{1,2}|\d{1,2})$")
_ASIDE = lazy_regex(r"[(（](?:[^()（）]|[(（][^()（）]*[)）])*[)）]$")
_DOTS = lazy_regex(r"\.{3,}|…{2}|。{2,}")
_ATOMS = "\ue000\ue001\ue002\ue003"
_IMAGE_OR_URL = lazy_regex(r"[\ue002\ue003]")
_LETTER = lazy_regex(r"[^\W\d_]")
_SENTENCE = lazy_regex(r"[。！？；]|[.!?;]\s+\S")
_ALIEN = lazy_regex(r"^[\W\d_]*$")
_DATE = lazy_regex(
    r"\s*(?:\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|\d{1,2}:\d{2}.*|\d{4}年.*|\d{1,2}月\d{1,2}日.*|(?:c\.?|ca\.?)?\s*\d{3,4}s?(?:\s*[-–~～]\s*\d{2,4})?)\s*$",
)
_OPERATOR = lazy_regex(r"[<>=+≥≤]|[】》].|\s[*×x]\s|/\s|\s/")
_INITIALS = lazy_regex(r"(?:\w\.)+\w?$|[A-Z0-9.&/-]{2,}$")
_YEAR = lazy_regex(
    r"\s*(?:约|前|公元前?)?\d{1,4}\s*(?:年代?|世纪)[初中末前后]?[期叶]?(?:\s*[-–—~～至]\s*\d{1,4}\s*年代?)?\s*$"
    r"|\s*(?:c\.?\s*)?(?!2[2-9]\d\d|[3-9]\d{3})\d{3,4}s?(?:\s*[-–—]\s*\d{2,4})?(?:\s*(?:AD|BC|CE|BCE))?\s*$"
    r"|\s*\d{1,2}(?:st|nd|rd|th) century\s*$"
)
_LONGEST_SIDE = 5  # characters of a side with what it is one of: 观察内容
_DOUBTFUL, _SAYS, _PIECE = DOUBTS_OF_OWNERS = (
    "is one of `doubtful`",
    "it says something by a verb",
    "so that it may be a piece of a sentence",
)
"""Why a label makes suggestions only: what stands below it may all the same be asked with it."""
BEGINS_SMALL = "it begins with a small letter"
_LONGEST_LABEL = 400
"""Characters. What is longer names nothing, and the expressions below take quadratic time in a run of spaces."""
GLOSS_AT_END = lazy_regex(r"\s*[(（][^()（）]*[)）]\s*$")
_ROLE_OF = lazy_regex(
    r"(?:the |main |key |major |common |some |\d+ |two |three |four |five )*(\w+(?: \w+)?) "
    r"(?:of|for|to|in|with|from|behind|between|on|against|that|which|affecting|influencing)\s"
)
_COUNTED = lazy_regex(
    r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\s+"
    r"(?:main |major |key |basic |different |common )?(\w+(?: \w+)?)$"
)


class _Text(Struct, frozen=True):
    """A label in the forms that its words are looked up in."""

    written: str
    bare: str  # without the gloss at its end
    folded: str  # without its number, too; in simplified characters, as the words of the packs are
    is_chinese: bool


class LabelTexts(Struct):
    """What labels are by themselves, by the words of the packs."""

    words: LabelWords
    headings: frozenset[str] = frozenset()  # of the document, folded: a list of them is a table of contents
    sides: frozenset[str] = frozenset()  # of the document, folded: what stands below two owners or more
    series: frozenset[str] = frozenset()  # of the document: what is counted from one on, as 危机 of 危机一, 危机二
    _known: dict[tuple[str, bool], Classified] = field(default_factory=dict)

    def of_text(self, label: str, *, is_emphasised: bool = False) -> Classified:
        """The class of a label by its words alone."""
        key = (label, is_emphasised)
        if key not in self._known:
            self._known[key] = self._classify(label, is_emphasised=is_emphasised)
        return self._known[key]

    def _classify(self, label: str, *, is_emphasised: bool) -> Classified:
        written = label.strip().strip("\u200b\ufeff\t ")
        if found := _class_of_form(written):
            return found
        is_chinese = has_chinese(written)
        bare = GLOSS_AT_END.sub("", written) or written
        folded = fold_characters(bare[section_number_end(bare) :].strip(" *_:：-–—~"))
        if not folded:
            return "none", "it is empty"
        text = _Text(written, bare, simplified(folded) if is_chinese else folded, is_chinese)
        return (
            self._class_of_words(text)
            or self._class_of_length(text)
            or self._class_of_clause(text, is_emphasised=is_emphasised)
            or self._doubt(text)
            or ("term", "it names something")
        )

    def _class_of_words(self, text: _Text) -> Classified | None:
        """By the words of the packs: what is a date, a part of a sequence, a remark or a role."""
        folded = text.folded
        if _YEAR.match(text.written):
            return "date", "it is a year"
        for name, found_class in _CLASSES_OF_WORDS:
            found = self.words.find(name, folded)
            if found is not None and not (text.is_chinese and _cuts_word(folded, found)):
                return found_class, f"“{found}” is one of `{name}`"
        if text.is_chinese and (joined := self._joined_roles(folded)):
            return "role", f"“{joined}” is one of `roles`"
        if _DATE.match(text.written):
            return "sequence", "it is a date"
        if (numbered := NUMBERED.match(folded)) and (stem := numbered[1].strip()) in self.series:
            if self.words.find("roles", stem) is not None:
                return "role", f"“{stem}” is one of `roles`"
            return "sequence", "it is one of a series"
        return None

    def _class_of_length(self, text: _Text) -> Classified | None:
        """What is more than a label."""
        written, bare = text.written, text.bare
        if _SENTENCE.search(written):
            return "clause", "a sentence ends in it"
        if self.is_generic(bare):
            return "remark", "it only says what kind of section this is"
        if "，" in written or (text.is_chinese and "," in written) or written.count(",") > 2:
            return "clause", "it has commas"
        longest = 26 if text.is_chinese else 60
        if len(bare) > longest or (not text.is_chinese and bare.count(" ") > 7):
            return "clause", "it is too long for a label"
        return None

    def _class_of_clause(self, text: _Text, *, is_emphasised: bool) -> Classified | None:
        """What says something instead of naming it."""
        written, bare, folded, is_chinese = text.written, text.bare, text.folded, text.is_chinese
        is_named = bool(_INITIALS.match(bare) or (not is_chinese and self.role_in(written)))
        found = None if is_named else self._clause_words(folded) if is_chinese else self.words.find("clauses", folded)
        no_name = None if is_chinese or is_named else why_no_label(bare)
        is_title = is_emphasised and written[:1].isupper() and len(folded.split()) <= 4 and no_name is None
        if found is not None and not (is_title and folded != found):
            return "clause", f"“{found}” is one of `clauses`"
        return ("clause", no_name) if no_name is not None else None

    def _doubt(self, text: _Text) -> Classified | None:
        """Why a label that may name something is not sure to."""
        written, bare, folded, is_chinese = text.written, text.bare, text.folded, text.is_chinese
        doubtful = self.words.find("doubtful", folded)
        if doubtful is not None and not (is_chinese and _cuts_word(folded, doubtful)):
            return "maybe", f"“{doubtful}” {_DOUBTFUL}"
        if is_chinese and (says_something(bare) or (is_deed(bare) and not self._names_side(bare))):
            return "maybe", _SAYS
        if not (is_chinese or _INITIALS.match(bare)) and (no_name := why_doubtful_label(written)):
            return "maybe", f"{no_name}, {_PIECE}"
        if is_chinese and is_quality(bare):
            return "maybe", "it says what something is like"
        if "\ue000" in written:
            return "term", "it is code"
        if _ALIEN.match(written) or not _LETTER.search(written.translate({ord(c): "x" for c in _ATOMS})):
            return "maybe", "it has no letter"
        if len(bare.strip()) < 2 and not (is_chinese or bare in _ATOMS):
            return "maybe", "one character may be a symbol"
        if bare.strip() == "\ue001":
            return "maybe", "a formula names nothing by itself"
        return None

    def _clause_words(self, folded: str) -> str | None:
        """What shows that a Chinese label is a clause: words at its beginning or end, no parts of its words."""
        found = self.words.find("clauses", folded)
        if found is None:
            return None
        if folded.endswith(found) and not folded.startswith(found):
            return None if _ends_noun(folded, len(folded) - len(found)) else found
        if self.words.find("names", folded) is None and not _begins_word(folded, len(found)):
            return found
        rest = self.words.find("clauses", folded[1:])  # it may end like a clause all the same
        if rest is None or not folded.endswith(rest):
            return rest
        return None if _ends_noun(folded, len(folded) - len(rest)) else rest

    def _names_side(self, bare: str) -> bool:
        """Whether a short label ends in a side: 获取方式, 维持剂量."""
        return len(bare) <= _LONGEST_SIDE and bool(self.role_in(bare))

    def _joined_roles(self, folded: str) -> str:
        """The last of several sides that a label names: 区别 of 概念和区别."""
        parts = _AND.split(folded)
        are_roles = len(parts) > 1 and all(self.words.find("roles", part) is not None for part in parts)
        return parts[-1] if are_roles else ""

    def is_generic(self, name: str) -> bool:
        """Whether a heading only says what kind of section this is."""
        parts = name.split(" / ")  # in two languages: 语用说明 / Usage Notes
        return all(self.words.find("generic", simplified(fold_characters(part.strip()))) is not None for part in parts)

    def role_in(self, label: str) -> str:
        """The role in a label that names its owner too: `causes` of “Causes of flooding”, `措施` of “变法的措施”."""
        text = GLOSS_AT_END.sub("", label.strip(" *_:：")).strip() or label
        folded = fold_characters(text)
        if has_chinese(text):
            folded = simplified(folded)
            for length in range(min(5, len(folded) - 2), 1, -1):
                if self.words.find("roles", folded[-length:]) is not None:
                    return folded[-length:]
            return ""
        if why_no_label(text) is not None:
            return ""
        for expression in (_ROLE_OF, _COUNTED):
            found = expression.match(folded)
            if found:
                for words in (found[1], found[1].split(" ")[-1]):
                    if self.words.find("roles", words) is not None:
                        return words
        last = folded.rsplit(" ", 1)[-1]
        return last if " " in folded and self.words.find("roles", last) is not None else ""


_CLASSES_OF_WORDS: tuple[tuple[str, LabelClass], ...] = (
    ("remarks", "remark"),
    ("sequences", "sequence"),
    ("roles", "role"),
)


def _class_of_form(written: str) -> Classified | None:
    """By the characters of a label, whatever its words."""
    if not written:
        return "none", "it is empty"
    if _IMAGE_OR_URL.search(written):
        return "none", "it holds a picture or an address"
    if has_blank(written):
        return "none", "it is to be filled in"
    if len(written) > _LONGEST_LABEL or "\n" in written:
        return "clause", "it is long for a name"
    if _ASIDE.match(written):
        return "maybe", "it is an aside in brackets"
    if _DOTS.search(written):
        return "maybe", "it trails off"
    if _OPERATOR.search(written):
        return "clause", "it compares or adds"
    return None


def _cuts_word(text: str, found: str) -> bool:
    """Whether what was found at the beginning or the end of a label is a part of a word: 注意 of 注意力, 则 of 原则."""
    if text.startswith(found):
        return _begins_word(text, len(found))
    return text.endswith(found) and _ends_noun(text, len(text) - len(found))


_JOINING = ("c", "p", "d", "r", "f", "y", "e")  # words that join or point: 以上, 对于, 我们
_NOUNS = ("n", "t", "s", "l", "i", "j", "vn", "an", "b")


def _begins_word(text: str, place: int) -> bool:
    """Whether a place stands inside of a word that may begin a name."""
    around = word_around(text, place)
    return around is not None and not around[1].startswith(_JOINING)


def _ends_noun(text: str, place: int) -> bool:
    """Whether a place stands inside of a noun, or of another word whose end is no particle: 通道, 湿地."""
    around = word_around(text, place)
    if around is None:
        return False
    word, kind = around
    return kind.startswith(_NOUNS) or (
        text.endswith(_ENDS) and not kind.startswith(_JOINING) and not word.startswith(_SAYING)
    )


_ENDS, _SAYING = ("道", "地", "则", "被", "将", "及"), ("说", "写", "问", "答", "叹", "笑")
