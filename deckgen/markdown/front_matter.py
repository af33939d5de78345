"""The beginning of a source → its front matter: YAML between lines `---`, or TOML between lines `+++`.

Where it does not parse as a whole, it is read key by key: a slip in one costs no other. What cannot be known even so is
named in `unread`, so that nothing is concluded from its absence.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.yaml import read_yaml
from deckgen.markdown.lazy_regex import lazy_regex

define(
    "warning",
    bad_front_matter="A part of a source's front matter is not valid YAML or TOML. All other keys are read, and "
    "a value on one line is read as plain text.",
)

TAG_KEYS = ("tags", "tag")
EVERY_KEY = ""
"""In `FrontMatter.unread`: any key may be lost."""


class FrontMatter(Struct, frozen=True):
    """The values by key; every scalar is text, or true, false or None."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: int = 0  # that it takes, with those around it; 0 where there is none
    unread: frozenset[str] = frozenset()  # keys that stand there and whose values cannot be known
    diagnostics: tuple[Diagnostic, ...] = ()


NO_FRONT_MATTER = FrontMatter()

_FENCE = lazy_regex(r"---[ \t]*$", re.MULTILINE)
_FENCE_END = lazy_regex(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_TOML_FENCE = lazy_regex(r"\+\+\+[ \t]*$", re.MULTILINE)
_TOML_FENCE_END = lazy_regex(r"^\+\+\+[ \t]*$", re.MULTILINE)
_BEGINS_WITH_KEY = lazy_regex(r"\s*(?:#.*\n\s*)*(?:[\w\"'-][^\n]*?:(?:\s|$)|\{\s*(?:\"[^\"\n]*\"\s*:|\}))")
"""A key and its value, or a mapping in braces, as JSON has it and Obsidian's Digital Garden writes it."""
_BEGINS_AS_TOML = lazy_regex(r"\s*(?:#.*\n\s*)*(?:[\w\"'.-]+[ \t]*=|\[)")


def read_front_matter(text: str, path: str) -> FrontMatter:
    """That of a source."""
    if opening := _FENCE.match(text):
        closing = _FENCE_END.search(text, opening.end() + 1)
        if closing is None:
            return _unclosed(text[opening.end() + 1 :], path)
        content = text[opening.end() + 1 : closing.start()]
        if _BEGINS_AS_TOML.match(content) and _is_toml(content):
            return _toml(content, path)
        if content.strip() and not _BEGINS_WITH_KEY.match(content):
            return NO_FRONT_MATTER  # a thematic break, text, and another
        return _yaml(content, path)
    opening = _TOML_FENCE.match(text)
    closing = _TOML_FENCE_END.search(text, opening.end() + 1) if opening else None
    if opening is not None and closing is not None:
        content = text[opening.end() + 1 : closing.start()]
        if not content.strip() or _BEGINS_AS_TOML.match(content):
            return _toml(content, path)
    return NO_FRONT_MATTER


def _is_toml(content: str) -> bool:
    """Whether text between lines `---` is TOML, key by key, as hashcards writes it."""
    return bool(_toml_values(content))


# ---- YAML


def _yaml(content: str, path: str) -> FrontMatter:
    node, problems = read_yaml(content, path)
    lines = content.split("\n")[:-1]
    if node is not None and not problems and (node.value is None or isinstance(node.value, dict)):
        return FrontMatter(_with_hash_tags(node.value or {}, lines), len(lines) + 2)
    entries = _entries(lines)
    if body := _begin_of_body(lines, entries):
        return _read_unclosed(lines[:body], path)
    reader = _KeyByKey(path)
    if any(entry.key for entry in entries):
        reader.read(entries)
    else:
        problem = problems[0] if problems else None
        line = problem.span.line + 1 if problem and problem.span else 2
        reader.unread.add(EVERY_KEY)
        message = problem.message if problem else "the front matter is no mapping"
        hint = 'write lines with a key, a colon, a space and a value: `title: "Sea"`'
        reader.report(message, line, hint, lines[line - 2] if 0 <= line - 2 < len(lines) else "")
    return reader.front_matter(len(lines) + 2)


def _with_hash_tags(values: dict[str, Any], lines: Sequence[str]) -> dict[str, Any]:
    """With tags written as `tags: #a #b` or `- #a`, which YAML takes for comments."""
    for key in TAG_KEYS:
        if key in values and (values[key] is None or (isinstance(values[key], list) and None in values[key])):
            entry = next((entry for entry in _entries(lines) if entry.key == key), None)
            if entry is not None and (found := entry.hash_tags()):
                listed = [value for value in values[key] or [] if value is not None]
                values = {**values, key: [*listed, *found]}
    return values


class _Entry(Struct):
    """A key and the lines that it takes, the first one by its number in the source; key "" for a line without one."""

    key: str
    value: str  # on the line of the key
    line: int
    lines: list[str]

    def hash_tags(self) -> list[str]:
        """The tags of `#a #b`, or of items `- #a`; none where anything else stands there."""
        texts = [self.value, *(line.strip().removeprefix("-").strip() for line in self.lines[1:])]
        words = [word for text in texts for word in re.split(r"[,\s]+", text) if word]
        return [word.lstrip("#") for word in words if re.fullmatch(r"#[^\s#]+", word)]


_KEY_LINE = lazy_regex(
    r"""(?:"(?P<double>[^"]+)"[ \t]*|'(?P<single>[^']+)'[ \t]*|(?P<plain>[^\s:：#\-\[\]{}"'][^:：\n]*))"""
    r"""(?::(?=\s|$)|(?<=\w):(?!//)|：)[ \t]*(?P<value>.*)"""
)
_PART_OF_VALUE = lazy_regex(r"[ \t]|-(?:[ \t]|$)|[]}]")


def _entries(lines: Sequence[str]) -> list[_Entry]:
    """The lines of front matter by their keys."""
    entries: list[_Entry] = []
    for number, line in enumerate(lines, 2):
        if not line.strip() or line.startswith("#"):
            if entries:
                entries[-1].lines.append(line)
        elif _PART_OF_VALUE.match(line) and entries:
            entries[-1].lines.append(line)
        elif found := _KEY_LINE.match(line):
            key = found["double"] or found["single"] or found["plain"]
            entries.append(_Entry(key.strip(), found["value"].strip(), number, [line]))
        else:
            entries.append(_Entry("", "", number, [line]))
    return entries


def _begin_of_body(lines: Sequence[str], entries: Sequence[_Entry]) -> int:
    """Where text begins that a later `---` made a part of the front matter: the first blank line, if most of what
    follows has no keys; else 0.
    """
    blank = next((index for index, line in enumerate(lines) if index and not line.strip()), 0)
    after = [entry for entry in entries if entry.line - 2 > blank]
    without_key = sum(not entry.key or " " in entry.key for entry in after)
    return blank if blank and without_key * 2 > len(after) else 0


_MOST_REPORTED = 10
_MOST_ENTRIES = 20_000


class _KeyByKey:
    """Reads entries one by one, and keeps what is wrong with them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.values: dict[str, Any] = {}
        self.unread: set[str] = set()
        self.diagnostics: list[Diagnostic] = []

    def front_matter(self, lines: int) -> FrontMatter:
        """All that was read."""
        found = self.diagnostics
        if len(found) > _MOST_REPORTED:
            message = f"{len(found) - _MOST_REPORTED:,} more lines of the front matter cannot be read"
            found = [*found[:_MOST_REPORTED], Diagnostic("bad-front-matter", message, found[_MOST_REPORTED].span)]
        return FrontMatter(self.values, lines, frozenset(self.unread), tuple(found))

    def report(self, message: str, line: int, hint: str, text: str = "") -> None:
        """Keep what is wrong on a line of the source, which is `text`."""
        self.diagnostics.append(Diagnostic("bad-front-matter", message, Span(self.path, line), hint, text))

    def read(self, entries: Sequence[_Entry]) -> None:
        """Read them all."""
        before: _Entry | None = None
        for entry in entries[:_MOST_ENTRIES]:
            if entry.key:
                self.read_entry(entry)
                before = entry
            else:
                self.report_line(entry, before)
        if len(entries) > _MOST_ENTRIES:
            self.unread.add(EVERY_KEY)
            line, hint = entries[_MOST_ENTRIES].line, "close the front matter with a line `---` where the text begins"
            message = f"the front matter holds more than {_MOST_ENTRIES:,} lines with keys: the others are not read"
            self.diagnostics.insert(0, Diagnostic("bad-front-matter", message, Span(self.path, line), hint))

    def report_line(self, entry: _Entry, before: _Entry | None) -> None:
        """A line without a key may be what the key above it was to say."""
        word = entry.lines[0].split(maxsplit=1)[0].strip(",;=").lower()
        if word in TAG_KEYS:
            self.unread.add(word)
        elif before is not None and not before.value and before.line + len(before.lines) == entry.line:
            self.unread.add(before.key)
        hint = "write `key: value`; or two spaces, `- ` and an item of the list above"
        self.report("this line of the front matter has no key", entry.line, hint, entry.lines[0])

    def read_entry(self, entry: _Entry) -> None:
        key, text = entry.key, "\n".join(entry.lines)
        node, problems = read_yaml(text, self.path)
        value = node.value.get(key, _NOTHING) if node is not None and isinstance(node.value, dict) else _NOTHING
        if problems or value is _NOTHING:
            below = problems[0].span.line - 1 if problems and problems[0].span else 0
            line = entry.lines[below] if below < len(entry.lines) else ""
            self.report(f"the value of `{key}` is not YAML", entry.line + below, _hint(entry), line)
            value = _plain_value(entry, self.path)
        elif key in TAG_KEYS:
            value = _with_hash_tags({key: value}, entry.lines)[key]
        if value is _NOTHING:
            self.unread.add(key)
        elif key not in self.values:
            self.values[key] = value
        else:
            self.report(f"`{key}` stands here a second time", entry.line, "keep one of the two", entry.lines[0])
            if key in TAG_KEYS:
                known = self.values[key] = _listed(self.values[key])
                known += _listed(value)


_NOTHING: Any = object()


def _hint(entry: _Entry) -> str:
    if any(line.startswith("\t") for line in entry.lines):
        return "indent with spaces: YAML allows no tab there"
    if entry.value[:1] in ("[", "{"):
        return "close the bracket; text that begins with one stands in quotes"
    if re.match(r"[\w-]+:\S", entry.lines[0]):
        return f"write a space after the colon: `{entry.key}: {entry.value}`"
    if entry.value and not set(entry.value) & set("\"'") and len(entry.lines) == 1 and len(entry.value) < 50:
        return f'put it in quotes: `{entry.key}: "{entry.value}"`'
    return "put a value that holds `: ` or begins with a special character in quotes"


def _listed(value: Any) -> list[Any]:
    """The tags of a value, which may be words in a text."""
    return value if isinstance(value, list) else re.split(r"[,，\s]+", value) if isinstance(value, str) else []


_ITEM = lazy_regex(r"[ \t]*-(?:[ \t]+(?P<value>.*))?$")


def _plain_value(entry: _Entry, path: str) -> Any:
    """What an entry that is no YAML says all the same; `_NOTHING` where that is not clear."""
    lines = [line.replace("\t", "  ") for line in entry.lines]
    node, problems = read_yaml("\n".join(lines), path)
    if not problems and node is not None and isinstance(node.value, dict) and entry.key in node.value:
        return node.value[entry.key]
    rest = [line for line in entry.lines[1:] if line.strip() and not line.lstrip().startswith("#")]
    if entry.value and not rest:
        return _plain_text(entry.value, is_tags=entry.key in TAG_KEYS)
    items = [_ITEM.match(line) for line in rest]
    if entry.value or not items or not all(items):
        return _NOTHING
    values = [_plain_text(item["value"] or "", is_tags=entry.key in TAG_KEYS) for item in items if item]
    if any(value is _NOTHING for value in values):
        return _NOTHING
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def _plain_text(value: str, *, is_tags: bool) -> Any:
    """A value as it stands there. Of tags in brackets, quotes and the like, the words, where they are nothing else."""
    if not is_tags:
        return value.strip().strip("\"'")
    words = [word.lstrip("#") for word in re.split(r"[\s,，\[\]\"']+", value) if word]
    return words if all(re.fullmatch(r"@?\w[\w/:.+-]*", word) for word in words) else _NOTHING


# ---- without an end

_USUAL = frozenset(
    (
        *("alias", "aliases", "author", "cards-deck", "categories", "category", "created", "cssclass", "cssclasses"),
        *("date", "deck", "description", "draft", "id", "lang", "language", "layout", "modified", "permalink"),
        *("publish", "source", "status", "subtitle", "summary", "tag", "tags", "title", "type", "updated", "url"),
    )
)


_OF_A_SECTION = frozenset(["Deck", "Tags"])  # with which Inka begins a section of cards, between lines `---`


def _unclosed(rest: str, path: str) -> FrontMatter:
    """Front matter that never ends: lines with keys, one of them a usual one, then a blank line and text."""
    lines = rest.split("\n")
    end = next((index for index, line in enumerate(lines) if not line.strip()), len(lines))
    entries = _entries(lines[:end])
    keys = [entry.key for entry in entries]
    has_keys = bool(keys) and all(re.fullmatch(r"[\w-]+", key) for key in keys) and not _USUAL.isdisjoint(keys)
    if not has_keys or not any(line.strip() for line in lines[end:]):
        return NO_FRONT_MATTER
    return _read_unclosed(lines[:end], path)


def _read_unclosed(lines: Sequence[str], path: str) -> FrontMatter:
    if {line.partition(":")[0] for line in lines if line.strip()} <= _OF_A_SECTION:
        return NO_FRONT_MATTER
    reader = _KeyByKey(path)
    reader.report("the front matter has no closing line `---`", 1, f"write a line `---` below line {len(lines) + 1}")
    reader.read(_entries(lines))
    return reader.front_matter(len(lines) + 1)


# ---- TOML

_TOML_KEY = lazy_regex(r"(?P<key>[\w-]+|\"[^\"]+\"|'[^']+')[ \t]*=[ \t]*(?P<value>.*)")
_QUOTED = lazy_regex(r""""(?:\\.|[^"\\])*+"|'[^']*+'""")
_TOML_LIMIT = 100_000  # characters; more is no front matter
_DEEPEST = 16
_MOST_DOTS = 100  # of a line: for a key of n parts Python's reader takes memory in proportion to n²
_LONGEST_LINE = 5_000  # characters of one with so many


def _toml(content: str, path: str) -> FrontMatter:
    lines = content.split("\n")[:-1]
    values = _toml_values(content)
    if values is not None:
        return FrontMatter(values, len(lines) + 2)
    reader = _KeyByKey(path)
    for start, part, is_table in _toml_parts(lines):
        found = _toml_values("\n".join(part))
        key = _TOML_KEY.match(part[0])
        if found is not None:
            for name, value in found.items():
                reader.values.setdefault(name, value)
        elif key is not None and not is_table:
            name = key["key"].strip("\"'")
            hint = f'put it in quotes: `{name} = "{key["value"].strip()}"`'
            reader.report(f"the value of `{name}` is not TOML", start + 2, hint, lines[start])
            value = _plain_text(key["value"], is_tags=name in TAG_KEYS) if len(part) == 1 else _NOTHING
            if value is _NOTHING:
                reader.unread.add(name)
            else:
                reader.values.setdefault(name, value)
        else:
            reader.report("this part of the front matter is not TOML", start + 2, "", lines[start])
            reader.unread.add(EVERY_KEY)
    return reader.front_matter(len(lines) + 2)


def _toml_parts(lines: Sequence[str]) -> Iterator[tuple[int, list[str], bool]]:
    """Keys with the lines that they take, and whole tables: the index of the first line, the lines, whether a table."""
    part: list[str] = []
    start, is_table = 0, False
    for index, line in enumerate(lines):
        begins_table = re.match(r"\[[\w.\"'\[-]", line) is not None
        if begins_table or (not is_table and _TOML_KEY.match(line)):
            if any(text.strip() for text in part):
                yield start, part, is_table
            part, start, is_table = [], index, begins_table
        part.append(line)
    if any(text.strip() for text in part):
        yield start, part, is_table


def _toml_values(text: str) -> dict[str, Any] | None:
    """TOML as YAML is read; None where it is none."""
    if len(text) > _TOML_LIMIT or any(_has_many_parts(line) for line in text.split("\n")):
        return None
    import tomllib

    try:
        values = _as_text(tomllib.loads(text), _DEEPEST)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _has_many_parts(line: str) -> bool:
    """Whether its key may have more parts than any; the dots of a text stand in quotes."""
    if line.count(".") <= _MOST_DOTS:
        return False
    return len(line) > _LONGEST_LINE or _QUOTED.sub("", line).count(".") > _MOST_DOTS


def _as_text(value: Any, depth: int) -> Any:
    if not depth:
        raise ValueError
    if isinstance(value, dict):
        return {key: _as_text(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner, depth - 1) for inner in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value if isinstance(value, bool) else str(value)
