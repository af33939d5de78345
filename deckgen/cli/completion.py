"""`deckgen --install-completion`: a file by which the user's shell completes commands and options."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

_FILES = {
    "bash": ".local/share/bash-completion/completions/deckgen",
    "zsh": ".zfunc/_deckgen",
    "fish": ".config/fish/completions/deckgen.fish",
}
"""Where each shell looks by itself, below the home folder; zsh only when it is set up to, once."""


def install_completion(context: click.Context) -> None:
    """Write the file for the shell in `SHELL`, and say where it is. Never overwrites another program's file."""
    shell = Path(os.environ.get("SHELL", "")).name
    if shell not in _FILES:
        named = f"`{shell}`" if shell else "nothing"
        raise click.UsageError(f"completion is there for {', '.join(_FILES)}; the variable SHELL names {named}")
    found = get_completion_class(shell)
    assert found is not None
    script = found(context.command, {}, "deckgen", "_DECKGEN_COMPLETE").source()
    path = Path.home() / _FILES[shell]
    try:
        if path.is_symlink() or (path.exists() and "_DECKGEN_COMPLETE" not in path.read_text("utf-8", "replace")):
            raise click.UsageError(f"{path} is there already and was not written by deckgen; move it away first")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8")
    except OSError as problem:
        raise click.UsageError(f"{path} cannot be written: {problem.strerror or problem}") from None
    click.echo(f"wrote {path}")
    if shell == "zsh":
        click.echo("zsh reads it if ~/.zshrc has: fpath+=~/.zfunc; autoload -Uz compinit; compinit")
    click.echo("open a new shell to use it")
    context.exit()
