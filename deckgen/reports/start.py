"""What `init` found in the notes, as text of one screen: packs, rules, a few of their notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deckgen.build.new_project import Start
from deckgen.model import Draft
from deckgen.reports.columns import columns, counted, cut, wrapped
from deckgen.reports.drafts import glanced_fields
from deckgen.rules.rule import Rule

EXAMPLES = 3
LINES = 17
"""Of rules and notes: with what stands around them a screen of 24."""

_Made = tuple[Rule, tuple[Draft, ...]]


def start_lines(start: Start, width: int) -> Iterator[str]:
    """Pack by pack, rule by rule."""
    made = sum(len(drafts) for _, drafts in start.made)
    yield f"{counted(start.read, 'source')}, {counted(made, 'note')}"
    if start.suggestions:
        said = f"{counted(start.suggestions, 'suggestion')}, not sure enough for the deck: `deckgen review --suggested`"
        yield from wrapped(said, width)
    rules, examples = _fitting(start)
    for pack in start.packs:
        own = [(rule, drafts) for rule, drafts in start.made if rule.pack == pack]
        shown = [one for one in rules if one in own]
        by_rules = f", {counted(len(own), 'rule')}; the largest:" if len(shown) < len(own) else ""
        yield ""
        yield f"{pack}: {counted(sum(len(drafts) for _, drafts in own), 'note')}{by_rules}"
        for rule, drafts in shown:
            yield cut(f"  {len(drafts):5,}  {rule.name.rpartition('/')[2]}  {rule.about}".rstrip(), width)
            for draft in drafts[:examples]:
                yield _example(draft, width)
    if not start.made:
        yield ""
        yield "no rule finds a fact here: `deckgen explain FILE` says why, `deckgen rules list` what rules look for"
    for index, (name, number) in enumerate(start.others):
        if not index:
            yield ""
        yield f"{name} would find {counted(number, 'note')} more: add it to `rules:` if you use that syntax"


def _fitting(start: Start) -> tuple[Sequence[_Made], int]:
    """The rules that are shown, and how many notes of each: all of them where they fit on a screen."""
    heads = 2 * len(start.packs)
    for examples in range(EXAMPLES, 0, -1):
        if heads + sum(1 + min(examples, len(drafts)) for _, drafts in start.made) <= LINES:
            return start.made, examples
    by_size = sorted(start.made, key=lambda one: -len(one[1]))
    of_packs = [next(one for one in by_size if one[0].pack == pack) for pack in start.packs]
    others = [one for one in by_size if one not in of_packs]
    most = [*of_packs, *others[: max((LINES - heads) // 2 - len(of_packs), 0)]]
    return [one for one in by_size if one in most], 1


def _example(draft: Draft, width: int) -> str:
    shown = glanced_fields(draft)
    question = cut(shown[0], (width - 12) * 3 // 5)
    answer = cut(shown[1], width - 12 - columns(question)) if len(shown) > 1 else ""
    return f"         {question}{f' → {answer}' if answer else ''}"
