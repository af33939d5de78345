"""README followed word by word, in both languages, by somebody who has only Python, make and git.

Run by `make readme`, not by pytest: it installs what README says, and needs a package index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTED = re.compile("http://127")


def commands(text: str) -> list[str]:
    """What README shows to type, in its order."""
    shown = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ").partition(" #")[0].strip() for block in shown for line in block.splitlines()]
    named = [found for found in ("make demo",) if f"`{found}`" in text]
    return [*lines, *named]


def run(line: str, folder: Path, environment: dict[str, str]) -> None:
    """Run one line; stops with its output when it fails. A preview is stopped once it serves."""
    print("$", line, flush=True)
    if line.startswith("deckgen preview"):
        serve(line, folder, environment)
        return
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{line} failed:\n{done.stdout}{done.stderr}")


def serve(line: str, folder: Path, environment: dict[str, str]) -> None:
    """Start a command that does not end, wait until it names its address, and stop it."""
    log = folder.parent / "preview.log"
    with log.open("w") as out:
        begun = subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=folder, env=environment, stdout=out, stderr=out)
        for _ in range(200):
            time.sleep(0.1)
            if STARTED.search(log.read_text()):
                break
        begun.terminate()
        begun.wait(10)
    if not STARTED.search(log.read_text()):
        sys.exit(f"{line} does not serve:\n{log.read_text()}")


def walk(name: str) -> None:
    """Follow one README in a home of its own."""
    text = (ROOT / name).read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="deckgen-readme-") as kept:
        home = Path(kept)
        checkout, vault = home / "checkout", home / "笔记"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
        vault.mkdir()
        note = re.search(r"^```markdown\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        assert note is not None
        (vault / "notes.md").write_text(note[1], "utf-8")
        places = [str(home / ".venvs/deckgen/bin"), *os.environ["PATH"].split(os.pathsep)]
        environment = {"HOME": str(home), "PATH": os.pathsep.join(places), "BROWSER": "true", "LANG": "C.UTF-8"}
        environment |= {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
        for line in commands(text):
            run(line, vault if line.startswith("deckgen") else checkout, environment)
        made = {path.name for path in vault.iterdir()}
        if not made >= {"deck.yaml", "deck.lock", "笔记.apkg"}:
            sys.exit(f"{name}: README's commands left {sorted(made)}")
        if len(list((checkout / "dist").glob("*.apkg"))) < 3:
            sys.exit(f"{name}: `make demo` built no decks")
    print(f"{name}: every command runs")


if __name__ == "__main__":
    if shutil.which("git") is None:
        sys.exit("git is needed")
    for each in ("README.md", "README.zh-CN.md"):
        walk(each)
