"""A Chinese card, and the note that it stands in → what speaks against it, as terms of its confidence.

Each term comes from cards that readers judged, and holds on files that it was not drawn from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from deckgen.extraction.chinese_answer_signals import (
    MARKS,
    chinese_answer_signals_of,
    chinese_fact_signals_of,
    chinese_question_signals_of,
    chinese_role_signals_of,
    chinese_term_signals_of,
    only_gives_example,
)
from deckgen.extraction.elements.element import Element
from deckgen.extraction.entries.marks import has_chinese
from deckgen.identity.chinese_scripts import simplified
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft
from deckgen.patterns.chinese_words import is_one_word, names_person, words_of

if TYPE_CHECKING:
    from deckgen.extraction.attempt import Attempt

_SAYS_WHAT_IT_IS = frozenset([
    "concept", "kind", "genus", "genus-in-clause", "kind-in-clause", "kind-of-clause", "genus-short",
])  # fmt: skip
"""Rules of zh/facts whose question wants a definition."""

_SECTIONS = frozenset(["section-zh", "section-said-zh", "section-begun"])

# --- the note ---------------------------------------------------------------------------------------------------------

_TALK = lazy_regex(
    r"懒得|懶得|好像|貌似|哈哈|反正|没研究|没用到|试了|居然|wtf|挺[好大多]|今天|昨天|(?<!调)用着"
    r"|[吧啊][。，,！!\n]|呢[。？?，\n]|嘛|哦|(?<![自非本超小大唯忘])我(?![国军方党们])|咱|[\U0001F600-\U0001F64F\U0001F910-\U0001F92F]"
)
_UNSAID = lazy_regex(r"^```.*?^```|^[ \t]*>[^\n]*", re.MULTILINE | re.DOTALL)
_CHINESE = lazy_regex("[\u3400-\u9fff]")
_FEWEST, _DENSE = 4, 2.5  # words of talk in a note, and to a thousand characters

_LABELLED = lazy_regex(
    r"(?:[-*+]|\d{1,2}[.、])?[ \t]{0,4}[*_]{0,3}[^：:\n*_\s][^：:\n*_]{1,19}[*_]{0,3}[：:][*_]{0,3}[ \t]{0,4}(\S.*)"
)
_FEWEST_LABELS = 8

# --- the card ---------------------------------------------------------------------------------------------------------

_ITEM = lazy_regex(r"^(?:[-*+]|\d{1,3}[.)])[ \t]+(.*)", re.MULTILINE)
_NAMES_ALONE = lazy_regex(
    r"[^、,，/。；的:：\s][^、,，/。；的:：]{0,11}(?:[、,，/]\s*[^、,，/。；的:：\s][^、,，/。；的:：]{0,11})+[。.]?"
)
_ASPECT = lazy_regex(
    r"(?:概念|特征|性质|种类|分类|条件|效力|范围|程序|原则|内容|构成|要件|类型|意义|规则|认定|处理|标准|情形|期间|义务|责任)"
    r"(?:[、,，/（(。]|$)"
)
_ASPECTS = lazy_regex(
    r"[^，。；：]{0,12}的?(?:概念|定义|特征|种类|分类|条件|效力|性质)"
    r"(?:[、和与及](?:概念|定义|特征|特点|种类|分类|类型|条件|效力|性质|体系|范围|程序|原则|基本原则|内容|构成|作用|意义|方法))+[。.]?"
)
"""What the outline of a course says is to be learned of a thing."""
_BARE_TERM = lazy_regex(r"[^的\d一二两三四五六七八九十]+")
_SHORT = 6  # characters of what stands behind a label
_DEFINES = lazy_regex(
    r"(?:即|指|是|为|把|将|由|通过|用于|用来|一[种个类])[^，。；]|[^，。；]{2,40}的[^，。；的]{1,8}(?:$|[，。；(（])"
)
_LONG_ITEM, _TIMES = 20, 3  # characters of an item, and how many times the shortest it may be
_FEW = 2  # items of a list
_HAS = ("有", "无", "没有")
_NO_WHOLE = lazy_regex(r"(?:举例|示例|例子|图像?|[^历]史|政见|政見|出题方式|考法)$|\d\.\d")
_NO_ITEM = lazy_regex(
    r"\W*(?:一般|特殊|正常|复杂|简单|其[他它]|普通)(?:情况|情形)?(?:\s*[(（].*)?|\W*(?:特例|例外|例外情况|原则|示例|例子|注意)(?:\s*[(（].*)?"
)
_TELLS_OF_NOTE = lazy_regex(r"(?:本[文章节])?(?:详细|简单|主要|系统)?(?:地)?(?:讲解|讲述|记录|整理)了?")
_AND = lazy_regex(r"[和与及、]|以及")
_DOES = lazy_regex(
    r"确定|区分|了解|读写|微调|列出|作为|应按?(?!用|激|力)|启动、|使用|选用|加强|提高|针对|设计一|处理好|编写|准备|.{0,12}要求(?:计算|写出)"
)
_NO_TERM = lazy_regex(
    r"为.{1,24}(?:提供|奠定|打下)|^每个.*(?:增|减|变|乘|加)$|^(?:很|更|较)?容易|去掉|^改[装成为]|得出结论$|^(?:勿|切勿|请勿)"
)
_REMARK = lazy_regex(
    r"(?:进一步|补充|深入|详细)的?(?:解释|说明|分析|理解)|(?:中文|英文|日文|白话|白話)?(?:翻译|翻譯|原文|译文|譯文|讲解|講解)"
    r"|(?:中文|本条|本條)(?:要点|要點)|了解(?:和理解|和掌握)?|(?:理解|熟悉|掌握)(?:和|并能够?)(?:运用|应用|掌握)|验证|備註"
)
_GENERAL = lazy_regex(
    r"(?:一(?:种|个|类|款|项))?(?:[^，。]{0,10}(?:关键|重要|主要|基本|常见|常用|默认|通用|特殊|典型|高效|有效|理想|简单|复杂|经典)(?:的)?[^，。的]{0,4}"
    r"|[^，。]{1,14}(?:部分|部件|构件|手法|形式|推论|任务|表现|产物)|[^，。]{1,8}(?:属性|术语|名词|概念))[。.]?"
)
_LONGEST_GENERAL = 15
_RELATIVE = lazy_regex(r"(?:组成部分|推论|任务|环节|必然要求|重要内容|体现|追随者|之一)[。.]?$")
"""Ends of what tells how something stands to something else, and not what it is."""
_SHORT_ENGLISH = lazy_regex(r"[A-Za-z]{1,6}")
_SHORT_WORD = 2  # characters
_LATIN_WORD = lazy_regex(r"[A-Za-z]{3,}")
_EXERCISE = lazy_regex(r"\W*(?:请(?:说|谈|结合|简|根据|你)|示例|略[。.]?$|答案不唯一|言之(?:有理|成理))")
_TITLE = lazy_regex(r"(?:读书|学习|课堂|复习)?笔记|复习(?:资料|提纲)?(?:$|[（(])|读后感|观后感")
_LOGISTICS = lazy_regex(
    r"^(?:本章|本节|本课程?|课程)?(?:教材|考核方式|考核形式|考勤|签到|教学进度|教学安排|考试要求|考试形式|考试题型|题型|成绩|平时分|评分|学分|课时|作业)(?:$|与|和|、|及|安排|要求|方式|说明|构成|组成)"
    r"|分值(?:$|分布|占比)|^近[\d一二三四五六七八九十]+年(?:平均|考|真题)"
)
_GRADED = lazy_regex(r"\d+\s?[%％]\s?(?:期末|期中|平时|作业)|(?:期末|期中|平时)(?:成绩|分)?\s?\d+\s?[%％]")
_SCENARIO = lazy_regex(r"^(?:假设|如果|当|例如|比如|即使)[^。]{0,12}(?:您|你|小明|张三|甲)")
_OWNER_SAYS = lazy_regex(
    r"有(?:一些|些|以下|[两二三四五六]种|几种)|主要(?:受|有|是|由|取决)|(?:分为|分成).|通过.{2,}来|^(?:形象)?比喻$|^(?:逻辑|核心)?(?:总结|理解)$"
)
_DATE = lazy_regex(r"\d{1,4}[年月日号]?(?:\d{1,2}[月日号]?)?")
_BARE_NUMBER = lazy_regex(r"[\s*_`]*\d{1,6}[\s*_`。.]*")
_COUNTS = lazy_regex(r"[数量率度值号码期费价长宽高深厚重温压额龄距径]\W*$|多少|几")


@lru_cache(maxsize=4)
def is_talk(lines: tuple[str, ...]) -> bool:
    """Whether a note tells what its author did and thinks, as a diary does, rather than what there is to learn."""
    said = _UNSAID.sub("", "\n".join(lines) + "\n")
    found = len(_TALK.findall(said))
    return found >= _FEWEST and found * 1000 >= _DENSE * len(_CHINESE.findall(said))


@lru_cache(maxsize=4)
def is_outline(lines: tuple[str, ...]) -> bool:
    """Whether most of what stands behind the labels of a note are rows of words, as in the outline of an exam."""
    said = [found[1] for line in lines if (found := _LABELLED.match(line.strip())) is not None]
    return len(said) >= _FEWEST_LABELS and 2 * sum(_NAMES_ALONE.fullmatch(one) is not None for one in said) > len(said)


def chinese_signals_of(draft: Draft, attempt: Attempt) -> Iterator[tuple[str, int]]:
    """The terms of a card whose question is Chinese."""
    element, rule = attempt.element, attempt.rule
    front, answer = simplified(draft.fields[0][1]), draft.fields[1][1]
    if not has_chinese(front) and rule.language != "zh":
        return
    name = rule.name.rpartition("/")[2]
    entry_class = _text(element, "class") if element.kind == "entry" else ""
    can_be_private = entry_class not in ("", "word", "question") or element.kind == "table_row"
    if can_be_private and is_talk(element.document.lines):
        yield "the note tells what its author did or thinks", -2
    if entry_class == "term" and name.startswith("term"):
        yield from _of_term(element, front, answer)
    if entry_class == "role" and draft.owner and _TITLE.search(draft.owner):
        yield "what it is asked of is the title of a note", -3
    if entry_class == "role" and draft.owner and _OWNER_SAYS.search(draft.owner):
        yield "what it is asked of is a sentence", -3
    if entry_class == "question":
        yield from chinese_question_signals_of(_text(element, "label"))
        if _EXERCISE.match(answer):
            yield "the answer is that of an exercise", -2
    if name.startswith(("list", "role-list", "parts", "statements")):
        yield from _of_list(element, name, answer)
        if only_gives_example(answer):
            yield "all that is said of the label are examples", -2
    if name in _SAYS_WHAT_IT_IS and _is_general(MARKS.sub("", answer)):
        yield "what it is said to be, holds of many things", -2
    if name == "english-name" and _is_everyday(front, answer):
        yield "an everyday word in another language", -2
    if name == "word-to-chinese" and _LATIN_WORD.search(answer):
        yield "the meaning of a word holds a foreign word itself", -2
    headings = draft.origin.shown_headings
    if entry_class == "term" and name in _SECTIONS and _REMARK.fullmatch(_text(element, "label")):
        yield "the label says what kind of remark follows", -3
    if name in _SECTIONS and _TELLS_OF_NOTE.match(MARKS.sub("", answer)):
        yield "the answer says what the note is about", -3
    yield from chinese_answer_signals_of(name, front, answer, element.source_text, headings, element.document.lines)
    if rule.pack == "zh/facts":
        yield from chinese_fact_signals_of(name, front, answer, element.source_text)
    if entry_class == "role":
        yield from chinese_role_signals_of(front, answer)


def _is_everyday(front: str, answer: str) -> bool:
    """Whether the English of a common Chinese word is a common word, too: 规则, *rules*."""
    term = MARKS.sub("", front).removesuffix("的英文是什么？")
    return (
        len(term) <= _SHORT_WORD and is_one_word(term) and _SHORT_ENGLISH.fullmatch(MARKS.sub("", answer)) is not None
    )


def _is_general(said: str) -> bool:
    return _RELATIVE.search(said) is not None or (
        len(said) <= _LONGEST_GENERAL and _GENERAL.fullmatch(said) is not None
    )


def _of_term(element: Element, front: str, answer: str) -> Iterator[tuple[str, int]]:
    label, said = _text(element, "label"), _text(element, "body")
    yield from chinese_term_signals_of(label, said)
    if _REMARK.fullmatch(label):
        yield "the label says what kind of remark follows", -3
    if _LOGISTICS.search(label) or _GRADED.search(said):
        yield "it says how a course or an exam goes, and nothing of the subject", -3
    if _SCENARIO.search(said):
        yield "what is said of the label is a case made up to show it", -2
    if _NO_TERM.search(label):
        yield "the label says what somebody or something does", -3
    if _BARE_NUMBER.fullmatch(answer) and not _COUNTS.search(label):
        yield "what the number counts is not said", -2
    if (
        "？" not in front
        and _BARE_TERM.fullmatch(label)
        and _NAMES_ALONE.fullmatch(said)
        and _ASPECT.search(said)
        and is_outline(element.document.lines)
    ):
        yield "in an outline, a row of words names what is to be learned of the label", -2
    if _ASPECTS.fullmatch(said):
        yield "what is said of the label only names what is to be learned of it", -2
    if element.value("children") is None or element.value("more") is not None or not said:
        return  # what stands below is no part of the answer
    if len(said) < _SHORT or _NAMES_ALONE.fullmatch(said):
        yield "the answer is in two parts, one behind the label and one below", -2
    elif not _DEFINES.match(said):
        yield "more than what stands behind the label stands below it", -1


def _of_list(element: Element, name: str, answer: str) -> Iterator[tuple[str, int]]:
    items = [MARKS.sub("", item) for item in _ITEM.findall(answer)]
    lengths = [len(item) for item in items]
    if len(items) > 1 and max(lengths) > max(_LONG_ITEM, _TIMES * min(lengths)):
        is_loose = len(items) <= _FEW or name.startswith("statements")
        yield "the items of the list are of unlike kinds", -2 if is_loose else -1
    label = _text(element, "label")
    if name == "parts-zh" and (names_person(label) or _DATE.fullmatch(label)):
        yield "a person or a day has no parts", -3
    if name == "parts-zh" and label and words_of(label)[0][0] in _HAS:
        yield "the label says what something has, and names nothing", -2
    if name == "parts-zh" and _DOES.match(label):
        yield "the label says what one does, and names no whole", -2
    if name == "role-list-how-zh" and sum(item.endswith(_text(element, "asked_owner")) for item in items) * 2 > len(
        items
    ):
        yield "the items are kinds of what is asked for", -3
    if name == "parts-zh" and _NO_WHOLE.search(label):
        yield "what the label names has no parts", -2
    if _names_items(label, items):
        yield "the question names what its answer lists", -3
    if items and all(map(_NO_ITEM.fullmatch, items)):
        yield "the items only say that there are cases", -3
    again = sum(len(label) > 1 and item.startswith(label[:2]) for item in items)
    if (name == "parts-zh" or _text(element, "form") == "heading") and 2 * again >= len(items) > 1:
        yield "the sections below only say the heading again", -2


def _names_items(label: str, items: list[str]) -> bool:
    """Whether a label with a joining word names each of its items: 方针和目标 above 安全方针, 安全目标."""
    names = [name for name in _AND.split(label) if name]
    return len(names) == len(items) > 1 and all(
        len(name) > 1 and name[-2:] in item for name, item in zip(names, items, strict=True)
    )


def _text(element: Element, name: str) -> str:
    passage = element.value(name)
    return passage.plain.strip() if passage is not None else ""
