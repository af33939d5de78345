"""A project on disk × the paths that its lock names → what identity may conclude from what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from deckgen.build.options import Options
from deckgen.identity.scope import Scope
from deckgen.project.project import Project

if TYPE_CHECKING:
    from deckgen.rules.rule import RuleSet


def scope_of(
    project: Project, paths: Iterable[str], rules: RuleSet, untried: frozenset[tuple[str, str]], options: Options
) -> Scope:
    """`paths` are those of lines. With a deck.yaml, a file that is no source is excluded; without one, a file that was
    named once and is there still was only not named now.
    """
    read = frozenset(source.path for source in project.sources)
    others = frozenset(paths) - read
    # A lock may name what no disk can hold.
    there = frozenset(path for path in others if os.path.isfile(project.root / path))
    if project.has_config:
        unread, excluded = frozenset[str](), there
    else:
        unread, excluded = (others if project.reads_alone else there), frozenset[str]()
    return Scope(
        read,
        unread,
        untried,
        options.same,
        options.refresh,
        excluded,
        frozenset(rule.identity for rule in rules.rules),
        options.another,
        project.choices.same,
        project.choices.another,
    )
