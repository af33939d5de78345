"""The expressions that a text must match for a pattern to fit say no only where it does not."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from deckgen.markdown.text import Text
from deckgen.patterns.match_state import Match
from deckgen.patterns.passage import Passage
from deckgen.patterns.pattern import Pattern, compile_pattern
from deckgen.patterns.pattern_syntax import PatternError
from deckgen.patterns.screen import Screen
from deckgen.patterns.types import BUILT_IN, regex_ends, regex_probe

WORDS = (
    "is",
    "a",
    "tide",
    "Räder",
    "3",
    "3.5",
    "是",
    "指",
    "即潮",
    "：",
    ":",
    "::",
    "，",
    "(",
    ")",
    " ",
    "  ",
    "'",
    "é",
)
TYPES = ("", ":phrase", ":rest", ":latin", ":number", ":word", ":cjk", ":year", ":acronym")


@st.composite
def patterns(draw: st.DrawFn, depth: int = 2) -> str:
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["text", "text", "capture", "gap", *(["(", "["] if depth else [])]))
        if kind == "text":
            pieces += [
                word.replace("(", r"\(").replace(")", r"\)")
                for word in draw(st.lists(st.sampled_from(WORDS), max_size=4))
            ]
        elif kind == "capture":
            pieces.append("{" + draw(st.sampled_from("xy")) + draw(st.sampled_from(TYPES)) + "}")
        elif kind == "gap":
            pieces.append("…")
        else:
            inner = "|".join(draw(st.lists(patterns(depth - 1), min_size=1, max_size=3)))
            pieces.append(f"({inner})" if kind == "(" else f"[{inner}]")
    return "".join(pieces)


TEXTS = st.lists(st.sampled_from([*WORDS, "\n", "\u2003", "\x85", "NATO", "1998年", ".", "。", "\ud800"]), max_size=12)


def fits(pattern: Pattern, passage: Passage, *, is_found: bool) -> bool:
    folded_text = passage.folded_text
    if not is_found:
        return pattern.match(folded_text, folded_text.first_word(None), Match(), lambda *_: True)
    return any(pattern.match(folded_text, place, Match(), lambda *_: True) for place in range(len(folded_text.folded)))


@settings(max_examples=1500, deadline=None)
@given(st.lists(patterns(), min_size=1, max_size=3), TEXTS.map("".join), st.booleans(), st.booleans())
@example(["is"], "This", False, True)
@example(["a$"], "a\u2003。 \x85", True, False)
@example([r"a\:"], "a：", False, False)
def test_a_screen_lets_pass_what_fits(written: list[str], text: str, is_ended: bool, is_found: bool) -> None:
    made: list[Pattern] = []
    for one in written:
        try:
            made.append(compile_pattern(one + "$" * is_ended, BUILT_IN.get))
        except PatternError:
            continue  # empty, or it would fit an empty text
    if not made:
        return
    passage = Passage(Text(text))
    start = 0 if is_found else passage.folded_text.first_word(None)
    screen = Screen((pattern.parts for pattern in made), is_found=is_found)
    passing = screen.passing(passage.folded_text.folded[start:])
    fitting = [place for place, pattern in enumerate(made) if fits(pattern, passage, is_found=is_found)]
    assert set(fitting) <= set(passing)


def test_a_screen_says_no() -> None:
    parts = [compile_pattern(text, BUILT_IN.get).parts for text in ("the {x}$", "(see|refer to)")]
    assert Screen(parts, is_found=False).passing("a tide, the ebb") == []
    assert Screen(parts, is_found=True).passing("overseers refer back \ue00e") == []
    assert Screen(parts, is_found=True).passing("a tide, the ebb") == [0]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([r"[a-c]+", r"\bab\b", "^b", "c$", r"\d{2}", r"(?i:AB)c?", r"[\x{3040}-\x{30ff}]", r"\w \w"]),
    st.text("abcABC 12の是，", max_size=9),
    st.sampled_from(["{:shape}", "…{:shape}", "a{:shape}$", "{x}{:shape}{y}"]),
)
def test_a_type_is_probed_before_it_is_looked_for_at_each_place(shape: str, text: str, written: str) -> None:
    plain = BUILT_IN["text"].derive("shape", ends=regex_ends(shape))
    probed = BUILT_IN["text"].derive("shape", ends=regex_ends(shape), probe=regex_probe(shape))
    found = []
    for kind in (plain, probed):
        pattern = compile_pattern(written, lambda name, kind=kind: kind if name == "shape" else BUILT_IN.get(name))
        found.append([fits(pattern, Passage(Text(text)), is_found=is_found) for is_found in (False, True)])
    assert found[0] == found[1]
