"""The children of an entry → whether they are a list that can be learned as one, and that list as an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from deckgen.extraction.entries.addresses import leads_away, without_page
from deckgen.extraction.entries.dependent_labels import needs_owner
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.label_texts import GLOSS_AT_END
from deckgen.extraction.entries.labels import ARROWS, Labels
from deckgen.extraction.entries.marks import has_chinese
from deckgen.extraction.entries.naming import COMPARES
from deckgen.extraction.entries.numbering import SPOKEN, numbering_of
from deckgen.extraction.entries.owners import named as name_of
from deckgen.extraction.entries.questions import asks, has_blank, undecorated
from deckgen.extraction.entries.vocabulary import are_words
from deckgen.extraction.widths import width_of
from deckgen.markdown.blocks import ListBlock, Paragraph
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.chinese_words import names_person
from deckgen.patterns.english_words import names_several
from deckgen.patterns.folded_text import fold_characters

FEWEST, MOST = 2, 9
_LONGEST_ZH, _LONGEST_WORDS = 40, 8
_NUMERALS = "零一二三四五六七八九十"
_COUNT = lazy_regex(
    r"(?<![第\d零一二三四五六七八九十百])([二两三四五六七八九]|\d(?!\d))\s*"
    r"(?:个|种|类|条|项|大|点|层|步|方面|要素|部分|阶段|朵|门)"
)
_COLLECTED = lazy_regex(
    r"[\u3400-\u9fff]{0,4}?(?<![零一二三四五六七八九十第])([二两三四五六七八九])(?!角|边|叉|维|元|次|川|国)[\u3400-\u9fff]{1,3}"
)
_COLUMNS = lazy_regex(r"[\u3400-\u9fff]\s+[\u3400-\u9fff]")
_NO_ENDS = tuple("下中上里时后前的了")
_PARTING = ("：", ":", "——", "—")
_LEADS_ON = lazy_regex(r"(?:以下|如下|下列)[^，。：:]{0,6}[：:]$|时[：:]$")
_GOES_ON = ("用在", "在于", "分为", "是", "即", "因为", "由于")
_NO_FACT = lazy_regex(r"^[\W\d_\ue000-\ue003]*$")
_LINK_ONLY = lazy_regex(r"^\W*\ue002?\W*$")
_PAGE = lazy_regex(r"^\W*(?:pp?|pg|pages?)\W*\d[\d\s,.–-]*\W*$|^\W*\d{2,3}\W*$", 2)
_JOINED = lazy_regex(r"\s*[;；,，]\s*(?:(?:and|or)\s*)?$", 2)  # what joins the items of a list
_TRAILS = lazy_regex(r"\.{4,}\S")
_CLAUSE_ZH = lazy_regex(
    r"[，；。]|, |.(?:是(?!非)|可以|应当|应该|必须|需要|能够"
    r"|不能|不会|不得|不要|使得|导致|被|把|会(?![议计员长展所费]))"
    r"|^(?:不|要|应(?!用)|将(?![来军领])|把|使(?!用)|让|防|加(?!法)|减(?!法)|实行|推行|建立|设立|采用|出现|开始|通过|利用|以.{1,12}为)"
)
_KANA = lazy_regex("[\u3040-\u30ff]")
_ORDER = lazy_regex(r"(?:首先|其次|然后|接着|最后|先|再|first|then|next|finally|second|third)\b", 2)


_COMPARES = (*COMPARES, "区别", "异同", "对比", "比较", "不同点", "差异")
_LONGEST_SECTION = 12  # characters of an item that is like a heading
_FEWEST_ALIKE = 3  # of the items, where one of four may end in another way
_LONGEST_QUALIFIER = 24  # characters
_SHORT_SIDE = 6  # characters of a name that only ends like a side
_LONGEST_WITH_TEXT = 360  # columns of a list of labels with what stands behind them

GAP = "⟪", "⟫"
"""What stands around each item in `gaps`, for the marks of a cloze rule."""


class Listed(Struct, frozen=True):
    """`kind`: phrases, labelled, steps, clauses or statements; `markdown`: the list as an answer."""

    kind: str
    count: int
    markdown: str
    gaps: str = ""  # the same with each item between marks
    is_kin: bool = False  # its items are of one kind by their names

    @property
    def is_card(self) -> bool:
        """Whether the list is learned as one."""
        return self.kind in ("phrases", "labelled", "steps", "clauses")


_NO_LIST = Listed("none", 0, "")


def listed(entry: Entry, labels: Labels) -> Listed | None:
    """The list below an entry; None where there is none that is one."""
    children = _items(entry, labels)
    if not children:
        return None
    if are_words(children, entry):
        return _NO_LIST
    kinds = [_kind(child, labels) for child in children]
    if any(kind in ("question", "link", "none") for kind in kinds):
        return _NO_LIST
    if len(kinds) == 1 and kinds[0] == "labelled":
        return Listed("none", 1, "")  # it has a card of its own
    if not FEWEST <= len(children) <= MOST:
        return None
    if "remark" in kinds:
        return Listed("statements", len(children), "")
    if _are_of_one_thing(entry, children, labels) or _are_contents(children, labels):
        return _NO_LIST
    kind = _kind_of_list(entry, children, kinds)
    if _says_nothing_without_text(entry, children, kinds, labels):
        return Listed("none", len(children), "")
    shown = _shown_items(entry, children, kinds, kind, labels)
    if len({text.casefold() for text in shown}) < len(shown):
        return None
    if all(fold_characters(text.strip(" *_。；")) in fold_characters(entry.label) for text in shown):
        return _NO_LIST  # the label says it all
    marks = [f"{number}. " for number in range(1, len(shown) + 1)] if _is_ordered(entry) else ["- "] * len(shown)
    lines = list(zip(marks, shown, strict=True))
    markdown = "\n".join(mark + text for mark, text in lines)
    gaps = "\n".join(f"{mark}{GAP[0]}{text}{GAP[1]}" for mark, text in lines)
    return Listed(kind, len(children), markdown, gaps, _are_kin(entry.label, [child.label for child in children]))


def _are_of_one_thing(entry: Entry, children: Sequence[Entry], labels: Labels) -> bool:
    """Whether the items say something of the entry, each of another side of it, and are no list of things."""
    sides = sum(labels.class_of(child)[0] in ("role", "date") for child in children)
    if 2 * sides >= len(children) or _are_sides(children, labels):
        return True
    return all(map(_is_section, children)) and _are_sections(entry, children, labels)


def _are_contents(children: Sequence[Entry], labels: Labels) -> bool:
    """Whether most items are days, chapters, or headings of the document once more."""
    if 2 * sum(labels.class_of(child)[0] == "sequence" for child in children) > len(children):
        return True
    again = sum(
        child.form != "heading" and fold_characters(child.label.strip()) in labels.headings for child in children
    )
    return 2 * again >= len(children)


def _kind_of_list(entry: Entry, children: Sequence[Entry], kinds: Sequence[str]) -> str:
    """By the kinds of its items: labelled, phrases, steps, clauses or statements."""
    if 3 * kinds.count("labelled") >= 2 * len(kinds):
        kind = "labelled"
    elif all(kind in ("phrase", "labelled") for kind in kinds):
        kind = "phrases"
    elif all(kind in ("phrase", "labelled", "clause") for kind in kinds):
        kind = "clauses"
    else:
        return "statements"
    if has_chinese(entry.label) and _counted(entry.label) not in (0, len(children)):
        return "statements"  # it is not as long as its name says: something else stands there
    is_ordered = kind in ("phrases", "labelled") and _is_ordered(entry)
    return "steps" if is_ordered and all(_ORDER.match(child.plain.strip()) for child in children[:2]) else kind


def _is_long(children: Sequence[Entry]) -> bool:
    return sum(width_of(child.plain) for child in children) > _LONGEST_WITH_TEXT


def _want_text(entry: Entry, children: Sequence[Entry], kinds: Sequence[str], labels: Labels) -> bool:
    """Whether the list says too little without what stands behind its labels."""
    is_side = labels.class_of(entry)[0] == "role"
    is_comparison = labels.role_in(entry.label) in _COMPARES or fold_characters(entry.label.strip()) in _COMPARES
    return (is_comparison and "labelled" in kinds) or any(
        _needs_text(child, of_kind, is_side=is_side) for child, of_kind in zip(children, kinds, strict=True)
    )


def _says_nothing_without_text(entry: Entry, children: Sequence[Entry], kinds: Sequence[str], labels: Labels) -> bool:
    """Whether the text that the list wants is too long for an answer, and its labels alone say nothing."""
    return (
        _is_long(children)
        and labels.class_of(entry)[0] == "role"
        and any(needs_owner(child.label) for child in children)
        and _want_text(entry, children, kinds, labels)
    )


def _shown_items(entry: Entry, children: Sequence[Entry], kinds: Sequence[str], kind: str, labels: Labels) -> list[str]:
    """The items as an answer has them: with what stands behind their labels, where that is wanted and short."""
    keeps_text = not _is_long(children) and (
        _want_text(entry, children, kinds, labels)
        or 2 * sum(_tells_side(child, labels) for child in children) > len(children)
    )
    is_mixed = kind not in ("labelled", "steps")  # a label among sentences is half of one without its formula
    is_side = labels.class_of(entry)[0] == "role"
    return [
        _shown(
            child,
            "" if keeps_text or (is_mixed and _is_formula(child)) or _is_qualified(child, is_side=is_side) else of_kind,
        )
        for child, of_kind in zip(children, kinds, strict=True)
    ]


def _is_formula(child: Entry) -> bool:
    """Whether what stands behind the label of an item is a formula and nothing else."""
    return "\ue001" in child.body and not child.body.strip(" \n\ue001.。")


def _is_qualified(child: Entry, *, is_side: bool) -> bool:
    """Whether a word or two behind the label of a symptom or a kind say how far that holds: *Fever - rare*."""
    body = child.body.strip()
    return is_side and 0 < len(body) <= _LONGEST_QUALIFIER and body.isascii() and not child.blocks


def _is_section(child: Entry) -> bool:
    return child.form == "heading" or (bool(child.blocks) and len(child.label) <= _LONGEST_SECTION)


def _tells_side(child: Entry, labels: Labels) -> bool:
    return bool(child.body) and fold_characters(child.label.strip()) in labels.sides


def _are_sections(entry: Entry, children: Sequence[Entry], labels: Labels) -> bool:
    """Whether headings are the sections on one thing, and no parts of it: a generic one is among them (含义), or most
    ask for a side themselves (信贷授权的方式).
    """
    if any(labels.is_generic(name_of(child)) or labels.of_text(name_of(child))[0] == "role" for child in children):
        return True
    whole = fold_characters(name_of(entry))
    roles = [(name_of(child), fold_characters(labels.role_in(name_of(child)))) for child in children]
    asking = sum(
        (bool(role) and (role in whole or len(name) > _SHORT_SIDE)) or fold_characters(name)[:3] in whole
        for name, role in roles
    )
    return has_chinese(whole) and 2 * asking >= len(children)


def _needs_text(child: Entry, kind: str, *, is_side: bool) -> bool:
    """Whether a label says nothing without what stands behind it: *Symptoms* / *Classic: …*, no *Types of rock* /
    *Igneous: …*; or is the beginning of a sentence.
    """
    if kind != "labelled" or child.parted is None or not child.body:
        return False
    return child.parted.mark in ("", *ARROWS) or (is_side and needs_owner(child.label))


def _are_sides(children: Sequence[Entry], labels: Labels) -> bool:
    """Whether most Chinese names are unlike sides of one thing that they begin with: 授权的原则, 授权的方式."""
    named = [child.label for child in children if has_chinese(child.label) and labels.role_in(child.label)]
    roles = {labels.role_in(name) for name in named}
    return 2 * len(named) > len(children) and len(roles) == len(named) > 1 and len({name[:2] for name in named}) == 1


def _are_kin(label: str, names: Sequence[str]) -> bool:
    """Whether Chinese names are of one kind: as many as their label says, or alike at their ends, or with the end of
    their label. 甲 and 乙 below a topic may be anything: sides of it, or what happened.
    """
    bare = [GLOSS_AT_END.sub("", name).strip(" *_。；：:") for name in (label, *names)]
    end, names = bare[0][-2:], bare[1:]
    if not has_chinese(end) or any(name.startswith(bare[0]) for name in names):
        return False  # 真理的属性, 真理与谬误: the sections on one thing
    if names_person(bare[0]):
        return False  # what somebody wrote, or did
    if any(_KANA.search(name) for name in names) and not _KANA.search(bare[0]):
        return False  # pieces of a sentence that is taken apart
    if any(_COLUMNS.search(name) for name in names):
        return False  # 大校 副军: several columns in one line
    if len(names) in (_counted(bare[0]), _collected(bare[0])):
        return True
    if all(len(name) == 1 and has_chinese(name) for name in names) and not all(end[-1:] in name for name in names):
        return False
    is_alike = len({name[-1:] for name in names}) == 1 and not names[0].endswith(_NO_ENDS)
    ends = [name[-2:] for name in names]
    most = max(map(ends.count, ends))
    is_alike = is_alike or (most >= _FEWEST_ALIKE and 4 * most >= 3 * len(names))
    return is_alike or all(end[-1:] in name for name in names)


def _counted(label: str) -> int:
    """How many things a Chinese label says there are: 4 of 四大发明; 0 where it does not say."""
    return _number_of(_COUNT.search(label))


def _collected(label: str) -> int:
    """The same of a short name of several things together: 3 of 三山."""
    return _number_of(_COLLECTED.fullmatch(label))


def _number_of(found: re.Match[str] | None) -> int:
    if found is None:
        return 0
    number = found[1]
    return int(number) if number.isascii() else _NUMERALS.index(number) if number in _NUMERALS else 2


def _items(entry: Entry, labels: Labels) -> Sequence[Entry]:
    """The items of the only list below an entry, or the lines below it in its own paragraph."""
    if entry.following and not entry.blocks:
        return [child for child in entry.following if child.text is entry.text]
    if numbered := numbered_items(entry):
        return numbered
    if entry.form == "heading" and labels.role_in(entry.label) and (named := _named_below(entry)):
        return named
    lists = [block for block in entry.blocks if isinstance(block, ListBlock)]
    if len(lists) != 1 or entry.blocks[0] is not lists[0]:
        return ()
    if any(item.text is None and item.blocks for item in lists[0].items):
        return ()  # an item that begins with a heading or another block is no line of a list
    lines = {item.line for item in lists[0].items}
    return [child for child in entry.children if child.form == "item" and child.line in lines]


def numbered_items(entry: Entry) -> Sequence[Entry]:
    """The numbered paragraphs below an entry, where nothing else stands there."""
    numbered = [child for child in entry.children if child.level]
    if len(numbered) < FEWEST or len({child.level for child in numbered}) > 1:
        return ()
    texts = {id(child.text) for child in _below(entry)}
    is_all = all(isinstance(block, Paragraph) and id(block.text) in texts for block in entry.blocks)
    return numbered if is_all and len(numbered) == len(entry.children) else ()


def _below(entry: Entry) -> Iterator[Entry]:
    for child in entry.children:
        if child.level:
            yield child
            yield from _below(child)


def _named_below(entry: Entry) -> Sequence[Entry]:
    """The headings right below one that names several things of a kind (*Kinds of tide*), or the labelled lines that
    are all that stands there.
    """
    is_chinese = has_chinese(entry.label)
    if not (is_chinese or names_several(entry.label)):
        return ()
    if not entry.blocks:
        return entry.children if all(child.form == "heading" for child in entry.children) else ()
    lines = [child for child in entry.children if child.form == "line" and child.parted is not None]
    is_all = len(lines) == len(entry.blocks) == len(entry.children)
    if is_chinese and is_all and all(line.parted is not None and line.parted.mark in _PARTING for line in lines):
        return lines
    return lines if is_all and all(line.parted is not None and line.parted.emphasis for line in lines) else ()


def _is_ordered(entry: Entry) -> bool:
    if any(child.level for child in entry.children):
        return all(numbering_of(child.plain).is_ordered for child in entry.children)
    return any(isinstance(block, ListBlock) and block.ordered for block in entry.blocks)


def _kind(child: Entry, labels: Labels) -> str:
    plain = child.plain.strip()
    if not plain or has_blank(plain):
        return "none"
    if asks(plain):
        return "question"
    if _TRAILS.search(plain):
        return "none"
    assert child.text is not None
    if _LINK_ONLY.match(plain) or _PAGE.match(plain) or _is_link(child):
        return "link"
    found, _ = labels.class_of(child)
    if found in ("question", "stem"):
        return "question"
    if found == "remark" and (labels.is_aside(child) or labels.is_generic(child.label)):
        return "remark"
    if child.parted is not None and (child.parted.has_body or child.blocks or child.parted.emphasis):
        if found in ("term", "role") or (found == "maybe" and child.parted.has_body):
            return "labelled"
        if found == "sequence" and child.parted.has_body:
            return "labelled"
    if _NO_FACT.match(plain) and "\ue001" not in plain and "\ue000" not in plain:
        return "none"
    if has_chinese(plain):
        if (child.blocks and plain.endswith(_GOES_ON)) or _LEADS_ON.search(plain):
            return "none"  # it goes on in what stands below it: 用在, 有以下几种：
        if len(plain) > _LONGEST_ZH or "。" in plain[:-1]:
            return "statement"
        is_said = child.level == SPOKEN or bool(_CLAUSE_ZH.search(plain.rstrip("。；")))
        return "clause" if is_said else "phrase"
    is_short = plain.count(" ") < _LONGEST_WORDS and not plain.endswith((":", "："))
    return "phrase" if is_short and found != "clause" else "statement"


def is_page(plain: str) -> bool:
    """Whether a line is the number of a page and nothing else."""
    return _PAGE.match(plain) is not None and len(plain.strip()) <= 24


def _is_link(child: Entry) -> bool:
    text = child.text
    assert text is not None
    runs = text.mark_runs("link")
    covered = sum(end - start for start, end in runs)
    if text.mark_runs("url") and leads_away(text, child.start, child.end):
        return True
    return bool(runs) and covered >= 0.8 * len(child.plain.strip())


def _shown(child: Entry, kind: str) -> str:
    text = child.text
    assert text is not None
    if kind == "labelled" and child.parted is not None:
        return str(text.markdown(*child.parted.label))
    start = child.parted.label[0] if child.parted is not None and not child.parted.emphasis else child.start
    if child.level:
        start = max(start, child.start + numbering_of(child.plain).end)
    end = child.start + len(undecorated(child.plain)) if child.plain.rstrip().endswith("}") else child.end
    end -= len(text.plain[start:end]) - len(_JOINED.sub("", text.plain[start:end]))
    return str(text.markdown(start, without_page(text.plain, start, end))).replace("\n", " ")
