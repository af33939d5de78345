"""Documents → the elements that rules look at, in the order of the source, each knowing where it stands."""

from deckgen.elements.element import INLINE, Element, Where, block_passage
from deckgen.elements.inline import Cutting
from deckgen.elements.lines import line_elements
from deckgen.elements.rereading import Stretch, reread
from deckgen.elements.walking import elements_of

__all__ = [
    "INLINE",
    "Cutting",
    "Element",
    "Stretch",
    "Where",
    "block_passage",
    "elements_of",
    "line_elements",
    "reread",
]
