"""Documents → the elements that rules look at, in the order of the source, each knowing where it stands."""

from deckgen.elements.element import Element, Where, block_passage
from deckgen.elements.walking import elements_of

__all__ = ["Element", "Where", "block_passage", "elements_of"]
