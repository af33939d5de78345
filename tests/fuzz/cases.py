"""Inputs of the fuzzer: for each kind a function that makes one, files and commands, out of random numbers.

What they are made from stands in `decks/`, `card_rules/` and `tests/cases`, and in `../shared/corpus` where that is there.
"""

from __future__ import annotations

import functools
import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml
from command_line import deckgen
from mutations import (
    TOKENS,
    as_json,
    mutate_bytes,
    mutate_database,
    mutate_text,
    mutate_tree,
    mutate_zip,
    pick,
)
from trees import put_files

ROOT = Path(__file__).parents[2]
Content = bytes | tuple[str, str]
"""Of a file; or what else stands there: `("link", target)`, `("fifo", "")`, `("folder", "")`, `("sparse", size)`."""


@dataclass(frozen=True)
class Case:
    """Files in an empty folder, and what is done with them, in order.

    A command that begins with `!` is one of the harness: `!cache SEED` mutates `.deckgen`, `!anki SEED` has an Anki
    answer from then on, at `URL`; `!same` holds the lock and the package to what they were at the last `!same`;
    `!builds` says that the next build has to succeed.
    """

    files: dict[str, Content]
    commands: tuple[tuple[str, ...], ...]
    inputs: int = 1


Maker = Callable[[Random], Case]

CONFIG = b"deck: Fuzz\nid: fuzz\nrules: [./rules.yaml]\n"
STRUCTURE = b"deck: Fuzz\nid: fuzz\nrules: [structure, ./rules.yaml]\n"
PACKS = b"deck: Fuzz\nid: fuzz\nrules: [zh/facts, en/facts, structure, tables, ./rules.yaml]\n"
RULES = """rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
  - id: gap
    on: highlight
    marks: ['==answer==', '{{c1::answer::hint}}']
    note: Cloze
    cloze: [marked]
    fields: {Text: '{text}'}
  - id: pair
    on: list_item
    match: '{a} <-> {b}'
    note: Reversed
    fields: {Front: '{a}', Back: '{b}'}
  - id: asks
    on: section
    match: {heading: '{:text}?'}
    fields: {Front: '{heading}', Back: '{body}'}
  - id: cell
    on: table_row
    fields: {Front: '{first}', Back: '{rest}'}
"""
NOTE = (
    "---\ntags: [net, 网络]\n---\n# Times\n\nLatency\n: the time from a request to its answer\n\n## What is a hop?\n\n"
    "one **router** on the way ![plan](plan.png)\n\n- left <-> right\n- **Cache**: a small fast memory\n\n"
    "A port is a ==number== of ==16 bits==.\n\n| Term | Meaning |\n| --- | --- |\n| Loss | packets that are lost |\n"
)
BASE: dict[str, Content] = {"deck.yaml": CONFIG, "rules.yaml": RULES.encode(), "a.md": NOTE.encode()}
READING = (("list", ".", "--json"),) * 4 + (
    ("lint", "."),
    ("coverage", "."),
    ("diff", "."),
    ("build", ".", "--json"),
    ("build", ".", "--check"),
    ("explain", "a.md"),
    ("list", ".", "--format", "csv"),
)


# ---- what inputs are made from


@functools.cache
def corpus() -> tuple[str, ...]:
    """Pieces of Markdown notes of some hundred characters."""
    folders = [ROOT / "decks", ROOT / "tests/cases", ROOT.parent / "shared/corpus"]
    texts = [path.read_text("utf-8", "replace") for folder in folders for path in sorted(folder.rglob("*.md"))[:400]]
    pieces = [text[at : at + 400] for text in texts for at in range(0, min(len(text), 6000), 400)]
    return tuple(piece for piece in pieces if piece.strip())


@functools.cache
def rule_trees() -> tuple[dict[str, Any], ...]:
    """Rule files of a few rules each."""
    found = []
    for path in sorted((ROOT / "card_rules").rglob("*.yaml")):
        tree = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        if isinstance(tree, dict) and len(json.dumps(tree, default=str)) < 30_000:
            rules = tree.get("rules", [])
            found += [{**tree, "rules": rules[at : at + 2]} for at in range(0, len(rules), 2)]
    return (yaml.safe_load(RULES), *found)


CONFIG_TREES: tuple[dict[str, Any], ...] = (
    {
        "deck": "A::B",
        "id": "fuzz",
        "sources": ["*.md", "b/**/*.md"],
        "exclude": ["drafts/**"],
        "rules": ["./rules.yaml"],
    },
    {"deck": "A", "id": "fuzz", "rules": ["structure", "./rules.yaml"], "subdecks": "heading", "tags": ["a", "b::c"]},
    {"id": "fuzz", "html": "trust", "media": ["pictures"], "css": ".card {color: red}", "tts": {"en": "en_US"}},
    {"id": "fuzz", "encoding": "gb18030", "language": "en", "lint": {"answer-too-long": "error"}},
    {
        "deck": "A",
        "id": "fuzz",
        "rules": ["./rules.yaml"],
        "note_types": {
            "Own": {
                "fields": ["Front", "Back", "More"],
                "templates": [{"name": "Card 1", "front": "{{Front}}", "back": "{{FrontSide}}<hr>{{Back}}"}],
                "css": "b {color: red}",
                "cloze": False,
            }
        },
    },
)


@functools.cache
def built() -> dict[str, bytes]:
    """The base project after a build: its lock, and the members of its package."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "p"
        put_files(root, {path: content for path, content in BASE.items() if isinstance(content, bytes)})
        for command in ("build", "list", "lint", "diff"):
            assert deckgen(command, ".", cwd=root).code in (0, 1)
        found = {"deck.lock": (root / "deck.lock").read_bytes(), "p.apkg": (root / "p.apkg").read_bytes()}
        with zipfile.ZipFile(root / "p.apkg") as package:
            found |= {name: package.read(name) for name in package.namelist()}
        return found


# ---- the kinds


def notes(random: Random) -> Case:
    """Many notes at once, as most of the time goes into starting otherwise."""
    count = 40 if random.random() < 0.9 else 6
    files: dict[str, Content] = {
        "rules.yaml": RULES.encode(),
        "deck.yaml": CONFIG if count == 40 else pick(random, (PACKS, STRUCTURE)),
    }
    for number in range(count):
        text = pick(random, corpus()) if random.random() < 0.85 else "".join(random.choices(TOKENS, k=30))
        if random.random() < 0.15:
            tree = {"tags": ["a", "b c"], "title": "T", "deck": "X::Y", "language": "zh", "aliases": []}
            text = f"---\n{_yaml(random, mutate_tree(random, tree))}\n---\n{text}"
        data = mutate_text(random, text, corpus()).encode("utf-8", "replace")
        name = pick(random, ("a", "笔记", "b b", "&", "%s")) if number else "a"
        files[f"{name}{number or ''}.md"] = mutate_bytes(random, data) if random.random() < 0.002 else data
    return Case(files, (pick(random, READING),), count)


def rules(random: Random) -> Case:
    """One rule file, a note that it fits."""
    tree = pick(random, rule_trees())
    if random.random() < 0.7:
        text = _yaml(random, mutate_tree(random, tree))
    else:
        text = mutate_text(random, _yaml(random, tree), (RULES,))
    examples = [
        e.get("text", "") for rule in tree.get("rules", []) for e in rule.get("examples", []) if isinstance(e, dict)
    ]
    note = "\n\n".join([NOTE, *map(str, examples)])
    files = {**BASE, "rules.yaml": text.encode("utf-8", "replace"), "a.md": note.encode()}
    command = pick(random, (*READING, ("rules", "test", "./rules.yaml"), ("rules", "show", "./rules.yaml")))
    return Case({**files, "deck.yaml": b"id: fuzz\nrules: [./rules.yaml]\n"}, (command,))


def settings(random: Random) -> Case:
    """deck.yaml."""
    tree = pick(random, CONFIG_TREES)
    text = _yaml(random, mutate_tree(random, tree))
    if random.random() < 0.3:
        text = mutate_text(random, text, ("rules: [structure]\n", "sources: ['*.md']\n"))
    return Case({**BASE, "deck.yaml": text.encode("utf-8", "replace")}, (pick(random, READING),))


def locks(random: Random) -> Case:
    """A lock with odd lines; where a build takes it, the next one takes what that wrote, and changes nothing."""
    head, *rows = built()["deck.lock"].decode().splitlines()
    lines = list(rows)
    for _ in range(random.choice((1, 1, 1, 3))):
        at = random.randrange(len(lines)) if lines else 0
        what = random.randrange(8)
        if what <= 3 and lines:
            extra = pick(
                random, ({}, {"retired": "gone"}, {"declined": "2025-01-01"}, {"was": ["x"]}, {"decks": ["A"]})
            )
            lines[at] = as_json(mutate_tree(random, {**json.loads(pick(random, rows)), **extra}))
        elif what == 4:
            head = as_json(mutate_tree(random, json.loads(built()["deck.lock"].splitlines()[0])))
        elif what == 5 and lines:
            lines.insert(random.randrange(len(lines)), as_json(mutate_tree(random, json.loads(pick(random, rows)))))
        elif lines:
            lines[at] = mutate_text(random, lines[at], (head,))
    text = "\n".join([head, *lines, ""]).encode("utf-8", "replace")
    data = mutate_bytes(random, text) if random.random() < 0.1 else text
    note = NOTE.replace("router", "machine") if random.random() < 0.5 else NOTE
    files = {**BASE, "deck.lock": data, "a.md": note.encode()}
    if random.random() < 0.3:
        return Case(files, (pick(random, (*READING, ("list", ".", "--retired"))),))
    return Case(files, (("build", "."), ("!if built",), ("!same",), ("!builds",), ("build", "."), ("!same",)))


def packages(random: Random) -> Case:
    """A package or a collection that is adopted, or compared with."""
    members = {name: content for name, content in built().items() if name not in ("deck.lock", "p.apkg")}
    if random.random() < 0.85:
        members["collection.anki2"] = mutate_database(random, members["collection.anki2"])
    if random.random() < 0.1:
        members["collection.anki2"] = mutate_bytes(random, members["collection.anki2"])
    name, data = "x.apkg", mutate_zip(random, members)
    if random.random() < 0.3:
        name, data = "x.anki2", members["collection.anki2"]
    elif random.random() < 0.1:
        data = mutate_bytes(random, data)
    files = {**BASE, name: data}
    if random.random() < 0.5:
        return Case(files, (("diff", ".", "--against", name),))
    edited: dict[str, Content] = {**files, "deck.lock": built()["deck.lock"]} if random.random() < 0.5 else files
    commands = (("adopt", name, ".", "--yes"), ("!if done",), ("!builds",), ("build", "."), ("!edit",), ("!builds",))
    return Case(edited, (*commands, ("build", ".")))


def caches(random: Random) -> Case:
    """A `.deckgen` that something was done to: the build is what it was."""
    seed = str(random.getrandbits(40))
    command = pick(random, (("build", "."), ("list", ".", "--json"), ("build", ".", "--check"), ("lint", ".")))
    return Case(BASE, (("build", "."), ("!same",), ("!cache", seed), command, ("build", "."), ("!same",)))


def strangers(random: Random) -> Case:
    """Links, pipes and folders where files are expected, `.git` and `.deckgen` of somebody else."""
    names = [
        "deck.lock",
        "p.apkg",
        ".deckgen",
        ".gitignore",
        ".gitattributes",
        "b.md",
        "rules.yaml",
        "plan.png",
        "deck.yaml",
    ]
    names += [
        f".deckgen/{name}" for name in ("sources.db", "sources.db-journal", "store.db", "store.db-wal", ".gitignore")
    ]
    names += [
        ".deckgen/store.db-journal",
        ".deckgen/store.db-shm",
        ".deckgen/owner",
        ".deckgen/lock",
        ".git",
        "HEAD",
        "c",
    ]
    files = dict(BASE)
    for name in random.sample(names, random.choice((1, 2, 3))):
        target = pick(
            random, ("../outside/precious.txt", "../outside/made.txt", "../outside", "/dev/zero", "/dev/full", ".")
        )
        target = pick(random, (target, "a.md", "deck.yaml", name, "../../etc/passwd", "../p/../outside/precious.txt"))
        odd = pick(
            random,
            (("link", target), ("link", target), ("fifo", ""), ("folder", ""), ("sparse", "100000000"), b"\0" * 9),
        )
        parents = [str(parent) for parent in Path(name).parents if str(parent) != "."]
        if any(isinstance(files.get(parent), tuple | bytes) for parent in parents):
            continue
        files = {path: content for path, content in files.items() if not path.startswith(f"{name}/")}
        files[name] = odd
    if random.random() < 0.3:
        git = b'[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = "touch ../outside/made.txt; false"\n'
        at = pick(random, ("", ".git/"))
        files |= {f"{at}HEAD": b"ref: refs/heads/main\n", f"{at}config": git, f"{at}objects/x": b"", f"{at}refs/x": b""}
        files = {path: content for path, content in files.items() if path != ".git" or not at}
    return Case(files, (pick(random, (*READING, ("build", "."), ("build", "."), ("init", "."))), ("build", ".")))


def answers(random: Random) -> Case:
    """An Anki that answers oddly."""
    seed = str(random.getrandbits(40))
    options = pick(random, ((), ("--dry-run",), ("--json",), ("--retired", "delete"), ("--conflicts", "ours")))
    command = pick(random, (("push", ".", "--url", "URL", *options), ("status", ".", "--url", "URL")))
    return Case({**BASE, "deck.lock": built()["deck.lock"]}, (("!anki", seed), command))


WORDS = (
    *("", ".", "a.md", "a.md:3", "b.md", "deck.lock", "deck.yaml", "p.apkg", "nowhere", "nowhere/x", "a.md/x", "/dev/null/x"),
    *("a" * 300, "a" * 100_000, "\udcff", "\n", "-", "--", "\u202e", "*", "[", "~", "$HOME", "a=b", "=", "HEAD", "skip", "gone"),
    *("a.md:0", "a.md:-1", "a.md:99999999999999999999", "a.md:x", "text", "json", "csv", "0", "-1", "1e9", "999999", "delete"),
    *("://", "http://[", "http://127.0.0.1:99999", "http://127.0.0.1:1", "./rules.yaml", "zh/facts", "x" * 16 + "=" + "y" * 16),
)  # fmt: skip
OPTIONS = {
    "build": ("--check", "--dry-run", "--json", "-o", "--lock", "--refresh", "--same"),
    "list": ("--format", "--json", "--rule", "--file", "--retired", "--lock"),
    "diff": ("--against", "--format", "--json", "--lock"),
    "explain": ("--rule", "--json", "--lock"),
    "lint": ("--json", "--lock"),
    "coverage": ("--json", "--html", "-o", "--by", "--lock"),
    "adopt": ("--yes", "--json", "--lock"),
    "push": ("--url", "--to", "--profile", "--dry-run", "--json", "--retired", "--conflicts", "--again", "--lock"),
    "status": ("--url", "--to", "--profile", "--json", "--lock"),
    "init": ("--force",),
    "rules": ("list", "show", "test", "schema", "--json"),
    "watch": ("--help",),
    "": ("--version", "--help", "-h", "build", "bild"),
}


def arguments(random: Random) -> Case:
    """A command line."""
    command = pick(random, list(OPTIONS))
    count = random.choice((0, 1, 1, 2, 3))
    words = [pick(random, (*WORDS, *OPTIONS[command], *OPTIONS[command])) for _ in range(count)]
    if command in ("watch", "init"):
        words = words[:1] if command == "init" else ["--help"]
    if command in ("push", "status") and "--url" not in words and "--to" not in words:
        words += ["--url", "http://127.0.0.1:1"]
    return Case({**BASE, "deck.lock": built()["deck.lock"], "p.apkg": built()["p.apkg"]}, ((command, *words),))


KINDS: dict[str, Maker] = {
    maker.__name__: maker for maker in (notes, rules, settings, locks, packages, caches, strangers, arguments, answers)
}


def _yaml(random: Random, tree: Any) -> str:
    if random.random() < 0.2:
        return as_json(tree)
    try:
        return yaml.safe_dump(
            tree, allow_unicode=True, sort_keys=False, default_flow_style=random.choice((None, False))
        )
    except (RecursionError, yaml.YAMLError, ValueError):
        return as_json(tree)
