"""Decisions × the text of deck.choices.yaml → the text with them. All else in it stays, comments and order included."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import takewhile

from msgspec import Struct

from deckgen.diagnostics.yaml import read_yaml
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.project.choices import Choices, NoteChoice, RuleChoice, Wording, parse_choices
from deckgen.project.choices_lines import read_lines

HEAD = """\
# Decisions about single notes of this deck: one line each, which deckgen reads at every build.
# You may edit them; a line that is deleted is a decision taken back.

"""
_COMMENT_LENGTH = 100
EXCERPT = 120
"""Characters of a text that stand in the file."""
# What YAML takes for a line end or refuses, where JSON does not.
_ESCAPED = lazy_regex("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")

SortKey = tuple[int, str, str]


class _Block(Struct, frozen=True):
    """A decision as it is written, with the comments above it."""

    text: str
    key: SortKey


def with_note(text: str, choice: NoteChoice, question: str = "") -> str:
    """With that as the only decision about the note; without any where it decides nothing. `question`: for people."""
    return with_notes(text, [(choice, question)])


def with_notes(text: str, decided: Iterable[tuple[NoteChoice, str]]) -> str:
    """With these as the only decisions about their notes, each with its question."""
    wanted = {choice.guid: (choice, question) for choice, question in decided}

    def is_same(value: dict[str, object]) -> bool:
        return value.get("note") in wanted

    head, blocks, matching, indent = _blocks_of(text, is_same)
    comments = {blocks[index].key[1]: _comments_of(blocks[index].text) for index in reversed(matching)}
    places = {blocks[index].key[1]: index for index in reversed(matching)}
    lines: dict[str, str] = {}
    for guid, (choice, question) in wanted.items():
        if not choice.is_empty:
            above = comments.get(guid) or (f"{indent}# {_comment(question)}\n" if question else "")
            lines[guid] = f"{above}{indent}{_note_line(choice)}\n"
    new = sorted(guid for guid in lines if guid not in places)
    kept: list[str] = []
    for index, block in enumerate(blocks):
        while new and block.key > (3, new[0], ""):
            kept.append(lines[new.pop(0)])
        guid = block.key[1] if block.key[0] == 3 else ""
        if guid not in wanted or block.key[0] != 3:
            kept.append(block.text)
        elif places[guid] == index and guid in lines:
            kept.append(lines[guid])
    kept.extend(lines[guid] for guid in new)
    return (head or HEAD) + "".join(one if one.endswith("\n") else one + "\n" for one in kept)


def with_rule(text: str, choice: RuleChoice, *, holds: bool = True) -> str:
    """With a rule off in some sources; without that line where it no longer `holds`."""

    def is_same(value: dict[str, object]) -> bool:
        return value.get("rule") == choice.rule and value.get("path", "**") == choice.path

    line = f"- {{rule: {_scalar(choice.rule)}, path: {_scalar(choice.path)}}}" if holds else ""
    return _with(text, is_same, line, (0, choice.rule, choice.path))


def with_pair(text: str, name: str, old: str, new: str, question: str = "", *, holds: bool = True) -> str:
    """With two GUIDs as the `same` note or `another` one; without that line where it no longer `holds`."""

    def is_same(value: dict[str, object]) -> bool:
        return any(value.get(one) == [old, new] for one in ("same", "another"))

    line = f"- {{{name}: [{_scalar(old)}, {_scalar(new)}]}}" if holds else ""
    return _with(text, is_same, line, (1 if name == "same" else 2, old, new), question)


def with_choices(text: str, choices: Choices) -> str:
    """With many decisions."""
    for rule in choices.rules:
        text = with_rule(text, rule)
    for name, pairs in (("same", choices.same), ("another", choices.another)):
        for old, new in pairs:
            text = with_pair(text, name, old, new)
    return with_notes(text, [(choice, "") for choice in choices.notes.values()])


def excerpt(text: str) -> str:
    """As much of a text as stands in the file, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def _with(text: str, is_same: Callable[[dict[str, object]], bool], line: str, key: SortKey, question: str = "") -> str:
    head, blocks, matching, indent = _blocks_of(text, is_same)
    comments = ""
    if matching:
        comments = _comments_of(blocks[matching[0]].text)
        place = matching[0]
    else:
        place = next((index for index, block in enumerate(blocks) if block.key > key), len(blocks))
    if not comments and question:
        comments = f"{indent}# {_comment(question)}\n"
    kept = [block.text for index, block in enumerate(blocks) if index not in matching]
    place -= sum(index < place for index in matching)
    if line:
        kept.insert(place, f"{comments}{indent}{line}\n")
    return (head or HEAD) + "".join(one if one.endswith("\n") else one + "\n" for one in kept)


def _blocks_of(text: str, is_same: Callable[[dict[str, object]], bool]) -> tuple[str, list[_Block], list[int], str]:
    """What stands before the decisions; these; which of them are the one; how far they are indented."""
    node = read_lines(text, "") or read_yaml(text, "", most=1_000_000)[0]
    values = node.value if node is not None and isinstance(node.value, list) else []
    if node is None or not values:
        head = text if text.strip() and not values and "[" not in text else ""
        return (head if head.endswith("\n") or not head else head + "\n"), [], [], ""
    lines = text.splitlines(keepends=True)
    starts = [node.span(index).line - 1 for index in range(len(values))]
    if any(not lines[start].lstrip().startswith("-") for start in starts) or len(set(starts)) < len(starts):
        return _blocks_of(_rewritten(text), is_same)
    indent = lines[starts[0]][: len(lines[starts[0]]) - len(lines[starts[0]].lstrip())]
    begins = [start - len(list(takewhile(_is_comment, reversed(lines[:start])))) for start in starts]
    ends = [*begins[1:], len(lines)]
    blocks = [
        _Block("".join(lines[begin:end]), _key_of(value))
        for begin, end, value in zip(begins, ends, values, strict=True)
    ]
    matching = [index for index, value in enumerate(values) if isinstance(value, dict) and is_same(value)]
    return "".join(lines[: begins[0]]), blocks, matching, indent


def _rewritten(text: str) -> str:
    """A list in brackets, as lines."""
    choices, _ = parse_choices(text, "")
    return with_choices("", choices) if choices else ""


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _comments_of(block: str) -> str:
    return "".join(takewhile(_is_comment, block.splitlines(keepends=True)))


def _key_of(value: object) -> SortKey:
    if not isinstance(value, dict):
        return (4, "", "")
    if "rule" in value:
        return (0, str(value["rule"]), str(value.get("path", "**")))
    for place, name in ((1, "same"), (2, "another")):
        if isinstance(pair := value.get(name), list) and len(pair) == 2:
            return (place, str(pair[0]), str(pair[1]))
    return (3, str(value.get("note", "")), "")


def _note_line(choice: NoteChoice) -> str:
    parts = [f"note: {_scalar(choice.guid)}"]
    parts += ["skip: true"] if choice.is_skipped else []
    parts += ["keep: true"] if choice.is_kept else []
    if choice.fields:
        parts.append(f"fields: {{{', '.join(f'{_scalar(name)}: {_wording(one)}' for name, one in choice.fields)}}}")
    parts += [f"of: {_scalar(choice.of)}"] if choice.of else []
    parts += [f"text: {_quoted(excerpt(choice.text))}"] if choice.text else []
    return f"- {{{', '.join(parts)}}}"


def _wording(wording: Wording) -> str:
    return f"{{html: {_quoted(wording.text)}}}" if wording.is_html else _quoted(wording.text)


_PLAIN = lazy_regex(r"[A-Za-z][\w./-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})


def _scalar(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) and text.isascii() and text.lower() not in _WORDS
    return text if is_plain else _quoted(text)


def _quoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _comment(question: str) -> str:
    """A question as a comment: what YAML would refuse there is left out."""
    line = " ".join(question.split())
    line = "".join(c for c in line if c.isprintable())
    return line if len(line) <= _COMMENT_LENGTH else line[: _COMMENT_LENGTH - 1] + "…"
