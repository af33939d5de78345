"""Documents × rules → drafts: notes that have no identity yet.

Doors: `extract` tries all rules on a document, `attempt` tries one and can say why it failed, `examples` runs the
examples of a rule file; `elements` holds what rules can ask for.
"""
