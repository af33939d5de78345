"""What compiled notes depend on beside their source: the program, the rules and the options."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from deckgen.rules import shipped as packs

if TYPE_CHECKING:
    from deckgen.build.compile import CompileOptions

_FORMAT = 8
"""Of the store: raised where what is kept is read in another way."""


@cache
def program_fingerprint() -> str:
    """A digest that is another one as soon as anything of the program is: its files, Python, what it stands on."""
    found = [sys.version, str(_FORMAT)]
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for root in dict.fromkeys([here, str(packs.folder())]):
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(files):
                status = os.stat(os.path.join(folder, name))
                found.append(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}")
    for path in sys.path:  # installing a package, or another version of it, changes its folder
        if path.endswith("-packages"):
            with contextlib.suppress(OSError):
                found.append(f"{path} {os.stat(path).st_mtime_ns}")
    return sha256("\n".join(found).encode("utf-8", "surrogatepass")).hexdigest()


def text_digest(text: str) -> str:
    """What a source's text is known by."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def compile_key(compile_options: CompileOptions) -> str:
    """What everything but the source is known by. Where a pack lies, which depends on where one stands, is no part."""
    return _key([(pack.name, pack.text) for pack in compile_options.packs], compile_options)


def outline_key(compile_options: CompileOptions) -> str:
    """The same without the templates of rules; empty where the rules are not known, as something is wrong with them."""
    rules, diagnostics = compile_options.rules()
    return "" if diagnostics else _key([pack.name for pack in compile_options.packs] + [rules.outline], compile_options)


def _key(packs: object, compile_options: CompileOptions) -> str:
    made_with = (
        packs,
        compile_options.settings,
        compile_options.rendering,
        sorted(compile_options.field_names.items()),
        compile_options.language,
        compile_options.project,
        compile_options.words,
        compile_options.dialect,
    )
    return sha256(repr(made_with).encode("utf-8", "surrogatepass")).hexdigest()
