"""What an editor asks about open notes and rule files, answered from the same steps as the commands (`deckgen lsp`).

In: open texts, a place in them. Out: diagnostics, lenses, hovers, completions, actions. Nothing is ever written but
deck.choices.yaml and a project's own rule file, each at a command of the user. Doors: `server`, which alone speaks the
protocol; `editor_project`, which knows what came of each note.
"""
