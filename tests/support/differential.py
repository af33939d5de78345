"""A project with what its builds kept, beside a copy of it without, through a story of random steps: no word or byte may differ.

In half of the steps the copy has all notes decided on together, where the other one decides on what was touched.
A step is a few edits (or a merge, or a build that is killed), then commands, in both folders. Everything is driven
through the command line in this process, so that it holds for any way to build; the clocks of the program are set
here. `play` runs a story and returns the first difference; `shrink` leaves out of a story what does not matter.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from command_line import Ended, deckgen
from random_edits import START, Edit, apply, choose
from trees import CACHE, check_out, merged, put_files, read_files, unlike

from deckgen.build.options import Options

SECOND = 10**9
_REMAINS = re.compile(r"(^|/)\.[^/]+\.[^./]{8}\.tmp$")
PAIRED = "--same OLD=NEW"
"""Stands for a pair of notes of the project as it is then."""
READING = (
    ("list", ".", "--json"),
    ("diff", "."),
    ("lint", ".", "--json"),
    ("coverage", "."),
    ("explain", "a.md"),
    ("list", "c", "--json"),
    ("build", ".", "--check"),
    ("build", ".", "--dry-run"),
    ("build", ".", "--dry-run", "--json"),
)
BUILDS = (
    (("build", "."), ""),
    (("build",), ""),
    (("build", "p"), ".."),
    (("build", ".", "--json"), ""),
    (("build", ".", "-o", "x.apkg"), ""),
    (("build", "..", "--json"), "c"),
    (("build", "a.md", "b.md"), ""),
    (("build", ".", "--refresh", "*a.md"), ""),
    (("build", ".", PAIRED), ""),
)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens before a build, how it is asked for, and what the clocks say."""

    edits: tuple[Edit, ...] = ()
    reading: tuple[str, ...] = ()  # a command that is run before the build
    build: int = 0  # index in BUILDS
    workers: int = 1  # in the copy
    epoch: int = 0  # seconds, from the last step's
    ahead: int = 3600  # seconds that the system's clock is ahead of the times of files: 0 makes every file too young
    killed: tuple[str, int] = ("", 0)  # a build before that is ended: how, and when
    is_repeated: bool = False
    is_together: bool = False  # in the copy, all notes are decided on together


@dataclass(frozen=True, slots=True)
class Difference:
    """The step after which the folders differ, and in what."""

    step: int
    what: str
    warm: object
    cold: object

    def __str__(self) -> str:
        return f"step {self.step}: {self.what}\n--- with cache\n{_shown(self.warm)}\n--- without\n{_shown(self.cold)}"


@dataclass
class Tally:
    """How much was tried, for the figures at the end."""

    counts: Counter[str] = field(default_factory=Counter)


# ---- the environment and the clock


@contextlib.contextmanager
def surroundings() -> Iterator[None]:
    """Leave the environment as it was."""
    before = dict(os.environ)
    os.environ.pop("CI", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def clock(epoch: int, ahead: int) -> Iterator[None]:
    """`epoch` is the time of the build; the system's own clock goes so many seconds before that of the files."""
    now_ns, now = time.time_ns, time.time
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    time.time_ns = lambda: now_ns() + ahead * SECOND
    time.time = lambda: now() + ahead
    try:
        yield
    finally:
        time.time_ns, time.time = now_ns, now


class Opened:
    """Counts the notes that are opened, to tell whether the cache saves anything."""

    def __init__(self) -> None:
        self.count = 0
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(".md"):
            self.count += 1


_opened = Opened()


# ---- stories


def draw(random: Random, world: World) -> Step:
    """The next step of a story: mostly an edit of what stands there; what does not build any more is undone soon."""
    folder, past, is_broken = world.warm, world.past, world.is_broken
    edits = []
    count = random.choices((0, 1, 2, 6), (20, 60, 15, 5))[0]
    if past and is_broken and random.random() < 0.6:
        edits = [("tree", past[-1])]
    elif past and random.random() < 0.08:
        edits = [_merge(random, folder, past)]
    elif past and random.random() < 0.05:
        edits = [("tree", random.choice(past))]
    else:
        edits = [choose(random, folder) for _ in range(count)]
    return Step(
        tuple(edits),
        random.choice(READING) if random.random() < 0.2 else (),
        random.choices(range(len(BUILDS)), (60, 5, 5, 10, 5, 2, 2, 2, 3))[0],
        2 if random.random() < 0.02 else 1,
        random.choices((0, 1, 100_000, -50_000), (1, 10, 10, 1))[0],
        random.choices((3600, 0, -3600), (16, 3, 1))[0],
        random.choices((("", 0), ("call", random.randrange(120)), ("size", random.randrange(60_000))), (40, 1, 1))[0],
        random.random() < 0.3,
        random.random() < 0.5,
    )


def paired(folder: Path, command: Sequence[str]) -> Sequence[str]:
    """A command with pairs of notes: a near miss, else some that are in the lock. Which, the lock says."""
    if PAIRED not in command:
        return command
    ended = deckgen("build", ".", "--dry-run", "--json", cwd=folder)
    misses = ended.json["near_misses"] if ended.code == 0 else []
    lock = folder / "deck.lock"
    guids = re.findall(r'^\{"guid":"(\w+)"', lock.read_text("utf-8", "replace"), re.MULTILINE) if lock.exists() else []
    one, other = [*guids, "a", "b"][:2]
    pairs = [
        ["--same", f"{one}={other}"],
        ["--another", f"{one}={other}"],
        ["--another", f"{one}={one}"],
        ["--same", f"{one}={other}", "--same", f"{other}={one}"],
    ]
    if misses:
        option, pair = misses[0]["option"].split()
        pairs = [[option, pair], [option, pair], ["--another", pair]]
    return [*(word for word in command if word != PAIRED), *pairs[len(guids) % len(pairs)]]


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Have builds decide on all notes together, whatever was touched."""
    of_options = Options.is_about_all
    Options.is_about_all = True  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Options.is_about_all = of_options  # type: ignore[method-assign]


def _merge(random: Random, folder: Path, past: list[dict[str, bytes]]) -> Edit:
    """What somebody else made of an earlier state, merged as git does with `deck.lock merge=union`."""
    base = random.choice(past[-4:])
    side = folder.parent / "side" / "p"
    shutil.rmtree(side, ignore_errors=True)
    put_files(side, base)
    for _ in range(random.randint(1, 3)):
        edit = choose(random, side)
        if edit[0] != "cache":
            apply(edit, side)
    with clock(1_800_000_000 + random.randrange(10**6), 3600):
        deckgen("build", ".", cwd=side)
    return ("tree", merged(base, read_files(folder), read_files(side)))


@dataclass
class World:
    """The folder with a cache, and the copy without."""

    root: Path
    epoch: int = 1_800_000_000
    past: list[dict[str, bytes]] = field(default_factory=list)  # trees after builds without an error
    is_broken: bool = False  # the last build ended with an error

    @property
    def warm(self) -> Path:
        """Builds keep something here."""
        return self.root / "warm" / "p"

    @property
    def cold(self) -> Path:
        """Begun anew for each build."""
        return self.root / "cold" / "p"

    def begin(self) -> None:
        """An empty world."""
        shutil.rmtree(self.root, ignore_errors=True)
        put_files(self.warm, START)

    def take(self, number: int, step: Step, tally: Tally) -> Difference | None:
        """Carry a step out in both folders."""
        for edit in step.edits:
            if edit[0] == "tree":
                check_out(self.warm, edit[1])  # type: ignore[arg-type]
            else:
                apply(edit, self.warm)
        self.epoch += step.epoch
        if step.killed[0]:
            with clock(self.epoch, step.ahead):
                tally.counts[f"builds killed by {step.killed[0]}"] += killed(self.warm, *step.killed)
        arguments, where = BUILDS[step.build]
        with clock(self.epoch, step.ahead):
            arguments = tuple(paired(self.warm, arguments))
        runs = [(step.reading, "")] if step.reading else []
        runs += [(arguments, where)] * (2 if step.is_repeated else 1)
        found = None
        for index, (command, place) in enumerate(runs):
            was_same = found
            found = self._compare(number, command, place, step, tally)
            if isinstance(found, Difference):
                return found
            if (
                was_same is not None
                and runs[index - 1] == runs[index]
                and not {"--refresh", "--same"} & set(command)
                and b"{same:" not in found.get("deck.choices.yaml", b"")  # a pair may name what another pair made
                and was_same != found
            ):
                return Difference(number, "files after a second build", *unlike(found, was_same))
        if found is not None and not self.is_broken:
            self.past = [*self.past[-7:], found]
        return None

    def _compare(
        self, number: int, command: Sequence[str], place: str, step: Step, tally: Tally
    ) -> Difference | dict[str, bytes]:
        before = read_files(self.warm)
        shutil.rmtree(self.cold, ignore_errors=True)
        put_files(self.cold, before)
        for parent, folders, _ in os.walk(self.warm):
            folders[:] = [name for name in folders if name != CACHE]
            for name in folders:
                (self.cold / os.path.relpath(os.path.join(parent, name), self.warm)).mkdir(exist_ok=True)
        ended: list[Ended | str] = []
        opened = []
        for folder, workers in ((self.warm, 1), (self.cold, step.workers)):
            os.environ["DECKGEN_WORKERS"] = str(workers)
            (folder / place).mkdir(exist_ok=True)
            was = _opened.count
            way = together() if step.is_together and folder == self.cold else contextlib.nullcontext()
            with clock(self.epoch, step.ahead), way:
                ended.append(run(command, folder / place))
            opened.append(_opened.count - was)
        tally.counts["commands compared"] += 1
        tally.counts["notes opened, with cache"] += opened[0]
        tally.counts["notes opened, without"] += opened[1]
        self.is_broken = not isinstance(ended[0], Ended) or ended[0].code == 2
        tally.counts["of them with an error"] += self.is_broken
        what = " ".join(command)
        if isinstance(ended[0], str) or isinstance(ended[1], str):
            return Difference(number, f"{what}: a bug", *ended)
        for name in ("code", "out", "err"):
            if getattr(ended[0], name) != getattr(ended[1], name):
                return Difference(number, f"{what}: {name}", *ended)
        after, other = _without_remains(read_files(self.warm)), _without_remains(read_files(self.cold))
        if after != other:
            paths = sorted(path for path in after.keys() | other.keys() if after.get(path) != other.get(path))
            return Difference(number, f"{what}: {', '.join(paths)}", *unlike(after, other))
        notes = {path: content for path, content in before.items() if path.endswith((".md", ".yaml", ".png"))}
        if any(after.get(path) != content for path, content in notes.items()):
            return Difference(number, f"{what}: a file of the author's", *unlike(after, before))
        left = [path for path in after.keys() - before.keys() if path != "deck.lock" and not path.endswith(".apkg")]
        if left:
            return Difference(number, f"{what}: left behind", left, "")
        return after


def _without_remains(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without what killed builds left: the next one that comes to write takes it away, and one with an error may not."""
    return {path: content for path, content in files.items() if not _REMAINS.search(path)}


def run(command: Sequence[str], folder: Path) -> Ended | str:
    """How a command ended, or what it said when it should not have."""
    try:
        return deckgen(*command, cwd=folder)
    except AssertionError as problem:
        return f"{problem}"
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"


def killed(folder: Path, how: str, moment: int) -> bool:
    """A build that ends at its n-th call on the disk (`call`), or as it writes beyond a number of bytes in one file."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        if how == "size":
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (moment, moment))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        else:
            left = [moment]

            def count(event: str, _: tuple[object, ...]) -> None:
                if event.startswith(("open", "os.", "sqlite3.", "fcntl.")):
                    left[0] -= 1
                    if left[0] < 0:
                        os._exit(9)

            sys.addaudithook(count)
        try:
            run(("build", "."), folder)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def play(root: Path, story: Sequence[Step], tally: Tally | None = None) -> Difference | None:
    """Run a story from the start."""
    world = World(root)
    world.begin()
    with surroundings():
        for number, step in enumerate(story):
            found = world.take(number, step, tally or Tally())
            if found is not None:
                return found
    return None


def improvise(root: Path, seed: int, steps: int, tally: Tally) -> tuple[list[Step], Difference | None]:
    """Draw a story as it goes; it ends at the first difference."""
    random = Random(seed)
    world = World(root)
    world.begin()
    story: list[Step] = []
    with surroundings():
        for number in range(steps):
            story.append(draw(random, world))
            tally.counts["steps"] += 1
            found = world.take(number, story[-1], tally)
            if found is not None:
                return story, found
    return story, None


def shrink(root: Path, story: Sequence[Step], found: Difference, tries: int = 150) -> tuple[list[Step], Difference]:
    """Leave out steps and edits, as long as something differs in the same way."""
    kind = found.what.split(":")[-1]

    def still(candidate: Sequence[Step]) -> Difference | None:
        nonlocal tries
        tries -= 1
        again = play(root, candidate) if tries > 0 else None
        return again if again is not None and again.what.split(":")[-1] == kind else None

    best = list(story)
    size = max(1, len(best) // 2)
    while size:
        at = 0
        while at < len(best) - 1:
            candidate = best[:at] + best[at + size :]
            again = still(candidate) if candidate else None
            if again is not None:
                best, found = candidate[: again.step + 1], again
            else:
                at += size
        size //= 2
    return best, found


def as_test(story: Sequence[Step]) -> str:
    """A story as the text of a test."""
    lines = ",\n".join(f"        {step!r}" for step in story)
    return f"def test_story(tmp_path: Path) -> None:\n    story = [\n{lines},\n    ]\n    assert play(tmp_path, story) is None\n"


def _shown(value: object) -> str:
    return f"exit code {value.code}\n{value.out}\n{value.err}" if isinstance(value, Ended) else str(value)
