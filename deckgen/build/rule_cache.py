"""Rule packs → checked rules, from the user's cache folder where this program has read the same packs before.

Reading the shipped packs takes a quarter of a second: YAML, thousands of patterns, their types. What comes of them is
kept as a pickle, which can run code when it is read. So it is read only if the keyed digest in front of it was made
with this user's secret, of this very content and name, and nothing but the classes of rules may stand in it. Its name
is a digest of the packs and of the program, with all that it stands on: what is not the same is another file.
"""

from __future__ import annotations

import contextlib
import hmac
import io
import os
import pickle
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from deckgen.build.compile_key import program_fingerprint
from deckgen.build.user_cache import cache_folder, delete, read_small, secret, write_file
from deckgen.diagnostics import Diagnostic
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import PackText

_FOLDER = "rules"
_MOST_FILES = 12
"""Sets of rules that are kept: each project with rules of its own has one, and each version of deckgen."""
_LARGEST = 64 << 20
_PARTS_OF_RULES = ("deckgen.rules.", "deckgen.patterns.", "deckgen.markdown.lazy_regex", "deckgen.diagnostics.")
_DIGEST_SIZE = 32


def read_rules(
    packs: Sequence[PackText], own_note_types: Mapping[str, tuple[str, ...]], *, has_bounds: bool = True
) -> tuple[RuleSet, list[Diagnostic]]:
    """`load_rules`, with what came of the same packs before where that is kept. Only rules without a mistake are."""
    path, key = _place_of(packs, own_note_types, has_bounds=has_bounds)
    found = _read(path, key) if path is not None and key is not None else None
    if found is not None:
        return found, []
    from deckgen.rules.loading import load_rules  # only where nothing is kept

    rules, diagnostics = load_rules(packs, own_note_types, has_bounds=has_bounds)
    if path is not None and not diagnostics:
        _keep(path, rules)
    return rules, diagnostics


def _place_of(
    packs: Sequence[PackText], own_note_types: Mapping[str, tuple[str, ...]], *, has_bounds: bool
) -> tuple[Path | None, bytes | None]:
    """The file of such rules, and the secret, where there are such things."""
    folder = cache_folder()
    if folder is None:
        return None, None
    made_of = program_fingerprint(), [(p.name, p.path, p.text) for p in packs], sorted(own_note_types.items())
    name = sha256(repr((made_of, has_bounds)).encode("utf-8", "surrogatepass")).hexdigest()
    return folder / _FOLDER / f"{name}.pickle", secret(makes=False)


def _keyed(key: bytes, path: Path, payload: bytes | memoryview) -> bytes:
    digest = hmac.new(key, f"deckgen rules {path.name}\n".encode(), sha256)
    digest.update(payload)
    return digest.digest()


class _OwnClasses(pickle.Unpickler):
    """Makes values of the classes and functions of rules alone: what their modules import is none of theirs."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("re", "RegexFlag"):
            return super().find_class(module, name)
        if module.startswith(_PARTS_OF_RULES):
            found = super().find_class(module, name)
            if str(getattr(found, "__module__", "")).startswith(_PARTS_OF_RULES):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} stands in no rule")


def _read(path: Path, key: bytes) -> RuleSet | None:
    data = read_small(path, _LARGEST)
    if data is None or len(data) < _DIGEST_SIZE:
        return None
    payload = memoryview(data)[_DIGEST_SIZE:]
    if not hmac.compare_digest(data[:_DIGEST_SIZE], _keyed(key, path, payload)):
        return None
    try:
        found = _OwnClasses(io.BytesIO(payload)).load()
    except Exception:  # whatever it is, the rules can be read again
        return None
    return found if isinstance(found, RuleSet) else None


def _keep(path: Path, rules: RuleSet) -> None:
    """Keep rules for the next run; where that cannot be, it reads them again."""
    key = secret(makes=True)
    if key is None:
        return
    with contextlib.suppress(OSError, pickle.PicklingError, AttributeError, TypeError, RecursionError):
        payload = pickle.dumps(rules, protocol=5)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_file(path.parent, path, _keyed(key, path, payload) + payload)
        _forget_old(path.parent)


def _forget_old(folder: Path) -> None:
    with os.scandir(folder) as entries:
        files = sorted(entries, key=lambda entry: -entry.stat(follow_symlinks=False).st_mtime)
    for entry in files[_MOST_FILES:]:
        delete(Path(entry.path))
