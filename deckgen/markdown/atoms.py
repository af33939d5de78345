"""Private-use characters that stand for what a text holds beside words, such as code; no source can forge one."""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex

CODE, MATH, URL, IMAGE = "\ue000", "\ue001", "\ue002", "\ue003"
PRIVATE = lazy_regex("[\ue000-\ue0ff]")
"""Characters that mean something to deckgen; in a source they are replaced."""
REPLACEMENT = "\ufffd"
