"""Two wordings → whether they speak of the same thing: what may differ in a rewording, everything else being a name.

No list of opposites is ever complete: 左 and 右, 最大 and 最小, 甲方 and 乙方, `client` and `server`, 过拟合 and
欠拟合. So a question is taken apart the other way round. Off goes what asks (什么是…, …的含义), particles (的, 了), a
gloss in brackets, punctuation, the script, a spelling known to be one of another. What is left is what the
question is about, and must be the same, word for word and in the same order: a lost pair costs a few reviews, a
crossed one is a lie.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import cache

from msgspec import Struct

from deckgen.identity.chinese_scripts import is_converted, simplified
from deckgen.identity.visible_question import cased_alike, edits_of, stems, visible
from deckgen.markdown.lazy_regex import lazy_regex

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_WORD = rf"\\[A-Za-z]+|\d+(?:\.\d+)*|[{_LATIN}][{_LATIN}0-9+#]*"
_TOKEN = lazy_regex(rf"{_WORD}|\S")
_GAP = "[…]"  # a deletion in the question of a cloze

_ASKING = [
    (
        "",
        r"^(?:什么是|什么叫|何谓|何为|所谓)|是?(?:指的是|是指|指)?什么(?:意思)?$"
        r"|的?(?:含义|涵义|意思|定义|概念)(?:是(?:什么)?)?$"
        r"|(?i:^what(?: is| are|'s) (?:the (?:meaning|definition) of )?(?:(?:an?|the) )?"
        r"|^define |^the (?:meaning|definition) of )",
    ),
    ("why", r"为(?:什么|何|啥)说?|缘何|的?原因(?:是什么|有哪些|何在)?$"),
    ("how", r"如何|怎样|怎么(?!样)|的(?:方法|办法)(?:是什么|有哪些)?$"),
    ("use", r"(?:有什么|有何|的)(?:作用|用途|用处)(?:是什么|有哪些)?$"),
    ("difference", r"(?:有什么|有何|的)(?:区别|差别|差异|不同)(?:是什么|有哪些|在哪里)?$"),
    ("advantages", r"(?:有什么|有何|的)(?:优点|好处|长处)(?:是什么|有哪些)?$"),
    ("drawbacks", r"(?:有什么|有何|的)(?:缺点|坏处|短处)(?:是什么|有哪些)?$"),
    ("which", r"(?:有|是|包括)哪(?:些|几(?:个|种|类))"),
]
"""What asks, and how: two wordings of one kind are the same. A bare term asks what it is."""

_MEANING = lazy_regex(r"^what do(?:es)? (.+) mean$", re.IGNORECASE)
_PARTICLES = lazy_regex("(?<!目)的|之|一[个种]|了(?![解如不得然结])|着(?![陆色手落重火想眼力])|[呢吗吧啊呀]$")
_JOINING = [
    ("是", "[为即]"),
    ("和", "以及|[与及]"),
    ("在", "于"),
    ("把", "将"),
    ("使", "[让令]"),
    ("能", "可以|能够"),
    ("哪个", "哪[座所间条台本部篇项款]"),
]
"""Particles come and go. What joins does not (与非门 is no 非门), but one may stand for the other."""
_QUOTED = lazy_regex('[“‘「『"]([^“”‘’「」『』"]+)[”’」』"]')  # 在 in “在”的用法 is what is asked about
_NEUTRAL = lazy_regex(
    r"[\s,;\"“”‘’「」『』《》〈〉、。·…$]"
    rf"|:(?!:)|(?<!:):|—+|(?<=[{_LATIN}]{{2}})-(?=[{_LATIN}]{{2}})|(?<=[{_HAN}])-(?=[{_HAN}])"
    rf"|\.(?![{_LATIN}0-9])|(?<![A-Za-z0-9)])[!?](?![A-Za-z0-9=(])"
)
# A sign at the end of a normal form stood in code or in math: `Operator .` and `Operator ?` are two questions.
_SIGN = lazy_regex(r"(?<=\s)(?:[.,:;!?$…]+)$|^[.,:;!?$…]+(?=\s)")
_GLOSS = lazy_regex(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_FOLDED = {ord("–"): "-", ord("−"): "-", ord("’"): "'"}
_VARIANTS = """
    其它→其他 惟一→唯一 想像→想象 图像→图象 座标→坐标 成份→成分 帐户→账户 帐号→账号 帐单→账单
    阀值→阈值 幅射→辐射 复盖→覆盖 函盖→涵盖 重迭→重叠 叠代→迭代 反溃→反馈 编缉→编辑 躁声→噪声
    躁音→噪音 布署→部署 按装→安装 通迅→通讯 渡假→度假 园形→圆形 松驰→松弛 做为→作为 既使→即使
    必竟→毕竟 拉格郎日→拉格朗日 傅立叶→傅里叶 诺依曼→诺伊曼 马尔科夫→马尔可夫 贝页斯→贝叶斯 香侬→香农 薛定鄂→薛定谔
"""
"""Spellings that are never another word: common slips, and other spellings of one name."""
_DENYING = lazy_regex(
    r"[不无非未没否勿莫别反]|\b(?:not?|non|never|without|neither|nor|cannot|\w+n't)\b|[¬!≠~]", re.IGNORECASE
)


def ask_the_same(one: str, other: str) -> bool:
    """Whether two questions, in their normal forms, are about the same thing and ask the same of it."""
    if one == other:
        return True
    asks, about, glosses = _taken_apart(simplified(one))
    other_asks, other_about, other_glosses = _taken_apart(simplified(other))
    if asks != other_asks or about != other_about or (glosses - other_glosses and other_glosses - glosses):
        return False
    return not _traditional(one, other) & _traditional(other, one)


class QuestionParts(Struct, frozen=True):
    """A question taken apart: what it asks, and of what, in words as they are seen."""

    asks: tuple[tuple[str, int], ...]
    words: tuple[str, ...]
    glosses: tuple[str, ...]

    @property
    def subject(self) -> Hashable:
        """What two questions have in common that ask the same; not all that have it do."""
        return self.asks, cased_alike(self.words)

    @property
    def stem(self) -> Hashable:
        """The same of two questions that differ in articles, plurals and the spaces of compounds."""
        return self.asks, "".join(stems(self.words))

    def has_other_glosses(self, other: QuestionParts) -> bool:
        """Whether each has a word in brackets that the other has not."""
        return bool(set(self.glosses) - set(other.glosses) and set(other.glosses) - set(self.glosses))


def question_parts(question: str) -> QuestionParts:
    """The normal form of a question, taken apart as it is seen."""
    asks, about, glosses = _taken_apart(simplified(visible(question)))
    return QuestionParts(tuple(sorted(asks.items())), about, tuple(sorted(glosses.elements())))


def _traditional(one: str, other: str) -> set[str]:
    """What the traditional characters that only one of them has become: 發 and 髮 both become 发, and are two words."""
    return {plain for character in set(one) - set(other) if (plain := simplified(character)) != character}


def is_exchanged(one: str, other: str, *, forgives_slips: bool = False) -> bool:
    """Whether two answers, or two texts, have different words in one place, or one of them a denial more.

    Words that only came, or only went, are an edit; a word in the place of another may be another fact, unless it is
    the same one with a slip less, and slips are forgiven.
    """
    if one == other:
        return False
    words, others = _words(one), _words(other)
    for tag, start, end, other_start, other_end in edits_of(words, others):
        gone, come = words[start:end], others[other_start:other_end]
        is_other = tag == "replace" and not is_converted(gone, come)
        if is_other and not (forgives_slips and _are_slips(gone, come)):
            return True
        if tag in ("delete", "insert") and _DENYING.search(" ".join([*gone, *come])):
            return True
    return False


def denies(word: str) -> bool:
    """Whether a word denies."""
    return _DENYING.fullmatch(word) is not None


def stems_of(text: str) -> tuple[str, ...]:
    """The words of an answer without articles, in the singular."""
    return stems(_words(text))


def _are_slips(gone: Sequence[str], come: Sequence[str]) -> bool:
    """Whether words are others in letter case, in number, or but for a slip: in a long answer, not in a question."""
    if len(gone) != len(come):
        return False
    return all(
        stems([one]) == stems([other])
        or (min(len(one), len(other)) >= 5 and one.isalpha() and other.isalpha() and _distance(one, other) <= 2)
        for one, other in zip(gone, come, strict=True)
    )


def _distance(one: str, other: str) -> int:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(one, other, score_cutoff=2)


def _taken_apart(question: str) -> tuple[Counter[str], tuple[str, ...], Counter[str]]:
    """What a question asks, what it is about, its glosses."""
    bare, glosses = _without_glosses(_folded(question))
    asks: Counter[str] = Counter()
    about = _MEANING.sub(r"\1", bare)
    for name, pattern in _asking():
        about, count = pattern.subn(" ", about)
        about = about.strip()
        if name and count:
            asks[name] += count
    words = _words(about)
    return (asks, words, glosses) if words else (Counter(), _words(bare) or _all_words(question), glosses)


@cache
def _asking() -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern)) for name, pattern in _ASKING[1:] + _ASKING[:1]]


def _without_glosses(text: str) -> tuple[str, Counter[str]]:
    """A translation or an abbreviation in brackets comes and goes; an argument, a number, another word does not."""
    glosses: Counter[str] = Counter()
    is_han = bool(re.search(f"[{_HAN}]", _GLOSS.sub("", text)))

    def taken(found: re.Match[str]) -> str:
        inner, before = found[1], text[: found.start()]
        has_han = bool(re.search(f"[{_HAN}]", inner))
        is_argument = bool(re.search(r"[A-Za-z0-9_)\]]$", before)) and not has_han
        is_gloss = inner.isupper() if not is_han and not has_han else is_han != has_han
        is_gloss = is_gloss and len(inner) > 1
        if found[0] == _GAP or is_argument or not is_gloss or re.search(r"\d", inner):
            return found[0]
        glosses[inner] += 1
        return ""

    return _GLOSS.sub(taken, text), glosses


def _folded(text: str) -> str:
    text = text.translate(_FOLDED)
    for variant, usual in _variants():
        text = text.replace(variant, usual)
    return text


@cache
def _variants() -> list[list[str]]:
    return [pair.split("→") for pair in _VARIANTS.split()]


def _words(text: str) -> tuple[str, ...]:
    """The words of a text that say something, a Chinese character being one; those in quotes all do."""
    words: list[str] = []
    end = 0
    for quoted in _QUOTED.finditer(text):
        words += _unquoted_words(text[end : quoted.start()])
        words += _all_words(quoted[1])
        end = quoted.end()
    words += _unquoted_words(text[end:])
    return tuple(words)


def _unquoted_words(text: str) -> list[str]:
    signs = _SIGN.findall(text) if _SIGN.search(text) else []
    text = _PARTICLES.sub(" ", text)
    for usual, others in _joining():
        text = others.sub(usual, text)
    return [*_TOKEN.findall(_NEUTRAL.sub(" ", text)), *signs]


@cache
def _joining() -> list[tuple[str, re.Pattern[str]]]:
    return [(usual, re.compile(others)) for usual, others in _JOINING]


def _all_words(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text))
