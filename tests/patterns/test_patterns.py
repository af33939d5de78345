"""The five laws of patterns, the built-in types, and what is no pattern."""

from __future__ import annotations

import pytest

from deckgen.markdown.text import Text
from deckgen.patterns.literals import literal_expression, verbatim
from deckgen.patterns.match_state import Match, StepsExhaustedError
from deckgen.patterns.passage import Passage
from deckgen.patterns.pattern import compile_line, compile_pattern
from deckgen.patterns.pattern_syntax import PatternError
from deckgen.patterns.types import BUILT_IN, CaptureType


def types(name: str) -> CaptureType | None:
    subject = BUILT_IN["phrase"].derive("name", length=(1, 30), tests=[_no_pronoun])
    return {"name": subject}.get(name) or BUILT_IN.get(name)


def _no_pronoun(text: str) -> str | None:
    return "a pronoun" if text.startswith(("它", "这", "it ")) else None


def fit(pattern: str, markdown: str) -> dict[str, str] | None:
    """The captures of a pattern on a text, as Markdown; None where it does not fit."""
    compiled = compile_pattern(pattern, types)
    passage = Passage(Text(markdown))
    folded_text = passage.folded_text
    taken: dict[str, str] = {}

    def accept(match: Match, end: int) -> bool:
        for name, capture in match.captures.items():
            taken[name] = passage.part(*folded_text.plain_range(capture.start, capture.end)).markdown
        return True

    fits = compiled.match(folded_text, folded_text.first_word(None), Match(), accept)
    assert fits <= compiled.may_match(folded_text), "the quick look refused what fits"
    return taken if fits else None


FITS = [
    # place: at the beginning, after bullets and enumerators; it need not reach the end
    ("{term:name}[的]全称(是|为){full:phrase}", "DLSS的全称是Deep Learning，以及别的。", {"term": "DLSS", "full": "Deep Learning"}),
    ("{term}在{when:year}", "1.理光杯在2000年举办", {"term": "理光杯", "when": "2000年"}),
    ("{term} is {what}", "（1）X is Y", {"term": "X", "what": "Y"}),
    ("参考", "参考资料", {}),
    ("参考$", "参考资料", None),
    ("参考$", "参考。", {}),
    ("…参考", "更多参考", {}),
    ("{a}是", "。", None),
    # whole words
    ("{x} is {y}", "This thing is that", {"x": "This thing", "y": "that"}),
    ("{x}3", "DLSS 3.5", None),
    ("{a} der {b}", "die Räder der Wagen", {"a": "die Räder", "b": "Wagen"}),
    ("{a} über {b}", "Brücke darüber und über Bäche", {"a": "Brücke darüber und", "b": "Bäche"}),
    ("{a}GPU{b}", "一种GPU卡", {"a": "一种", "b": "卡"}),
    ("{a}::{b}", "a ::: b", None),
    ("{a}::{b}", "der Hund :: the dog", {"a": "der Hund", "b": "the dog"}),
    ("{a}（又称{x}", "土豆（又称马铃薯）好吃", {"a": "土豆", "x": "马铃薯"}),
    ("{a}，{b}", "由（甲，乙）和丙，丁", {"a": "由（甲，乙）和丙", "b": "丁"}),
    # length: as short as the rest allows, options first, the last as long as its type allows
    ("{a}是{b}", "甲是乙是丙", {"a": "甲", "b": "乙是丙"}),
    ("{a}(是|是一种){b}", "甲是一种乙", {"a": "甲", "b": "一种乙"}),
    ("{a}[的]名字", "猫的名字", {"a": "猫"}),
    ("{x}是{y:phrase}[（{z}）]", "甲是乙（丙）。", {"x": "甲", "y": "乙", "z": "丙"}),
    ("{x}是{y:phrase}[（{z}）]", "甲是乙丁，好", {"x": "甲", "y": "乙丁"}),
    ("{x} is [the] act", "X is act", {"x": "X"}),
    ("{x}[ or {y}] met", "cats or dogs met", {"x": "cats", "y": "dogs"}),
    ("{x}(，{y}|和{y})是", "甲，乙是丙", {"x": "甲", "y": "乙"}),
    ("(甲…|乙)丙", "甲丁丙", {}),
    # edges: white space and marks go, Markdown stays and is closed again
    ("{a}，{b}", "甲 ，乙：", {"a": "甲", "b": "乙"}),
    ("{a}的{b}", "**甲的**乙", {"a": "**甲**", "b": "乙"}),
    ("{a}:{b}", "`a:b`: c", {"a": "`a:b`", "b": "c"}),
    # twice: the same text both times
    ("{x}和{x}的朋友", "甲和甲的朋友", {"x": "甲"}),
    ("{x}和{x}的朋友", "甲和乙的朋友", None),
    ("{x}大{y}，{y}小", "A大B，B小", {"x": "A", "y": "B"}),
    # letter case, width, white space
    ("{a}（{b}）", "Median filter (MF)", {"a": "Median filter", "b": "MF"}),
    ("{a} STANDS for {b}", "X stands For Y", {"a": "X", "b": "Y"}),
    ("{a}的全称", "DLSS 的 全称", {"a": "DLSS"}),
    # alternatives as a capture, nameless captures
    ("{a}是谁{how:(提出|发明)}的", "它是谁发明的", {"a": "它", "how": "发明"}),
    ("{a}，{:year}，{b}", "图灵，1912年，数学家", {"a": "图灵", "b": "数学家"}),
    # types
    ("{n:number}个", "12个", {"n": "12"}),
    ("{n:number}次", "十二次", {"n": "十二"}),
    ("{d:date}", "2024年11月3日发布", {"d": "2024年11月3日"}),
    ("{d:date}", "March 3, 2019 was cold", {"d": "March 3, 2019"}),
    ("{x:quoted}", "“甲，乙”好", {"x": "“甲，乙”"}),
    ("{x:latin}是", "Deep Learning是", {"x": "Deep Learning"}),
    ("{x:acronym} is", "MMoE is", {"x": "MMoE"}),
    ("{x:acronym} is", "Word is", None),
    ("{x:cjk}（", "中值滤波（Median）", {"x": "中值滤波"}),
    ("{x:bold}:{y}", "**x**: y", {"x": "**x**", "y": "y"}),
    ("{x:bold}:{y}", "**x:** y", {"x": "**x**", "y": "y"}),
    ("{x:code} does {y}", "`ls` does much", {"x": "`ls`", "y": "much"}),
    ("{x:link}:{y}", "[a](b): c", {"x": "[a](b)", "y": "c"}),
    ("{x:name}是", "它是", None),
    ("{x:phrase}", "一句，又一句", {"x": "一句"}),
    ("{x:rest}", "一句，又一句。第二句", {"x": "一句，又一句"}),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text", "captures"), FITS)
def test_law(pattern: str, text: str, captures: dict[str, str] | None) -> None:
    assert fit(pattern, text) == captures


NO_PATTERNS = [
    ("", "the pattern is empty", 0),
    ("[?:]", "the pattern would fit an empty text", 0),
    ("…", "the pattern would fit an empty text", 0),
    ("{x", "`{` is never closed", 0),
    ("a|b", "`|` stands outside of brackets", 1),
    ("(a||b)", "an alternative is empty", 3),
    ("(a|b", "`(` is never closed", 0),
    ("a)", "`)` closes nothing", 1),
    ("x$y", "`$` stands before the end", 1),
    ("{x:}", "a type is missing after `:`", 3),
    ("{x:nmae}", "unknown type `nmae`", 0),
    ("{x y}", "` ` cannot stand in a capture", 2),
    ("a\\", "`\\` stands before nothing", 1),
    ("(a]", "`]` where `)` is wanted", 2),
]


@pytest.mark.parametrize(("pattern", "message", "offset"), NO_PATTERNS)
def test_no_pattern(pattern: str, message: str, offset: int) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern, types)
    assert (caught.value.message, caught.value.offset) == (message, offset)


def test_escaped_characters_stand_for_themselves() -> None:
    assert fit("{a}\\(x\\){b}", "f(x) y") == {"a": "f", "b": "y"}


def test_a_test_of_lines_takes_no_named_captures() -> None:
    assert compile_line("(它|{:number})")("它")
    assert compile_line("(它|{:number})")("12")
    assert compile_line("第{:number}(次|年)")("第二次")
    assert not compile_line("{:number}次")("2a次")
    with pytest.raises(PatternError, match="no capture"):
        compile_line("{x}它")


def test_what_could_backtrack_for_ever_is_cut_off_by_steps() -> None:
    pattern = "{a}a{b}a{c}a{d}a{e}x{e}"

    with pytest.raises(StepsExhaustedError):
        fit(pattern, "a " * 3000)


def test_what_stands_as_it_is_is_found_as_it_is() -> None:
    assert verbatim("提出了") == "提出了"
    assert verbatim("提出，") is None
    assert verbatim("提 a") is None
    assert fit("{a}提出{b}", "他提出了") == {"a": "他", "b": "了"}


def test_hyphens_and_apostrophes_belong_to_their_word() -> None:
    assert "so\\-called" in literal_expression("so-called")
