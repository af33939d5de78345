"""Markdown text → a document: blocks, inline text and sentences, each with its exact place in the source.

Doors: `document` parses a whole source, `text` is inline text as read, `sentences` cuts it.
"""
