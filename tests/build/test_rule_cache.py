"""Rules from the cache folder are those that the packs say; nothing is read there that this user did not write."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from deckgen.build import rule_cache
from deckgen.build.compile import CompileOptions, compile_source
from deckgen.build.rule_cache import read_rules
from deckgen.build.unit import encode_unit
from deckgen.extraction.settings import Settings
from deckgen.model import Source
from deckgen.rendering.note import RenderOptions
from deckgen.rules import loading as rules_loading
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import PackText, read_shipped, shipped_names

OWN = PackText(
    "mine", "rules/mine.yaml", "rules:\n  - {id: a, on: sentence, match: '{x} tastes {y}', fields: {Front: 'x'}}\n"
)
RIGHT = PackText(
    "mine",
    "rules/mine.yaml",
    "rules:\n  - {id: a, on: sentence, match: '{x} tastes {y}', fields: {Front: 'How does {x} taste?', Back: '{y}'}}\n",
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "deckgen"


def kept(cache: Path) -> list[Path]:
    return sorted((cache / "rules").glob("*.pickle"))


def is_read_anew(packs: list[PackText], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the packs are read, and not what is kept of them."""
    read: list[object] = []

    def loading(*arguments: Any, **keywords: Any) -> Any:
        read.append(arguments)
        return load_rules(*arguments, **keywords)

    with monkeypatch.context() as patched:
        patched.setattr(rules_loading, "load_rules", loading)
        rules, diagnostics = read_rules(packs, {})
    assert not diagnostics
    assert [rule.name for rule in rules.rules] == [rule.name for rule in load_rules(packs)[0].rules]
    return bool(read)


@pytest.mark.parametrize("are_compat", [False, True])
def test_what_is_kept_makes_the_same_notes(are_compat: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in shipped_names() if name.startswith("compat/") is are_compat]
    packs = [pack for name in names if (pack := read_shipped(name)) is not None]
    fresh, diagnostics = load_rules(packs)
    assert not diagnostics
    text = "\n\n".join(example.text for rule in fresh.rules[::3] for example in rule.examples[:1])
    made = []
    for again in (False, True):
        assert is_read_anew(packs, monkeypatch) is not again
        rules = fresh if not again else read_rules(packs, {})[0]
        monkeypatch.setattr(CompileOptions, "rules", lambda _self, rules=rules: (rules, []))
        making = CompileOptions(tuple(packs), Settings("Deck"), RenderOptions())
        made.append(encode_unit(compile_source(Source("note.md", text), making)))
    assert made[0] == made[1]


def test_rules_with_a_mistake_are_not_kept(cache: Path) -> None:
    for _ in range(2):
        _, diagnostics = read_rules([OWN], {})
        assert [one.kind for one in diagnostics] == ["missing-key"]
    assert kept(cache) == []


def test_what_rules_are_made_of_is_part_of_their_name(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_read_anew([RIGHT], monkeypatch)
    assert not is_read_anew([RIGHT], monkeypatch)
    other = PackText(RIGHT.name, RIGHT.path, RIGHT.text + "# more\n")
    assert is_read_anew([other], monkeypatch)
    read_rules([RIGHT], {"Own": ("Front", "Back")})
    read_rules([RIGHT], {}, has_bounds=False)
    monkeypatch.setattr(rule_cache, "program_fingerprint", lambda: "another version")
    assert is_read_anew([RIGHT], monkeypatch)
    assert len(kept(cache)) == 5


class Canary:
    """Makes a folder where it is read."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


def test_nothing_of_a_stranger_is_read(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_rules([RIGHT], {})
    (path,) = kept(cache)
    good, canary = path.read_bytes(), tmp_path / "canary"
    evil = pickle.dumps(Canary(canary))
    guessed = hmac.new(b"0" * 32, f"deckgen rules {path.name}\n".encode() + evil, hashlib.sha256).digest()
    for content in (evil, good[:32] + evil, guessed + evil, good[:-1], good[:20], b"", good + b"."):
        path.write_bytes(content)
        assert is_read_anew([RIGHT], monkeypatch)
        assert not canary.exists()
    # Not even where it was written with the secret, nor rules of other packs under this name.
    secret = (cache / "secret").read_bytes()
    path.write_bytes(hmac.new(secret, f"deckgen rules {path.name}\n".encode() + evil, hashlib.sha256).digest() + evil)
    assert is_read_anew([RIGHT], monkeypatch)
    assert not canary.exists()
    other = PackText("other", "rules/other.yaml", RIGHT.text)
    read_rules([other], {})
    (of_other,) = (one for one in kept(cache) if one != path)
    path.write_bytes(of_other.read_bytes())
    assert is_read_anew([RIGHT], monkeypatch)
    path.unlink()
    path.symlink_to(of_other)
    assert is_read_anew([RIGHT], monkeypatch)


def reference(module: str, name: str) -> io.BytesIO:
    """A pickle that is nothing but a name of a module; one of the fourth protocol may have dots."""
    strings = (b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    return io.BytesIO(b"\x80\x04" + b"".join(strings) + b"\x93.")


@pytest.mark.parametrize(
    ("module", "name"),
    [("deckgen.rules.conditions", "fnmatch.os.getpid"), ("deckgen.rules.conditions", "fnmatch"), ("os", "getpid")],
)
def test_what_a_module_of_rules_imports_is_none_of_its_own(module: str, name: str) -> None:
    assert pickle.load(reference(module, name))
    with pytest.raises(pickle.UnpicklingError):
        rule_cache._OwnClasses(reference(module, name)).load()
    assert rule_cache._OwnClasses(reference("deckgen.rules.rule", "RuleSet")).load() is RuleSet


def test_another_secret_vouches_for_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_rules([RIGHT], {})
    (cache / "secret").unlink()
    assert is_read_anew([RIGHT], monkeypatch)
    assert not is_read_anew([RIGHT], monkeypatch)
    if os.name == "posix":
        (cache / "secret").chmod(0o644)
        assert is_read_anew([RIGHT], monkeypatch)
        assert [one.stat().st_mode & 0o077 for one in [cache / "secret", *kept(cache)]] == [0, 0]


def test_no_more_than_a_few_are_kept(cache: Path) -> None:
    for number in range(20):
        read_rules([PackText(RIGHT.name, RIGHT.path, f"{RIGHT.text}# {number}\n")], {})
    assert len(kept(cache)) == 12


def test_where_nothing_can_be_kept_the_packs_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert is_read_anew([RIGHT], monkeypatch)
    assert is_read_anew([RIGHT], monkeypatch)
