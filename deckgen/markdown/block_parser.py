r"""Markdown → block tokens that know where in the source they begin (`token.meta["start"]`, a character offset).

The rules are markdown-it-py's own. Added are `\[…\]` math and kramdown's attribute lines, which make nothing. An
`inline` token has the offset of each of its lines (`meta["starts"]`). What is nested deeper than `NESTING` is read as
paragraphs, never dropped.
"""
# ruff: noqa: FBT001, N803 (how the parser calls its rules)

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType

from deckgen.markdown.lazy_regex import lazy_regex

Rule = Callable[[StateBlock, int, int, bool], bool]

NESTING = 80
"""Containers in containers; a list and its item are two."""

_OPENERS = frozenset("`~>*+-_#<[|:{$\\=0123456789!?")
"""What a line can begin with that is not plain text (the second line of a table or heading included)."""


# The characters that lines begin with on which a rule can work; the other rules look at the next line, or take any.
_STARTS = {
    "math_brackets": "\\",
    "math_block": "$",
    "attribute_lines": "{*+-0123456789",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "footnote_def": "[",
    "reference": "[",
    "html_block": "<",
    "html_table": "<",
    "container": "<!?:",
    "heading": "#",
}


_ONE_LINE = lazy_regex(r"[^\W\d_][^\n]*")


class PlacedBlocks(ParserBlock):
    """Markdown-it-py's block parser, with places."""

    _tables: dict[str, dict[str, list[Rule]]]

    def prepare(self) -> None:
        """Sort the active rules by the characters that they begin with; to be called when all plugins are in."""
        self._tables = {}
        for chain in ("", "paragraph"):
            names = [rule.name for rule in self.ruler.__rules__ if rule.enabled and (not chain or chain in rule.alt)]
            rules = list(zip(names, self.ruler.getRules(chain), strict=True))
            self._tables[chain] = {
                first: [rule for name, rule in rules if first in _STARTS.get(name, first)] for first in _OPENERS
            } | {"": [rule for name, rule in rules if name not in _STARTS]}

    def parse(self, src: str, md: MarkdownIt, env: EnvType, outTokens: list[Token]) -> list[Token] | None:
        """Tokens for a text. One line that begins with a letter is a paragraph: no rule asks for anything else."""
        if _ONE_LINE.fullmatch(src) is None:
            return super().parse(src, md, env, outTokens)
        opening = Token("paragraph_open", "p", 1, map=[0, 1], meta={"start": 0}, block=True)
        content = src.rstrip(" \t")
        places = {"start": 0, "starts": [0]}
        inline = Token("inline", "", 0, map=[0, 1], level=1, children=[], content=content, meta=places, block=True)
        outTokens.extend([opening, inline, Token("paragraph_close", "p", -1, block=True)])
        return outTokens

    def rules_at(self, state: StateBlock, line: int, chain: str = "") -> list[Rule]:
        """The rules that may find something in a line that is not blank."""
        table = self._tables[chain]
        return table.get(state.src[state.bMarks[line] + state.tShift[line]]) or table[""]

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        """Tokens for a range of lines."""
        line, has_empty_lines = startLine, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                break
            count = len(state.tokens)
            if state.level >= NESTING:
                paragraph(state, line, endLine, False)
            else:
                for rule in self.rules_at(state, line):
                    if rule(state, line, endLine, False):
                        break
                _place(state, count)
            state.tight = not has_empty_lines
            line = state.line
            if line - 1 < endLine and state.isEmpty(line - 1):
                has_empty_lines = True
            if line < endLine and state.isEmpty(line):
                has_empty_lines = True
                line += 1
                state.line = line


def _place(state: StateBlock, count: int) -> None:
    """Note where the tokens from `count` on begin: now, as an open container shifts where its lines begin."""
    for token in state.tokens[count:]:
        if token.map is not None and "start" not in token.meta:
            first, end = token.map
            token.meta["start"] = state.bMarks[first] + state.tShift[first]
            if token.type == "inline":
                token.meta["starts"] = [state.bMarks[i] + state.tShift[i] for i in range(first, max(end, first + 1))]


def paragraph(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: ARG001
    """CommonMark's paragraph: lines up to a blank one, or one that opens a block which may interrupt."""
    blocks = state.md.block
    assert isinstance(blocks, PlacedBlocks)
    end, outer, state.parentType = startLine + 1, state.parentType, "paragraph"
    while end < state.lineMax and not state.isEmpty(end):
        # Indented as code, or a quote's line without its mark: always a continuation.
        may_end = state.level < NESTING and 0 <= state.sCount[end] <= state.blkIndent + 3
        if may_end and any(rule(state, end, state.lineMax, True) for rule in blocks.rules_at(state, end, "paragraph")):
            break
        end += 1
    state.parentType = outer
    _push_paragraph(state, startLine, end)
    return True


def _push_paragraph(state: StateBlock, first: int, end: int) -> None:
    state.line = end
    starts = [state.bMarks[i] + state.tShift[i] for i in range(first, end)]
    src, ends = state.src, state.eMarks
    content = "\n".join([src[start : ends[first + i]] for i, start in enumerate(starts)]).rstrip(" \t")
    if "compact" in state.env:  # for reading documents: one token is cheaper than three
        token = Token("paragraph", "", 0, map=[first, end], level=state.level, content=content)
        token.meta["start"], token.meta["starts"] = starts[0], starts
        state.tokens.append(token)
        return
    state.push("paragraph_open", "p", 1).map = [first, end]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, [first, end], []
    state.push("paragraph_close", "p", -1)


def math_brackets(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    r"""TeX's `\[ … \]` on lines of its own."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    if not state.src.startswith("\\[", start) or state.is_code_block(startLine):
        return False
    lines = []
    for line in range(startLine, endLine):
        if state.isEmpty(line) or (line > startLine and state.sCount[line] < state.blkIndent):
            return False
        begin = start + 2 if line == startLine else state.bMarks[line] + state.tShift[line]
        text = state.src[begin : state.eMarks[line]].rstrip()
        place = text.find("\\]")
        if 0 <= place < len(text) - 2:
            return False  # something follows: math inside a paragraph
        if place >= 0:
            if not silent:
                lines.append(text[:-2])
                state.line = line + 1
                token = state.push("math_block", "math", 0)
                token.content, token.markup, token.map = "\n".join(lines), "\\[", [startLine, line + 1]
            return True
        lines.append(text)
    return False


_ATTRIBUTES = lazy_regex(r"\{:[^{}\n]*\}[ \t]*")
_TOC_ITEM = lazy_regex(r"(?:[-*+]|\d+[.)])[ \t]+toc[ \t]*", re.IGNORECASE)
_TOC = lazy_regex(r"\{:\s*toc\b[^{}\n]*\}[ \t]*", re.IGNORECASE)


def attribute_lines(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """Lines for kramdown's renderer, that make nothing here: `{: .class}`, `{:toc}` and `* toc` before it."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    first, end = state.src[start : start + 1], state.eMarks[startLine]
    if first == "{":
        last = startLine if _ATTRIBUTES.fullmatch(state.src, start, end) else -1
    elif first and first in "*-+0123456789":
        following = startLine + 1
        is_toc = (
            following < endLine
            and _TOC_ITEM.fullmatch(state.src, start, end)
            and _TOC.fullmatch(state.src, state.bMarks[following] + state.tShift[following], state.eMarks[following])
        )
        last = following if is_toc else -1
    else:
        return False
    if last < 0 or state.is_code_block(startLine):
        return False
    if not silent:
        state.line = last + 1
        state.env.setdefault("dropped_lines", set()).update(range(startLine, last + 1))
    return True
