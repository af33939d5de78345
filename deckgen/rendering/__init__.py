"""Notes → what Anki stores of them: field HTML and the cards that it makes."""

from deckgen.rendering.note import RENDERING, RenderOptions, render_note

__all__ = ["RENDERING", "RenderOptions", "render_note"]
