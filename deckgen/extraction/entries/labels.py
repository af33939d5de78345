"""A label where it stands → its class: by its line and its mark, by what stands behind it, and by its words."""

from __future__ import annotations

from msgspec import field

from deckgen.extraction.entries.addresses import is_answered_elsewhere, is_path, is_reference, leads_away
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.label_texts import BEGINS_SMALL, GLOSS_AT_END, Classified, LabelClass, LabelTexts
from deckgen.extraction.entries.marks import Parted, has_chinese
from deckgen.extraction.entries.questions import asks, is_answered, is_marked_answer, is_stem
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.folded_text import fold_characters

ARROWS = ("->", "-->", "=>", "→", "⇒", "<->", "<-->", "⟶", "↔", "⇔", "<=>")
ADMONITION = lazy_regex(r"\s*(?:!{3}|\?{3}\+?|:{3,})\s*\w")
_AGAIN = {mark: (mark,) for mark in ARROWS} | {"=": ("=",), "==": ("=",), "- ": (" - ",)}
_CHAINS = ("——", "—", "--")
_NOUN = lazy_regex(r"\s*(?:a|an|the|any|one)\s", 2)
_TRAILS = lazy_regex(r"\.{3,}|。{2,}|略略|哈哈|hhh|[?？]{2,}|^[（(][^（()）]*[)）]$|^[\W\d]*$(?<![\d\ue000-\ue003])")
_PAGE = lazy_regex(r"\W*(?:p|pp|pg)\. ?\d", 2)
_QUOTED = lazy_regex(r"[“\"「『][^”\"」』]*[”\"」』]\W*$|[“「『][^”」』]*$|[“「『][^”」』]*[，。！？…][”」』]")
_DIGIT = lazy_regex(r"\d")
_COMPARES = lazy_regex(r"\s*(?:more|less|fewer|higher|lower|greater) (?:\S+ ?){1,6}$", 2)
ASIDES = frozenset({
    "attention", "bug", "caution", "cite", "danger", "error", "example", "fail", "failure", "missing", "quote", "todo",
    "warning",
})  # fmt: skip
"""Kinds of callouts that say what to do or to mind, and not what something is."""
_LONGEST_WORD = 4  # characters of a Chinese word


class Labels(LabelTexts):
    """What the labels of one document are."""

    _classes: dict[Entry, Classified] = field(default_factory=dict)

    def class_of(self, entry: Entry) -> Classified:
        """The class of an entry's label, and why. Asked once: what stands below an entry asks again and again."""
        found = self._classes.get(entry)
        if found is None:
            found = self._classes[entry] = self._class_of(entry)
        return found

    def _class_of(self, entry: Entry) -> Classified:
        if found := _class_of_line(entry):
            return found
        parted = entry.parted
        if parted is None:
            return self._class_without_body(entry)
        if entry.form == "heading" and parted.mark and parted.has_body:
            if has_chinese(entry.plain) and (entry.blocks or parted.mark in ARROWS):
                return "maybe", "a heading that goes on above its section is a title"
            return self.of_text(entry.label, is_emphasised=False)
        if found := _class_of_body(entry) or self._doubt_of_mark(entry, parted):
            return found
        if entry.form in ("item", "lead") and not entry.body and entry.children and is_stem(entry.plain):
            return "stem", "it breaks off before its answer"
        found = self.of_text(entry.label, is_emphasised=bool(parted.emphasis))
        if found[0] == "clause" and parted.mark in (*ARROWS, "=") and _COMPARES.match(entry.label):
            found = "term", "it says what is compared"
        return (found[0] in ("term", "role") and self._doubt_of_body(entry, parted, found[0])) or found

    def _class_without_body(self, entry: Entry) -> Classified:
        """Of a line that nothing parts."""
        if entry.form in ("item", "lead") and is_stem(entry.plain) and (entry.children or entry.blocks):
            return "stem", "it breaks off before its answer"
        found = self.of_text(entry.label, is_emphasised=False)
        if found[0] == "term" and entry.form in ("item", "line") and (weak := self._weakness(entry)):
            return "maybe", weak
        return found

    def _doubt_of_mark(self, entry: Entry, parted: Parted) -> Classified | None:
        """Why the mark between label and body may not part them."""
        mark = parted.mark
        is_arrow_alone = mark in ARROWS and not (entry.is_run or parted.emphasis or entry.form == "callout")
        is_clause = self.of_text(entry.label)[0] == "clause" and not _COMPARES.match(entry.label)
        if is_arrow_alone and (has_chinese(entry.label) or is_clause):
            return "maybe", "an arrow alone may mean anything"
        if mark in ("=", "==") and entry.label[:1].isdigit() and _DIGIT.search(entry.body):
            return "maybe", "it is worked out"
        if mark and any(again in entry.body for again in _AGAIN.get(mark, ())):
            return "maybe", "its mark comes again"
        if mark in _CHAINS and has_chinese(entry.label) and mark in entry.body:
            return "maybe", "its mark comes again"  # 细胞——组织——器官
        return None

    def _doubt_of_body(self, entry: Entry, parted: Parted, found: LabelClass) -> Classified | None:
        """Why what stands behind a label may not be said of it."""
        if entry.body and _TRAILS.search(entry.body):
            return "maybe", "it trails off"
        if found != "term":
            return None
        if entry.form == "line" and not (entry.is_run or parted.emphasis) and entry.body and not _is_clear_alone(entry):
            return "maybe", "one line alone may be anything"
        if _QUOTED.match(entry.body.strip()) and not parted.emphasis:
            return "maybe", "somebody may be quoted"
        if entry.form == "lead" and self._is_named_by_question(entry):
            return "none", "the question above names it"
        return None

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
            return "" if len(GLOSS_AT_END.sub("", label)) <= 12 else "it is long for a name"
        if ", " in label:
            return "it has a comma"
        words = label.count(" ") + 1
        if words > 5 or (words > 3 and len(entry.children) < 2):
            return "it is long for a name"
        return "" if label[:1].isupper() or any(c.isupper() for c in label) else BEGINS_SMALL

    def is_aside(self, entry: Entry) -> bool:
        """Whether an entry is a remark; a word and nothing else is an item of its list, as 现在 among tenses."""
        if self.class_of(entry)[0] != "remark":
            return False
        label = entry.label.strip()
        if self.is_generic(label) and self.words.find("remarks", fold_characters(label)) is None:
            return False
        return bool(entry.body or entry.blocks) or not has_chinese(entry.plain) or len(entry.plain) > _LONGEST_WORD


def _class_of_line(entry: Entry) -> Classified | None:
    """By the line as a whole, however it is parted: what asks, what is to be passed over, what is a remark."""
    plain = entry.plain
    if entry.text is None:
        return "none", "it has no text"
    if _is_link(entry):
        return "none", "it is a link"
    if entry.form in ("item", "line") and _PAGE.match(plain):
        return "sequence", "it is the number of a page"
    if asks(plain) or (entry.parted is not None and asks(entry.label)):
        if is_answered_elsewhere(entry):
            return "none", "its answer is an address"
        return "question", "it asks"
    if (entry.form in ("item", "heading") and is_answered(plain)) or is_marked_answer(plain):
        return "question", "it asks and answers"
    if "{{c" in plain and "}}" in plain:
        return "none", "a deletion for another tool stands in it"
    if ADMONITION.match(plain) and entry.form != "callout":
        return "remark", "it opens an admonition"
    if entry.kind in ASIDES:
        return "remark", f"it is the title of a callout “{entry.kind}”"
    return None


def _class_of_body(entry: Entry) -> Classified | None:
    """By what stands behind the label, where that is nothing to learn."""
    assert entry.text is not None
    assert entry.parted is not None
    if not entry.body:
        return None
    if entry.text.markdown(*entry.parted.body).startswith("![[") and "\ue003" not in entry.body:
        return "none", "another note is put in there"
    if is_reference(entry.body):
        return "none", "what stands behind it is a place in a book"
    return None


def _is_clear_alone(entry: Entry) -> bool:
    """Whether one line that is like none beside it names something all the same."""
    label = entry.label.strip()
    if has_chinese(label):
        return 2 <= len(label) <= 16
    return has_chinese(entry.body) or bool(_NOUN.match(entry.body)) or _is_emphasised(entry)


def _is_emphasised(entry: Entry) -> bool:
    """Whether the whole line is bold or highlighted."""
    assert entry.text is not None
    return not entry.text.marks(entry.start, entry.end).isdisjoint(("bold", "highlight"))


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
