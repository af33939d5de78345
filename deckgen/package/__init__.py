"""Rendered notes → the bytes of an .apkg file, the same bytes every time; and any .apkg or collection → its notes.

Doors: `apkg` writes a package, `reading` reads one.
"""
