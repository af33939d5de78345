"""Neovim, without a screen, opens a note of a demo deck with the recipe of docs/editor.md: lenses and findings come."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the language server needs pygls (`pip install '.[lsp]'`)")
NVIM = shutil.which("nvim")
pytestmark = pytest.mark.skipif(
    NVIM is None, reason="there is no nvim here (tests/install_browser.sh installs Debian's)"
)

ROOT = Path(__file__).parents[2]
ASKS = """
local buffer = vim.api.nvim_get_current_buf()
local function ready()
  return #vim.lsp.codelens.get(buffer) > 0 and #vim.diagnostic.get(buffer) > 0
end
vim.wait(90000, ready, 100)
local found = { lenses = {}, diagnostics = {} }
for _, lens in ipairs(vim.lsp.codelens.get(buffer)) do
  table.insert(found.lenses, { lens.range.start.line + 1, lens.command.title })
end
for _, one in ipairs(vim.diagnostic.get(buffer)) do
  table.insert(found.diagnostics, { one.lnum + 1, one.code or one.user_data.lsp.code, one.source })
end
local file = io.open(os.getenv("FOUND"), "w")
file:write(vim.json and vim.json.encode(found) or vim.fn.json_encode(found))
file:close()
vim.cmd("qa!")
"""


def recipe(version: tuple[int, int]) -> str:
    """What the page says for a version of Neovim."""
    blocks = re.findall(r"```lua\n(.*?)```", (ROOT / "docs/editor.md").read_text("utf-8"), re.DOTALL)
    new, old = blocks
    return new if version >= (0, 11) else old


def test_lenses_and_findings_in_neovim(tmp_path: Path) -> None:
    assert NVIM is not None
    said = subprocess.run([NVIM, "--version"], capture_output=True, text=True, check=True).stdout
    found_version = re.search(r"v(\d+)\.(\d+)", said)
    assert found_version is not None
    project, tools, found = tmp_path / "deck", tmp_path / "bin", tmp_path / "found.json"
    shutil.copytree(ROOT / "decks/computing", project)
    note = project / "notes/01-people.md"
    twice = "\n## What is a loom for?\n\nWeaving cloth.\n\n## What is a loom for?\n\nFlying to the moon.\n"
    note.write_text(note.read_text("utf-8") + twice, "utf-8")
    tools.mkdir()
    command = tools / "deckgen"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m deckgen "$@"\n', "utf-8")
    command.chmod(0o755)
    init = tmp_path / "init.lua"
    init.write_text(recipe((int(found_version[1]), int(found_version[2]))), "utf-8")
    asks = tmp_path / "asks.lua"
    asks.write_text(ASKS, "utf-8")
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "FOUND": str(found),
    }
    commands = ["-c", "filetype on", "-c", f"edit {note}", "-c", f"luafile {asks}"]
    done = subprocess.run(
        [NVIM, "--headless", "-u", str(init), *commands],
        env=environment,
        cwd=project,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert found.exists(), done.stdout + done.stderr
    shown = json.loads(found.read_text("utf-8"))
    titles = [title for _, title in sorted(shown["lenses"])]
    assert re.fullmatch(r"\d+ cards", titles[0]), titles
    assert all(source == "deckgen" for *_, source in shown["diagnostics"])
    assert "front-taken" in [code for _, code, _ in shown["diagnostics"]]
