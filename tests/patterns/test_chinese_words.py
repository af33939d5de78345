"""Words of Chinese text: where a pattern may cut, and the version that decks are made with."""

import itertools
import subprocess
import sys

import pytest

from deckgen.markdown.text import Text
from deckgen.patterns.chinese_words import dictionary_version
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.match_state import Match
from deckgen.patterns.passage import Passage
from deckgen.patterns.pattern import compile_pattern
from deckgen.patterns.types import BUILT_IN


def words(text: str) -> list[str]:
    """The text, cut wherever it may be."""
    folded_text = FoldedText(text)
    places = [0, *(place for place in range(1, len(text)) if not folded_text.splits_word(place)), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(places)]


@pytest.mark.parametrize(
    ("text", "whole", "apart"),
    [
        ("十二指肠是小肠的一段", ["十二指肠"], ["是"]),
        ("取指周期是指取指令的过程", ["取指"], ["是"]),
        ("公司的负责人由股东会任命", ["负责人"], ["由", "的"]),
        ("稍纵即逝的瞬间", ["稍纵即逝"], ["的"]),
        ("真露杯由真露公司主办", ["真露杯"], ["由"]),
        ("花呗暂停运行", ["暂停"], ["运行"]),
        ("关山利一是日本棋手", [], ["是"]),
        ("金风杯最早由甲报主办", ["最早"], ["由"]),
        ("大气层分为五层", ["分为"], ["五", "层"]),
        ("他生于1934年生活在北京", ["生活"], ["年"]),
    ],
)
def test_words_stay_whole(text: str, whole: list[str], apart: list[str]) -> None:
    found = words(text)
    for word in (*whole, *apart):
        assert word in found, found


def capture(pattern: str, text: str) -> dict[str, str] | None:
    taken: dict[str, str] = {}

    def accept(match: Match, _: int) -> bool:
        taken.update({name: value.folded for name, value in match.captures.items()})
        return True

    compiled = compile_pattern(pattern, BUILT_IN.get)
    return taken if compiled.match(Passage(Text(text)).folded_text, 0, Match(), accept) else None


def test_words_are_whole_beside_literals() -> None:
    assert capture("{x}指{y}", "十二指肠很短") is None
    assert capture("{x}指{y}", "取指周期指取出指令的时间") == {"x": "取指周期", "y": "取出指令的时间"}
    assert capture("{x}用{y}", "此法适用来访者") is None
    assert capture("{x}即{y}", "美景稍纵即逝") is None


def test_japanese_and_latin_text_ask_no_dictionary() -> None:
    assert words("日本語は美しい言語です") == list("日本語は美しい言語です")
    assert capture("{x} is {y}", "This is it") == {"x": "this", "y": "it"}


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert dictionary_version() == f"rjieba {version('rjieba')}"


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"]])
def test_help_loads_no_dictionary(arguments: list[str]) -> None:
    program = f"import sys; sys.argv = ['deckgen', *{arguments!r}]\nfrom deckgen.cli import main\n"
    program += "try:\n    main()\nexcept SystemExit:\n    pass\nassert 'rjieba' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
