"""Raw HTML in notes: what `html: sanitize` keeps of it.

Only fields that hold raw HTML come here, and then as a whole: a tag may begin in one fragment and end in another.
"""

from __future__ import annotations

import re
from typing import Literal

Html = Literal["sanitize", "escape", "trust"]
"""What deck.yaml's `html:` says."""

TAGS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "audio",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "video",
        "wbr",
    ]
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

_TAG = re.compile(r"""<([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<![A-Z].*?>|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def without_comments(html: str) -> str:
    """Raw HTML without comments, declarations and processing instructions: never text."""
    return _COMMENT.sub("", html) if "<!" in html or "<?" in html else html


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


def is_harmless(html: str) -> bool:
    """Whether a fragment of raw HTML loses nothing by `sanitise` but its order."""
    for name, attributes in _TAG.findall(html):
        tag = name.lower()
        if tag not in TAGS:
            return False
        allowed = _ATTRIBUTES["*"] | _ATTRIBUTES.get(tag, set())
        for attribute, value in _ATTRIBUTE.findall(attributes):
            scheme = (
                re.match(r"""["']?\s*([a-zA-Z][a-zA-Z0-9+.-]*):""", value)
                if attribute.lower() in ("href", "src")
                else None
            )
            is_known = scheme is None or scheme[1].lower() in (_SCHEMES if tag == "img" else _SCHEMES - {"data"})
            if attribute.lower() not in allowed or not is_known:
                return False
    return True
