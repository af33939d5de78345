"""What stands below an entry → words with what they mean in another language, by the shape of the whole list.

Words of one script say by themselves that they are of two languages only where the list does: by the articles of a
language (`die Flut (flood tide)`), by parts of speech or readings (`abandon [əˈbændən] v. 放弃`), or by its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.marks import first_place, has_chinese
from deckgen.extraction.entries.words import Pair, Span, bracketed
from deckgen.markdown.lazy_regex import lazy_regex

FEWEST, FEWEST_HEADINGS = 3, 5
_FORMS = ("item", "line", "heading")
_MOST_WORDS, _LONGEST = 6, 48

# Of each language its articles, and words of it that a translation into another one does not hold.
_LANGUAGES = {
    language: (frozenset(articles.split()), frozenset(words.split()))
    for language, articles, words in (
        ("de", "der die das ein eine", "der das des dem den ein eine und oder mit ist"),
        ("fr", "le la les un une", "le la les du des une et ou qui que dans pour est"),
        ("es", "el la los las un una", "el la los las del una y que con para es"),
        ("it", "il lo la gli le un una", "il lo gli della di una che con per è"),
        ("pt", "um uma os", "do da uma que com para um é"),
        ("nl", "de het een", "het een van met voor"),
    )
}
_ELISION = lazy_regex(r"l['’]\w")
_PART_OF_SPEECH = r"(?:n|v|vt|vi|adj|adv|a|ad|prep|conj|pron|num|int|phr|aux|abbr|na)\."
_LINE = lazy_regex(
    rf"""(?P<word>[A-Za-z][A-Za-z'’-]*(?:[ ][A-Za-z'’.-]+){{0,4}}?)
    (?:[ ]*(?P<reading>\[(?=[^\[\]]*[^\x00-\x7f])[^\[\]\u3400-\u9fff]{{1,40}}\]|/[^/\u3400-\u9fff]{{1,40}}/))?
    (?:\s*[:：=–—-]\s*|\s+|(?<=[\]/]))
    (?P<meaning>(?P<kind>(?:{_PART_OF_SPEECH}[\s&/,]*){{1,3}}|\[[\u3400-\u9fff]{{2}}\])?[(（“\u3400-\u9fff][^\n]{{0,80}})$""",
    re.VERBOSE,
)
_LONGEST_PLAIN = 12
_PLAIN_MEANING = lazy_regex(r"(?![是同也有不没這这和与])[（）()\u3400-\u9fff]{1,6}$")
# What is done with a thing that has a Latin name, or what is written about it: no meaning of a word.
_NO_MEANING = lazy_regex(
    r"安装|配置|使用|教程|入门|基础|进阶|笔记|介绍|命令|原理|源码|学习|实战|面试|部署|下载|文档|工具|插件|框架|语法|环境|开发"
    r"|编程|项目|优化|问题|参数|函数|方法|类型|版本|平台|系统|协议|算法|模型|服务|接口|模块|组件|对象|变量|文件|总结|详解|实现"
)
_VOCABULARY = lazy_regex(
    r"(?:.*\b)?(?:vocab(?:ulary)?|words?|word list|wortschatz|vokabeln|vocabulaire|vocabulario|vocabolario|lexique"
    r"|idioms|phrases|expressions|redewendungen)\s*\d*\W*$"
    r"|.{0,8}(?:生词|单词|单字|單字|單詞|词汇|詞彙|新词|词组|短语|語彙|単語|固定搭配|高频词)(?:表|整理|积累)?\s*\d*\W*$",
    re.IGNORECASE,
)


def vocabulary_below(parent: Entry) -> dict[int, Pair]:
    """The pairs of words among the children of an entry, by the `id` of each child; worked out once."""
    if parent.words is None:
        parent.words = {}
        for form in _FORMS:
            group = [child for child in parent.children if child.form == form and child.text is not None]
            if len(group) > 1:
                parent.words.update(_of_headings(group) if form == "heading" else _of_lines(parent, group))
    return parent.words


def _of_lines(parent: Entry, group: Sequence[Entry]) -> dict[int, Pair]:
    found = _by_article(group) or _by_reading(group) or _plain_words(group)
    return found or (_short_pairs(group) if _is_vocabulary(parent) else {})


def _of_headings(group: Sequence[Entry]) -> dict[int, Pair]:
    """Headings that are a phrase and its translation: `#### at odds with 与…不和`."""
    found: dict[int, Pair] = {}
    sure = 0
    for entry in group:
        pair, is_sure = _line(entry)
        if pair is not None:
            found[id(entry)] = pair
            sure += is_sure or " " in _said(entry, pair.word)
    is_list = len(found) >= FEWEST_HEADINGS and len(found) * 10 >= len(group) * 6 and sure * 2 >= len(found)
    return found if is_list else {}


def _is_vocabulary(parent: Entry) -> bool:
    named = [entry for entry in (parent, *parent.above()) if entry.text is not None][:3]
    return any(_VOCABULARY.match(entry.label.strip()) is not None for entry in named)


def _by_article(group: Sequence[Entry]) -> dict[int, Pair]:
    """`die Flut (flood tide)`, `le chat: the cat`, where most lines begin with an article of one language."""
    sides = {id(entry): (entry, pair) for entry in group if (pair := _sides(entry)) is not None}
    best: dict[int, Pair] = {}
    for articles, others in _LANGUAGES.values():
        found = {
            place: pair
            for place, (entry, pair) in sides.items()
            if _has_article(_said(entry, pair.word), articles) and _is_foreign(_said(entry, pair.meaning), others)
        }
        if len(found) > max(1, len(best)):
            best = found
    return best if len(best) * 10 >= len(group) * 6 else {}


def _has_article(word: str, articles: frozenset[str]) -> bool:
    first, _, rest = word.partition(" ")
    is_german = "der" in articles
    if "le" in articles and _ELISION.match(word):
        return True
    return first in articles and bool(rest) and (rest[0].isupper() if is_german else rest[0].islower())


def _is_foreign(meaning: str, words: frozenset[str]) -> bool:
    """Whether a short text holds no word of a language."""
    return _is_short(meaning) and words.isdisjoint(re.findall(r"\w+", meaning.casefold()))


def _by_reading(group: Sequence[Entry]) -> dict[int, Pair]:
    """`abandon [əˈbændən] v. 放弃`: words with their meaning, two of them with a part of speech or a reading."""
    found = {id(entry): line for entry in group if (line := _line(entry))[0] is not None}
    sure = sum(is_sure for _, is_sure in found.values())
    if sure < 2 or sure * 2 < len(found) or len(found) * 10 < len(group) * 6:
        return {}
    return {
        id(entry): pair
        for entry in group
        if (pair := found.get(id(entry), (None, False))[0]) is not None
        and (found[id(entry)][1] or _PLAIN_MEANING.match(_said(entry, pair.meaning)))
    }


def _plain_words(group: Sequence[Entry]) -> dict[int, Pair]:
    """`tide 潮汐`, where all lines are a word in small letters and a short one in Chinese, each another one."""
    found: dict[int, Pair] = {}
    meanings: set[str] = set()
    for entry in group:
        pair, _ = _line(entry)
        if pair is None or (entry.parted is not None and entry.parted.mark):
            return {}
        word, meaning = _said(entry, pair.word), _said(entry, pair.meaning)
        if not word.islower() or len(meaning) > _LONGEST_PLAIN or _NO_MEANING.search(meaning):
            return {}
        found[id(entry)] = pair
        meanings.add(meaning)
    return found if len(found) >= FEWEST and len(meanings) == len(found) else {}


def _short_pairs(group: Sequence[Entry]) -> dict[int, Pair]:
    """Of a list below a heading that says that it is vocabulary: whatever is short on both sides."""
    found: dict[int, Pair] = {}
    for entry in group:
        pair = _sides(entry) or _line(entry)[0]
        if pair is not None and _is_short(_said(entry, pair.word)) and _is_short(_said(entry, pair.meaning)):
            found[id(entry)] = pair
    return found if len(found) >= FEWEST and len(found) * 10 >= len(group) * 8 else {}


def _sides(entry: Entry) -> Pair | None:
    """Both sides of a line: around its mark, or a word and what stands in brackets behind it."""
    parted = entry.parted
    if parted is not None and parted.has_body:
        return Pair(parted.label, parted.body) if parted.mark and "\n" not in entry.body else None
    return bracketed(entry)


def _line(entry: Entry) -> tuple[Pair | None, bool]:
    """A word, its reading and what it means in Chinese, without a mark; whether the line says that it is a word."""
    text = entry.text
    assert text is not None
    if entry.end - entry.start > 240:
        return None, False
    start = first_place(text.plain, entry.start, entry.end)
    found = _LINE.match(text.plain, start, entry.end)
    if found is None or not has_chinese(found["meaning"]):
        return None, False
    reading = found.span("reading") if found["reading"] else None
    is_phonetic = reading is not None and not found["reading"].isascii()
    return Pair(found.span("word"), found.span("meaning"), reading), bool(is_phonetic or found["kind"])


def _said(entry: Entry, span: Span) -> str:
    assert entry.text is not None
    return entry.text.plain[slice(*span)].strip()


def _is_short(text: str) -> bool:
    """Whether a text is a word or a few, and no sentence."""
    return (
        0 < len(text) <= _LONGEST
        and text.count(" ") < _MOST_WORDS
        and not any(mark in text for mark in ".:!?。：！？\ue000\ue001\ue002\ue003")
        and not any(character.isdigit() for character in text)
        and any(character.isalpha() for character in text)
    )


def are_words(entries: Iterable[Entry], parent: Entry) -> bool:
    """Whether most of the children of an entry are words with what they mean."""
    several = list(entries)
    pairs = vocabulary_below(parent)
    return bool(pairs) and 2 * sum(id(entry) in pairs for entry in several) >= len(several)
