"""An environment for each version of Anki that learners have, made once and kept beside the checkout."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
VERSIONS = ("26.9.3", "25.9.5", "24.11", "23.10.1", "2.1.66")
FOLDER = Path(os.environ.get("DECKGEN_ENGINES") or ROOT / ".venv-anki")


class NoEnvironmentError(RuntimeError):
    """A version of Anki could not be installed; the message is what pip said last."""


def python_with(version: str) -> Path:
    """The Python of an environment that has this version of Anki; raises `NoEnvironmentError`.

    Processes that want the same one wait for each other. A half-made environment is never used: it gets its mark last.
    """
    FOLDER.mkdir(exist_ok=True)
    folder = FOLDER / version
    python = folder / "bin" / "python"
    # Compiled modules fit one Python only; another interpreter makes the environment again.
    mark, made_by = folder / ".made", f"anki {version}, Python {sys.version_info[0]}.{sys.version_info[1]}\n"
    with (FOLDER / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.is_file() and mark.read_text() == made_by and python.exists():
            return python
        if folder.exists():
            shutil.rmtree(folder)
        venv.create(folder, with_pip=False, symlinks=True)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", str(python))
        ended = subprocess.run(
            (*pip, "install", "--no-compile", "--retries", "2", "--timeout", "20", f"anki=={version}"),
            check=False,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if ended.returncode:
            told = (ended.stderr or ended.stdout).strip().splitlines()
            raise NoEnvironmentError(
                f"anki {version} could not be installed: {told[-1] if told else 'pip said nothing'}"
            )
        mark.write_text(made_by)
    return python


def main() -> None:
    """Make all of them (`make engines`)."""
    for version in VERSIONS:
        print(f"anki {version}: {python_with(version)}")


if __name__ == "__main__":
    main()
