"""The entries of `rules:` → the texts of the packs: shipped ones by name, one's own by their paths."""

from __future__ import annotations

import os
from pathlib import Path

from deckgen.diagnostics import Diagnostic, Span
from deckgen.diagnostics.paths import leads_outside, shown_path
from deckgen.diagnostics.yaml import YamlNode, nearest
from deckgen.project.config import Config
from deckgen.project.locate import is_there
from deckgen.project.source_files import CONFIG_NAME, read_text
from deckgen.rules.separators import unknown_separators, with_separators
from deckgen.rules.shipped import PackText, read_shipped, shipped_names

_RULE_FILES = (".yaml", ".yml")
PACK_LIMIT = 1024 * 1024
"""Bytes of a deck.yaml or a rule pack; the greatest shipped one has 220,000."""
PACKS_LIMIT = 3 * PACK_LIMIT
"""Characters of all packs of a deck.yaml. A compiled rule takes some hundred times as much memory as its text."""


def read_packs(root: Path, config: Config, node: YamlNode | None) -> tuple[list[PackText], list[Diagnostic]]:
    """The packs of `rules:`, each once."""
    packs: list[PackText] = []
    diagnostics: list[Diagnostic] = []
    seen: dict[str, bool] = {}  # whether it was reported
    left = PACKS_LIMIT
    for index, name in enumerate(config.rules or ()):
        known = os.path.realpath(root / name) if name.endswith(_RULE_FILES) and "\0" not in name else name
        if known in seen:
            if not seen[known]:
                message = f"`{shown_path(Path(name))}` stands twice in `rules:`"
                diagnostics.append(_at_rules("doubled-pack", message, "take one of the two away", node, index))
            seen[known] = True
            continue
        seen[known] = False
        pack, problems = _read_pack(root, name, node, index)
        diagnostics.extend(problems)
        if pack is not None:
            own = config.separators.get(name, {})
            diagnostics.extend(unknown_separators(pack, own, node, name))
            pack = with_separators(pack, own)
        left -= len(pack.text) if pack else 0
        if left < 0:
            message = f"the rule files together are larger than {PACKS_LIMIT >> 20} MiB"
            diagnostics.append(_at_rules("source-too-large", message, "name fewer of them in `rules:`", node, index))
            break
        packs.extend([pack] if pack else [])
    return packs, diagnostics


def _read_pack(root: Path, name: str, node: YamlNode | None, index: int) -> tuple[PackText | None, list[Diagnostic]]:
    """A pack of `rules:`: a shipped one by name, one's own by its path."""
    if not name.endswith(_RULE_FILES):
        if pack := read_shipped(name):
            return pack, []
        hint = nearest(name, shipped_names()) + "\na file of your own is named by its path: `./rules/mine.yaml`"
        return None, [_at_rules("unknown-pack", f"there is no rule pack `{name}`", hint, node, index)]
    path = root / name
    if leads_outside(path, root):
        hint = "copy the file into the project: what lies outside is never read"
        return None, [_at_rules("outside-project", f"`{name}` leads out of the project", hint, node, index)]
    if not is_there(path):
        message = f"there is no file `{shown_path(path)}`"
        return None, [_at_rules("unknown-pack", message, "paths are relative to deck.yaml", node, index)]
    text, diagnostics = read_text(path, limit=PACK_LIMIT)
    return (None if text is None else PackText(path.stem, shown_path(path), text)), diagnostics


def _at_rules(kind: str, message: str, hint: str, node: YamlNode | None, index: int) -> Diagnostic:
    """What is wrong with an entry of `rules:`."""
    span = node.span("rules", index) if node else Span(CONFIG_NAME)
    return Diagnostic(kind, message, span, hint, node.line_text(span.line) if node else "")
