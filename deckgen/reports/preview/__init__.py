"""Every card of a build as Anki shows it: one page, in a file or served on this machine.

Doors: `page` makes the page, `server` serves it.
"""
