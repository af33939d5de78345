"""Random patterns fit where regular expressions that say the same do, and capture the same."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from deckgen.markdown.text import Text
from deckgen.patterns.match_state import Match
from deckgen.patterns.passage import Passage
from deckgen.patterns.pattern import compile_pattern
from deckgen.patterns.pattern_syntax import Capture, End, Gap, Group, Literal, PatternError, Sequence, fits_empty
from deckgen.patterns.types import BUILT_IN

LETTERS = "㐁㐂㐃"  # Chinese characters that no dictionary has: words and white space play no part in it


@st.composite
def patterns(draw: st.DrawFn, depth: int = 2, names: str = "xyz") -> str:
    """A pattern; a name may stand twice."""
    kinds = ["text", "text", "capture", "gap", *(["group", "option", "choice"] if depth else [])]
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(kinds))
        if kind == "text":
            pieces.append(draw(st.text(LETTERS, min_size=1, max_size=2)))
        elif kind == "capture":
            pieces.append("{" + draw(st.sampled_from(names)) + "}")
        elif kind == "gap":
            pieces.append("…")
        else:
            inner = "|".join(draw(st.lists(patterns(depth=depth - 1, names=names), min_size=1, max_size=3)))
            pieces.append({"group": f"({inner})", "option": f"[{inner}]", "choice": f"{{{names[0]}:({inner})}}"}[kind])
    return "".join(pieces)


def expression(parts: Sequence, following: Sequence, seen: set[str]) -> str:
    """The same as a regular expression; of a group, `following` is what stands behind it."""
    pieces = []
    for index, part in enumerate(parts):
        rest = (*parts[index + 1 :], *following)
        if isinstance(part, Literal):
            pieces.append(part.text)
        elif isinstance(part, Gap):
            pieces.append(".*?")
        elif isinstance(part, End):
            pieces.append("$")
        elif isinstance(part, Group):
            choices = "|".join(expression(choice, rest, seen) for choice in part.choices)
            pieces.append(f"(?:{choices})" + "?" * part.is_optional)
        elif isinstance(part, Capture):
            assert part.name not in seen  # `captures_once` has looked
            seen.add(part.name)
            if part.inner:
                inner = "|".join(expression(choice, rest, seen) for choice in part.inner.choices)
                pieces.append(f"(?P<{part.name}>{inner})")
            else:
                pieces.append(f"(?P<{part.name}>.+)" if fits_empty(rest) else f"(?P<{part.name}>.+?)")
    return "".join(pieces)


def captures_once(parts: Sequence, seen: set[str]) -> bool:
    for part in parts:
        groups = part.choices if isinstance(part, Group) else ()
        if isinstance(part, Capture):
            if part.name in seen:
                return False
            seen.add(part.name)
            groups = part.inner.choices if part.inner else ()
        if not all(captures_once(choice, seen) for choice in groups):
            return False
    return True


def waits_for_options(parts: Sequence, following: Sequence = ()) -> bool:
    """Whether some capture is followed by options alone, for which it waits as no regular expression does."""
    for index, part in enumerate(parts):
        rest = (*parts[index + 1 :], *following)
        if isinstance(part, Capture) and not part.inner and rest and fits_empty(rest):
            return True
        choices = (
            part.choices
            if isinstance(part, Group)
            else part.inner.choices
            if isinstance(part, Capture) and part.inner
            else ()
        )
        if any(waits_for_options(choice, rest) for choice in choices):
            return True
    return False


@settings(max_examples=500, deadline=None)
@given(patterns(), st.text(LETTERS, min_size=1, max_size=9), st.booleans())
def test_random_patterns(written: str, text: str, is_ended: bool) -> None:
    try:
        pattern = compile_pattern(written + "$" * is_ended, BUILT_IN.get)
    except PatternError:
        return  # it would fit an empty text
    if not captures_once(pattern.parts, set()):
        return
    passage = Passage(Text(text))
    taken: dict[str, str] = {}

    def accept(match: Match, _: int) -> bool:
        taken.update({name: capture.folded for name, capture in match.captures.items()})
        return True

    fits = pattern.match(passage.folded_text, 0, Match(), accept)
    wanted = re.compile(expression(pattern.parts, (), set()), re.DOTALL).match(text)
    assert fits == (wanted is not None)
    assert fits <= pattern.may_match(passage.folded_text)
    if wanted and not waits_for_options(pattern.parts):
        assert taken == {name: value for name, value in wanted.groupdict().items() if value is not None}
