"""Notes → what Anki stores of them: field HTML, the cards that it makes, and media.

Doors: `note` renders one note, `media` finds the files that it shows, `note_types` are its fields, templates and CSS.
"""
