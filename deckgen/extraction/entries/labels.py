"""A label → its class: a term that asks by itself, a role that is asked with its owner, or nothing to ask."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from deckgen.extraction.entries.addresses import is_answered_elsewhere, is_path, is_reference, leads_away
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.marks import has_chinese
from deckgen.extraction.entries.questions import asks, has_blank, is_answered, is_marked_answer, is_stem
from deckgen.identity.chinese_scripts import simplified
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.sentences import section_number_end
from deckgen.patterns.chinese_words import is_deed, is_quality, says_something, word_around
from deckgen.patterns.english_clauses import why_doubtful_label, why_no_label
from deckgen.patterns.folded_text import fold_characters
from deckgen.rules.label_words import LabelWords

LabelClass = Literal["question", "stem", "term", "role", "date", "sequence", "remark", "clause", "maybe", "none"]

ARROWS = ("->", "-->", "=>", "→", "⇒", "<->", "<-->", "⟶", "↔", "⇔", "<=>")
ADMONITION = lazy_regex(r"\s*(?:!{3}|\?{3}\+?|:{3,})\s*\w")
_AGAIN = {mark: (mark,) for mark in ARROWS} | {"=": ("=",), "==": ("=",), "- ": (" - ",)}
_AND = lazy_regex(r"[和与及、]")
_CHAINS = ("——", "—", "--")
_NOUN = lazy_regex(r"\s*(?:a|an|the|any|one)\s", 2)
_TRAILS = lazy_regex(r"\.{3,}|。{2,}|略略|哈哈|hhh|[?？]{2,}|^[（(][^（()）]*[)）]$|^[\W\d]*$(?<![\d\ue000-\ue003])")
_PAGE = lazy_regex(r"\W*(?:p|pp|pg)\. ?\d", 2)
_QUOTED = lazy_regex(r"[“\"「『][^”\"」』]*[”\"」』]\W*$|[“「『][^”」』]*$|[“「『][^”」』]*[，。！？…][”」』]")
NUMBERED = lazy_regex(r"(.*[\u3400-\u9fff]{2}\s*)([一二三四五六七八九十]{1,2}|\d{1,2})$")
_ASIDE = lazy_regex(r"[(（](?:[^()（）]|[(（][^()（）]*[)）])*[)）]$")
_DOTS = lazy_regex(r"\.{3,}|…{2}|。{2,}")
_ATOMS = "\ue000\ue001\ue002\ue003"
_IMAGE_OR_URL = lazy_regex(r"[\ue002\ue003]")
_DIGIT = lazy_regex(r"\d")
_LETTER = lazy_regex(r"[^\W\d_]")
_SENTENCE = lazy_regex(r"[。！？；]|[.!?;]\s+\S")
_COMPARES = lazy_regex(r"\s*(?:more|less|fewer|higher|lower|greater) (?:\S+ ?){1,6}$", 2)
_ALIEN = lazy_regex(r"^[\W\d_]*$")
_DATE = lazy_regex(
    r"\s*(?:\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|\d{1,2}:\d{2}.*|\d{4}年.*|\d{1,2}月\d{1,2}日.*|(?:c\.?|ca\.?)?\s*\d{3,4}s?(?:\s*[-–~～]\s*\d{2,4})?)\s*$",
)
_OPERATOR = lazy_regex(r"[<>=+≥≤]|[】》].|\s[*×x]\s|/\s|\s/")
_INITIALS = lazy_regex(r"(?:\w\.)+\w?$|[A-Z0-9.&/-]{2,}$")
_YEAR = lazy_regex(
    r"\s*(?:约|前|公元前?)?\d{1,4}\s*(?:年代?|世纪)[初中末前后]?[期叶]?(?:\s*[-–—~～至]\s*\d{1,4}\s*年代?)?\s*$"
    r"|\s*(?:c\.?\s*)?\d{3,4}s?(?:\s*[-–—]\s*\d{2,4})?(?:\s*(?:AD|BC|CE|BCE))?\s*$"
    r"|\s*\d{1,2}(?:st|nd|rd|th) century\s*$"
)
ASIDES = frozenset({
    "attention", "bug", "caution", "cite", "danger", "error", "example", "fail", "failure", "missing", "quote", "todo",
    "warning",
})  # fmt: skip
"""Kinds of callouts that say what to do or to mind, and not what something is."""
_LONGEST_SIDE = 5  # characters of a side with what it is one of: 观察内容
_LONGEST_WORD = 4  # characters of a Chinese word
_DOUBTFUL, _SAYS, _PIECE = DOUBTS_OF_OWNERS = (
    "is one of `doubtful`",
    "it says something by a verb",
    "so that it may be a piece of a sentence",
)
"""Why a label makes suggestions only: what stands below it may all the same be asked with it."""
_LONGEST_LABEL = 400
"""Characters. What is longer names nothing, and the expressions below take quadratic time in a run of spaces."""
_GLOSS_AT_END = lazy_regex(r"\s*[(（][^()（）]*[)）]\s*$")
_ROLE_OF = lazy_regex(
    r"(?:the |main |key |major |common |some |\d+ |two |three |four |five )*(\w+(?: \w+)?) "
    r"(?:of|for|to|in|with|from|behind|between|on|against|that|which|affecting|influencing)\s"
)
_COUNTED = lazy_regex(
    r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\s+"
    r"(?:main |major |key |basic |different |common )?(\w+(?: \w+)?)$"
)


class Labels(Struct):
    """What the labels of one document are, by the words of the packs."""

    words: LabelWords
    headings: frozenset[str] = frozenset()  # of the document, folded: a list of them is a table of contents
    sides: frozenset[str] = frozenset()  # of the document, folded: what stands below two owners or more
    series: frozenset[str] = frozenset()  # of the document: what is counted from one on, as 危机 of 危机一, 危机二
    _known: dict[tuple[str, bool], tuple[LabelClass, str]] = field(default_factory=dict)
    _classes: dict[Entry, tuple[LabelClass, str]] = field(default_factory=dict)

    def class_of(self, entry: Entry) -> tuple[LabelClass, str]:
        """The class of an entry's label, and why. Asked once: what stands below an entry asks again and again."""
        found = self._classes.get(entry)
        if found is None:
            found = self._classes[entry] = self._class_of(entry)
        return found

    def _class_of(self, entry: Entry) -> tuple[LabelClass, str]:
        plain = entry.plain
        if entry.text is None:
            return "none", "it has no text"
        if _is_link(entry):
            return "none", "it is a link"
        if entry.form in ("item", "line") and _PAGE.match(plain):
            return "sequence", "it is the number of a page"
        is_asking = asks(plain) or (entry.parted is not None and asks(entry.label))
        if is_asking and is_answered_elsewhere(entry):
            return "none", "its answer is an address"
        if is_asking:
            return "question", "it asks"
        if (entry.form in ("item", "heading") and is_answered(plain)) or is_marked_answer(plain):
            return "question", "it asks and answers"
        if "{{c" in plain and "}}" in plain:
            return "none", "a deletion for another tool stands in it"
        if ADMONITION.match(plain) and entry.form != "callout":
            return "remark", "it opens an admonition"
        if entry.kind in ASIDES:
            return "remark", f"it is the title of a callout “{entry.kind}”"
        if entry.form == "heading" and entry.parted is not None and entry.parted.mark and entry.parted.has_body:
            if entry.blocks and has_chinese(plain):
                return "maybe", "a heading that goes on above its section is a title"
            return self.of_text(entry.label, is_emphasised=False)
        if entry.parted is None:
            if entry.form in ("item", "lead") and is_stem(plain) and (entry.children or entry.blocks):
                return "stem", "it breaks off before its answer"
            found, reason = self.of_text(entry.label, is_emphasised=False)
            if found == "term" and entry.form in ("item", "line") and (weak := self._weakness(entry)):
                return "maybe", weak
            return found, reason
        if entry.body and entry.text.markdown(*entry.parted.body).startswith("![[") and "\ue003" not in entry.body:
            return "none", "another note is put in there"
        if entry.body and is_reference(entry.body):
            return "none", "what stands behind it is a place in a book"
        is_arrow_alone = entry.parted.mark in ARROWS and not (
            entry.is_run or entry.parted.emphasis or entry.form == "callout"
        )
        is_clause = self.of_text(entry.label)[0] == "clause" and not _COMPARES.match(entry.label)
        if is_arrow_alone and (has_chinese(entry.label) or is_clause):
            return "maybe", "an arrow alone may mean anything"
        if entry.parted.mark in ("=", "==") and entry.label[:1].isdigit() and _DIGIT.search(entry.body):
            return "maybe", "it is worked out"
        if entry.parted.mark and any(mark in entry.body for mark in _AGAIN.get(entry.parted.mark, ())):
            return "maybe", "its mark comes again"
        if entry.parted.mark in _CHAINS and has_chinese(entry.label) and entry.parted.mark in entry.body:
            return "maybe", "its mark comes again"  # 细胞——组织——器官
        if entry.form in ("item", "lead") and not entry.body and entry.children and is_stem(plain):
            return "stem", "it breaks off before its answer"
        found, reason = self.of_text(entry.label, is_emphasised=bool(entry.parted.emphasis))
        if found == "clause" and entry.parted.mark in (*ARROWS, "=") and _COMPARES.match(entry.label):
            found, reason = "term", "it says what is compared"
        if found in ("term", "role") and entry.body and _TRAILS.search(entry.body):
            return "maybe", "it trails off"
        if found == "term" and entry.form == "line" and not (entry.is_run or entry.parted.emphasis) and entry.body:
            label = entry.label.strip()
            is_clear = (
                2 <= len(label) <= 16
                if has_chinese(label)
                else has_chinese(entry.body) or bool(_NOUN.match(entry.body)) or _is_emphasised(entry)
            )
            if not is_clear:
                return "maybe", "one line alone may be anything"
        if found == "term" and _QUOTED.match(entry.body.strip()) and not entry.parted.emphasis:
            return "maybe", "somebody may be quoted"
        if found == "term" and entry.form == "lead" and self._is_named_by_question(entry):
            return "none", "the question above names it"
        return found, reason

    def _is_named_by_question(self, entry: Entry) -> bool:
        above = entry.parent
        return (
            above is not None
            and above.text is not None
            and self.class_of(above)[0] == "question"
            and fold_characters(entry.label) in fold_characters(above.plain)
        )

    def _weakness(self, entry: Entry) -> str:
        """Why a line that nothing parts may be no name."""
        label = entry.label
        if self.role_in(label):
            return ""
        parent = entry.parent
        if parent is not None and parent.text is not None and self.class_of(parent)[0] in ("question", "stem"):
            return "it is an answer"
        if has_chinese(label):
            return "" if len(_GLOSS_AT_END.sub("", label)) <= 12 else "it is long for a name"
        if ", " in label:
            return "it has a comma"
        words = label.count(" ") + 1
        if words > 5 or (words > 3 and len(entry.children) < 2):
            return "it is long for a name"
        return "" if label[:1].isupper() or any(c.isupper() for c in label) else "it begins with a small letter"

    def of_text(self, label: str, *, is_emphasised: bool = False) -> tuple[LabelClass, str]:
        """The class of a label by its words alone."""
        key = (label, is_emphasised)
        if key not in self._known:
            self._known[key] = self._classify(label, is_emphasised=is_emphasised)
        return self._known[key]

    def _classify(self, label: str, *, is_emphasised: bool) -> tuple[LabelClass, str]:
        text = label.strip().strip("\u200b\ufeff\t ")
        if not text:
            return "none", "it is empty"
        if _IMAGE_OR_URL.search(text):
            return "none", "it holds a picture or an address"
        if has_blank(text):
            return "none", "it is to be filled in"
        if len(text) > _LONGEST_LABEL or "\n" in text:
            return "clause", "it is long for a name"
        if _ASIDE.match(text):
            return "maybe", "it is an aside in brackets"
        if _DOTS.search(text):
            return "maybe", "it trails off"
        bare = _GLOSS_AT_END.sub("", text) or text
        if _OPERATOR.search(text):
            return "clause", "it compares or adds"
        folded = fold_characters(bare[section_number_end(bare) :].strip(" *_:：-–—~"))
        if not folded:
            return "none", "it is empty"
        is_chinese = has_chinese(text)
        if is_chinese:
            folded = simplified(folded)  # the words of the packs are
        if _YEAR.match(text):
            return "date", "it is a year"
        for name, found_class in (("remarks", "remark"), ("sequences", "sequence"), ("roles", "role")):
            if name == "roles" and is_emphasised and " " in folded and not folded.islower():
                pass
            found = self.words.find(name, folded)
            if found is not None and not (is_chinese and _cuts_word(folded, found)):
                return found_class, f"“{found}” is one of `{name}`"  # type: ignore[return-value]
        if is_chinese and (joined := self._joined_roles(folded)):
            return "role", f"“{joined}” is one of `roles`"
        if _DATE.match(text):
            return "sequence", "it is a date"
        if (numbered := NUMBERED.match(folded)) and (stem := numbered[1].strip()) in self.series:
            if self.words.find("roles", stem) is not None:
                return "role", f"“{stem}” is one of `roles`"
            return "sequence", "it is one of a series"
        if _SENTENCE.search(text):
            return "clause", "a sentence ends in it"
        if self.is_generic(bare):
            return "remark", "it only says what kind of section this is"
        if "，" in text or (is_chinese and "," in text) or text.count(",") > 2:
            return "clause", "it has commas"
        longest = 26 if is_chinese else 60
        if len(bare) > longest or (not is_chinese and bare.count(" ") > 7):
            return "clause", "it is too long for a label"
        is_named = bool(_INITIALS.match(bare) or (not is_chinese and self.role_in(text)))
        found = None if is_named else self._clause_words(folded) if is_chinese else self.words.find("clauses", folded)
        no_name = None if is_chinese or is_named else why_no_label(bare)
        if found is not None and not (
            is_emphasised and text[:1].isupper() and len(folded.split()) <= 4 and folded != found and no_name is None
        ):
            return "clause", f"“{found}” is one of `clauses`"
        if no_name is not None:
            return "clause", no_name
        doubtful = self.words.find("doubtful", folded)
        if doubtful is not None and not (is_chinese and _cuts_word(folded, doubtful)):
            return "maybe", f"“{doubtful}” {_DOUBTFUL}"
        if is_chinese and (says_something(bare) or (is_deed(bare) and not self._names_side(bare))):
            return "maybe", _SAYS
        if not (is_chinese or _INITIALS.match(bare)) and (no_name := why_doubtful_label(text)):
            return "maybe", f"{no_name}, {_PIECE}"
        if is_chinese and is_quality(bare):
            return "maybe", "it says what something is like"
        if "\ue000" in text:
            return "term", "it is code"
        if _ALIEN.match(text) or not _LETTER.search(text.translate({ord(c): "x" for c in _ATOMS})):
            return "maybe", "it has no letter"
        if len(bare.strip()) < 2 and not (is_chinese or bare in _ATOMS):
            return "maybe", "one character may be a symbol"
        if bare.strip() == "\ue001":
            return "maybe", "a formula names nothing by itself"
        return "term", "it names something"

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

    def is_aside(self, entry: Entry) -> bool:
        """Whether an entry is a remark; a word and nothing else is an item of its list, as 现在 among tenses."""
        if self.class_of(entry)[0] != "remark":
            return False
        label = entry.label.strip()
        if self.is_generic(label) and self.words.find("remarks", fold_characters(label)) is None:
            return False
        return bool(entry.body or entry.blocks) or not has_chinese(entry.plain) or len(entry.plain) > _LONGEST_WORD

    def role_in(self, label: str) -> str:
        """The role in a label that names its owner too: `causes` of “Causes of flooding”, `措施` of “变法的措施”."""
        text = _GLOSS_AT_END.sub("", label.strip(" *_:：")).strip() or label
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


def _is_emphasised(entry: Entry) -> bool:
    """Whether the whole line is bold or highlighted."""
    assert entry.text is not None
    return not entry.text.marks(entry.start, entry.end).isdisjoint(("bold", "highlight"))


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


def _is_link(entry: Entry) -> bool:
    """Whether the line, or its label without a body, is a link and nothing else."""
    text = entry.text
    assert text is not None
    if entry.form != "heading" and (text.mark_runs("url") and leads_away(text, entry.start, entry.end)):
        return True
    start, end = entry.parted.label if entry.parted is not None else (entry.start, entry.end)
    if entry.form != "heading" and is_path(text, start, end):
        return True
    runs = text.mark_runs("link") + text.mark_runs("url")
    inside = sum(min(b, end) - max(a, start) for a, b in runs if a < end and b > start)
    if not inside or inside < 0.8 * len(text.plain[start:end].strip()):
        return False
    if entry.parted is None or not entry.parted.has_body:
        return True
    first, last = entry.parted.body
    return sum(min(b, last) - max(a, first) for a, b in runs if a < last and b > first) >= 0.6 * (last - first)
