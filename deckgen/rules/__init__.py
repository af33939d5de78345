"""YAML → checked rules and compiled patterns (docs/rules.md is the language).

Doors: `loading` reads rule packs, `rule` is what comes out, `shipped` finds the packs that deckgen brings.
"""
