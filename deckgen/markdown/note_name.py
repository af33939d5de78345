"""A note's front matter, its file's name and its headings → what the note is about, where no heading says it.

Most notes of a vault have no heading of their own name: it stands in the file's name, as `Otitis media.md`, or in the
front matter as `title`. Below either, `- Symptoms: …` tells a side of something as it does below a heading.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from deckgen.markdown.blocks import Heading
from deckgen.markdown.lazy_regex import lazy_regex

_LONGEST, _LONGEST_TITLE = 60, 240  # characters of a name, and with what places it
_FEWEST_BELOW = 3  # headings of a note, the first of which is not of level 1 and names it all the same
_NAMESPACE = lazy_regex(r"_{2,}|/")  # of Logseq, which writes `a/b` as `a___b` or `a%2Fb`
_WORD = r"(?:[a-z]{2,}|[A-Z][a-z]+|[A-Z]{2,5}|\d+)"
_SLUG = lazy_regex(rf"(?=(?:[^-]*-)*(?:[a-z]{{3}}|[A-Z][a-z]{{2}})){_WORD}(?:-+(?:{_WORD}|[A-Z](?=-)))+")
"""Words that hyphens part, as the address of a page has them; *SARS-CoV-2*, *COVID-19* and *x-ray* are none."""
_NUMBER_BEFORE = lazy_regex(
    r"(?:§\s*\d{1,3}|\d{4}-\d{2}-\d{2}|\d{6,14})(?![\d%])[ ._-]*"
    r"|(?:[A-Z]\.?)?\d{1,3}(?:[.-]\d{1,3})+\s*-+\s*(?=[A-Z])"
    r"|\d{1,3}(?:[.-]\d{1,3})*(?:[.、)）_][\s-]*|\s*-+\s+|\s+-*\s*(?=[A-Z\u3400-\u9fff])|(?<=\d-\d)(?=[\u3400-\u9fff]))"
)
_PLACE_BEFORE = lazy_regex(
    r"(?:lec(?:ture)?s?|weeks?|wk|chap(?:ter)?s?|ch|units?|modules?|mod|days?|class(?:es)?|sessions?|parts?|sections?|sec"
    r"|topics?|lessons?|notes?|slides?|ppt|lab|exam|quiz|hw|year|level|grade|book|vol(?:ume)?|act|scene|appendix)"
    r"[ ._-]*\d[\d.]*[a-z]?\b[ :：._–—-]*"
    r"|第\s*[一二三四五六七八九十百\d]{1,4}\s*(?:章节|章|节|课|讲|篇|部分|单元|编|卷|册|周|模块|天|次课?|回)"
    r"\s*[:：、.．_|｜—-]*\s*"
    r"|(?-i:(?:[A-Z]\d{1,2}){2,})[ :_–—-]+"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*[ .-]*\d{1,2}\b[ :_-]*"
    r"|[A-Z]{2,5}[ _-]?\d{3,4}[A-Z]?\b[ :：._–—-]*",
    2,
)
_KIND_BEHIND = lazy_regex(
    r"(?<=\w)[ _-]+(?:lecture |class |study |revision )?"
    r"(?:notes?|summary|overview|intro|cheat ?sheet|flash ?cards?|copy|final|draft)$"
    r"|(?<=[\u3400-\u9fff])[ _-]?(?:学习|课堂|复习|读书|个人)?(?:笔记|总结|整理|提纲|资料|复习)\d{0,2}$"
    r"|[ _-]+\(\d{1,2}\)$",
    2,
)
_COUNTED = lazy_regex(r"(?<=[^\W\d])_\d{1,2}$")  # the second part of a note
_NAMES_NOTHING = lazy_regex(
    r"read ?me|index|untitled.*|new note|notes?|home|main|misc|todo|inbox|temp|te?st|drafts?|file|docs?|document"
    r"|summary|overview|introduction|intro|contents?|toc|glossary|vocab(?:ulary)?|terms?|key terms|definitions?|review"
    r"|revision|study guide|cheat ?sheet|flash ?cards?|all|full|part|page|about|others?|faq|changelog|sidebar|appendix"
    r"|未命名.*|无标题.*|新建.*|笔记|目录|总结|概述|绪论|导论|引言|简介|复习|整理|资料|附录|术语表?|名词解释|(?:简答|选择|论述|填空)题|题库|其他|杂记"
    r"|(?:key |important |basic )?(?:terms|definitions|vocabulary|concepts|questions)\b.*|(?:and|or|of|with|to)\b.*"
    r"|[0-9a-f]{8,}|\w\d*",
    2,
)
_LETTERS = lazy_regex(r"[^\W\d_]{2}|[\u3400-\u9fff]")
_CHINESE = lazy_regex(r"[\u3400-\u9fff]")
_JOINED = lazy_regex(r"[a-z]{3}[A-Z][a-z]{3}")  # HeartDisease
_PROPER = lazy_regex(r"[A-Z][\w+#.-]*(?: [A-Z0-9][\w+#.-]*){0,2}")


def note_name(title: object, path: str, headings: Sequence[Heading], language: str) -> str:
    """What a note is about, as plain text; empty where a heading says it, or where nothing names it.

    `title`: that of the front matter; `headings`: those of the note, in order. A heading names the note where it comes
    first, no other is as high, and it is of level 1 or has some below it.
    """
    highest = min((heading.level for heading in headings), default=0)
    is_alone = sum(heading.level == highest for heading in headings) == 1
    if is_alone and headings[0].level == highest and (highest == 1 or len(headings) >= _FEWEST_BELOW):
        return ""
    is_titled = isinstance(title, str) and bool(title.strip())
    written = str(title) if is_titled else PurePosixPath(path).stem
    if len(written) > _LONGEST_TITLE:
        return ""  # the expressions below take quadratic time in a run of marks
    return _as_name(written if is_titled else _read_stem(written), language)


def _read_stem(stem: str) -> str:
    """A file's name as its author would write it in a line."""
    name = _NAMESPACE.split(unquote(stem).strip("_ "))[-1].strip()
    name = _COUNTED.sub("", _without_number(name)).replace("_", " ")
    if _SLUG.fullmatch(name):
        name = name.replace("-", " ")
    name = " ".join(name.split())
    return name[:1].upper() + name[1:] if name.islower() and " " in name else name


def _without_number(name: str) -> str:
    return _NUMBER_BEFORE.sub("", name, count=1) if _NUMBER_BEFORE.match(name) else name


def _as_name(written: str, language: str) -> str:
    """A title without what only places it in a course; empty where nothing is left that names something."""
    name = _without_number(" ".join(written.split()))
    name = _KIND_BEHIND.sub("", name)
    while (place := _PLACE_BEFORE.match(name)) is not None:
        name = name[place.end() :]
    name = name.strip(" -_–—:：.")
    if len(name) > _LONGEST or not _LETTERS.search(name) or _NAMES_NOTHING.fullmatch(name):
        return ""
    if language == "zh" and not (_CHINESE.search(name) or (_PROPER.fullmatch(name) and not _JOINED.search(name))):
        return ""  # pinyin, or English that only files are named in
    return name
