"""A Chinese question and its answer → whether the one answers the other, as terms of the card's confidence.

The answer breaks off, the heading gives it away, a word was cut in two, or the card tells what somebody read and how
he liked it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from deckgen.extraction.entries.marks import has_chinese
from deckgen.markdown.lazy_regex import lazy_regex

MARKS = lazy_regex(r"[*_`~=]|<[^<>]*>")
_LONGEST_END = 80  # characters behind which nothing is looked for
_BREAKS_OFF = lazy_regex(r"(?:(?<![求为皆国如不])是|使得|如下|分别为|(?:[都恒必]|[$)）\]][ \t]{0,2})有)[ \t：:]*$")
_CUT_SUM = lazy_regex(r"[\u3400-\u9fff)）] *[/÷×=]$")
_HIGHLIGHT_LEFT = lazy_regex(r"(?<![=<>!])==(?![=>])")
_NAME_OF_PICTURE = lazy_regex(
    r"\W*(?:\d{10,}|(?:image|img|dsc|screenshot|pasted image|screen shot|截屏|截图|(?:企业)?微信(?:图片|截图))"
    r"[-_ ]?\d{4,}[-_\d]*)"
    r"(?:\.(?:png|jpe?g|gif|webp|svg))?\W*",
    re.IGNORECASE,
)
"""What stands in the place of a picture that is not there."""
_POINTS_AWAY = lazy_regex(
    r"(?:上面|下面|上边|下边)[^，。；\n]{0,6}图|(?:见|如)[上下左右]?图|[上下]图(?!表)|(?:上文|下文|前文|后文)(?:提到|所述|的|中|会)"
)
_COUNTED_BEFORE = lazy_regex(r"[前后][一二两三四五六七八九几](?:个|种|项|条|点|类|者|步)")
_IS_WRONG = lazy_regex(r"[❌✗✘][)）]?\W*$")
_CALLOUT_LEFT = lazy_regex(r"(?:!!!|\?\?\?|:::)\s?[+A-Za-z]")
_HEADING_LEFT = lazy_regex(r"#{1,6}[^\s#\d!]")
_CODE = lazy_regex(r"^```.*?^```|^~~~.*?^~~~|`[^`\n]*`|\$\$[^$]*\$\$|\$[^$\n]*\$|\d\*\*\d", re.MULTILINE | re.DOTALL)
_ITEM = lazy_regex(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(.*)", re.MULTILINE)
_EXAMPLE = lazy_regex(r"\W*(?:ex(?:ample)?s?[.:：]|e\.\s?g\b|例如|比如|譬如|例[:：])", re.IGNORECASE)

# --- what somebody read -----------------------------------------------------------------------------------------------

_LOG = lazy_regex(r"的(?:阅读|读完|看完|观看|观影|购买|购入|打卡)(?:时间|日期)是(?:什么时候|什么)？$")
_RATED = lazy_regex(r"的(?:评价|评级|评分|推荐度|推荐指数|推荐程度)是(?:什么|多少)？$")
_RATING = lazy_regex(
    r"\W*(?:神作|佳作|必读|经典|好书|优秀?|良好?|中等?|差|一般|尚可|不错|还行|很好|很棒|极好|较好|较差|推荐|力荐|强烈推荐|不推荐|\d(?:\.\d)?分?|[★☆⭐]+)\W*"
)

# --- facts ------------------------------------------------------------------------------------------------------------

_NO_NAME = lazy_regex(
    r"(?:曾经|不过|看似|无非|原先.{0,4}|最[高低大小多少长短早晚好]|认为.*|认定.*|说自己.*)(?:是|指的是)什么？|^理论上"
    r"|^(?:[上下本这](?:周|节课|次课|学期|堂课)|题[里目]|[文图书]中)|(?:缺乏|没有)来自什么？|包括.{2,}包括(?:哪些|什么)"
)
_DATED = lazy_regex(r"(?:公元)?前?\d{1,4}\s?年.*(?<!的)(?:是|指的是)什么？$")
_STANDS_ELSEWHERE = lazy_regex(r"以下|下列|如下|此(?![外时后处起]|类|番)|该(?!当)|上述")
_NO_PERSON = lazy_regex(r"一(?:首|部|个|种|篇|幅|座|项|本)(?!人)")
_WORD_CLASS_SAID = lazy_regex(r"(?:动|名|形容|副|介|代)词[。.]?")
_BEATEN = lazy_regex(r"[人军国族兵队]是什么时候(?:击败|打败|消灭|征服|占领|攻占|推翻|俘虏|歼灭)的？$")
_ONLY_COUNTS = lazy_regex(r"(?:[两二三四五六七八九十几]|\d{1,2})(?:个|种|类|大|条|项|方面的?)[^，。、的]{0,6}[。.]?")
_TELLS_DEED = lazy_regex(
    r"(?:把(?!手)|使(?![用徒])|让(?![与步]))[^，。]{2,30}(?<!的[\u3400-\u9fff]{2})(?<!的[\u3400-\u9fff]{3})[。.]?"
)
_THIN_KIND = lazy_regex(
    r"一(?:种|个|类|款|项|门|组|套)[^的，。；A-Za-z]{0,7}(?:方法|设备|过程|能力|手段|现象|东西|范围|序列|状态|关系|方式|概念|事物|活动|行为|工作|思想|资源)[。.]?"
)
_MARKS_WITHIN = lazy_regex(r"[-=]>|[→⇒]|\{\{|\}\}|\|\|")
_DASH_WITHIN = lazy_regex(r"[\u3400-\u9fff]\s?(?:--|——)\s?[\u3400-\u9fff]")
_ADVERB_LAST = lazy_regex(r"(?:开始|大量|陆续|逐步|逐渐|相继|先后|继续|再次|正在|已经)$")
_BEGUN = lazy_regex(r"(?:开始|计划|拟|试图|打算)(?:大量|陆续|逐步|继续)?(?:收购|购买|并购|买入)")
_AGENTS = ("made", "acquirer", "acquired", "founder")
_BORN_TWICE = lazy_regex(r"的(?:建立|诞生|提出|出现|产生|成立|形成|创立)是什么时候")
_WORD_CLASS = lazy_regex(r"(?:代|动|名|形容|副|介|连|助|语气|叹|量|数|兼)词指的是什么？")
_HOW_IT_IS_MADE = lazy_regex(r"(?:在.{2,40}|由.{2,40}而)(?:而成|构成|形成|组成|构建|建立)[。.]?")
_BASED = lazy_regex(r"[A-Z][A-Za-z-]{0,6}[A-Z]基于什么？")
_NAMES_METHOD = lazy_regex(
    r"[^的，。]{1,8}的[^的，。]{0,8}(?:控制|检测|方法|算法|模型|系统|加密|学习|推理|规划|编程|路由|认证|签名|设计|开发|测试|攻击)"
)
_COMPARES = lazy_regex(r"(?:是|完全|基本|大致)?(?:一致|相同|一样|类似|相似|不同)的?[。.]?")
_HOLDS_OF_MANY = lazy_regex(r"[^，。的]{1,8}的一(?:种|个|类)[^，。的]{1,4}[。.]?")
_MEANT = lazy_regex(r"(?<!关)系指的是什么？$")
_LEANING = lazy_regex(r"(?:较|仅|如果|由于|关于|对于|以及|并且|而且)")
_DEFINING = ("concept", "kind", "genus", "genus-in-clause", "kind-in-clause", "this-is")
_COUNTING = ("by", "by-in-clause", "composed", "composed-in-clause", "depends-on", "includes", "divided", "based-on")
_OTHER_NAMES = ("alias", "abbreviation", "english-name")
_ONE_OF = lazy_regex(r"^(?:一(?:种|个|类|款|项|门|组))")

# --- questions --------------------------------------------------------------------------------------------------------

_LEANING_QUESTION = lazy_regex(r"(?:这(?!种|类)|那(?!些|不勒斯)|此(?!外)|它|他们?|其(?!他|它)|又如|然后|所以|因此|但)")
_IN_EXAMPLE = lazy_regex(
    r"(?:例子?|例题|示例|思考题?|问题|习题)\s?\d{0,2}\s?[:：]|第[一二三四五六\d]个?问题|请(?![求示愿])"
)
_TALKING = lazy_regex(r"(?:我|你)(?!国|们党)")

# --- terms ------------------------------------------------------------------------------------------------------------

_POINTS_BACK = lazy_regex(r"\W*(?:它们|他们|她们)")
_SEVERAL = lazy_regex(r"[、和与及/&]|们$")
_OTHER_LABEL = lazy_regex(r"[；;。]\s*([\u3400-\u9fff]{2,10})[：:]")
_SECOND_LABEL = lazy_regex(r"[；;] ?[\u3400-\u9fff]{2,6}[：:](?!//)")
_EDITION = lazy_regex(r"第?(?:\d{1,2}|[一二三四五六七八九十]{1,3})版(?:[\u3400-\u9fff]{0,4})")
_ONE_OF_ROW = lazy_regex(r"[甲乙丙丁戊]")
_BOOKED = lazy_regex(r"[借贷](?:方|记)?")
_DEFINITION_OF = lazy_regex(r"的(?:定义|定義|概念|含义|涵义)是什[么麼]？$")
_DEFINED = lazy_regex(r"([\u3400-\u9fff]{1,8}?)(?:是指|是)(?=[\u3400-\u9fff])")
_NO_SUBJECT = lazy_regex(
    r"[指即就也都不这那它其凡由将把当在从对]|(?:广义|狭义|一般|通常|通俗|简单|主要|本质|核心|目的|实质|其实|正式|最初)|.*[的于上中下]"
)

# --- words of other languages -----------------------------------------------------------------------------------------

_KANA = lazy_regex(r"[\u3040-\u30ff\s]{2,}")
_KANA_ASKED = lazy_regex(r"([\u3040-\u30ff]{2,})(?:[:：]\s*|的)(?:假名|读音|讀音|发音|平假名|かな)")
_PLURAL_INITIALS = lazy_regex(r"[A-Z]{3,}s")
_DASHED = lazy_regex(r"[\u3400-\u9fff][*_\s]*(?:—|–|--|-)")
_AFFIX = lazy_regex(r"-?[a-z]{1,3}-?")
_PROGRAM = lazy_regex(r"\w\([^()]*[\w(]")
_RUN_TOGETHER = lazy_regex(r"[a-z](?:of|and|for|the)[A-Z][a-z]")
_TWO_PARTS = lazy_regex(r"[^*`\s][^*`]* \*\*|[^*`\s][^*`]* `")
_OTHER_LETTERS = lazy_regex(r"[\u3400-\u9fff]\s+[A-Za-z]{1,2}")
_WORD = lazy_regex(r"[A-Za-zäöüßéèêç]+")
_SMALL_WORDS = (
    frozenset(["ich", "du", "wir", "sie", "der", "das", "und", "ist", "ein", "eine", "nicht", "mit", "den", "dem"]),
    frozenset(["je", "tu", "nous", "vous", "les", "une", "des", "est", "et", "elle", "dans", "avec"]),
    frozenset(["el", "los", "las", "una", "yo", "nosotros", "ella", "ellos", "con", "por", "muy"]),
    frozenset(["io", "noi", "voi", "gli", "della", "sono", "che", "uno", "lei", "questo"]),
)
"""Of German, French, Spanish and Italian."""
_FEWEST_SMALL_WORDS = 4


def chinese_answer_signals_of(
    rule: str, front: str, answer: str, source: str, headings: Sequence[str], lines: tuple[str, ...]
) -> Iterator[tuple[str, int]]:
    """The terms of a card by the last part of its rule's name, as a reader sees the question and the answer."""
    asked, said = MARKS.sub("", front).strip(), MARKS.sub("", answer).strip()
    if _CODE.sub("", answer).count("**") % 2 and not _ITEM.search(answer):
        yield "a mark of emphasis is left in the answer", -3
    if len(_HIGHLIGHT_LEFT.findall(_CODE.sub("", answer))) == 1:
        yield "a mark of highlighting is left in the answer", -3
    if any(map(_NAME_OF_PICTURE.fullmatch, said.splitlines())):
        yield "the name of a picture stands in the answer", -3
    if _POINTS_AWAY.search(said) or _COUNTED_BEFORE.match(said):
        yield "the answer speaks of what stands elsewhere", -3
    if _IS_WRONG.search(said):
        yield "the answer is marked as wrong", -3
    if _CALLOUT_LEFT.match(answer):
        yield "the mark of a callout is left in the answer", -3
    if _HEADING_LEFT.match(answer):
        yield "the mark of a heading is left in the answer", -3
    if _BREAKS_OFF.search(answer.rstrip()[-_LONGEST_END:]) or _CUT_SUM.search(said[-_LONGEST_END:]):
        yield "the answer breaks off before what it announces", -3
    if rule.startswith("cell"):
        if _LOG.search(asked) or (_RATED.search(asked) and _RATING.fullmatch(said)):
            yield "the table says what somebody read, and how he liked it", -3
        if _KANA_ASKED.match(asked) and _KANA.fullmatch(said):
            yield "what is asked to be read is in kana already", -3
    if rule in ("word-to-english", "english-name"):
        if is_of_other_language(lines):
            yield "the note is about another foreign language than English", -3
        if _PLURAL_INITIALS.fullmatch(said) and _DASHED.search(source):
            yield "initials behind a dash stand for what is used, and not for the word", -3
        if rule == "word-to-english" and _AFFIX.fullmatch(said):
            yield "the answer is a piece of a word, and no word", -3
        if _PROGRAM.search(said):
            yield "code stands in the answer, and no word", -3
        if _RUN_TOGETHER.search(said):
            yield "the words of the answer are not parted", -2
        if _TWO_PARTS.match(front):
            yield "what is asked for is two things", -3
    if rule == "word-to-chinese" and _OTHER_LETTERS.search(said[-_LONGEST_END:]):
        yield "letters are left in the meaning of a word", -2
    if headings and len(said) > 1 and _ONE_OF.sub("", said.rstrip("。.")) == headings[-1].strip():
        yield "the heading gives the answer away", -2


def chinese_fact_signals_of(rule: str, front: str, answer: str, source: str) -> Iterator[tuple[str, int]]:
    """The terms of a card that a Chinese sentence makes."""
    asked, said = MARKS.sub("", front).strip(), MARKS.sub("", answer).strip()
    if _MARKS_WITHIN.search(asked):
        yield "a mark stands in the question", -3
    if _DASH_WITHIN.search(asked):
        yield "what is asked for is more than a name", -3
    if rule in _AGENTS and (_ADVERB_LAST.search(said) or _BEGUN.search(source)):
        yield "the sentence says what was begun, and not what was done", -3
    if rule.startswith("founded") and _BORN_TWICE.search(asked):
        yield "what is asked for happened, and was not founded", -2
    if _NO_NAME.search(asked) or (rule in _DEFINING and _DATED.match(asked)):
        yield "what is asked for is a piece of a sentence", -3
    if rule in _DEFINING and _STANDS_ELSEWHERE.search(said):
        yield "the answer speaks of what stands elsewhere", -3
    if rule.startswith(("creat", "made", "who", "founder")) and _NO_PERSON.match(said):
        yield "the question asks for a person, and the answer is none", -3
    if rule.startswith("use") and _WORD_CLASS_SAID.fullmatch(said):
        yield "the class of a word is no use", -3
    if rule.startswith("event") and _BEATEN.search(asked):
        yield "the question turns the sentence round", -3
    if rule in _COUNTING and _ONLY_COUNTS.fullmatch(said):
        yield "the answer only says how many there are", -3
    if rule in _DEFINING and _TELLS_DEED.fullmatch(said):
        yield "the answer says what something does, and not what it is", -2
    if rule.startswith(("kind", "genus")) and _THIN_KIND.fullmatch(said):
        yield "what it is said to be, holds of many things", -2
    if rule == "meaning" and _WORD_CLASS.fullmatch(asked):
        yield "what is asked for is the class of a word", -3
    if rule == "gloss" and "意思表示" in source:
        yield "a word was cut in two", -3
    if rule == "meaning" and "係指" in source and _MEANT.search(asked):
        yield "a word was cut in two", -3
    if rule.startswith("letters-in") and f"-{asked.partition('的英文缩写')[0]}" in source:
        yield "a word was cut in two", -3
    if rule.startswith(_OTHER_NAMES) and _LEANING.match(asked):
        yield "what is asked for is a piece of a sentence", -3
    if _COMPARES.fullmatch(said):
        yield "the answer only compares", -3
    if rule in ("genus", "kind", "concept") and _HOLDS_OF_MANY.fullmatch(said):
        yield "what it is said to be, holds of many things", -2
    if rule == "based-on" and _BASED.fullmatch(asked) and _NAMES_METHOD.fullmatch(said):
        yield "the initials are those of the answer, which begins earlier", -3
    if rule in ("concept", "genus-in-clause") and _HOW_IT_IS_MADE.fullmatch(said):
        yield "the answer says how something comes about, and not what it is", -2


def chinese_term_signals_of(label: str, said: str) -> Iterator[tuple[str, int]]:
    """The terms of a label with what stands behind it."""
    if _POINTS_BACK.match(said) and not _SEVERAL.search(label):
        yield "the answer speaks of several things that the label does not name", -3
    if any(found[1] not in label and found[1][-2:] == label[-2:] for found in _OTHER_LABEL.finditer(said)):
        yield "another label stands in the answer", -3
    elif _SECOND_LABEL.search(said):
        yield "another label stands in the answer", -2
    if len(label) > 1 and has_chinese(label) and said.startswith(f"{label}的"):
        yield "the answer tells of a side of the label, and the question does not ask for it", -3
    if _EDITION.fullmatch(label):
        yield "the label is the edition of a book", -3
    if _ONE_OF_ROW.fullmatch(label):
        yield "the label only numbers a kind", -3
    if _BOOKED.fullmatch(label):
        yield "the label is a side of an entry in the books", -3


def chinese_role_signals_of(front: str, answer: str) -> Iterator[tuple[str, int]]:
    """The terms of a side of something: a definition has to be of what is asked for."""
    asked, said = MARKS.sub("", front).strip(), MARKS.sub("", answer).strip()
    of = _DEFINITION_OF.search(asked)
    defined = _DEFINED.match(said) if of is not None else None
    if of is None or defined is None or not has_chinese(asked[: of.start()]) or _NO_SUBJECT.match(defined[1]):
        return
    if not set(defined[1]) & set(asked[: of.start()]):
        yield "the answer defines something else", -3


def chinese_question_signals_of(label: str) -> Iterator[tuple[str, int]]:
    """The terms of a question that the author wrote: it has to be one that can be asked by itself."""
    asked = MARKS.sub("", label).strip()
    if _LEANING_QUESTION.match(asked):
        yield "the question leans on what stands before it", -3
    if _IN_EXAMPLE.match(asked):
        yield "the question is one of an example or an exercise", -3
    if _TALKING.match(asked):
        yield "somebody asks himself", -2


def only_gives_example(answer: str) -> bool:
    """Whether all that an answer says are examples."""
    items = _ITEM.findall(answer) or [answer]
    return all(_EXAMPLE.match(item) for item in items)


@lru_cache(maxsize=4)
def is_of_other_language(lines: tuple[str, ...]) -> bool:
    """Whether a note holds several of the small words of German, French, Spanish or Italian."""
    words = {word for line in lines for word in _WORD.findall(line)}
    return any(len(words & small) >= _FEWEST_SMALL_WORDS for small in _SMALL_WORDS)
