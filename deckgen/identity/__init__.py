"""Drafts × the lock → notes with GUID, note id and modified time, the changes, and the next lock.

Doors: `identify` is the whole step and explains it, `lock` parses and formats deck.lock, `normal_form` is the text that
identities compare.
"""
