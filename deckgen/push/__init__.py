"""Bringing Anki itself up to date: what a build has × what Anki has → a plan, and the plan carried out.

A package can add and update. It cannot move, retire, or keep the tags of a note that changed; a push can. The plan is
computed first, whole and without side effects (`planning`); then it is carried out in batches, each of which leaves
every note either as it was or done, so that a push that was interrupted is finished by the next one.
"""
