"""A pack × the separators that a deck sets otherwise → the pack with them: what its tool lets its users choose.

A pack names its separators with their defaults, `separators: {line: '::'}`, and writes `<line>` in its patterns and
`<line!>` in its expressions, both in single quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.yaml import YamlNode, nearest
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.rules.shipped import PackText

LONGEST = 20
"""Characters of a separator."""

_DECLARED = lazy_regex(r"^separators:[ \t]*\{([^}\n]*)\}[ \t]*$", re.MULTILINE)
_ENTRY = lazy_regex(r"\s*([\w-]+):\s*'((?:[^']|'')*)'\s*(?:,|$)")
_PLACE = lazy_regex(r"<(?P<name>[\w-]+)(?P<is_expression>!?)>")
_WORDS = frozenset({"blank", "end"})  # what `until:` says without a pattern


def separators_of(pack: PackText) -> dict[str, str]:
    """The separators of a pack by name, each with its default."""
    declared = _DECLARED.search(pack.text)
    return {name: text.replace("''", "'") for name, text in _ENTRY.findall(declared[1])} if declared else {}


def with_separators(pack: PackText, own: Mapping[str, str]) -> PackText:
    """The pack with the separators of a deck."""
    return _filled(pack, tuple(sorted(own.items())))


@lru_cache(maxsize=64)
def _filled(pack: PackText, own: tuple[tuple[str, str], ...]) -> PackText:
    known = separators_of(pack)
    if not known:
        return pack
    separators = {**known, **{name: text for name, text in own if name in known}}

    def filled(place: re.Match[str]) -> str:
        separator = separators.get(place["name"])
        if separator is None or len(separator) > LONGEST:
            return place[0]
        if place["is_expression"]:
            return _quoted(re.escape(separator))
        return separator if separator in _WORDS else _quoted(_as_pattern(separator))

    return replace(pack, text=_PLACE.sub(filled, pack.text))  # in one go: what is filled in holds no places of others


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _as_pattern(text: str) -> str:
    return re.sub(r"[{}()\[\]|…$\\]|\.\.\.", lambda found: "".join("\\" + c for c in found[0]), text)


def unknown_separators(
    pack: PackText, own: Mapping[str, str], node: YamlNode | None, name: str
) -> Iterator[Diagnostic]:
    """Separators that a pack does not have."""
    known = separators_of(pack)
    for key in own:
        if key not in known and node is not None:
            span = node.key_span("separators", name, key)
            hint = nearest(key, list(known)) if known else "its separators are fixed"
            message = f"`{name}` has no separator `{key}`"
            yield Diagnostic("unknown-key", message, span, hint, node.line_text(span.line))
