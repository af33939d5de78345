"""A folder of notes → a deck.yaml for it: the packs that find something there, and what each rule would make."""

from __future__ import annotations

import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deckgen.build.choices_file import merge_by_union
from deckgen.build.load import Inputs, choose_packs
from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.paths import shown_path
from deckgen.extraction.extract import extract
from deckgen.model import Draft
from deckgen.project.source_files import CONFIG_NAME
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import Rule
from deckgen.rules.shipped import read_shipped, shipped_names

define(
    "error",
    project_exists="There is already a deck.yaml, and `init` never overwrites it.",
    unwritable_project="deck.yaml or .gitattributes could not be written.",
)

MERGE_LINE = "deck.lock merge=union"
"""For .gitattributes: of two branches' locks all lines are kept, which is how locks are merged."""

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is taken for another

_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null"})  # that YAML takes for something else


@dataclass(frozen=True, slots=True)
class Start:
    """What a new project would be: its deck.yaml, and the notes that each rule would make."""

    name: str  # of the deck
    id: str
    packs: tuple[str, ...]  # that find something, in the order of a build
    made: tuple[tuple[Rule, tuple[Draft, ...]], ...]  # rules that find something
    others: tuple[tuple[str, int], ...]  # packs that are not chosen by themselves and would find something

    @property
    def text(self) -> str:
        """The deck.yaml."""
        rules = f"[{', '.join(self.packs)}]"
        lines = [
            ("deck: " + _yaml(self.name), "its name in Anki; `::` nests; may change at any time"),
            ("id: " + _yaml(self.id), "identities of notes are derived from it: never change it"),
            ('sources: ["**/*.md"]', "the notes, relative to this file"),
            ("exclude: []", 'for example ["drafts/**"]'),
            ("rules: " + rules if self.packs else "# rules: [structure]", "packs in order; `deckgen rules list`"),
            *(
                (f"# rules: [{', '.join([name, *self.packs])}]", f"notes for another tool? {number:,} of them")
                for name, number in self.others
            ),
            ("tags: []", "added to every note"),
            ("subdecks: none", "none | file | folder | heading"),
            ("# language: de", "of notes in the Latin script that are not in English"),
            ("# lint: {answer-too-long: off}", "off | warning | error, for each finding of `deckgen lint`"),
        ]
        width = min(max(len(key) for key, _ in lines), 44)
        head = "# A deck project: `deckgen build` makes an Anki package of the notes beside this file.\n"
        return head + "".join(f"{key:{width}}  # {comment}\n" for key, comment in lines)


def plan(inputs: Inputs) -> Start:
    """What `init` would write for a folder that has no deck.yaml. A lock that is there already keeps its identities."""
    rules, _ = load_rules(choose_packs(inputs.documents))
    drafts = extract(inputs.documents, rules, inputs.settings).drafts
    made = [(rule, tuple(draft for draft in drafts if draft.rule == rule.name)) for rule in rules.rules]
    made = [(rule, found) for rule, found in made if found]
    packs = tuple(pack for pack in rules.packs if any(rule.pack == pack for rule, _ in made))
    project = inputs.project
    known = inputs.lock.header.project if project.lock_text is not None else ""
    return Start(
        name=inputs.settings.deck,
        id=known or f"{slug(project.name)}-{''.join(secrets.choice(_LETTERS) for _ in range(6))}",
        packs=packs,
        made=tuple(made),
        others=tuple(_others(inputs, rules.packs, is_empty=not made)),
    )


def _others(inputs: Inputs, chosen: Sequence[str], *, is_empty: bool) -> Iterator[tuple[str, int]]:
    """Shipped packs for the syntax of other tools: named, but never chosen without being asked for.

    Only where so many notes have its marks that it is no chance, or where nothing else is found (`is_empty`); that a
    heading has a text below says nothing.
    """
    for name in shipped_names():
        pack = read_shipped(name)
        if not name.startswith("compat/") or name in chosen or pack is None:
            continue
        rules, _ = load_rules([pack])
        marked = frozenset(rule.name for rule in rules.rules if _has_marks(rule))
        found = [draft for draft in extract(inputs.documents, rules, inputs.settings).drafts if draft.rule in marked]
        if len(found) >= (1 if is_empty else max(5, len(inputs.documents) / 2)):
            yield name, len(found)


def _has_marks(rule: Rule) -> bool:
    """Whether a rule wants more than an element that any note has: words, labels, tags, marks."""
    has_patterns = any(alternative.patterns or alternative.regex for alternative in rule.alternatives)
    return has_patterns or bool(rule.asked_tags or rule.for_each or rule.marks) or "section" not in rule.elements


def slug(name: str) -> str:
    """A folder's name in small ASCII letters and digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "deck"


def _yaml(text: str) -> str:
    """A text as YAML: plain where nobody could read it otherwise."""
    is_plain = re.fullmatch(r"[^\W\d_][\w./+-]*(?:(?:::| )[\w./+-]+)*", text)
    return text if is_plain and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)


def check(folder: Path) -> list[Diagnostic]:
    """Whether a project can begin in a folder."""
    path = folder / CONFIG_NAME
    if not os.path.isdir(folder):
        hint = "name a folder with notes" if os.path.exists(folder) else "make the folder first"
        return [Diagnostic("source-not-found", f"`{shown_path(folder)}` is no folder", hint=hint)]
    if path.exists() or path.is_symlink():
        hint = "edit it, or name another folder; `deckgen list` shows what it makes"
        return [Diagnostic("project-exists", "there is a deck.yaml already", Span(shown_path(path)), hint)]
    return []


def write(folder: Path, start: Start) -> tuple[list[Path], list[Diagnostic]]:
    """Write deck.yaml, never over another, and the line of .gitattributes that makes locks merge; what was written."""
    written: list[Path] = []
    path = folder / CONFIG_NAME
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(start.text)
        written.append(path)
        path = folder / ".gitattributes"
        written.extend([path] if merge_by_union(folder, MERGE_LINE) else [])
    except FileExistsError:
        return written, check(folder)
    except OSError as problem:
        message = f"cannot be written: {problem.strerror or problem}"
        return written, [Diagnostic("unwritable-project", message, Span(shown_path(path)))]
    return written, []
