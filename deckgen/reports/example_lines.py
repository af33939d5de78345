"""What came of an example of a rule → lines for people: given, expected, got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from deckgen.extraction.examples import ExampleResult


def result_lines(result: ExampleResult) -> Iterator[str]:
    """All of one example."""
    span = result.example.span
    yield f"{span.path}:{span.line}:{span.column}: {result.rule.name}"
    yield "  given     " + result.example.text.strip().replace("\n", "\n            ")
    yield from difference_lines(result)


def difference_lines(result: ExampleResult) -> Iterator[str]:
    """What it says, and what came."""
    yield from _note_lines("expected", result.example.notes)
    yield from _note_lines("got", result.got)


def unsaid_lines(result: ExampleResult) -> Iterator[str]:
    """What an example leaves out of what its notes have, and so does not hold to."""
    if result.unsaid:
        span = result.example.span
        yield f"{span.path}:{span.line}:{span.column}: {result.rule.name}: says nothing of {', '.join(result.unsaid)}"


def _note_lines(label: str, notes: Iterable[Mapping[str, str | list[str]]]) -> Iterator[str]:
    for index, line in enumerate([shown_note(note) for note in notes] or ["no note"]):
        yield f"  {label if index == 0 else '':10}{line}"


def shown_note(note: Mapping[str, str | list[str]]) -> str:
    """The fields of a note on a line."""
    return "; ".join(f"{name}: {_shown(value)}" for name, value in note.items()).replace("\n", "\\n")


def _shown(value: str | list[str]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"
