"""Anki itself, brought up to date: a build × what Anki has → a plan, and the plan carried out.

A package can add and update. It cannot move, retire, or keep the tags of a note that changed; a push can. The plan is
computed first, whole and without side effects; then it is carried out in batches, each of which leaves every note
either as it was or done, so that the next push finishes one that was interrupted. Adoption goes the other way: it takes
the GUIDs of a deck that Anki has already into the lock.

Doors: `planner` computes the plan, `execute` carries it out; `ankiconnect` and `collection_engine` are the two ways to
reach Anki; `adoption` reads a package or collection into the lock.
"""
