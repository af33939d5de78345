"""The pattern language: a pattern reads like the sentence that it is for (docs/rules.md has its laws).

Doors: `pattern` compiles one, `passage` is the text it matches, `types` are the types of captures.
"""
