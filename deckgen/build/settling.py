"""What came of all sources → the same with fronts that tell notes apart: what one source's notes owe to others.

The stage between compile and identify. It decides on the signs of drafts alone (`deckgen.extraction.rivals`).
"""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.build.compile import CompileOptions, prepare
from deckgen.build.unit import CompiledNote, CompiledSource
from deckgen.extraction.rival_values import Outcomes
from deckgen.extraction.rivals import applied


class Settling(Struct):
    """What becomes of the notes of all sources, and where those stand that were held back."""

    compile_options: CompileOptions
    outcomes: Outcomes = field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def settled(self, notes: CompiledSource) -> CompiledSource:
        """One source as its notes are asked."""
        own = self.outcomes.get(notes.path)
        if not own:
            return notes
        kept: list[CompiledNote] = []
        held: list[str] = []
        for ordinal, one in enumerate(notes.prepared):
            outcome = own.get(ordinal)
            draft = one.draft if outcome is None else applied(one.draft, outcome)
            if draft is not None:
                kept.append(one if draft is one.draft else prepare(draft, self.compile_options))
            else:
                held.append(f"{notes.path}:{one.draft.origin.span.line}")
        self.held[notes.path] = tuple(held)
        return replace(notes, prepared=tuple(kept))
