"""A folder on disk → a deck project: its deck.yaml, its sources, the text of its lock.

Doors: `locate` finds the project of a command line, `project` reads it, `git` reads an older revision.
"""
