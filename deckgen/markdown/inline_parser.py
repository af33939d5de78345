"""Inline Markdown → tokens that know where in their source they stand.

The rules are markdown-it-py's own, with a few added (math, bare URLs, wiki links, ==highlight==), so that what a rule
of deckgen matches is what a card shows. Three things differ from the stock parser: every token carries its place
(`token.map` is a pair of character offsets), a rule is only tried on the characters that it can begin with, and work
is bounded: past `BUDGET` steps on one text brackets that are still open are text, past `TOKENS` tokens all is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

from deckgen.markdown.flanking import flanking, is_punctuation
from deckgen.markdown.lazy_regex import lazy_regex

Rule = Callable[[StateInline, bool], bool]

BUDGET = 300_000
"""Look-ahead steps on one text, beside twenty for each of its characters."""
TOKENS = 200_000
"""Tokens of one text; what comes after them is text."""
NESTING = 24
"""Brackets in brackets that are looked into; images and footnotes in one another: a sixth of it."""

# The characters that each rule can begin with.
STARTS = {
    "newline": "\n",
    "math_backslash": "\\",
    "escape": "\\",
    "math_inline": "$",
    "url": "hH",
    "backticks": "`",
    "subscript": "~",
    "strikethrough": "~",
    "highlight": "=",
    "emphasis": "*_",
    "wiki": "[!",
    "link": "[",
    "image": "!",
    "footnote_inline": "^",
    "superscript": "^",
    "footnote_ref": "[",
    "autolink": "<",
    "html_inline": "<",
    "entity": "&",
}
_STOP = lazy_regex(r"[\n\\$`~=*_\[\]!^<&]")
_STOP_OR_URL = lazy_regex(r"[\n\\$`~=*_\[\]!^<&]|https?://", re.IGNORECASE)

_DEPENDS = lazy_regex(r"[\[~]")
"""What its surroundings have a say in, such as links and footnotes; which tildes mean what is decided afterwards."""
_MOST_KNOWN, _LONGEST_KNOWN = 512, 2_000  # texts, and characters of one


class PlacedState(StateInline):
    """The state of one parse: beside the stock one, what it needs for places and for bounded work."""

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.stop = _STOP_OR_URL if "://" in src else _STOP
        self.budget = BUDGET + 20 * len(src)
        self.inner = (0, 0)  # the range that the last nested `tokenize` went through: a link's text
        self.last_seen: dict[str, int] = {}

    def seen_after(self, text: str, pos: int) -> bool:
        """Whether `text` stands anywhere at or after `pos`: spares many searches in vain, which would be quadratic."""
        if text not in self.last_seen:
            self.last_seen[text] = self.src.rfind(text)
        return self.last_seen[text] >= pos

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: FBT001, N802, N803 (the base class's)
        """As CommonMark, with the amendment for Chinese, Japanese and Korean (markdown-cjk-friendly).

        Those scripts have no spaces around emphasis, so a mark beside one of their characters counts as if it stood
        beside a space: `**概念：**这是` and `这是**“引”**的` are bold.
        """
        src, end, maximum = self.src, start, self.posMax
        marker = src[start]
        while end < maximum and src[end] == marker:
            end += 1
        last, following = (src[start - 1] if start else " "), (src[end] if end < maximum else " ")
        left, right = flanking(last, following)
        can_open = left and (canSplitWord or not right or is_punctuation(last))
        can_close = right and (canSplitWord or not left or is_punctuation(following))
        return Scanned(can_open, can_close, end - start)


class PlacedInline(ParserInline):
    """Markdown-it-py's inline parser, with places."""

    _table: dict[str, tuple[Rule, ...]]

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, list[Token]] = {}  # of texts, whatever they stand in

    def prepare(self) -> None:
        """Sort the active rules by the characters that they begin with; to be called when all plugins are in."""
        table: dict[str, list[Rule]] = {}
        names = [name for name in self.ruler.get_active_rules() if name in STARTS]
        rules = dict(zip(self.ruler.get_active_rules(), self.ruler.getRules(""), strict=True))
        for name in names:
            for character in STARTS[name]:
                table.setdefault(character, []).append(rules[name])
        self._table = {character: tuple(found) for character, found in table.items()}

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """The stock entry: adjacent texts joined, as renderers expect it. Texts are for them to change."""
        placed = self.parse_placed(src, md, env)
        for kind, run in groupby(placed, key=attrgetter("type")):
            if kind == "text":
                pieces = list(run)
                last = pieces[-1]
                content = "".join([token.content for token in pieces])
                joined = Token("text", "", 0, map=last.map, level=last.level, content=content, info=last.info)
                joined.meta = last.meta
                tokens.append(joined)
            elif kind == "text_special":
                tokens.extend(replace(token) for token in run)
            else:
                tokens.extend(run)
        return tokens

    def parse_placed(self, src: str, md: MarkdownIt, env: EnvType) -> list[Token]:
        """Tokens as the rules made them: each with its own place. Most texts of a field were just read in a note."""
        if env.get("inline_depth") or len(src) > _LONGEST_KNOWN or _DEPENDS.search(src):
            return self._parse(src, md, env).tokens
        found = self._known.get(src)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[src] = self._parse(src, md, env).tokens
        return found

    def _parse(self, src: str, md: MarkdownIt, env: EnvType) -> StateInline:
        state = PlacedState(src, md, env, [])
        depth = env.get("inline_depth", 0)
        if depth > NESTING // 6:  # an image in an image in an image: each level is parsed again
            _push_text(state, src, 0)
            return state
        env["inline_depth"] = depth + 1
        try:
            self.tokenize(state)
            for rule in self.ruler2.getRules(""):
                rule(state)
        finally:
            env["inline_depth"] = depth
        return state

    def tokenize(self, state: StateInline) -> None:
        """Tokens for the state's range."""
        assert isinstance(state, PlacedState)
        src, start, end, tokens = state.src, state.pos, state.posMax, state.tokens
        table, search = self._table, state.stop.search
        while (pos := state.pos) < end:
            if len(tokens) > TOKENS:
                _push_text(state, src[pos:end], pos)
                state.pos = end
                break
            rules = table.get(src[pos])
            if rules:
                count = len(tokens)
                if any(rule(state, False) for rule in rules):
                    if state.pending:  # an unmatched run of backticks
                        state.pushPending()
                    if len(tokens) > count:
                        _place(tokens, count, pos, state)
                    continue
            found = search(src, pos + 1, end)
            stop = found.start() if found else end
            _push_text(state, src[pos:stop], pos)
            state.pos = stop
        state.inner = (start, end)

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 (the base class's name)
        """Step over one token without making it: look-ahead for the end of a bracket."""
        assert isinstance(state, PlacedState)
        pos = state.pos
        state.budget -= 1
        if state.budget < 0:
            state.pos = state.posMax
            return
        known = state.cache.get(pos)
        if known is not None:
            state.pos = known
            return
        rules = self._table.get(state.src[pos])
        if rules is None:
            found = state.stop.search(state.src, pos + 1, state.posMax)
            state.pos = found.start() if found else state.posMax
            return  # not worth remembering
        if state.level >= NESTING:
            state.pos = state.posMax
        else:
            state.level += 1
            if not any(rule(state, True) for rule in rules):
                state.pos = pos + 1
            state.level -= 1
        state.cache[pos] = state.pos


def _push_text(state: StateInline, text: str, pos: int) -> None:
    token = Token("text", "", 0, map=[pos, pos + len(text)], content=text)
    token.level = state.level
    state.tokens.append(token)


def _place(tokens: list[Token], count: int, pos: int, state: PlacedState) -> None:
    """Tell the tokens from `count` on, made by the rule that began at `pos`, where they stand."""
    end = state.pos
    first = tokens[count]
    if len(tokens) == count + 1:
        if first.map is None:
            first.map = [pos, end]
    elif first.info == "auto":
        for token in tokens[count:]:
            token.map = [pos, end]
    elif first.nesting == 1:
        if first.map is None:
            first.map = [pos, state.inner[0]]
            tokens[-1].map = [state.inner[1], end]
    else:  # a run of marks, one token for each
        for token in tokens[count:]:
            token.map = [pos, pos + len(token.content)]
            pos += len(token.content)
