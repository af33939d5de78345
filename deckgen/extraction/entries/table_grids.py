"""A table → what it holds, by its header and its columns: rows with names, sides of things, words, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from deckgen.extraction.entries.labels import Labels
from deckgen.extraction.entries.marks import has_chinese
from deckgen.extraction.entries.words import is_pair
from deckgen.markdown.blocks import Table
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.text import Text
from deckgen.patterns.english_words import is_known
from deckgen.patterns.folded_text import fold_characters

NUMBER = lazy_regex(r"^[\s\d.,:;%$€£¥+\-–~～/×x*()（）<>=≤≥]*$")
NOTHING = lazy_regex(
    r"^\s*(?:[-–—/\\.…~?？*]*|n/?a|none|unknown|无|暂无|暂缺|不详|未知|不明|待定|待补充|空|略|同上|same|ditto|tbd|todo|✓|✔|√|✗|✘|×|x|o|○|●|是|否|有|无|\+|-|−|yes|no|y|n)\s*$",
    re.IGNORECASE,
)
INDEX = lazy_regex(r"^\s*(?:no\.?|nr\.?|#|id|index|序号|编号|号|题号|行|num|number)?\s*$", re.IGNORECASE)
TONGUE = lazy_regex(
    r"^\W*(?:in )?(?:english|englisch|anglais|inglés|chinese|mandarin|cantonese|german|deutsch|japanese|korean|spanish"
    r"|español|french|français|italian|italiano|portuguese|português|russian|русский|latin|greek|arabic|hebrew|hindi|turkish|dutch"
    r"|nederlands|swedish|svenska|norwegian|danish|finnish|polish|polski|czech|ukrainian|vietnamese|thai|persian|esperanto"
    r"|[英中汉日德法俄韩]语|[英中德法俄韩]文|西班牙语|意大利语|葡萄牙语|拉丁语|阿拉伯语|日本語|한국어)\W*$",
    re.IGNORECASE,
)
DEFINES = lazy_regex(
    r"^\s*(?:descriptions?|definitions?|explanations?|meanings?|means|what it (?:is|does)|details|translation|english"
    r"|gloss|purpose|uses?|usage|used for|functions?|role|stands for|full (?:form|name)|expansion"
    r"|含义|说明|描述|解释|定义|释义|意思|作用|用途|功能|全称|意义|本质)\s*$",
    re.IGNORECASE,
)
SIDE = lazy_regex(
    r"(?:特[点征性色]|性质|[溶定电热毒靠全碱活极弹脆]性|来源|症状?|作用|功能|用途|优点|缺点|方[式法案]|时间|时期|地点|位置"
    r"|条件|原因|结果|原理|特例"
    r"|[频速程长宽高温深湿密浓强]度|[频效概比利速]率|(?:表示|记|写|读|称|计算|命名)法|数[量值目]|面积|体积|成分|范围|机制|场景|目的|意义|方向|周期)$"
)
_LANGUAGE = lazy_regex(
    r"word|vocab|kanji|hanzi|pinyin|kana|term|meaning|english|chinese|german|japanese|korean|spanish|french|italian"
    r"|russian|latin|greek|arabic|translation|phrase|语$|文$|词|释义|意思|翻译|汉字|單字|語$",
    re.IGNORECASE,
)
_WORD = lazy_regex(r"^\W*(?:words?|vocab(?:ulary)?|phrases?|单词|词汇)\W*$", re.IGNORECASE)
_FOREIGN_WORD = lazy_regex(
    r"^\W*(?:vokabel|wort|mot|palabra|parola|palavra|expression|kanji|hanzi|汉字|漢字|單字|単語)\W*$", re.IGNORECASE
)
_FOREIGN_MEANING = lazy_regex(
    r"^\W*(?:bedeutung|übersetzung|sens|traduction|significado|traducción|significato|traduzione|tradução|meanings?"
    r"|translations?|english|意味)\W*$",
    re.IGNORECASE,
)
_READING = lazy_regex(
    r"^\W*(?:readings?|pinyin|romaji|rōmaji|hiragana|furigana|kana|pronunciation|ipa|音标|读音|发音|拼音|假名|注音|読み方?)\W*$",
    re.IGNORECASE,
)
_PRIORITY = lazy_regex(r"^\s*(?:优先级|优先次序|优先顺序|次序|顺序|名次|排名|等级)\s*$")
"""A column of numbers that orders the rows, whose names stand in the next one."""
_RANK = lazy_regex(r"^\s*(?:rank|ranking|place|排名|名次)\s*$", re.IGNORECASE)
_DEFINITION = lazy_regex(r"^\W*(?:definition|meaning|定义|含义)\W*$", re.IGNORECASE)
"""A row of which each cell says what the name of its column is."""
_LEDGER = lazy_regex(
    r"(?:price|cost|amount|total|subtotal|balance|debit|credit|fee|qty|quantity|score|grade|marks?|points|价格|金额|单价|合计|总计|小计|余额|借方|贷方|分数|得分|成绩|费用)",
    re.IGNORECASE,
)
_QUANTITY = lazy_regex(r"^[~≈<>≤≥±+-]?\s*\d[\d.,]*\s*(?:[a-zA-Zµμ°%‰/]{1,6}\d?|[千毫微]?[克升米卡焦])?$")
_UNIT = lazy_regex(
    r"^\W*(?:k?cal(?:ories)?|k?j(?:oules?)?|energy|calories|m?g|kg|µg|mcg|m?l|[cmkn]?m|m?s|h|k?hz|%|°[cf]|k?pa|k?w|m?v|m?a"
    r"|热量|能量|大卡|千卡|卡路里|千焦|克|毫克|毫升)\W*$",
    re.IGNORECASE,
)
_UNITS = lazy_regex(r"^\W*(?:(?:si )?units?|单位|國際單位|国际单位)\W*$", re.IGNORECASE)
_OPPOSITES = (
    ("pros", "cons"), ("pro", "con"), ("advantages", "disadvantages"), ("do", "don't"), ("dos", "don'ts"),
    ("do's", "don'ts"), ("for", "against"), ("true", "false"), ("good", "bad"), ("before", "after"), ("yes", "no"),
    ("yin", "yang"), ("similarities", "differences"), ("阴", "阳"), ("相同点", "不同点"), ("共同点", "不同点"),
    ("优点", "缺点"), ("利", "弊"), ("好处", "坏处"), ("优势", "劣势"), ("正确", "错误"), ("正例", "反例"),
)  # fmt: skip
MOST_ROWS, MOST_COLUMNS = 60, 8
_END = 2  # characters that say what kind of thing a name is of


class Grid(Struct, frozen=True):
    """A table as it is read: names of rows, names of columns, and the cells between them."""

    kind: str  # names, attributes, vocabulary, columns, entries or none
    why: str
    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    meaning: int = 1  # of words: the column that says what they mean
    reading: int = 0  # of words: the column that says how they are read; 0 for none
    units: int = 0  # the column that holds the units of the one before it; 0 for none
    doubt: str = ""  # why its columns may have nothing to do with each other


def grids_of(table: Table, labels: Labels) -> Iterator[Grid]:
    """What a table holds: one grid, or several beside each other where its header repeats."""
    header = tuple(table.header)
    rows = tuple(row.cells for row in table.rows)
    if not rows or len(header) < 2 or len(header) > 3 * MOST_COLUMNS or len(rows) > 20 * MOST_ROWS:
        return
    if not any(cell.plain.strip() for cell in header):
        if not _is_header(rows):
            is_run = len(header) == 2
            why = "it has no header" if not is_run else "it has no header, so that each row is a label and what it is"
            yield Grid("entries" if is_run else "none", why, header, _continued(rows))
            return
        header, rows = rows[0], rows[1:]
    names = [fold_characters(cell.plain.strip()) for cell in header]
    if names[0] and names.count(names[0]) > 1 and len(names) % (width := names.index(names[0], 1)) == 0:
        for start in range(0, len(names), width):
            part = tuple(row[start : start + width] for row in rows)
            yield from _grid(header[start : start + width], tuple(r for r in part if r[0].plain.strip()), labels)
        return
    yield from _grid(header, rows, labels)


def _is_header(rows: Sequence[Sequence[Text]]) -> bool:
    """Whether the first row of a table without a header is one: emphasised, or short above a single row of text."""
    if len(rows) < 2:
        return False
    first = [cell for cell in rows[0] if cell.plain.strip()]
    if first and all("bold" in cell.marks(0, len(cell.plain)) for cell in first):
        return True
    return len(rows) == 2 < len(first) and all(
        len(cell.plain) <= 30 < len(below.plain) for cell, below in zip(rows[0], rows[1], strict=True)
    )


def _grid(header: tuple[Text, ...], rows: tuple[tuple[Text, ...], ...], labels: Labels) -> Iterator[Grid]:
    if len(header) > 2 and _is_index(header[0], rows):
        header, rows = header[1:], tuple(row[1:] for row in rows)
    elif len(header) > 2 and _PRIORITY.match(header[0].plain) and _are_counted(rows):
        header, rows = (*header[1:], header[0]), tuple((*row[1:], row[0]) for row in rows)
    rows = _continued(rows)
    if len(header) < 2 or len(header) > MOST_COLUMNS or not rows or len(rows) > MOST_ROWS:
        return
    firsts = [fold_characters(row[0].plain.strip()) for row in rows]
    filled = [first for first in firsts if first]
    cells = [cell.plain.strip() for row in rows for cell in row[1:]]
    filled_cells = [cell for cell in cells if cell and not NOTHING.match(cell)]
    names = [cell.plain.strip() for cell in header]
    if all(map(_QUANTITY.match, filled)) and (len(rows) == 1 or _UNIT.match(header[0].plain)):
        yield Grid("none", "its first column holds quantities, which name no rows", header, rows)
        return
    if len(rows) == 1 and len(header) > 2 and len(rows[0][0].plain) > 30:
        yield Grid("columns", "each column holds what its header is", header, rows)
        return
    if not filled_cells or len(filled_cells) * 3 < len(cells):
        yield Grid("none", "most of its cells are empty", header, rows)
    elif len(set(filled)) < len(filled) or any(len(first) > 60 or "\n" in first or "：" in first for first in filled):
        yield Grid("none", "its first column names no rows", header, rows)
    elif len(header) > 2 and _is_ledger(names, filled_cells, filled):
        yield Grid("none", "it is a ledger or a table of numbers", header, rows)
    elif any(_RANK.match(name) for name in names[1:]) and len(header) == 2:
        yield Grid("none", "it is a ranking", header, rows)
    elif (columns := _vocabulary(header, rows)) is not None:
        yield Grid("vocabulary", "its columns are words of two languages", header, rows, *columns)
    elif _is_row_like_others(names, [[cell.plain.strip() for cell in row] for row in rows]) or _holds_equations(
        header, rows
    ):
        yield Grid("none", "its header is a row like the others", header, rows)
    elif _has_attributes_first(names, firsts, labels):
        yield Grid("attributes", "its first column tells the sides of what its header names", header, rows)
    elif sum(bool(name) for name in names[1:]) < len(names) - 1 and len(names) > 2:
        yield Grid("none", "columns have no name", header, rows)
    else:
        units = next((place for place, name in enumerate(header) if place > 1 and _UNITS.match(name.plain)), 0)
        doubt = _why_lists(names, rows)
        yield Grid("names", "its first column names its rows", header, rows, units=units, doubt=doubt)


def _why_lists(names: Sequence[str], rows: Sequence[Sequence[Text]]) -> str:
    """Why two columns are two lists beside each other, of which a row says nothing; empty for others."""
    if len(names) != 2:
        return ""
    if (names[0].casefold(), names[1].casefold()) in _OPPOSITES:
        return "its columns are two lists"
    pairs = [(fold_characters(one.plain).split(), fold_characters(other.plain).split()) for one, other in rows]
    pairs = [(one, other) for one, other in pairs if len(one) > 1 and len(other) > 1]
    alike = sum(one[0] == other[0] or one[-1] == other[-1] for one, other in pairs)
    is_list = len(pairs) > 2 and alike * 10 >= len(rows) * 6
    return "its columns are alike, and may be two lists" if is_list else ""


def _continued(rows: tuple[tuple[Text, ...], ...]) -> tuple[tuple[Text, ...], ...]:
    return tuple(row for row in rows if row and row[0].plain.strip())


_COUNTED = lazy_regex("(?:(?:[0-9]+\ufe0f?\u20e3)+|[\U0001f51f\u2460-\u249b\u24ea-\u24ff\u2776-\u2793])")
"""A number in a circle or on a key: it counts rows, and names none."""


def _is_index(header: Text, rows: Sequence[Sequence[Text]]) -> bool:
    firsts = [row[0].plain.strip() for row in rows if row]
    if any(firsts) and all(_COUNTED.fullmatch(first) for first in firsts if first):
        return True
    return bool(INDEX.match(header.plain)) and _are_counted(rows)


def _are_counted(rows: Sequence[Sequence[Text]]) -> bool:
    """Whether the first cell of every row is a number."""
    firsts = [row[0].plain.strip() for row in rows if row]
    return all(re.fullmatch(r"\(?\d{1,3}[.)]?", first) for first in firsts if first)


def _is_ledger(names: Sequence[str], filled_cells: Sequence[str], firsts: Sequence[str]) -> bool:
    numbers = sum(bool(NUMBER.match(cell)) for cell in filled_cells)
    if sum(bool(_LEDGER.search(name)) for name in names[1:]) * 2 >= len(names) - 1:
        return True
    if sum(bool(NUMBER.match(first)) for first in firsts) * 2 > len(firsts) and numbers * 2 > len(filled_cells):
        return True
    return numbers * 10 >= len(filled_cells) * 8 and len(filled_cells) >= 6


def _vocabulary(header: Sequence[Text], rows: Sequence[Sequence[Text]]) -> tuple[int, int] | None:
    """The columns of meanings and of readings, where a table holds words of two languages."""
    reading = next((place for place, name in enumerate(header) if place and _READING.match(name.plain)), 0)
    meaning = 2 if reading == 1 and len(header) > 2 else 1
    if reading == meaning:
        return None
    pairs = [(row[0].plain, row[meaning].plain) for row in rows if row[meaning].plain.strip()]
    if not pairs or sum(len(one) <= 40 and len(other) <= 60 for one, other in pairs) * 10 < len(pairs) * 8:
        return None
    word, says = header[0].plain, header[meaning].plain
    is_foreign = _FOREIGN_WORD.match(word) or TONGUE.match(word)
    if (is_foreign and (TONGUE.match(says) or _FOREIGN_MEANING.match(says))) or (
        _WORD.match(word) and TONGUE.match(says)
    ):
        return meaning, reading
    if DEFINES.match(says) and not reading:
        return None
    fitting = sum(is_pair(one, other) for one, other in pairs)
    names_a_language = any(not name.strip() or _LANGUAGE.search(name) for name in (word, says))
    return (meaning, reading) if names_a_language and fitting * 10 >= len(pairs) * 8 else None


_SMALL_WORD = lazy_regex("[^\\W\\d_A-Z\u3400-\u9fff]{1,20}")


def _is_row_like_others(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether what stands where a header stands is the first row: forms of one word, such as *je vais | nous allons*.

    Each cell is a small word. All begin with one letter, or none of the header is a word that a header could be.
    """
    cells = [cell for row in (header, *rows) for cell in row if cell]
    if len(cells) < 4 or not all(map(_SMALL_WORD.fullmatch, cells)):
        return False
    return len({cell[0] for cell in cells}) == 1 or not any(map(is_known, header))


_EQUATION = lazy_regex(r"\$[^$=]+=[^$]+\$")


def _holds_equations(header: Sequence[Text], rows: Sequence[Sequence[Text]]) -> bool:
    """Whether every column is headed by an equation, as its cells are ones: no row has another one as its name."""
    cells = [cell for row in rows for cell in row[1:]]
    return all(_EQUATION.search(cell.raw) for cell in header[1:]) and all(_EQUATION.search(cell.raw) for cell in cells)


def _is_side(name: str, labels: Labels) -> bool:
    return labels.of_text(name)[0] == "role" or (has_chinese(name) and SIDE.search(name.strip()) is not None)


def _are_alike(names: Sequence[str]) -> bool:
    """Whether most of several names begin alike, as the vitamins do."""
    begins = [name.strip()[:2] for name in names if len(name.strip()) > 2]
    return len(names) > 2 and len(begins) > 2 and max(map(begins.count, begins)) * 3 >= len(names) * 2


def _end_alike(names: Sequence[str]) -> bool:
    """Whether several Chinese names are of one kind, which their end says: 商业银行 and 投资银行."""
    ends = {name.strip()[-_END:] for name in names}
    end = min(ends, default="")
    return (
        len(names) > 1 and len(ends) == 1 and has_chinese(end) and all(len(name.strip()) > len(end) for name in names)
    )


def _has_attributes_first(names: Sequence[str], firsts: Sequence[str], labels: Labels) -> bool:
    """Whether the first column holds what can be said of the things that the header names."""
    if len(names) < 3 or (_are_alike(firsts) and not _are_alike(names[1:])):
        return False
    sides = sum(_is_side(first, labels) for first in firsts if first)
    heads = sum(_is_side(name, labels) for name in names[1:] if name)
    if _are_alike(names[1:]) and not _are_alike(firsts) and not heads and sides:
        return True
    if _end_alike(names[1:]) and not _end_alike(firsts) and not heads and sides:
        return True
    if (
        not names[0].strip("\\/ -|")
        or labels.is_generic(names[0])
        or re.fullmatch(
            r"(?:对比项?|比较项?|项目|维度|方面|属性|特征|区别|指标|features?|aspects?|property|properties|characteristics?"
            r"|comparison|category|criteria|criterion|名称)",
            names[0],
            re.IGNORECASE,
        )
    ):
        return sides >= heads and heads == 0
    if heads == 0 and any(map(_DEFINITION.match, firsts)):
        return True
    return sides > heads and sides * 2 >= len(firsts)
