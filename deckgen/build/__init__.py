"""A project on disk → its notes, the changes against the lock, and the package and lock that are written.

Doors: `pipeline` runs all steps over a project, `commit` writes lock and package together, `store` keeps what earlier
builds compiled, `snapshot` tells whether anything changed since, `new_project` writes a first deck.yaml.
"""
