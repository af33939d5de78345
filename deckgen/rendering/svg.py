"""An SVG as written → the same picture without what could run, load or lead anywhere.

Anki opens media in its own web view, and a learner may open one by itself: there a script in a picture would run with
all that the page may do. A picture in which nothing of the kind stands is left as it is, to the byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from xml.etree import ElementTree

SIZE_LIMIT = 16 * 1024 * 1024
"""Bytes: a greater one is not read, as it must be as a whole."""

_NAMESPACES = {"": "http://www.w3.org/2000/svg", "xlink": "http://www.w3.org/1999/xlink"}
# fmt: off
_DRAWN = frozenset(
    [
    "a", "altglyph", "altglyphdef", "altglyphitem", "animate", "animatecolor", "animatemotion", "animatetransform",
    "circle", "clippath", "color-profile", "cursor", "defs", "desc", "discard", "ellipse", "filter", "font",
    "font-face", "font-face-format", "font-face-name", "font-face-src", "font-face-uri", "flowpara", "flowregion",
    "flowroot", "flowspan", "g", "glyph", "glyphref", "hatch", "hatchpath", "hkern", "image", "line",
    "lineargradient", "marker", "mask", "mesh", "meshgradient", "meshpatch", "meshrow", "metadata", "missing-glyph",
    "mpath", "path", "pattern", "polygon", "polyline", "radialgradient", "rect", "set", "solidcolor", "stop", "style",
    "svg", "switch", "symbol", "text", "textpath", "title", "tref", "tspan", "use", "view", "vkern",
    ]
)
# fmt: on
"""Elements of SVG that draw, and what they are made of; those of filters begin with `fe`. No other one stays."""
_EVENTS = frozenset(["handler", "listener"])  # of XML Events
_ANIMATION = frozenset(["animate", "set", "animatetransform", "animatemotion", "discard"])
_SVG, _HTML = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"
_OWN_ADDRESS = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp|avif)[;,]|\Z)", re.IGNORECASE)
_CSS_ADDRESS = re.compile(
    r"url\(\s*(?![\"']?\s*(?:#|data:image/(?:png|jpe?g|gif|webp|avif)[;,]))[^)]*\)?", re.IGNORECASE
)
_CSS_RULE = re.compile(r"@import[^;}]*;?|expression\s*\(|-moz-binding|behavior\s*:|javascript:", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[)?", re.IGNORECASE)


class CleanPicture(Struct, frozen=True):
    """The bytes to be packaged, and whether anything was taken out of them."""

    content: bytes
    is_sanitised: bool


def clean_svg(content: bytes) -> CleanPicture | None:
    """The harmless part of a picture; None for what no browser would draw, as it is no XML or no SVG."""
    from xml.etree import ElementTree  # most notes have no such picture

    doctype = _DOCTYPE.search(content[:4096].replace(b"\0", b""))
    if doctype and doctype[1]:
        return None  # entities of its own: what it draws cannot be known
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 (entities are refused above; nothing is loaded)
    except (ElementTree.ParseError, LookupError, ValueError):  # the latter two: an encoding that Python does not know
        return None
    if _local(root.tag) != "svg":
        return None
    is_changed = _clean(root) or b"<?xml-stylesheet" in content
    if not is_changed:
        return CleanPicture(content, is_sanitised=False)
    for prefix, uri in _NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    try:
        return CleanPicture(ElementTree.tostring(root, encoding="utf-8"), is_sanitised=True)
    except RecursionError:  # thousands of groups in one another
        return None


def _clean(root: ElementTree.Element) -> bool:
    """Take out of an element what does harm; whether there was any."""
    is_changed = False
    remaining = [root]
    while remaining:
        element = remaining.pop()
        is_changed |= _clean_attributes(element)
        if _local(element.tag) == "style" and element.text:
            text = _clean_css(element.text)
            is_changed |= text != element.text
            element.text = text
        for child in list(element):
            if _does_harm(child):
                element.remove(child)
                is_changed = True
            else:
                remaining.append(child)
    return is_changed


def _does_harm(element: ElementTree.Element) -> bool:
    """Whether it is no element that draws, or changes an address. Elements of other namespaces than those of SVG and
    HTML, what a drawing program notes down, mean nothing to a browser.
    """
    namespace, name = element.tag.rpartition("}")[0].removeprefix("{"), _local(element.tag)
    if namespace == _HTML or name in _EVENTS:
        return True
    if namespace in (_SVG, "") and name not in _DRAWN and not name.startswith("fe"):
        return True
    target = element.get("attributeName", "").rpartition(":")[2].lower()
    return name in _ANIMATION and (target == "href" or target.startswith("on"))


def _clean_attributes(element: ElementTree.Element) -> bool:
    before = dict(element.attrib)
    for key, value in before.items():
        name = _local(key)
        is_address = name in ("href", "src", "base", "action", "formaction", "from", "to", "values", "by")
        is_foreign = name in ("href", "src", "base", "action", "formaction") and not _OWN_ADDRESS.match(value)
        is_script = is_address and re.match(r"\s*(?:javascript|data|vbscript):", value, re.IGNORECASE)
        if name.startswith("on") or is_foreign or (is_script and not _OWN_ADDRESS.match(value)):
            del element.attrib[key]
        elif name == "style" or "url(" in value.lower():
            element.attrib[key] = _clean_css(value)
    return dict(element.attrib) != before


def _clean_css(css: str) -> str:
    if "\\" in css:  # escapes could spell anything
        css = css.replace("\\", "")
    return _CSS_RULE.sub("", _CSS_ADDRESS.sub("none", css)) if re.search(r"[@(:]", css) else css


def _local(name: object) -> str:
    """A name without its namespace; comments and instructions have none."""
    return name.rpartition("}")[2].lower() if isinstance(name, str) else ""
