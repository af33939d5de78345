"""What an author can do wrong, by the table "Bad input" of the design: through the command line, never a traceback."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from bounded_process import ends_within_bounds
from command_line import Ended, deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

RULES = """rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nsources: ['notes/*.md']\nrules: [./rules.yaml]\n"
NOTE = "Latency\n: the time from a request to its answer\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_files(tmp_path / "terms", {"deck.yaml": CONFIG, "rules.yaml": RULES, "notes/a.md": NOTE})


def refused(folder: Path, *arguments: object) -> Ended:
    """A build that must refuse: exit code 2, nothing printed, and every file as it was."""
    before = snapshot(folder)
    ended = deckgen("build", ".", *arguments, cwd=folder)
    assert ended.code == 2
    assert ended.out == ""
    assert snapshot(folder) == before
    return ended


def snapshot(folder: Path) -> dict[Path, tuple[int, int]]:
    return {p: (p.lstat().st_size, p.lstat().st_mtime_ns) for p in folder.rglob("*") if ".deckgen" not in p.parts}


# deck.yaml or a rule file that is not YAML, has an unknown or a doubled key, a wrong type


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("deck.yaml", CONFIG + "tags: [a\n", "deck.yaml:5:9: error[bad-yaml]"),
        ("deck.yaml", CONFIG + "sorces: x\n", "deck.yaml:5:1: error[unknown-key]: unknown key `sorces`"),
        ("deck.yaml", CONFIG + "deck: x\n", "deck.yaml:5:1: error[doubled-key]: `deck` stands twice"),
        ("deck.yaml", CONFIG + "tags: {a: b}\n", "deck.yaml:5:7: error[wrong-type]"),
        ("rules.yaml", "rules: [a\n", "rules.yaml:1:10: error[bad-yaml]"),
        ("rules.yaml", RULES + "    mtach: '{x}'\n", "rules.yaml:5:5: error[unknown-key]: unknown key `mtach`"),
        ("rules.yaml", RULES + "    on: table\n", "rules.yaml:5:5: error[doubled-key]: `on` stands twice"),
        ("rules.yaml", RULES.replace("'{term}'", "{term}"), "rules.yaml:4:21: error[wrong-type]"),
        ("rules.yaml", RULES + "    key: term\n", "rules.yaml:5:10: error[wrong-type]"),
    ],
)
def test_yaml_that_is_wrong(project: Path, file: str, text: str, told: str) -> None:
    (project / file).write_text(text)
    ended = refused(project)
    assert ended.err.startswith(told)
    line = text.splitlines()[int(told.split(":")[1]) - 1]
    assert f"  | {line}\n" in ended.err
    assert "  | " + " " * (int(told.split(":")[2]) - 1) + "^" in ended.err


def test_the_nearest_right_name_is_a_hint_apart(project: Path) -> None:
    (project / "deck.yaml").write_text(CONFIG + "sorces: x\n")
    assert "\n  help: did you mean `sources`?\n" in refused(project).err


def test_every_error_of_every_file_is_told_in_one_run(project: Path) -> None:
    (project / "deck.yaml").write_text(CONFIG + "sorces: x\nhtml: maybe\n")
    (project / "rules.yaml").write_text(RULES + "    mtach: x\n    key: y\n")
    (project / "notes" / "b.md").write_bytes(b"caf\xe9")
    ended = refused(project)
    assert sorted(ended.kinds) == ["bad-value", "not-utf8", "unknown-key", "unknown-key", "wrong-type"]
    assert ended.err.endswith("5 errors\n")


def test_one_broken_rule_file_and_one_unreadable_source_are_both_told(project: Path) -> None:
    assert deckgen("build", project).code == 0
    (project / "rules.yaml").write_text("rules: {")
    (project / "notes" / "b.md").symlink_to(project / "nowhere.md")
    assert sorted(refused(project).kinds) == ["bad-yaml", "unreadable-source"]


# a pattern that does not compile, a template that names a capture the pattern lacks, an unknown element or note type


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{id: r, on: sentence, match: '{x} is {y', fields: {Front: '{x}'}}", "error[bad-pattern]"),
        ("{id: r, on: sentence, match: '{x} is', fields: {Front: '{z}'}}", "error[unknown-capture]"),
        ("{id: r, on: sentence, match: '{x:nmae} is', fields: {Front: '{x}'}}", "error[unknown-type]"),
        ("{id: r, on: sentense, match: '{x} is', fields: {Front: '{x}'}}", "error[unknown-element]"),
        ("{id: r, on: sentence, note: Bsic, match: '{x} is', fields: {Front: '{x}'}}", "error[unknown-note]"),
        ("{id: r, on: sentence, match: '{x} is', fields: {Front: '{x}', Bakc: '{x}'}}", "error[unknown-field]"),
    ],
)
def test_a_rule_that_is_wrong_is_told_at_its_place(project: Path, rule: str, told: str) -> None:
    (project / "rules.yaml").write_text(f"language: en\nrules:\n  - {rule}\n")
    ended = refused(project)
    assert ended.err.startswith("rules.yaml:3:")
    assert told in ended.err.splitlines()[0]
    assert f"  | {rule}"[:20] not in ended.out


# an example in a rule file that does not come out as written


def test_an_example_that_does_not_come_out(project: Path) -> None:
    example = '    examples:\n      - text: "Latency\\n: a time"\n        notes: [{Front: Latency, Back: a span}]\n'
    (project / "rules.yaml").write_text(RULES + example)
    ended = deckgen("rules", "test", "rules.yaml", cwd=project)
    assert ended.code == 1
    assert "rules.yaml:6:" in ended.out
    assert "expected  Front: Latency; Back: a span" in ended.out
    assert "got       Front: Latency; Back: a time" in ended.out
    assert "1 example, 0 right, 1 wrong" in ended.out
    (project / "rules.yaml").write_text(RULES + example.replace("a span", "a time"))
    assert deckgen("rules", "test", "rules.yaml", cwd=project).code == 0


# a source that is not UTF-8


def test_a_source_that_is_not_utf8(project: Path) -> None:
    (project / "notes" / "b.md").write_bytes("# 延迟\n\n延迟是从请求到答复的时间。".encode("gb18030"))
    ended = refused(project)
    assert ended.err.startswith("notes/b.md:1:3: error[not-utf8]: this file is not UTF-8: the byte at offset 2 (0xd1)")
    assert "encoding: gb18030" in ended.err
    (project / "notes" / "a.md").write_bytes(NOTE.encode("gb18030"))
    (project / "deck.yaml").write_text(CONFIG + "encoding: gb18030\n")
    assert deckgen("build", project).code == 0


# a pattern that would backtrack for ever


def test_a_line_that_would_take_a_pattern_for_ever(project: Path) -> None:
    rules = "rules:\n  - id: r\n    on: sentence\n    match: '…{a}…{b}…{c}…{d}…{e}zzz'\n"
    rules += "    fields: {Front: '{a}', Back: '{b}'}\n"
    (project / "rules.yaml").write_text(rules)
    (project / "notes" / "a.md").write_text("word " * 3000 + "zz.\n")
    ended = deckgen("build", project)
    assert ended.code == 0
    assert set(ended.kinds) <= {"text-too-long"}


# YAML tags that run code, alias bombs


def test_yaml_that_would_run_code(project: Path) -> None:
    (project / "deck.yaml").write_text(CONFIG + "tags: !!python/object/apply:os.mkdir [owned]\n")
    assert refused(project).kinds == ["unsafe-yaml"]
    assert not (project / "owned").exists()


def test_a_bomb_of_aliases(project: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n"
    (project / "rules.yaml").write_text(bomb + RULES)
    assert "unsafe-yaml" in refused(project).kinds


def test_a_pack_that_is_named_twice_is_read_once(project: Path) -> None:
    """Sixty times the rules would take sixty times the memory."""
    names = ", ".join(["./rules.yaml", "rules.yaml", "./notes/../rules.yaml", *(["structure"] * 60)])
    (project / "deck.yaml").write_text(CONFIG.replace("./rules.yaml", names))
    ended = refused(project)
    assert ended.kinds == ["doubled-pack", "doubled-pack"]
    assert "deck.yaml:4:23: error[doubled-pack]: `rules.yaml` stands twice in `rules:`" in ended.err
    assert "help: take one of the two away" in ended.err


def test_rule_files_of_megabytes_are_refused_together(project: Path) -> None:
    names = [f"r{number}.yaml" for number in range(5)]
    for name in names:
        (project / name).write_text(RULES + "# " + "x" * 1_000_000 + "\n")
    (project / "deck.yaml").write_text(CONFIG.replace("./rules.yaml", ", ".join(names)))
    ended = refused(project)
    assert "deck.yaml:4:" in ended.err
    assert "error[source-too-large]: the rule files together are larger than 3 MiB" in ended.err
    assert "help: name fewer of them in `rules:`" in ended.err


def test_separators_that_hold_separators_fill_no_memory(project: Path) -> None:
    """Each of them twice in the one before it: two to the thirtieth copies of the last."""
    pairs = ", ".join(f"s{number}: '<s{number + 1}><s{number + 1}>'" for number in range(30))
    (project / "rules.yaml").write_text(f"separators: {{{pairs}, s30: 'x'}}\n{RULES.replace('{term}', '<s0>{term}')}")
    ends_within_bounds(lambda: deckgen("list", ".", cwd=project))
    (project / "rules.yaml").write_text(f"separators: {{long: '{'x' * 100_000}'}}\n{RULES}{'# <long>' * 50_000}\n")
    assert "rules.yaml:1:20: error[bad-value]: `long` is too long" in refused(project).err


# an image that is missing, outside the project, a link out of it, or a URL


def test_pictures_that_cannot_be_had(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"\x89PNG secret")
    (project / "notes" / "link.png").symlink_to(tmp_path / "secret.png")
    pictures = "![gone](no.png) ![out](../../secret.png) ![link](link.png) ![net](https://example.org/x.png)"
    (project / "notes" / "a.md").write_text(f"Latency\n: a time {pictures}\n")
    ended = deckgen("build", ".", cwd=project)
    assert ended.code == 0
    assert sorted(ended.kinds) == ["media-outside", "media-outside", "missing-media", "remote-media"]
    assert ended.err.startswith("notes/a.md:2:")
    with zipfile.ZipFile(project / "terms.apkg") as package:
        assert sorted(package.namelist()) == ["collection.anki2", "media"]
        assert package.read("media") == b"{}"


# raw HTML, scripts, event attributes


def test_raw_html_is_sanitised_and_counted(project: Path) -> None:
    (project / "notes" / "a.md").write_text('Latency\n: a <b onclick="steal()">time</b><script>steal()</script>\n')
    ended = deckgen("build", ".", cwd=project)
    assert ended.code == 0
    assert "1 with raw HTML that was sanitised" in ended.out
    (note,) = deckgen("list", project, "--json").json
    assert "steal" not in note["fields"]["Back"]
    assert "<b>time</b>" in note["fields"]["Back"]


# a huge file, very deep nesting, a line of megabytes, NUL bytes, Windows line ends, a byte order mark


@pytest.mark.parametrize(
    "text",
    [
        "> " * 3000 + "deep\n\n",
        "- " * 1500 + "deep\n\n",
        "*" * 50_000 + "\n\n",
        "[" * 20_000 + "\n\n",
        "word " * 400_000 + "\n\n",
        "字" * 1_000_000 + "\n\n",
        "a\0b\0\n\n",
        "a " + "`" * 30_000 + " " + "` `` " * 5_000 + "\n\n",
        "<" * 30_000 + "\n\n",
        "---\ntitle: [unclosed\n---\n\n",
    ],
    ids=["quotes", "lists", "stars", "brackets", "long-line", "long-chinese", "nul", "ticks", "angles", "front-matter"],
)
def test_strange_texts_are_built_beside_the_others(project: Path, text: str) -> None:
    (project / "notes" / "strange.md").write_text(text + NOTE.replace("Latency", "Jitter"))
    ended = deckgen("list", project, "--json")
    assert ended.code == 0
    fronts = {note["fields"]["Front"] for note in ended.json}
    assert fronts >= {"Latency", "Jitter"}


def test_a_source_of_gigabytes_is_refused_by_name(project: Path) -> None:
    with (project / "notes" / "huge.md").open("wb") as file:
        file.truncate(3 * 1024**3)
    ended = refused(project)
    assert "notes/huge.md:1:1: error[source-too-large]: this file has 3072 MB" in ended.err


def test_line_ends_and_byte_order_marks_change_nothing(project: Path) -> None:
    (project / "notes" / "a.md").write_bytes(b"\xef\xbb\xbf" + NOTE.replace("\n", "\r\n").encode())
    marked = deckgen("list", project, "--json").json
    (project / "notes" / "a.md").write_text(NOTE)
    assert deckgen("list", project, "--json").json == marked


def test_a_pipe_among_the_sources(project: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    os.mkfifo(project / "notes" / "pipe.md")
    assert refused(project).kinds == ["unreadable-source"]


# two notes with the same GUID: identical notes from two places become one, with two sources


def test_identical_notes_are_one(project: Path) -> None:
    (project / "notes" / "b.md").write_text(NOTE)
    (note,) = deckgen("list", project, "--json").json
    assert "a.md" in note["fields"]["Source"]
    assert "b.md" in note["fields"]["Source"]


# output that cannot be written


def test_output_that_cannot_be_written(project: Path, tmp_path: Path) -> None:
    assert deckgen("build", project).code == 0
    (project / "notes" / "a.md").write_text(NOTE + NOTE.replace("Latency", "Jitter"))
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file" / "x.apkg", tmp_path, "/dev/null/x.apkg"):
        ended = refused(project, "-o", target)
        assert ended.kinds == ["unwritable"]
        assert str(target) in ended.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_is_no_place_for_a_package(project: Path) -> None:
    assert refused(project, "-o", "/dev/full").kinds == ["unwritable"]


# the lock


@pytest.mark.parametrize(
    ("change", "kind", "hint"),
    [
        (
            lambda text: "<<<<<<< ours\n" + text + "=======\n>>>>>>> theirs\n",
            "lock-conflict",
            "delete the marker lines",
        ),
        (lambda text: text.replace('"guid"', '"giud"'), "lock-line", ""),
        (lambda text: text.partition("\n")[2], "lock-header", ""),
        (lambda text: text.replace('"deckgen_lock":1', '"deckgen_lock":99'), "lock-newer", "upgrade"),
        (lambda text: "", "lock-header", ""),
    ],
    ids=["conflict", "line", "header", "newer", "empty"],
)
def test_a_lock_that_is_broken_stops_the_build(project: Path, change: object, kind: str, hint: str) -> None:
    assert deckgen("build", project).code == 0
    lock = project / "deck.lock"
    assert callable(change)
    lock.write_text(change(lock.read_text()))
    ended = refused(project)
    assert kind in ended.kinds
    assert ended.err.startswith("deck.lock:")
    assert hint in ended.err


# the command line


@pytest.mark.parametrize(
    "arguments",
    [
        ["bild"],
        ["build", "--chekc"],
        ["build", "nowhere"],
        ["build", "--same", "abc"],
        ["list", "--format", "xml"],
        ["list", "--rule", "nothing"],
        ["list", "--retired", "--format", "csv"],
        ["rules", "test", "nothing"],
        ["rules", "test", "notes/a.md"],
    ],
)
def test_a_command_line_that_is_wrong(project: Path, arguments: list[str]) -> None:
    ended = deckgen(*arguments, cwd=project)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err


@pytest.mark.parametrize(
    "command", ["build", "list", "explain", "init", "diff --against", "rules show", "status --url"]
)
@pytest.mark.parametrize("word", ["a" * 300, "a" * 100_000, "\udcff", "http://["])
def test_words_that_no_file_can_be_named(project: Path, command: str, word: str) -> None:
    ended = deckgen(*command.split(), word, cwd=project)
    assert ended.code == 2
    assert ended.out == ""


def test_a_pack_with_a_name_that_no_file_has(project: Path) -> None:
    (project / "rules.yaml").write_text(f"language: {'z' * 300}\nrules: []\n")
    assert deckgen("list", project).code == 0  # a language without words of its own, as any other


@pytest.mark.parametrize(("size", "code"), [(3 << 30, "source-too-large"), (1 << 29, "not-utf8")])
def test_a_lock_of_zeros_is_not_read(project: Path, size: int, code: str) -> None:
    with (project / "deck.lock").open("wb") as lock:
        lock.truncate(size)  # it takes no room on the disk

    def is_refused() -> None:
        for command in ("build", "list", "diff"):
            ended = deckgen(command, ".", cwd=project)
            assert (ended.code, code in ended.err, "version control" in ended.err) == (2, True, True), ended.err

    ends_within_bounds(is_refused)


def test_names_that_no_file_can_have(project: Path) -> None:
    assert deckgen("build", ".", cwd=project).code == 0
    name = "a" * 5000
    for command in (["build"], ["list"], ["diff"], ["lint"], ["status", "--url", "http://127.0.0.1:1"]):
        ended = deckgen(*command, "--lock", name, ".", cwd=project)
        assert "bug" not in ended.err, command
    (project / "deck.yaml").write_text(CONFIG.replace("./rules.yaml", '"./rul\\0es.yaml"'))
    assert deckgen("build", ".", cwd=project).kinds == ["unknown-pack"]
