"""A project on disk → its notes, the changes against the lock, and the package and lock that are written.

Doors: `pipeline` builds a project, or shows what a build would make, `store` keeps what builds compile, `snapshot`
tells whether anything changed since, `view` is a build as commands look at it, `new_project` writes a first deck.yaml.
"""
