"""A wheel of this checkout builds a demo deck on every other Python that it admits and this machine has.

Run by `make other-pythons`, not by pytest: it takes half a minute for each, and needs a package index. The suite runs on
one Python; which versions were not tried at all is said by name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wheel import ROOT, run

PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
DECK = ROOT / "decks" / "dlss"


def admitted() -> list[tuple[int, int]]:
    """The versions that pyproject.toml admits."""
    found = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert found is not None
    return [(3, minor) for minor in range(int(found[1]), int(found[2]))]


def candidates(version: tuple[int, int]) -> Iterator[Path]:
    """Where a version may lie: in PATH, with pyenv, with uv."""
    name = f"python{version[0]}.{version[1]}"
    if on_path := shutil.which(name):
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local" / "share" / "uv" / "python"))
    for folder in (pyenv / "versions", uv):
        yield from sorted(folder.glob(f"*/bin/{name}"), reverse=True)


def python_of(version: tuple[int, int]) -> Path | None:
    """One of that version that really runs: pyenv puts a name into PATH for each, whether it is chosen or not."""
    for path in candidates(version):
        asked = [str(path), "-c", "import sys, venv; print(*sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.split() == [str(part) for part in version]:
            return path
    return None


def build_with(python: Path, wheel: Path, work: Path) -> str:
    """Install the wheel for a Python, build the deck, and say what came of it."""
    venv = work / "venv"
    run(python, "-m", "venv", "--without-pip", "--clear", venv, cwd=work)
    into = ("--python", venv / "bin" / "python")
    run(sys.executable, *PIP, *into, "install", "--constraint", ROOT / "constraints.txt", wheel, cwd=work)
    shutil.copytree(DECK, work / "deck", dirs_exist_ok=True)
    built = run(venv / "bin" / "deckgen", "build", work / "deck", "-o", work / "deck.apkg", cwd=work)
    if not (work / "deck.apkg").is_file():
        sys.exit(f"{python} built no package:\n{built}")
    return built.splitlines()[0]


def main() -> None:
    """Try all but the one that runs this."""
    not_tried = []
    with tempfile.TemporaryDirectory(prefix="deckgen-pythons-") as folder:
        work = Path(folder)
        run(sys.executable, *PIP, "wheel", "--no-deps", "--wheel-dir", work, ROOT, cwd=work)
        (wheel,) = work.glob("deckgen_notes-*.whl")
        for version in admitted():
            name = ".".join(map(str, version))
            if version == sys.version_info[:2]:
                print(f"Python {name}: has run the suite")
            elif (python := python_of(version)) is None:
                not_tried.append(name)
            else:
                print(f"Python {name}: {build_with(python, wheel, work)}", flush=True)
    print(f"not tried, as this machine has none: {', '.join(not_tried) or 'no version'}")


if __name__ == "__main__":
    main()
