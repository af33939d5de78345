"""A table → its cells as entries: each is asked by the name of its row and of its column.

What kind of table it is, `table_grids` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckgen.extraction.elements.element import Element, Value, Where
from deckgen.extraction.entries.dependent_labels import says_which
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.labels import Labels
from deckgen.extraction.entries.marks import has_chinese
from deckgen.extraction.entries.owners import LONGEST_OWNER, class_of_name, named
from deckgen.extraction.entries.questions import has_blank
from deckgen.extraction.entries.table_grids import DEFINES, INDEX, NOTHING, NUMBER, SIDE, TONGUE, Grid, grids_of
from deckgen.extraction.entries.words import is_mostly_chinese
from deckgen.extraction.settings import Settings
from deckgen.markdown.blocks import Table
from deckgen.markdown.document import Document
from deckgen.markdown.escaping import escaped
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.text import Text
from deckgen.patterns.english_words import in_singular, is_word
from deckgen.patterns.folded_text import fold_characters
from deckgen.patterns.passage import Blocks, Passage

_ORDINAL = lazy_regex(
    r"^\s*(?:\d+(?:st|nd|rd|th)(?: (?:pl|sg|sing|person))?\.?|[一二三四五六七八九十ⅠⅡⅢⅣⅤⅥ]+|[ivxIVX]+|\d+|[a-zA-Z])\s*$"
)
_REMARK = lazy_regex(
    r"^\s*(?:e\.?g\.?|example sentences?|mnemonics?|memory aids?|口诀|助记|记忆(?:口诀|要点|技巧|方法)"
    r"|notes?|remarks?|comments?|link|links|source|sources|url|ref|refs|reference|references|status|done|todo|date|page|备注|说明人|链接|来源|出处|参考|状态|进度|日期|页码|图|图片|image|picture)\s*$",
    re.IGNORECASE,
)
_ASKS = lazy_regex(
    r"^\s*(?:who|what|when|where|why|how|which|何[时地人事]|谁|为什么|怎么|怎样|如何)\W*$", re.IGNORECASE
)
_SAMPLES = lazy_regex(
    r"^\s*(?:(?:sample|example) (?:values?|data|inputs?|outputs?)|(?:示例|样例)值|例值)\s*$", re.IGNORECASE
)
_COUNTS = lazy_regex(
    r"^\W*(?:(?:sample|group) )?(?:sizes?|n|counts?|totals?|freq(?:uency)?|yes|no|true|false|observations?)\W*$",
    re.IGNORECASE,
)
_NUMBER_WORD = lazy_regex(
    r"(?:none|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|many|few)$", re.IGNORECASE
)
_BULLET = lazy_regex(r"\s*(?:[-*•–]|\d{1,2}[.)])\s*")  # a list of its own
_FEWEST_BREAKS = 2  # between the lines of a cell
_CHINESE = lazy_regex(
    r"^\W*chinese(?: (?:translations?|terms?|names?|meanings?|words?|equivalents?))?\W*$", re.IGNORECASE
)
_PERSON = lazy_regex(r"^\s*(?:person|(?:subject |personal )?pronouns?|subject|人称|主语|代词)\s*$", re.IGNORECASE)
_CONTENT = lazy_regex(
    r"^\s*(?:具体|详细|主要|基本|简要)?(?:内容|概述|概括|概况|简介|介绍|描述|说明|详情|解释|要点|情况|详解)\s*$"
)
_MEMBERS_ZH = lazy_regex(
    r"(?<=[\u3400-\u9fff])的(?:基本|主要|一般|根本)?(?:特性|特征|特点|性质|属性|原则|类型|分类|种类|形式|要素|内容|功能|作用)$"
)
_QUALITY_ZH = lazy_regex(r"[\u3400-\u9fff]+性$")
_WHERE_ZH = lazy_regex(
    r"^\W*(?:国家|国别|朝代|王朝|时代|时期|年代|世纪|地区|省份|城市|国家或地区)\W*$"
)  # of many things
_CROPPED = {"def": "Definition", "desc": "Description", "func": "Function", "ex": "Example", "loc": "Location"}
_CROPPED_PAIR = {"adv": "Advantages", "dis": "Disadvantages", "disadv": "Disadvantages"}
_KIND = lazy_regex(
    r"^\s*(?:items?|names?|rows?|terms?|symbols?|项目|名称|类别|类型|内容|方面|种类|分类)?\s*$", re.IGNORECASE
)

_CODED = lazy_regex(r"(?<=[\u3400-\u9fff])\s+(?:zh|cn|en|ja|jp|de|fr|es|ru|ko|la)$")
"""The code of a language behind the name of a column."""


def cell_elements(
    document: Document,
    table: Table,
    where: Where,
    labels: Labels,
    settings: Settings,
    holder: Entry | None = None,
) -> Iterator[Element]:
    """The cells of a table that can be asked for; the holder is what it stands below."""
    topic = _name_of(holder, labels)
    for grid in grids_of(table, labels):
        if grid.kind == "columns":
            yield from _Cells(document, where, labels, grid, topic).columns()
        elif grid.kind == "entries":
            yield from _Cells(document, where, labels, grid, topic).entries()
        elif grid.kind != "none":
            yield from _Cells(document, where, labels, grid, topic).elements(
                is_asked_both_ways=settings.vocabulary == "both"
            )


def _name_of(holder: Entry | None, labels: Labels) -> Passage | None:
    """The nearest name above a table."""
    for above in (holder, *holder.above()) if holder is not None else ():
        if above.text is None or above.form not in ("heading", "item", "lead"):
            continue
        if class_of_name(above, labels)[0] == "term" and not labels.is_generic(named(above)):
            return Passage.of(escaped(_MEMBERS_ZH.sub("", named(above).strip())), is_outside=True)
    return None


class _Cells:
    def __init__(self, document: Document, where: Where, labels: Labels, grid: Grid, topic: Passage | None) -> None:
        self.document, self.labels, self.grid, self.topic = document, labels, grid, topic
        self.where = Where(
            where.headings, where.parents, where.inside | {"table"}, where.siblings, where.index, where.last, None,
            where.metadata, None, where.known,
        )  # fmt: skip

    def elements(self, *, is_asked_both_ways: bool) -> Iterator[Element]:
        """A cell for each name of a row and of a column, or each word with what it means."""
        grid = self.grid
        heads = [fold_characters(name.shown(0, len(name.plain)).strip()) for name in grid.header]
        if grid.kind == "names" and len(grid.rows) == 1 and NUMBER.match(grid.rows[0][0].plain):
            return  # a row of measures of one thing, the first of which is no name
        for row in grid.rows:
            for column in range(1, len(row)):
                if column == grid.reading or heads.count(heads[column]) > 1:  # of two alike nobody knows which is meant
                    continue
                name, attribute = row[0], grid.header[column]
                if grid.kind == "attributes":
                    name, attribute = attribute, name
                if self.can_ask(name, attribute, row[column]):
                    yield self.element(name, attribute, row[column], column)
                    if is_asked_both_ways and grid.kind == "vocabulary" and column == grid.meaning:
                        yield self.reversed_word(name, row[column], column)

    def reversed_word(self, word: Text, meaning: Text, column: int) -> Element:
        """A word asked by what it means."""
        tongue = self.grid.header[0]
        own: dict[str, Value] = {
            "label": Passage(meaning),
            "owner": None,
            "class": Passage.of("word-back"),
            "body": Passage(word),
            "answer": Passage(word),
            "meaning": Passage.of("zh" if is_mostly_chinese(word.plain) else "other"),
            "tongue": _named(tongue) if TONGUE.match(tongue.plain) else None,
        }
        return self.element(word, tongue, meaning, column, own)

    def columns(self) -> Iterator[Element]:
        """Of a table with one row: each header is a term, what stands below it says what it is."""
        for column, (name, cell) in enumerate(zip(self.grid.header, self.grid.rows[0], strict=True)):
            if self.can_ask(name, name, cell) and self.labels.of_text(name.plain)[0] == "term":
                yield self.element(name, name, cell, column)

    def entries(self) -> Iterator[Element]:
        """Of a table without a header: each row is a label and what it is."""
        classes = [self.labels.of_text(row[0].plain)[0] for row in self.grid.rows]
        is_about_one = 2 * classes.count("role") >= len(classes)
        for (name, cell), found in zip(self.grid.rows, classes, strict=True):
            if not self.can_ask(name, name, cell) or found not in ("term", "role"):
                continue
            label_class = Passage.of("role" if is_about_one else found)
            yield self.element(
                name,
                name,
                cell,
                1,
                {"label": Passage(name), "class": label_class, "owner": self.topic, "asked_owner": self.topic},
            )

    def can_ask(self, name: Text, attribute: Text, cell: Text) -> bool:
        plain = cell.plain.strip()
        if not plain or NOTHING.match(plain) or has_blank(plain) or "\ue002" in plain:
            return False
        if not name.plain.strip() or not attribute.plain.strip() or len(name.plain) > 48 or len(attribute.plain) > 40:
            return False
        if self.labels.of_text(attribute.plain)[0] == "sequence" or _ORDINAL.match(attribute.plain):
            return False
        if attribute.plain.rstrip(" ?？").endswith(("...", "…")) or self.is_unnamed(name):
            return False
        if _ASKS.match(name.plain) or _ASKS.match(attribute.plain):
            return False
        if _REMARK.match(attribute.plain) or has_blank(name.plain) or NOTHING.match(name.plain):
            return False
        shown = cell.shown(0, len(cell.plain)).strip()
        if len(shown) > 300 or fold_characters(shown) == fold_characters(name.plain.strip()):
            return False
        links = sum(end - start for start, end in [*cell.mark_runs("link"), *cell.mark_runs("url")])
        return links < 0.8 * len(plain)

    def content(self, name: Text, attribute: Text) -> str:
        """Of a column that is only called *content*: whether its rows are sides of the topic, or terms."""
        if not _CONTENT.match(attribute.plain):
            return "none"
        names = [row[0].plain.strip() for row in self.grid.rows]
        if self.topic is not None and len(names) > 1 and all(map(_QUALITY_ZH.fullmatch, names)):
            return "quality"
        sides = sum(bool(SIDE.search(one)) or self.labels.of_text(one)[0] == "role" for one in names)
        if self.topic is not None and sides * 2 >= len(names):
            return "side"
        return "term" if self.labels.of_text(name.plain)[0] == "term" else "other"

    def head(self, attribute: Text) -> Passage:
        """The name of a column, written out where it is cropped: *Dis* beside *Adv*; 英文 en without the code."""
        cropped = attribute.plain.strip(" .:*").casefold()
        found = _CROPPED.get(cropped)
        if cropped in _CROPPED_PAIR:
            heads = {header.plain.strip(" .:*").casefold() for header in self.grid.header}
            found = _CROPPED_PAIR[cropped] if "adv" in heads and heads & {"dis", "disadv"} else None
        if found is None and (coded := _CODED.search(attribute.plain.rstrip(" :：*"))) is not None:
            return Passage(attribute, 0, coded.start(), is_outside=True)
        if found is None and self.grid.kind == "names" and self.are_words(attribute):
            found = in_singular(attribute.plain.strip(" :*"))
        return Passage.of(escaped(found), is_outside=True) if found else _named(attribute)

    def are_words(self, attribute: Text) -> bool:
        """Whether each cell of a column is one word, and no number."""
        column = next(i for i, header in enumerate(self.grid.header) if header is attribute)
        cells = [row[column].plain.strip() for row in self.grid.rows]
        is_counted = any(NUMBER.match(cell) or _NUMBER_WORD.match(cell) for cell in cells if cell)
        return not is_counted and all(len(cell.split()) <= 1 and "," not in cell for cell in cells)

    def answer(self, name: Text, cell: Text, column: int) -> Passage:
        """A cell, with its unit where the next column holds that."""
        units = self.grid.units
        if column + 1 != units or not any(character.isdigit() or character == "\ue001" for character in cell.plain):
            return Passage(cell)
        unit = next(row for row in self.grid.rows if row[0] is name)[units]
        if not unit.plain.strip() or NOTHING.match(unit.plain):
            return Passage(cell)
        return Passage(Blocks.of(f"{cell.whole} {unit.whole}", cell.place(0)[0]))

    def doubt(self, name: Text, attribute: Text, cell: Text) -> str:
        """Why a cell may say nothing of its row."""
        if self.grid.doubt or self.grid.kind == "vocabulary":
            return self.grid.doubt
        if _CHINESE.search(attribute.plain) and cell.plain.isascii() and len(cell.plain) > 1:
            return "it is not in the language that its column names"
        if _SAMPLES.match(attribute.plain):
            return "a sample is one of many"
        if _COUNTS.match(attribute.plain) and NUMBER.match(cell.plain):
            return "it counts what was found once"
        if self.has_lines_beside(name, cell):
            return "its lines belong to those of another cell"
        if _PERSON.match(self.grid.header[0].plain) and self.grid.kind == "names" and _ORDINAL.match(name.plain):
            return "a form is asked by its person, and the word is not named"
        is_crossed = says_which(attribute.plain) and not is_word(attribute.plain.strip().lower(), "past", "participle")
        if says_which(name.plain) and (self.topic is None or is_crossed):
            return "its row has no name"
        return ""

    def has_lines_beside(self, name: Text, cell: Text) -> bool:
        """Whether a cell is a list, beside one of as many lines in its row: rows that were put into one."""
        lines = cell.plain.count("\n")
        if lines < _FEWEST_BREAKS or _BULLET.match(cell.plain):
            return False
        row = next((row for row in self.grid.rows if row[0] is name or cell in row), ())
        return sum(other.plain.count("\n") == lines for other in row) > 1

    def about(self, name: Text) -> Passage | None:
        """What a row is of whose name says that only with what the table stands below."""
        topic = self.topic
        if topic is None or len(topic.plain) > LONGEST_OWNER or self.grid.kind != "names":
            return None
        return topic if says_which(name.plain) or _WHERE_ZH.match(self.grid.header[0].plain) else None

    def reading(self, name: Text) -> Passage | None:
        """How the word of a row is read."""
        place = self.grid.reading
        row = next(row for row in self.grid.rows if row[0] is name)
        return Passage(row[place]) if place and row[place].plain.strip() else None

    def is_unnamed(self, name: Text) -> bool:
        """Whether the name of a row is a number, and nothing says of what."""
        if self.grid.kind != "names" or self.document.language == "zh" or not name.plain.strip()[:1].isdigit():
            return False
        return bool(_ORDINAL.match(name.plain) or NUMBER.match(name.plain)) and self.row_kind(name) is None

    def row_kind(self, name: Text) -> Passage | None:
        """What a row is one of, where its own name is a number or a letter: `端口` of 22."""
        first = self.grid.header[0]
        if not (_ORDINAL.match(name.plain) or NUMBER.match(name.plain)) or self.grid.kind == "attributes":
            return None
        return None if _KIND.match(first.plain) or INDEX.match(first.plain) else Passage(first, is_outside=True)

    def element(
        self, name: Text, attribute: Text, cell: Text, column: int, own: dict[str, Value] | None = None
    ) -> Element:
        line, place = cell.place(0)
        owner = _named(name)
        label = _named(attribute)
        is_vocabulary = self.grid.kind == "vocabulary" and column == self.grid.meaning
        is_term = self.grid.kind == "columns"
        answer = self.answer(name, cell, column) if self.grid.kind == "names" else Passage(cell)
        values: dict[str, Value] = {
            "label": Passage(name) if is_vocabulary else label,
            "head": lambda: self.head(attribute),
            "about": lambda: self.about(name),
            "doubt": lambda: Passage.of(escaped(found)) if (found := self.doubt(name, attribute, cell)) else None,
            "owner": None if is_vocabulary or is_term else owner,
            "asked_owner": None if is_vocabulary or is_term else owner,
            "body": answer,
            "answer": answer,
            "class": Passage.of("word" if is_vocabulary else "term" if is_term else "cell"),
            "form": Passage.of("row"),
            "number": Passage.of(str(column + 1)),
            "shape": Passage.of("nothing"),
            "list": None,
            "tongue": label if is_vocabulary and TONGUE.match(attribute.plain) else None,
            "reading": self.reading(name) if is_vocabulary else None,
            "meaning": Passage.of("zh" if is_mostly_chinese(cell.plain) else "other"),
            "content": Passage.of(self.content(name, attribute)),
            "topic": self.topic,
            "row_kind": self.row_kind(name),
            "defines": Passage.of(str(self.grid.kind == "names" and bool(DEFINES.match(attribute.plain))).lower()),
            "why": Passage.of(escaped(self.grid.why)),
            **(own or {}),
        }
        named = f"{name.plain} {attribute.plain}"
        if self.grid.kind == "vocabulary":
            named = " ".join(header.plain for header in self.grid.header)
        language = self.document.language_of(named if has_chinese(named) else f"{named}\n{cell.plain}")
        values["language"] = Passage.of(language)
        row_line = name.place(0)[0] if name.plain else line
        element = Element("entry", self.document, self.where, "label", values, (min(line, row_line), line), place)
        element.language = language
        return element


def _named(cell: Text) -> Passage:
    """What a cell calls its row or column, without a mark behind it."""
    return Passage(cell, 0, len(cell.plain.rstrip(" :：")), is_outside=True)
