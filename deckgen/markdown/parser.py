r"""The one Markdown parser of deckgen, for reading notes and for rendering fields: what matches is what shows.

CommonMark with tables, ~~strike~~, ==highlight==, H~2~O, x^2^, footnotes, definition lists, `$` and `\(` math, bare
URLs, wiki links, and emphasis that works beside Chinese characters. `token.map` of an inline token
is a pair of offsets.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from deckgen.markdown import block_parser as blocks
from deckgen.markdown import containers
from deckgen.markdown import inline_rules as rules
from deckgen.markdown.inline_parser import PlacedInline


@cache
def parser() -> MarkdownIt:
    """The configured parser; shared, so nobody changes it but by render rules."""
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
    md = parser()
    inline = md.inline
    assert isinstance(inline, PlacedInline)
    return inline.parse_placed(raw, md, environment)
