"""Builds many projects with this checkout and with another one, and lists where lock, package or words differ.

    python benchmarks/same_output.py OTHER_CHECKOUT [--its-packs] [FOLDER …]

The projects: each of `decks/`, with its lock and without; the documents of `tests/cases`; the examples of every shipped
rule pack by itself; and each FOLDER: one of snapshots (`000`, `001`, …, laid one after the other into one
project) or one of notes. With `--its-packs` both read the rule packs of the other checkout, as files of the project, so
that only what the program itself does is compared. A project without a `deck.yaml` gets none. Exits with 1 where a
lock or a package differs.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
BUILDER = """
import contextlib, io, json, os, shutil, sys
from pathlib import Path
from deckgen.cli import main
import deckgen
assert Path(deckgen.__file__).is_relative_to(sys.argv[1]), deckgen.__file__
for row in sys.stdin:
    job = json.loads(row)
    place = Path(job["place"])
    os.environ["SOURCE_DATE_EPOCH"] = str(job["epoch"])
    out, err = io.StringIO(), io.StringIO()
    os.chdir(place)
    sys.argv = ["deckgen", "build", "."]
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
Step = dict[str, bytes]


def tree(folder: Path) -> Step:
    """The files below a folder, but for caches and packages."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".deckgen" not in path.parts and path.suffix != ".apkg"
    }


def examples(pack: Path) -> Step:
    """The examples of a rule pack, a note each."""
    rules = yaml.load(pack.read_text("utf-8"), yaml.CSafeLoader).get("rules", [])
    texts = [example["text"] for rule in rules for example in rule.get("examples", []) if isinstance(example, dict)]
    name = pack.relative_to(ROOT / "card_rules").with_suffix("").as_posix()
    config = f"deck: D\nid: d\nrules: [{name}]\n"
    whole = "\n\n".join(text for text in texts)
    return {
        "deck.yaml": config.encode(),
        "all.md": whole.encode(),
        **{f"{number:03}.md": text.encode() for number, text in enumerate(texts)},
    }


def with_packs(files: Step, other: Path) -> Step:
    """A project without a lock that has the packs it names as files of its own: those of the other checkout."""
    config = files.get("deck.yaml", b"id: d\nrules: [zh/facts, en/facts, structure]\n").decode()
    own = {}
    for pack in sorted((other / "card_rules").rglob("*.yaml")):
        name = pack.relative_to(other / "card_rules").with_suffix("").as_posix()
        config, count = re.subn(rf"(rules:.*[\[ ]){name}(?=[,\]])", rf"\1./packs/{name}.yaml", config)
        if count:
            own[f"packs/{name}.yaml"] = pack.read_bytes()
    return {**{path: data for path, data in files.items() if path != "deck.lock"}, **own, "deck.yaml": config.encode()}


def projects(folders: Sequence[Path]) -> Iterator[tuple[str, list[Step]]]:
    """Each with the trees that it has one after the other."""
    for deck in sorted((ROOT / "decks").iterdir()):
        files = tree(deck)
        yield deck.name, [files, files]
        yield f"{deck.name} anew", [{path: data for path, data in files.items() if path != "deck.lock"}]
    yield "cases", [tree(ROOT / "tests/cases")]
    for pack in sorted((ROOT / "card_rules").rglob("*.yaml")):
        yield f"examples of {pack.stem}", [examples(pack)]
    for folder in folders:
        snapshots = sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isdigit())
        yield str(folder), [tree(path) for path in snapshots] or [tree(folder)]


class Builder:
    """One of the two programs."""

    def __init__(self, checkout: Path, place: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
        self.place = place
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", BUILDER, str(checkout)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def build(self, step: Step, epoch: int) -> tuple[list[Any], Step]:
        """What a build of a tree says and leaves; the lock of the build before stays."""
        self.place.mkdir(parents=True, exist_ok=True)
        for path in self.place.rglob("*"):
            if path.is_file() and ".deckgen" not in path.parts and path.name != "deck.lock" and path.suffix != ".apkg":
                path.unlink()
        for name, data in step.items():
            if name != "deck.lock" or not (self.place / name).exists():
                (self.place / name).parent.mkdir(parents=True, exist_ok=True)
                (self.place / name).write_bytes(data)
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"place": str(self.place), "epoch": epoch}) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        return said, {path.name: path.read_bytes() for path in (*self.place.glob("*.lock"), *self.place.glob("*.apkg"))}

    def end(self) -> None:
        """Let the process go."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def differences(one: bytes, other: bytes) -> Iterator[str]:
    """The members that differ in the lines of two locks, by GUID."""
    before, after = (
        {row["guid"]: row for row in map(json.loads, text.decode().splitlines()[1:])} for text in (one, other)
    )
    for guid in sorted(before.keys() | after.keys()):
        was, is_ = before.get(guid, {}), after.get(guid, {})
        names = [name for name in {**was, **is_} if was.get(name) != is_.get(name)]
        if not was or not is_:
            names = ["rule", "key", "path"]
        if names:
            shown = [f"{name}: {was.get(name)!r:.60} → {is_.get(name)!r:.60}" for name in names]
            yield f"  {guid}: {', '.join(shown)}"


def main() -> int:
    other, *words = sys.argv[1:]
    other, has_its_packs = str(Path(other).resolve()), "--its-packs" in words
    folders = [Path(word).resolve() for word in words if word != "--its-packs"]
    root = Path(tempfile.mkdtemp(prefix="same-output-"))
    builders = [Builder(Path(other), root / "other" / "p"), Builder(ROOT, root / "this" / "p")]
    builds = differing = differing_words = 0
    for name, steps in projects(folders):
        for builder in builders:
            shutil.rmtree(builder.place, ignore_errors=True)
        for number, tree_now in enumerate(steps):
            step = with_packs(tree_now, Path(other)) if has_its_packs else tree_now
            (then, was), (now, is_) = (builder.build(step, 1_800_000_000 + number * 86_400) for builder in builders)
            builds += 1
            words = [key for key, a, b in zip(("exit code", "stdout", "stderr"), then, now, strict=True) if a != b]
            files = [path for path in sorted(was.keys() | is_.keys()) if was.get(path) != is_.get(path)]
            if files or words:
                print(f"{name}, build {number + 1}: {', '.join([*files, *words])}")
            differing += bool(files)
            differing_words += bool(words)
            if "deck.lock" in files:
                print("\n".join(list(differences(was.get("deck.lock", b""), is_.get("deck.lock", b"")))[:12]))
            for key, a, b in zip(("stdout", "stderr"), then[1:], now[1:], strict=True):
                if key in words:
                    changed = difflib.unified_diff(a.splitlines(), b.splitlines(), "other", "this", n=0, lineterm="")
                    print("\n".join(line[:300] for line in list(changed)[:8]))
            if files:
                break  # later builds follow from this one
    for builder in builders:
        builder.end()
    shutil.rmtree(root)
    print(f"{builds} builds: {differing} with another lock or package, {differing_words} with other words")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
