"""Sentences and the cards that are wanted of them → rules: `deckgen rules new` and `deckgen rules suggest`."""
