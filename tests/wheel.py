"""A wheel of this checkout, installed into a fresh environment, works anywhere and carries the rule packs.

Run by `make wheel-test`, not by pytest: it takes half a minute and needs a package index.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKS = {"structure", "zh/facts", "en/facts"}


def run(*command: str | Path, cwd: Path) -> str:
    """The output of a command; stops with it when the command fails."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Build, install, use."""
    with tempfile.TemporaryDirectory(prefix="deckgen-wheel-") as folder:
        work = Path(folder)
        pip = ("-m", "pip", "--disable-pip-version-check", "--quiet")
        run(sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", work, ROOT, cwd=work)
        (wheel,) = work.glob("deckgen_notes-*.whl")
        venv.create(work / "venv")
        into = ("--python", work / "venv" / "bin" / "python")
        run(sys.executable, *pip, *into, "install", "--constraint", ROOT / "constraints.txt", wheel, cwd=work)
        deckgen = work / "venv" / "bin" / "deckgen"
        (work / "note.md").write_text("# Mail\n\nSMTP stands for Simple Mail Transfer Protocol.\n", "utf-8")
        listed = run(deckgen, "list", "note.md", cwd=work)
        if "What does SMTP stand for?" not in listed:
            sys.exit(f"the wheel made no card of the note:\n{listed}")
        run(deckgen, "build", "note.md", "-o", "out.apkg", cwd=work)
        if not (work / "out.apkg").is_file():
            sys.exit("the wheel built no package")
        rules = run(deckgen, "rules", "list", cwd=work)
        missing = [pack for pack in PACKS if pack not in rules]
        if missing:
            sys.exit(f"the wheel lacks the packs {', '.join(missing)}:\n{rules}")
        run(deckgen, "rules", "test", cwd=work)
        print(f"{wheel.name}: installed, lists, builds, carries {len(PACKS)} packs")


if __name__ == "__main__":
    main()
