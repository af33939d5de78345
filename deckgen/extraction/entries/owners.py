"""An entry → whom it belongs to: the nearest name above, without what only places that in a book."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.label_texts import BEGINS_SMALL, DOUBTS_OF_OWNERS, LabelClass
from deckgen.extraction.entries.labels import Labels
from deckgen.extraction.entries.marks import first_place, gloss_of, has_chinese
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.passage import Passage

LONGEST_OWNER = 48
_LONGEST = 400
"""Characters of a heading that may name something."""
_NUMERAL = "(?:[一二三四五六七八九十百]{1,4}|[0-9０-９]{1,3})"
# `Section 9.6:`, `Chapter 3 -`, `Lecture 3`, `第三章`, `三）`, `（二）`, `考点5：`. Without a mark a name follows that
# begins with a capital: *Section 8 housing* is a name.
_PLACE = lazy_regex(
    rf"""\s*(?:
      (?:chapters?|ch|chap|sections?|sec|lectures?|lec|lessons?|units?|modules?|parts?|weeks?|topics?)
        \.?\s*\#?\d[\d.]*(?:\s*[-–—&,]\s*\d[\d.]*)?(?:\s*[:：.)）|]\s*|\s+[-–—]+\s+|\s+(?-i:(?=[A-Z\u3400-\u9fff])))
    | 第\s*{_NUMERAL}\s*(?:章节|章|节|课|讲|篇|部分|单元|编|回|卷|册|周|模块)\s*[:：、.．|—-]*\s*
    | (?:考点|专题|知识点|模块|主题|项目|任务|单元|课题)\s*{_NUMERAL}\s*(?:[:：、.．|—-]+\s*|\s+)
    | [一二三四五六七八九十]{{1,3}}[ \u3000]{{1,4}}(?=[\u3400-\u9fff])
    | \d{{1,2}}(?:[-.．]\d{{1,2}}){{1,4}}[.．]?\s+(?-i:(?=[A-Z\u3400-\u9fff]))
    | [(（]?\s*{_NUMERAL}\s*(?:[)）]|[、.．](?!\d))\s*
    )(?=\S)""",
    re.VERBOSE | re.IGNORECASE,
)
# Attributes, tags, pages and years behind a name.
_BEHIND = lazy_regex(
    r"""\s*(?:
      \{\s*[\#.:][^{}]{0,80}\}
    | (?<=\s)\^[\w-]{1,40}
    | (?<=\s)\#[\w/-]{1,40}
    | [(（\[]\s*(?:pp?|pages?|pg)\.?\s*\d[\d\s,，–—~-]{0,20}[)）\]]
    | [(（\[]\s*[~-]?(?:c\.?|ca\.?|约|前|公元前?|b\.|d\.|r\.)?\s*(?:\d{3,4}|\d{1,4}\s*(?=c|bc|ad|年))
        c?\s*(?:bc|bce|ad|ce|年)?
        (?:\s*[-–—~～至]\s*(?:前|公元前?|今|present|now|\d{1,4})?\s*(?:bc|bce|ad|ce|年)?)?\s*[)）\]]
    )\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_SAYS_WHAT_IT_IS = lazy_regex(r"(?<=[\u3400-\u9fff]{2})(?:的(?:含义|概念|定义|内涵|涵义)|的?(?:概述|简介|概况))$")

_ASIDE = lazy_regex(r"\([^()]+\)|（[^（）]+）")
_LAST_OF = {"(": ")", "（": "）", "[": "]", "【": "】"}
_IN_BRACKETS = lazy_regex(r"\s*[(（\[【][^()（）\[\]【】]*[)）\]】]\s*")

_NAMES_NOTHING = ("remark", "sequence", "date")
"""Classes of labels that nothing belongs to."""
_LINE_NAME = lazy_regex(r"\^(?=[\w-]*[a-z])[\w-]{4,40}")  # which Obsidian gives to a line
_COUNTED = lazy_regex(r"(?:#+|(\d{1,2}),?) +(?=[A-Z])")

Span = tuple[int, int]


def written_span(entry: Entry) -> Span:
    """The place of the label of an entry in its text, as it is written."""
    assert entry.text is not None
    if entry.parted is not None:
        return entry.parted.label
    start = entry.start if entry.form == "heading" else first_place(entry.text.plain, entry.start, entry.end)
    return start, label_end(entry.text.plain, start, entry.end)


def label_end(plain: str, start: int, end: int) -> int:
    """Without white space and marks with nothing behind them."""
    while end > start and plain[end - 1] in " \t\n:：*-–—=":
        end -= 1
    return end


def name_span(entry: Entry) -> Span:
    """The place of what an entry names: its label without the number of a chapter, tags, pages and years."""
    assert entry.text is not None
    plain = entry.text.plain
    start, end = written_span(entry)
    if end - start > _LONGEST:
        return start, end  # it names nothing, and the expressions below take quadratic time in a run of spaces
    if entry.form in ("heading", "name"):
        found = _PLACE.match(plain, entry.start, entry.end)
        if found is not None and not _IN_BRACKETS.fullmatch(plain, found.end(), entry.end):
            start, end = found.end(), label_end(plain, found.end(), entry.end)
            while (again := _PLACE.match(plain, start, end)) is not None:
                start = again.end()
    if _ASIDE.fullmatch(plain, start, end):
        start, end = start + 1, plain.rindex(_LAST_OF[plain[start]], start, end)
    stop = end
    while (behind := _BEHIND.search(plain, start, stop)) is not None and behind.start() > start:
        stop = behind.start()
    if has_chinese(plain[start:stop]) and (said := _SAYS_WHAT_IT_IS.search(plain, start, stop)) is not None:
        stop = said.start()
    return (start, label_end(plain, start, stop)) if start < stop else (start, end)


def named(entry: Entry) -> str:
    """What an entry names."""
    return entry.text.plain[slice(*name_span(entry))] if entry.text is not None else ""


def owner_of(
    entry: Entry, labels: Labels, *, as_written: bool = False, with_small: bool = False
) -> tuple[Entry | None, list[Entry]]:
    """The nearest entry above that names something, and the roles between. The name of the note owns what stands below
    nothing else that may name something. `as_written`: as older versions knew it, which passed a heading over that
    begins with the number of a chapter, and had no names of notes. `with_small`: as a question in English names it,
    also an item that begins with a small letter, which may be the beginning of a sentence.
    """
    doubts = (*DOUBTS_OF_OWNERS, BEGINS_SMALL) if with_small else DOUBTS_OF_OWNERS
    roles: list[Entry] = []
    is_in_doubt = False
    for above in entry.above():
        if above.text is None or (above.form == "name" and (as_written or is_in_doubt)):
            continue
        found, reason = labels.class_of(above) if as_written else class_of_name(above, labels)
        name = above.label if as_written else named(above)
        if with_small and _LINE_NAME.fullmatch(name):
            continue
        if found == "role":
            roles.append(above)
        elif (
            (found == "term" or (found == "maybe" and reason.endswith(doubts)))
            and not labels.is_generic(name)
            and (above.form != "item" or len(name) <= LONGEST_OWNER)
        ):
            return above, roles
        elif found in ("clause", "question", "stem") and above.form in ("item", "lead", "line") and above.children:
            return None, roles
        elif found in ("question", "stem") and above.form == "heading":
            return None, roles  # what it asks about is no name by itself
        elif found == "clause" and above.form == "heading":
            return (above if len(name) <= LONGEST_OWNER else None), roles
        else:
            is_in_doubt = is_in_doubt or not (found in _NAMES_NOTHING or labels.is_generic(name))
    return None, roles


def class_of_name(entry: Entry, labels: Labels) -> tuple[LabelClass, str]:
    """The class of what an entry names, and why."""
    found, reason = labels.class_of(entry)
    if found == "clause" and entry.form == "item" and not entry.body and gloss_of(entry.label) is not None:
        return "term", "it has a name in another language behind it"
    if found in ("question", "stem", "none") or name_span(entry) == written_span(entry):
        return found, reason
    return labels.of_text(named(entry))


def whole_heading(entry: Entry) -> Passage | None:
    """A heading that goes on behind a mark, whose first part alone says less: 陶渊明：桃花源记."""
    if entry.form != "heading" or entry.text is None or entry.parted is None or not entry.parted.has_body:
        return None
    start, _ = name_span(entry)
    return Passage(entry.text, start, label_end(entry.text.plain, start, entry.end), is_outside=True)


def name_passage(entry: Entry) -> Passage:
    """What an entry names, as it stands in what belongs to it."""
    assert entry.text is not None
    return Passage(entry.text, *name_span(entry), is_outside=True)


def uncounted_name(entry: Entry) -> Passage:
    """The same without the number by which a heading is counted among those beside it: `4 Ratification`."""
    name = name_passage(entry)
    found = _COUNTED.match(name.plain) if entry.form == "heading" and entry.parent is not None else None
    if found is None:
        return name
    if found[1] is not None:
        numbers = (
            {beside.plain.split(" ", 1)[0].rstrip(",") for beside in entry.parent.children} if entry.parent else ()
        )
        if not {str(int(found[1]) - 1), str(int(found[1]) + 1)} & set(numbers):
            return name
    return name.part(found.end(), len(name.plain))


def label_passage(entry: Entry) -> Passage:
    """The same as it is written."""
    assert entry.text is not None
    return Passage(entry.text, *written_span(entry), is_outside=True)


def with_role(entry: Entry, owner: Passage, between: Sequence[Passage]) -> Passage:
    """An owner with the first of the roles between it and an entry that says more than the label of that."""
    label = entry.label.casefold()
    roles = [role for role in between if role.plain.casefold() != label]
    if not roles:
        return owner
    joined = "的" if has_chinese(roles[0].plain) else ": "
    return Passage.of(f"{owner.markdown}{joined}{roles[0].markdown}", is_outside=True)
