"""Documents → the elements that rules look at, in the order of the source, each knowing where it stands.

Doors: `from_blocks` walks a document, `from_lines` and `line_preprocessing` read lines the way a rule wants them read,
`element` is what both make.
"""
