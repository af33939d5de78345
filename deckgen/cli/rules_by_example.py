"""`deckgen rules new` and `deckgen rules suggest`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Argument, Option
from deckgen.cli.arguments import Paths

if TYPE_CHECKING:
    from deckgen.build.load import Inputs
    from deckgen.model import Draft
    from deckgen.reports.rules_by_example.frames import Frame, Place
    from deckgen.reports.rules_by_example.proposing import Proposal, Wanted

_SHOWN = 10
_FRAMES, _EXAMPLES = 20, 3


def new_rule(
    place: Annotated[str, Argument(metavar="FILE:LINE", help="A line of a note with the sentence.")],
    front: Annotated[str, Option("--front", metavar="TEXT", help="The question of the card that you want.")] = "",
    back: Annotated[str, Option("--back", metavar="TEXT", help="Its answer, in the words of the sentence.")] = "",
    text: Annotated[str, Option("--text", metavar="TEXT", help="The sentence, where the line has several.")] = "",
    also: Annotated[
        list[str] | None,
        Option("--also", metavar="'TEXT|FRONT|BACK'", help="Another sentence that it takes, with its card."),
    ] = None,
    never: Annotated[list[str] | None, Option("--not", metavar="TEXT", help="A sentence that it leaves alone.")] = None,
    rule_id: Annotated[str, Option("--id", metavar="ID", help="The id of the rule.")] = "",
    yes: Annotated[bool, Option("--yes", help="Write it without asking.")] = False,
) -> None:
    """Make a rule of one sentence and the card that you want of it.

    The words between become the pattern, names and numbers captures. What else in the notes it would take is shown;
    then it is written to rules/mine.yaml, with its examples.
    """
    from deckgen.diagnostics.paths import shown_path
    from deckgen.reports.rules_by_example.proposing import Wanted, propose
    from deckgen.reports.rules_by_example.writing import add_rule, how_to_use, own_rules_path

    path, line = _place(place)
    inputs = terminal.read([path])
    (document,) = inputs.chosen
    if not 0 < line <= len(document.lines):
        raise click.BadParameter(f"{path} has {len(document.lines)} lines", param_hint="FILE:LINE")
    is_asked = sys.stdin.isatty() and sys.stdout.isatty()
    back = back or (click.prompt("Answer, in the words of the sentence") if is_asked else "")
    sentence = text or _sentence(document.lines[line - 1], back)
    front = front or (click.prompt(f"{sentence}\nQuestion") if is_asked else "")
    if not front or not back:
        raise click.UsageError("which card do you want? `--front` is its question, `--back` its answer")
    others = [*map(_wanted, also or ()), *(Wanted(one) for one in never or ())]
    proposal = propose(Wanted(sentence, front, back), others, rule_id)
    if proposal is None:
        terminal.write_lines(
            [
                f"no rule takes “{sentence}” to this card:",
                "  the answer must stand in the sentence word for word, and the question must name something of it;",
                "  a sentence under --also needs the same order, one under --not must differ in a word",
            ]
        )
        raise click.exceptions.Exit(1)
    terminal.write_lines(_shown(proposal, inputs))
    target = own_rules_path(inputs.project.root)
    if yes or (is_asked and click.confirm(f"write it to {target}?")):
        if problems := add_rule(target, inputs.project.root, proposal.text):
            terminal.exit_with(problems)
        left = how_to_use(inputs.project.config.rules, target)
        terminal.write_lines([f"wrote {proposal.id} to {shown_path(target)}", *([left] if left else [])])


def suggest_rules(
    paths: Paths = None,
    least: Annotated[int, Option("--least", metavar="N", help="How often a frame has to come back.", min=2)] = 5,
) -> None:
    """List sentence frames that come back in the notes and that no rule takes, with a rule for each."""
    from deckgen.reports.rules_by_example.frames import find_frames
    from deckgen.reports.rules_by_example.joints import find_joints

    inputs = terminal.read(paths)
    sentences = list(_untaken(inputs))
    found = [(len(one.places), [*_cards(one, drafts), rule]) for one, rule, drafts in find_joints(sentences, least)]
    found.extend((len(one.places), [*_sentences(one), one.rule]) for one in find_frames(sentences, least)[:_FRAMES])
    found.sort(key=lambda one: -one[0])
    lines = [line for _, shown in found for line in (*shown, "")]
    terminal.write_lines(lines or [f"no frame comes back {least} times or more in sentences that no rule takes"])


def _cards(frame: Frame, drafts: Sequence[Draft]) -> Iterator[str]:
    """A frame, and some of the cards that its rule makes."""
    from deckgen.reports.columns import cut
    from deckgen.reports.drafts import plain

    yield f"{len(frame.places)} × {frame.words}"
    for place, draft in list(zip(frame.places, drafts, strict=True))[:_EXAMPLES]:
        card = " → ".join(plain(value) for _, value in draft.fields[:2])
        yield "    " + cut(f"{place.path}:{place.line}", 30)
        yield "      " + cut(card, terminal.width() - 6)


def _sentences(frame: Frame) -> Iterator[str]:
    """A frame, and some of the sentences that it stands in."""
    from deckgen.reports.columns import cut

    yield f"{len(frame.places)} × … {frame.words} …"
    for one in frame.places[:_EXAMPLES]:
        yield "    " + cut(f"{one.path}:{one.line}", 30)
        yield "      " + cut(one.text, terminal.width() - 6)


def _untaken(inputs: Inputs) -> Iterator[Place]:
    """The sentences of the notes of which no rule makes anything."""
    from deckgen.extraction.elements.element import Where
    from deckgen.extraction.elements.from_blocks import elements_of
    from deckgen.extraction.extract import extract
    from deckgen.reports.rules_by_example.frames import Place

    taken = {
        (draft.origin.span.path, line)
        for draft in extract(inputs.documents, inputs.rules, inputs.settings).found
        for line in range(draft.origin.span.line, max(draft.origin.span.line, draft.origin.span.end_line) + 1)
    }
    for document in inputs.chosen:
        where = Where(siblings=document.blocks)
        for element in elements_of(document, frozenset({"sentence"}), where):
            if (document.path, element.line) not in taken and (main := element.value("text")) is not None:
                yield Place(document.path, element.line, main.shown.strip())


def _place(place: str) -> tuple[Path, int]:
    found = re.fullmatch(r"(.+?):(\d+)(?::\d+)?:?", place, re.DOTALL)
    if found is None:
        raise click.BadParameter("name a line: `notes/a.md:12`", param_hint="FILE:LINE")
    return Path(found[1]), int(found[2])


def _sentence(line: str, answer: str) -> str:
    """The sentence of a line that has the answer."""
    from deckgen.markdown.plain_text import plain_of
    from deckgen.reports.rules_by_example.proposing import sentences_like

    plain = plain_of(re.sub(r"^\s*(?:[-*+>]|\d+[.)])\s+", "", line)).strip()
    found = [one for one in sentences_like(plain) if answer and answer.strip().rstrip("。.").lower() in one.lower()]
    return found[0] if found else plain


def _wanted(text: str) -> Wanted:
    from deckgen.reports.rules_by_example.proposing import Wanted

    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 3 or not all(parts):
        raise click.BadParameter("a sentence, its question and its answer, with `|` between", param_hint="--also")
    return Wanted(*parts)


def _shown(proposal: Proposal, inputs: Inputs) -> Iterator[str]:
    """The rule, and what else it would take."""
    from deckgen.extraction.extract import extract
    from deckgen.reports.columns import counted, cut
    from deckgen.reports.drafts import plain

    yield proposal.text.rstrip()
    rules = proposal.rules()
    assert rules is not None
    drafts = extract(inputs.documents, rules, inputs.settings).found
    yield ""
    yield f"in these notes it makes {counted(len(drafts), 'card')}:"
    for draft in drafts[:_SHOWN]:
        span = draft.origin.span
        shown = " → ".join(plain(markdown) for _, markdown in draft.fields)
        yield cut(f"  {span.path}:{span.line}: {shown}", terminal.width())
    if len(drafts) > _SHOWN:
        yield f"  and {len(drafts) - _SHOWN:,} more"
    if drafts:
        yield "`--also 'SENTENCE|QUESTION|ANSWER'` widens it, `--not SENTENCE` narrows it"
