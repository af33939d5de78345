"""Where words begin in Chinese text, which puts no spaces between them: by jieba's dictionary, as rjieba has it.

The dictionary costs a tenth of a second and 40 MiB: it is loaded when a pattern first asks about two Chinese
characters that stand side by side.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from deckgen.markdown.lazy_regex import lazy_regex

_KANA = lazy_regex("[\u3040-\u30ff]")
# A word that the dictionary has not, but its model of unknown words guesses, is none where it begins or ends with one
# of these: the model joins particles to names (由甲报, 利一是).
_PARTICLES = "越是由于在的为被把将和与或从对即及其以也则而了着过这那有又并就都不"
_GUESS_IS_NONE = lazy_regex(f"[{_PARTICLES}指叫称用字作].*|.*[{_PARTICLES}]", re.DOTALL)

# A number and what it counts are words of their own, also where the dictionary has both as one: 四个, 五层, 1934年生.
_NUMERAL = "一二两三四五六七八九十百千万亿几多第每"
_MEASURE = "个层类种项条次章部年月日天位名届本篇张块支家所大点步套门款座件代级段组岁人世成"
_COUNTED = lazy_regex(f"[{_NUMERAL}]+[{_MEASURE}]")

_ABOUT = lazy_regex("约(?=等于|为|占)")
_LONGEST_NAME, _LONGEST_CHINESE_NAME = 6, 3
_LONGEST_WORD = 4  # characters of a word of everyday Chinese
_TWO_WORDS = frozenset(["被称作", "被称为", "奖得主", "小会"])  # what the dictionary has as one


class _Dictionary(Protocol):
    def cut(self, text: str, hmm: bool = True) -> list[str]: ...  # noqa: FBT001
    def tag(self, text: str, hmm: bool = True) -> list[tuple[str, str]]: ...  # noqa: FBT001


@cache
def _dictionary() -> _Dictionary:
    import rjieba

    loaded: _Dictionary = rjieba
    return loaded


@cache
def dictionary_version() -> str:
    """The dictionary that Chinese text is cut by, as deck.lock names it: a name and a version."""
    # `importlib.metadata` would take longer to import than all the rest of a build where nothing changed.
    spec = find_spec("rjieba")
    folder = Path(spec.origin).parent.parent if spec is not None and spec.origin else Path()
    found = next(folder.glob("rjieba-*.dist-info"), None)
    return f"rjieba {found.name.removeprefix('rjieba-').removesuffix('.dist-info')}" if found else "rjieba"


def word_insides(text: str, start: int, end: int) -> frozenset[int]:
    """The places inside of the words of a run of Chinese characters, `text[start:end]`: nothing may be cut there."""
    if _KANA.search(text):  # Japanese, which has other words
        return frozenset()
    begin = start + 1 if start and text[start - 1] in "0123456789 " and text[start] in _MEASURE else start
    return frozenset(begin + place for place in _insides(text[begin:end]))


@lru_cache(maxsize=2048)
def is_one_word(text: str) -> bool:
    """Whether a short Chinese text is a word that the dictionary has."""
    return len(text) <= _LONGEST_WORD and _dictionary().cut(text, False) == [text]


@lru_cache(maxsize=2048)
def words_of(text: str) -> tuple[tuple[str, str], ...]:
    """The words of a short text, each with its part of speech (`n`, `v`, `nr`, …), by the dictionary alone."""
    return tuple(_dictionary().tag(text, False))


def names_kind(word: str) -> bool:
    """Whether a word names a kind of thing: no time, place, person, deed or quality, which nobody defines."""
    return words_of(word)[0][1] not in ("t", "f", "s", "m", "v", "a", "d", "nr", "nrt", "nrfg")


_PERSON = ("nr", "nrt", "nrfg")
_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴"
    "崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵毛顾赖武康贺严尹钱施洪龚老庄荀墨屈鲁茅巴冰墨狄"
    "張劉陳楊黃趙吳孫馬鄭羅謝韓許鄧蕭馮曾盧陸譚賈鄒閻龍顧賴賀嚴錢龔萬蘇葉呂蔣鍾莊魯"
)
_PLACES = "江河山湖岛海港湾州市县区国路街"


def names_person(text: str) -> bool:
    """Whether a short text is the name of a person and nothing else: one in the dictionary, or like a Chinese one."""
    words = words_of(text) if 2 <= len(text) <= _LONGEST_NAME else ()
    if not any(kind in _PERSON for _, kind in words) or text[-1] in _PLACES:
        return False
    if len(text) <= _LONGEST_CHINESE_NAME and text[0] in _SURNAMES:
        return True
    return len(words) == 1 and len(text) >= _LONGEST_CHINESE_NAME  # 凯洛夫, 夏目漱石


_SAYING = frozenset([
    "决定", "提出", "强调", "要求", "依赖", "代替", "导致", "促进", "产生", "反映", "体现", "依靠", "违背",
    "取代", "引起", "看重", "赋予", "否定", "继承",
])  # fmt: skip
_SUBJECTS = ("n", "l", "i", "j", "eng", "vn", "r")
_OBJECTS = ("n", "l", "i", "j", "eng", "v", "a", "m", "r")


def says_something(label: str) -> bool:
    """Whether a short text says something of its subject by a verb, and so names nothing: 物质决定意识."""
    words = words_of(label)
    if any(word in ("的", "之", "所") for word, _ in words):
        return False
    return any(
        word in _SAYING
        and kind == "v"
        and words[place][1].startswith(_SUBJECTS)
        and words[place + 2][1].startswith(_OBJECTS)
        for place, (word, kind) in enumerate(words[1:-1])
    )


_DEEDS = frozenset([
    "下调", "上调", "挑选", "引入", "批判", "取出", "合理利用", "使用", "利用", "运用", "采用", "组建", "打印",
    "维持", "保持", "培养", "指导", "调控", "改善", "改变", "改进", "减少", "增加", "增强", "减缓", "缩短",
    "延长", "扩大", "缩小", "提高", "提升", "降低", "加强", "促进", "推动", "推进", "建立", "确立", "设立",
    "设置", "制定", "寻找", "找到", "找出", "避免", "防止", "平衡", "满足", "实现", "关注", "重视", "鼓励",
    "帮助", "让", "使", "过滤", "构成", "形成", "产生", "提供", "创造", "开展", "进行", "获得", "取得", "解决",
    "消除", "清除", "明确", "坚持", "遵守", "遵循", "了解", "学会", "拒绝", "计算", "求", "求出", "只返回",
    "加入", "放入", "写入", "读取", "读写", "载入", "导入", "倒入", "滴加", "称取", "量取", "选取", "选用", "去除",
    "除去", "确定", "更换", "尊重", "发挥", "丰富", "打破", "摆脱", "深化", "强化", "巩固", "拓展",
])  # fmt: skip
"""What one does, or what something does, where it begins a label and an object follows."""
_HEADS = (
    "方法", "方式", "办法", "手段", "途径", "原则", "原理", "条件", "原因", "结果", "过程", "步骤", "阶段", "技术",
    "算法", "策略", "能力", "系统", "模型", "函数", "公式", "定理", "定律", "理论", "效应", "机制", "制度", "模式",
    "工具", "软件", "程序", "设备", "装置", "仪器", "公司", "机构", "组织", "部门", "人员", "学者", "问题", "时间",
    "时期", "地点", "次数", "频率", "速度", "比例", "数据", "信息", "文件", "命令", "语句", "指令", "参数", "变量",
    "对象", "类型", "种类", "类", "法", "式", "率", "值", "量", "数", "度", "性", "器", "机", "仪", "型", "点",
    "线", "面", "区", "期", "权", "力", "者", "人", "物", "品", "剂", "酶", "素", "键", "表", "图", "树", "矩阵",
    "网络", "复用", "集", "域", "层", "端", "税", "费", "金", "款", "价", "罪",
)  # fmt: skip
"""Ends of names that a verb may stand before: 计算方法, 返回值."""


@lru_cache(maxsize=2048)
def is_deed(label: str) -> bool:
    """Whether a short text says what is done, a verb and its object, and so names nothing: 组建海军."""
    words = words_of(label)
    if len(words) < 2 or words[0][0] not in _DEEDS or label.endswith(_HEADS):
        return False
    rest = "".join(word for word, _ in words[1:]).strip()
    return len(rest) > 1 and not rest.startswith(("的", "与", "和", "及", "、", "性", "式", "型"))


_NO_QUALITIES = frozenset(["极限", "民主", "自由", "公平", "公正", "矛盾", "高适", "平等", "和平", "安全"])


def is_quality(label: str) -> bool:
    """Whether a label is an adjective and nothing else, which says what something is like: 强大, 短暂."""
    words = words_of(label)
    return len(words) == 1 and len(label) > 1 and words[0][1] in ("a", "ad") and label not in _NO_QUALITIES


def word_around(text: str, place: int) -> tuple[str, str] | None:
    """The word of a short text that a place stands inside of, with its part of speech; None between two words."""
    start = 0
    for word, kind in words_of(text):
        if start < place < start + len(word):
            return word, kind
        start += len(word)
    return None


@lru_cache(maxsize=2048)  # a run is asked about as a sentence, as a clause of it, and as an item
def _insides(run: str) -> tuple[int, ...]:
    known = _inner_places(_dictionary().cut(run, False))
    place = 0
    guessed: list[int] = []
    for word in _dictionary().cut(run, True):
        if word not in _TWO_WORDS and not _COUNTED.fullmatch(word) and not _GUESS_IS_NONE.fullmatch(word):
            guessed.extend(range(place + 1, place + len(word)))
        place += len(word)
    about = {place for found in _ABOUT.finditer(run) for place in found.span()}  # 字节约等于 is no 节约
    return tuple(sorted({*known, *guessed} - about))


def _inner_places(words: list[str]) -> list[int]:
    places: list[int] = []
    place = 0
    for word in words:
        if word not in _TWO_WORDS and _COUNTED.fullmatch(word) is None:
            places.extend(range(place + 1, place + len(word)))
        place += len(word)
    return places
