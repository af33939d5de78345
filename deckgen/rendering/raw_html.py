"""Raw HTML in notes: what `html: sanitize` keeps of it.

Only fields that hold raw HTML come here, and then as a whole: a tag may begin in one fragment and end in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.rendering.escaping import escape_html

Html = Literal["sanitize", "escape", "trust"]
"""What deck.yaml's `html:` says."""

TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym address article aside audio b bdi bdo big blockquote br caption center cite code col "
        "colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr "
        "i img ins kbd li main mark nav ol p picture pre q rp rt ruby s samp section small source span strike "
        "strong sub summary sup table tbody td tfoot th thead time tr tt u ul var video wbr ",
    )
)
_ATTRIBUTES = {
    "*": {"class", "dir", "lang", "style", "title", "align"},
    "a": {"href", "hreflang"},
    "audio": {"src", "controls", "loop", "preload"},
    "col": {"span", "width"},
    "font": {"color", "size"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan", "valign", "width"},
    "th": {"colspan", "rowspan", "valign", "scope", "width"},
    "video": {"src", "controls", "height", "loop", "poster", "preload", "width"},
}
_STYLES = {
    "background-color",
    "color",
    "font-style",
    "font-weight",
    "height",
    "list-style-type",
    "max-width",
    "text-align",
    "text-decoration",
    "vertical-align",
    "white-space",
    "width",
}
_SCHEMES = {"http", "https", "mailto", "ftp", "tel", "obsidian", "zotero", "data"}

_WHOLE = {"script", "style", "iframe", "object", "embed", "template", "noscript", "title", "svg", "math"}
"""What goes with all that stands in it."""
_KNOWN = TAGS.union(
    _WHOLE,
    re.findall(
        r"\w+",
        "area base body button canvas datalist dialog fieldset form frame frameset head html input label legend link "
        "map menu meta meter noframes option optgroup output param progress select slot textarea track",
    ),
)
"""Names of HTML's elements, harmless or not: any other is no tag but text between angle brackets."""

_BEGIN = lazy_regex(r"</?([a-zA-Z])")
_NAME_END = lazy_regex(r"[\s/>]|\Z")
_MARK = lazy_regex(r"""[>"']|\Z""")
# An anchor that HTML would take for open, and so all that follows it for a link.
_ANCHOR = lazy_regex(r"<a(?:\s+(?:name|id)\s*=\s*[^\s>]+)*\s*/>")
_SCHEME = lazy_regex(r"""["']?\s*([a-zA-Z][a-zA-Z0-9+.-]*):""")
_ATTRIBUTE = lazy_regex(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
_COMMENT = lazy_regex(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[!?][^>]*(?:>|\Z)", re.DOTALL)


def without_comments(html: str) -> str:
    """Raw HTML without comments, declarations, processing instructions and anchors: nothing that is to be seen."""
    html = _COMMENT.sub("", html) if "<!" in html or "<?" in html else html
    return _ANCHOR.sub("", html) if "<a" in html else html


def _only_pictures_as_data(tag: str, attribute: str, value: str) -> str | None:
    is_data = value.lstrip().lower().startswith("data:")
    if is_data and not (tag == "img" and attribute == "src" and value.lstrip().lower().startswith("data:image/")):
        return None
    return value


def sanitise(html: str) -> str:
    """A whole field, with the harmless part of its HTML; every tag is closed."""
    import nh3

    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_pictures_as_data,
        url_schemes=_SCHEMES,
        link_rel=None,
        filter_style_properties=_STYLES,
    )


class _Tag(Struct, frozen=True):
    """A start tag or an end tag, from `start` to `end` of a text."""

    start: int
    end: int
    name: str
    attributes: str
    is_end: bool


def _tags(html: str) -> Iterator[_Tag]:
    """The tags of a text, in work proportional to its length whatever is open in it: every mark that ends a tag or
    quotes a value is looked at once.
    """
    name_end = mark = place = 0
    last = {quote: html.rfind(quote) for quote in "\"'"}
    without_end: set[int] = set()  # marks from which on a tag does not end
    while found := _BEGIN.search(html, place):
        place = found.end()
        if name_end < place:
            name_end = _first(_NAME_END, html, place)
        if mark < name_end:
            mark = _first(_MARK, html, name_end)
        end, passed = mark, []
        while end < len(html) and html[end] != ">" and end not in without_end:
            passed.append(end)
            if end == last[html[end]]:
                break
            end = _first(_MARK, html, html.index(html[end], end + 1) + 1)
        if html[end : end + 1] != ">" or end in without_end:
            without_end.update(passed)
            continue
        yield _Tag(
            found.start(), end + 1, html[found.start(1) : name_end], html[name_end:end], html[found.start() + 1] == "/"
        )
        place = end + 1


def _first(mark: re.Pattern[str], html: str, start: int) -> int:
    found = mark.search(html, start)
    return found.start() if found else len(html)


def is_harmless(html: str) -> bool:
    """Whether `sanitise` takes nothing out of a fragment that could do harm, or that a reader would miss."""
    for found in _tags(html):
        if found.is_end:
            continue
        tag = found.name.lower()
        if tag not in TAGS:
            return False
        for attribute, value in _ATTRIBUTE.findall(found.attributes):
            if attribute.lower().startswith("on"):
                return False
            scheme = _SCHEME.match(value) if attribute.lower() in ("href", "src", "poster") else None
            if scheme and scheme[1].lower() not in (_SCHEMES if tag == "img" else _SCHEMES - {"data"}):
                return False
    return True


def without_unknown_tags(html: str) -> str:
    """HTML in which what only looks like a tag, as in `vector<int>` or `<your name>`, is text."""
    pieces, place = [], 0
    for tag in _tags(html):
        text = html[tag.start : tag.end]
        pieces += [html[place : tag.start], text if tag.name.lower() in _KNOWN else escape_html(text)]
        place = tag.end
    return "".join([*pieces, html[place:]])
