r"""The one Markdown parser of deckgen, for reading notes and for rendering fields: what matches is what shows.

CommonMark with tables, ~~strike~~, ==highlight==, H~2~O, x^2^, footnotes, definition lists, `$` and `\(` math, bare
URLs, wiki links, and emphasis that works beside Chinese characters. `token.map` of an inline token
is a pair of offsets.

markdown-it-py is imported when a text is parsed: commands on notes of which nothing changed parse none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.token import Token


@cache
def parser() -> MarkdownIt:
    """The configured parser; shared, so nobody changes it but by render rules."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.tasklists import tasklists_plugin

    from deckgen.markdown import block_parser as blocks
    from deckgen.markdown import containers
    from deckgen.markdown import inline_rules as rules
    from deckgen.markdown.inline_parser import PlacedInline

    md = MarkdownIt("commonmark")
    md.inline = inline = PlacedInline()
    md.block = block = blocks.PlacedBlocks()
    md.configure("commonmark", {"maxNesting": blocks.NESTING, "html": True})
    md.enable(["table", "strikethrough"])
    md.use(deflist_plugin).use(footnote_plugin).use(tasklists_plugin)
    md.use(dollarmath_plugin, allow_labels=False, allow_blank_lines=False)

    block.ruler.at("paragraph", blocks.paragraph)
    interrupting: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    block.ruler.before("math_block", "math_brackets", blocks.math_brackets)
    block.ruler.before("fence", "attribute_lines", blocks.attribute_lines, interrupting)
    block.ruler.before("html_block", "container", containers.container, interrupting)
    block.ruler.before("html_block", "html_table", containers.html_table, interrupting)

    inline.ruler.at("newline", rules.newline)
    inline.ruler.at("image", rules.image)
    inline.ruler.at("math_inline", rules.math)
    inline.ruler.before("escape", "math_backslash", rules.math_backslash)
    inline.ruler.before("link", "wiki", rules.wiki)
    inline.ruler.before("autolink", "url", rules.url)
    inline.ruler.before("emphasis", "highlight", rules.highlight)
    inline.ruler.before("strikethrough", "subscript", rules.subscript)
    inline.ruler.push("superscript", rules.superscript)
    inline.ruler2.after("balance_pairs", "highlight", rules.pair_highlights)
    inline.ruler2.disable("fragments_join")
    inline.prepare()
    block.prepare()
    return md


def inline_tokens(raw: str, environment: dict[str, Any]) -> list[Token]:
    """The inline tokens of a text, each as its rule made it, with its place."""
    from deckgen.markdown.inline_parser import PlacedInline

    md = parser()
    inline = md.inline
    assert isinstance(inline, PlacedInline)
    return inline.parse_placed(raw, md, environment)


def reference_key(label: str) -> str:
    """By what the definition of a link's label is found."""
    from markdown_it.common.utils import normalizeReference

    return normalizeReference(label)


def block_tokens(text: str, first_line: int, environment: dict[str, Any]) -> list[Token]:
    """The block tokens of a text from one of its lines on. Inline text is not parsed."""
    from markdown_it.rules_block import StateBlock

    tokens: list[Token] = []
    md = parser()
    state = StateBlock(text, md, environment, tokens)
    md.block.tokenize(state, min(first_line, state.lineMax), state.lineMax)
    return tokens
