"""The one Markdown parser of deckgen, for reading notes and for rendering fields: what matches is what shows.

CommonMark with tables, ~~strike~~, ==highlight==, footnotes, definition lists, `$` and `\\(` math, bare URLs, wiki links
and emphasis that works beside Chinese characters. `token.map` of an inline token is a pair of character offsets.
"""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from deckgen import markdown_blocks as blocks
from deckgen import markdown_inline as inline


@cache
def parser() -> MarkdownIt:
    """The configured parser; shared, so nobody changes it but by render rules."""
    md = MarkdownIt("commonmark")
    md.inline = inline.PlacedInline()
    md.block = blocks.PlacedBlocks()
    md.configure("commonmark", {"maxNesting": blocks.NESTING, "html": True})
    md.enable(["table", "strikethrough"])
    md.use(deflist_plugin).use(footnote_plugin).use(tasklists_plugin)
    md.use(dollarmath_plugin, allow_labels=False, allow_blank_lines=False)

    md.block.ruler.at("paragraph", blocks.paragraph)
    interrupting = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("math_block", "math_brackets", blocks.math_brackets)
    md.block.ruler.before("fence", "attribute_lines", blocks.attribute_lines, interrupting)

    md.inline.ruler.at("newline", inline.newline)
    md.inline.ruler.at("math_inline", inline.math)
    md.inline.ruler.before("escape", "math_backslash", inline.math_backslash)
    md.inline.ruler.before("link", "wiki", inline.wiki)
    md.inline.ruler.before("autolink", "url", inline.url)
    md.inline.ruler.before("emphasis", "highlight", inline.highlight)
    md.inline.ruler2.after("balance_pairs", "highlight", inline.pair_highlights)
    md.inline.ruler2.disable("fragments_join")
    md.inline.prepare()
    return md
