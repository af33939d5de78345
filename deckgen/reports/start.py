"""What `init` found in the notes, as text: each rule, how many notes it would make, and a few of them."""

from __future__ import annotations

from collections.abc import Iterator

from deckgen.build.new_project import Start
from deckgen.reports.columns import columns, counted, cut
from deckgen.reports.drafts import shown_fields

EXAMPLES = 3


def start_lines(start: Start, sources: int, width: int) -> Iterator[str]:
    """Pack by pack, rule by rule."""
    made = sum(len(drafts) for _, drafts in start.made)
    yield f"{counted(sources, 'source')}, {counted(made, 'note')}"
    for pack in start.packs:
        own = [(rule, drafts) for rule, drafts in start.made if rule.pack == pack]
        yield ""
        yield f"{pack}: {counted(sum(len(drafts) for _, drafts in own), 'note')}"
        for rule, drafts in own:
            yield cut(f"  {len(drafts):5,}  {rule.name.rpartition('/')[2]}  {rule.about}".rstrip(), width)
            for draft in drafts[:EXAMPLES]:
                shown = [value for _, value in shown_fields(draft)]
                question = cut(shown[0], (width - 12) * 3 // 5)
                answer = cut(shown[1], width - 12 - columns(question)) if len(shown) > 1 else ""
                yield f"         {question}{f' → {answer}' if answer else ''}"
    if not start.made:
        yield ""
        yield "no rule finds a fact here: `deckgen explain FILE` says why, `deckgen rules list` what rules look for"
    for index, (name, number) in enumerate(start.others):
        if not index:
            yield ""
        yield f"{name} would find {counted(number, 'note')} more: add it to `rules:` if you use that syntax"
