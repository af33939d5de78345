"""Runs the cases of a kind in a process of their own, with bounds, and says which of them broke a promise.

The promises: a documented exit code and no traceback, an end within ten seconds of the processor, at most 500 MiB more
than before, and nothing written, deleted, started or connected to outside of the project.
"""

from __future__ import annotations

import contextlib
import gc
import json
import mmap
import os
import pprint
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from cases import BASE, KINDS, Case, Content, built
from command_line import deckgen
from deeds import mutate_cache, put_special
from differential import surroundings
from odd_anki import OddAnki
from trees import put_files

SECONDS = 10
"""Of the processor, for one input; and six times that by the clock."""
SECRET = b"# Secret\n\nXyzzy\n: a word that no output may have\n"
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
MEMORY = 500 << 20
"""Bytes that an input may take beside what the process had."""


@dataclass(frozen=True)
class Finding:
    """An input that broke a promise."""

    kind: str
    seed: int
    index: int
    problem: str

    def __str__(self) -> str:
        return f"{self.kind} seed {self.seed} index {self.index}: {self.problem}"


@dataclass
class Report:
    """What a run came to."""

    inputs: int = 0
    findings: list[Finding] = field(default_factory=list)
    peak: int = 0  # bytes beside what the process had

    def __add__(self, other: Report) -> Report:
        return Report(self.inputs + other.inputs, self.findings + other.findings, max(self.peak, other.peak))


def case_of(kind: str, seed: int, index: int) -> Case:
    """The input with that number."""
    return KINDS[kind](Random(f"{kind} {seed} {index}"))


# ---- one input


class Sandbox:
    """A project folder, what stands beside it, and what the program may do there."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.project, self.outside, self.home = (self.root / name for name in ("p", "outside", "home"))
        put_files(self.outside, {"precious.txt": b"precious\n", "secret.md": SECRET})
        self.home.mkdir(exist_ok=True)
        self.scratch = self.root / "tmp"
        self.scratch.mkdir(exist_ok=True)
        self.before = self._outside()
        self.deeds: list[str] = []
        self.is_watching = False
        self.anki: OddAnki | None = None
        sys.addaudithook(self._watch)

    def _outside(self) -> list[tuple[str, bytes]]:
        return [(str(path), path.read_bytes()) for path in sorted(self.outside.rglob("*")) if path.is_file()]

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.is_watching or event not in WATCHED:
            return
        self.is_watching = False
        try:
            if event == "open":
                flags = arguments[2] if isinstance(arguments[2], int) else 0
                if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) and not isinstance(arguments[0], int):
                    self._touched(event, arguments[0])
            elif event == "socket.connect":
                address = arguments[1]
                if isinstance(address, tuple) and address[0] != "127.0.0.1":
                    self.deeds.append(f"connects to {address}")
            elif event.startswith("os.") and event not in ("os.system", "os.exec", "os.posix_spawn"):
                for path in arguments[: 2 if event in ("os.rename", "os.link") else 1]:
                    self._touched(event, path)
            else:
                self.deeds.append(f"{event} {arguments!r:.200}")
        finally:
            self.is_watching = True

    def _touched(self, event: str, path: object) -> None:
        if isinstance(path, int):
            return
        name = os.fsdecode(path)  # type: ignore[arg-type]
        real = os.path.join(os.path.realpath(os.path.dirname(name) or "."), os.path.basename(name))
        if event == "open":
            real = os.path.realpath(name)
        if not any(Path(real).is_relative_to(place) for place in (self.project, self.home, self.scratch, "/dev")):
            self.deeds.append(f"{event} {real}")

    def run(self, case: Case) -> str:
        """What is wrong; nothing when all promises were kept."""
        shutil.rmtree(self.project, ignore_errors=True)
        self.project.mkdir()
        put_files(self.project, {path: data for path, data in case.files.items() if isinstance(data, bytes)})
        for path, data in case.files.items():
            if not isinstance(data, bytes):
                put_special(self.project / path, data)
        self.deeds.clear()
        try:
            problem = self._carry_out(case)
        finally:
            self.is_watching = False
        if problem or self.deeds:
            return problem or f"outside of the project: {self.deeds[0]}"
        if self._outside() != self.before:
            after = self._outside()
            shutil.rmtree(self.outside)
            put_files(self.outside, {"precious.txt": b"precious\n", "secret.md": SECRET})
            return f"files outside of the project are {after!r:.300}"
        left = [path.name for path in self.root.iterdir() if path.name not in ("p", "outside", "home", "tmp")]
        if left:
            return f"files beside the project: {left}"
        return ""

    def _carry_out(self, case: Case) -> str:
        pair: object = None
        url, code, must_build = "", 0, False
        for command in case.commands:
            name = command[0]
            if name == "!anki":
                self.anki = self.anki or OddAnki(built()["collection.anki2"])
                self.anki.begin(int(command[1]))
                url = self.anki.url
            elif name == "!cache":
                mutate_cache(self.project, int(command[1]))
            elif name == "!builds":
                must_build = True
            elif name in ("!if built", "!if done"):
                if code != 0:
                    return ""
            elif name == "!edit":
                note = self.project / "a.md"
                note.write_bytes(note.read_bytes().replace(b"request", b"question").replace(b"router", b"machine"))
            elif name == "!same":
                found = [(self.project / path).read_bytes() for path in ("deck.lock", "p.apkg")]
                if pair not in (None, found):
                    return "the lock or the package is another one"
                pair = found
            else:
                problem, code, said = self._command([url if word == "URL" else word for word in command])
                if problem:
                    return problem
                if must_build and code != 0:
                    return f"a build after it ends with {code}: {said}"
                must_build = False
        return ""

    def _command(self, command: list[str]) -> tuple[str, int, str]:
        self.is_watching = True
        try:
            ended = deckgen(*command, cwd=self.project)
        except AssertionError as problem:
            return f"{' '.join(command)}: {problem}", 2, ""
        except Exception as problem:
            return f"{' '.join(command)}: {type(problem).__name__}: {problem}", 2, ""
        finally:
            self.is_watching = False
            gc.enable()
        if ended.code not in (0, 1, 2):
            return f"{' '.join(command)}: exit code {ended.code}", ended.code, ""
        if any(word in ended.out + ended.err for word in ("Xyzzy", "root:x:")):
            return f"{' '.join(command)}: shows what is outside of the project", ended.code, ""
        if "Exception ignored" in ended.err or "Warning: " in ended.err:
            return f"{' '.join(command)}: {ended.err}", ended.code, ""
        return "", ended.code, ended.err


WATCHED = frozenset(
    {"open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate"}
    | {"os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect"}
)


# ---- many


def fuzz(kind: str, seed: int, inputs: int, seconds: float = 1e9) -> Report:
    """So many inputs, or for so long; those before one that hangs or is killed are not tried again."""
    built()  # whatever it takes to start is in this process, and so in those that are forked
    report, index, end = Report(), 0, time.monotonic() + seconds
    while report.inputs < inputs and time.monotonic() < end and len(report.findings) < 30:
        part, index = _in_child(kind, seed, index, inputs - report.inputs, end)
        report += part
    return report


def _in_child(kind: str, seed: int, index: int, inputs: int, end: float) -> tuple[Report, int]:
    """A process that goes through inputs until it is done, dies, or took too much memory; the next one's number."""
    shared = mmap.mmap(-1, 32)
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "w") as pipe, tempfile.TemporaryDirectory(prefix="fuzz-", dir=FAST) as folder:
                for finding in _go_on(kind, seed, index, inputs, end, shared, Path(folder)):
                    pipe.write(json.dumps(finding) + "\n")
                    pipe.flush()
            os._exit(0)
        except BaseException as problem:
            print("the harness:", type(problem).__name__, problem, file=sys.stderr)
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        rows = [json.loads(line) for line in pipe]
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    at, done, peak = struct.unpack("QQQ", shared[:24])
    findings = [Finding(kind, seed, number, problem) for number, problem in rows]
    if code == 3:
        raise AssertionError(f"the harness failed at {kind} seed {seed} index {at}")
    if code != 0 and (said := _confirmed(code, kind, seed, at)):
        findings.append(Finding(kind, seed, at, said))
    return Report(done, findings, peak), at + 1


_OVER = {-signal.SIGPROF: f"runs over {SECONDS} s", -signal.SIGALRM: f"waits over {6 * SECONDS} s"}


def _confirmed(code: int, kind: str, seed: int, index: int) -> str:
    """What the end of a process says of its input: one that took too long is tried again, since the machine may be busy."""
    return problem_of(case_of(kind, seed, index)) if code in _OVER else _ended(code)


def _ended(code: int) -> str:
    return _OVER.get(code, f"the process ended with {code}")


def _go_on(
    kind: str, seed: int, index: int, inputs: int, end: float, shared: mmap.mmap, folder: Path
) -> Iterator[tuple[int, str]]:
    """The findings, as they come."""
    with contained(folder) as sandbox:
        done = peak = 0
        while done < inputs and time.monotonic() < end:
            case = case_of(kind, seed, index)
            shared[:24] = struct.pack("QQQ", index, done + case.inputs, peak)
            before = start_of_peak()
            problem = guarded(sandbox, case)
            done += case.inputs
            taken = peak_memory() - before
            peak = max(peak, taken)
            shared[:24] = struct.pack("QQQ", index, done, peak)
            if problem:
                yield index, problem
            if taken > MEMORY:
                yield index, f"takes {taken >> 20} MiB"
            index += 1
            if index % 50 == 0:
                gc.collect()


def start_of_peak() -> int:
    """Forget what the process had at most until now; the bytes that it has."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_memory()


def peak_memory() -> int:
    """The bytes that the process had at most since then."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


@contextlib.contextmanager
def contained(folder: Path) -> Iterator[Sandbox]:
    """The bounds and the surroundings of a process for inputs."""
    gc.freeze()  # what the parent has is no work of an input
    sandbox = Sandbox(folder)
    tempfile.tempdir = str(sandbox.scratch)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 6 * MEMORY, resource.RLIM_INFINITY))
    with surroundings():
        os.environ |= {
            "HOME": str(sandbox.home),
            "XDG_CACHE_HOME": str(sandbox.home / ".cache"),
            "DECKGEN_WORKERS": "1",
            "SOURCE_DATE_EPOCH": "1800000000",
        }
        yield sandbox


def guarded(sandbox: Sandbox, case: Case) -> str:
    """Run an input; the process ends where it takes too long, even in C."""
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_REAL, 6 * SECONDS)
    try:
        return sandbox.run(case)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


# ---- one that broke a promise, made small


def problem_of(case: Case) -> str:
    """What is wrong with one input, tried in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with tempfile.TemporaryDirectory(prefix="fuzz-", dir=FAST) as folder, contained(Path(folder)) as sandbox:
                before = start_of_peak()
                problem = guarded(sandbox, case)
                taken = peak_memory() - before
                os.write(writing, (problem or (f"takes {taken >> 20} MiB" if taken > MEMORY else "")).encode()[:4000])
            os._exit(0)
        finally:
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return said if code == 0 else _ended(code)


def minimised(case: Case, problem: str, seconds: float = 60) -> Case:
    """As small a case as is found that breaks the same promise."""
    end = time.monotonic() + seconds
    mark = _mark(problem)

    def fails(candidate: Case) -> bool:
        return time.monotonic() < end and _mark(problem_of(candidate)) == mark

    for path in list(case.files):
        smaller = replace(case, files={name: data for name, data in case.files.items() if name != path})
        if fails(smaller):
            case = smaller
    for path, data in case.files.items():
        if isinstance(data, bytes) and path != "deck.yaml":
            case = _with_less(case, path, data, fails)
    return case


def _with_less(case: Case, path: str, data: bytes, fails: object) -> Case:
    assert callable(fails)
    size = max(1, len(data) // 2)
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if fails(smaller := replace(case, files={**case.files, path: shorter})):
                case, data = smaller, shorter
            else:
                at += size
        size //= 2
    return case


def _mark(problem: str) -> str:
    """A problem without what differs from input to input."""
    kind = problem.split(": ")
    return ": ".join(kind[1:4]) if "bug in deckgen" in problem else kind[0][:12]


def as_test(finding: Finding, case: Case) -> str:
    """The text of a test for one input."""
    files: dict[str, Content] = {path: data for path, data in case.files.items() if BASE.get(path) != data}
    base = sorted(case.files.keys() & BASE.keys() - files.keys())
    return (
        f"def test_{finding.kind}_{finding.index}() -> None:\n    files = {pprint.pformat(files, width=110)}\n"
        f"    files |= {{path: BASE[path] for path in {base}}}\n"
        f"    assert problem_of(Case(files, {case.commands!r})) == ''  # {finding.problem[:300]!r}\n"
    )
