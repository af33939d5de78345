"""What a stranger puts among the notes makes, changes, reads and deletes nothing outside, and keeps nothing waiting.

What git is made to do is in test_hostile_git, what lies in `.deckgen` in the tests of the cache.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from hostile import NOTE, Canary, command

pytestmark = pytest.mark.usefixtures("plain_environment")

SECRET = "root:hunter2:0:0\n"
COMMANDS = ["build", "list", "diff", "coverage", "explain a.md", "build --check"]


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A project `n`, and beside it what belongs to somebody else."""
    write_files(tmp_path, {"n/a.md": NOTE, "mine/secret.yaml": SECRET, "mine/.bashrc": "alias ll='ls -l'\n"})
    write_files(tmp_path, {"mine/deck.lock": '{"deckgen_lock":1,"project":"x"}\n', "mine/deck.yaml": f"deck: {SECRET}"})
    return tmp_path


def run_all(world: Path, commands: list[str] = COMMANDS) -> list[str]:
    """What each command printed, run in the project."""
    ended = [command(*line.split(), cwd=world / "n") for line in commands]
    return [one.out + one.err for one in ended]


# ---- written


@pytest.mark.parametrize(
    "target", ["../mine/.bashrc", "../mine/new", "../mine", "../mine/deck.lock", "/dev/null", "x/../../mine/y"]
)
@pytest.mark.parametrize("name", ["n.apkg", "deck.lock", "deck.yaml"])
def test_links_write_nothing_outside(world: Path, name: str, target: str) -> None:
    (world / "n" / name).symlink_to(target)
    canary = Canary.of(world / "mine")
    ended = deckgen("build", world / "n")
    canary.assert_untouched()
    assert ended.code == 2
    assert "outside-project" in ended.kinds
    assert deckgen("push", world / "n", "--to", world / "no.anki2").code == 2
    canary.assert_untouched()


@pytest.mark.parametrize("link", ["rules/mine.yaml", "rules"])
@pytest.mark.parametrize("target", ["../mine/rules.yaml", "../mine", "../mine/new"])
def test_a_new_rule_is_written_nowhere_outside(world: Path, link: str, target: str) -> None:
    write_files(world, {"mine/rules.yaml": "rules: []\n", "n/b.md": "Vulcanisation goes back to Charles Goodyear.\n"})
    (world / "n" / link).parent.mkdir(exist_ok=True)
    (world / "n" / link).symlink_to(world / "n" / target)
    canary = Canary.of(world / "mine")
    card = ("--front", "Who does vulcanisation go back to?", "--back", "Charles Goodyear")
    ended = deckgen("rules", "new", "b.md:1", *card, "--yes", cwd=world / "n")
    canary.assert_untouched()
    assert ended.code == 2
    assert "outside-project" in ended.kinds


def test_a_link_of_a_part_writes_nothing_outside(world: Path) -> None:
    write_files(world / "n", {"b.md": "DNN stands for deep neural network.\n", "deck.yaml": "deck: N\n"})
    (world / "n" / "a.apkg").symlink_to("../mine/.bashrc")
    canary = Canary.of(world / "mine")
    assert deckgen("build", world / "n" / "a.md").kinds == ["outside-project"]
    canary.assert_untouched()


def test_a_link_to_a_note_does_not_cost_the_note(world: Path) -> None:
    (world / "n" / "n.apkg").symlink_to("a.md")
    assert deckgen("build", world / "n").kinds == ["not-a-package"]
    assert (world / "n" / "a.md").read_text() == NOTE


def test_links_within_the_project_are_written_through(world: Path) -> None:
    (world / "n" / "out").mkdir()
    (world / "n" / "n.apkg").symlink_to("out/deck.apkg")
    (world / "n" / "deck.lock").symlink_to("out/deck.lock")
    for _ in range(2):
        assert deckgen("build", world / "n").code == 0
        assert {path.name for path in (world / "n" / "out").iterdir()} == {"deck.apkg", "deck.lock"}
        assert (world / "n" / "n.apkg").is_symlink()
        assert (world / "n" / "deck.lock").is_symlink()


def test_what_the_command_line_names_is_written_through_a_link(world: Path) -> None:
    (world / "out.apkg").symlink_to("mine/deck.apkg")
    (world / "my.lock").symlink_to("mine/my.lock")
    for _ in range(2):
        assert deckgen("build", world / "n", "-o", world / "out.apkg", "--lock", world / "my.lock").code == 0
        assert (world / "out.apkg").is_symlink()
        assert (world / "mine" / "deck.apkg").read_bytes().startswith(b"PK")
        assert (world / "mine" / "my.lock").read_text().startswith("{")


def test_no_package_takes_the_place_of_something_else(world: Path) -> None:
    for victim in (world / "mine" / ".bashrc", world / "n" / "a.md"):
        before = victim.read_bytes()
        assert deckgen("build", world / "n", "-o", victim).kinds == ["not-a-package"]
        assert victim.read_bytes() == before


@pytest.mark.parametrize("name", [".gitattributes", "deck.yaml"])
@pytest.mark.parametrize("make", ["link", "dangling", "pipe"])
def test_init_writes_nothing_outside(world: Path, name: str, make: str) -> None:
    path = world / "n" / name
    os.mkfifo(path) if make == "pipe" else path.symlink_to("../mine/.bashrc" if make == "link" else "../mine/new")
    canary = Canary.of(world / "mine")
    ended = command("init", "n", cwd=world)
    assert ended.code == 2
    assert ended.kinds in (["unwritable-project"], ["project-exists"])
    canary.assert_untouched()


def test_init_leaves_the_other_names_of_a_file(world: Path) -> None:
    os.link(world / "mine" / ".bashrc", world / "n" / ".gitattributes")
    canary = Canary.of(world / "mine")
    assert deckgen("init", world / "n").code == 0
    canary.assert_untouched()


@pytest.mark.parametrize("page", [["coverage"], ["preview"]])
def test_pages_are_written_through_no_link(world: Path, page: list[str]) -> None:
    write_files(world, {"mine/page.html": "<!doctype html>\n"})
    canary = Canary.of(world / "mine")
    for target in ("../mine/page.html", "../mine/new"):
        (world / "n" / "page.html").symlink_to(target)
        assert command(*page, "n", "--html", "n/page.html", cwd=world).code == 2
        canary.assert_untouched()
        (world / "n" / "page.html").unlink()
    os.mkfifo(world / "n" / "page.html")
    assert command(*page, "n", "--html", "n/page.html", cwd=world).code == 2
    (world / "n" / "page.html").unlink()
    os.link(world / "mine" / "page.html", world / "n" / "page.html")
    assert command(*page, "n", "--html", "n/page.html", cwd=world).code == 0
    canary.assert_untouched()


# ---- read and printed


@pytest.mark.parametrize(
    "rules", ["./r.yaml", "r/x.yaml", "../mine/secret.yaml", "x/../../mine/secret.yaml", "{mine}/secret.yaml"]
)
def test_a_rule_file_outside_is_neither_read_nor_printed(world: Path, rules: str) -> None:
    (world / "n" / "r.yaml").symlink_to("../mine/secret.yaml")
    (world / "n" / "r").symlink_to("../mine")
    (world / "mine" / "x.yaml").symlink_to("secret.yaml")
    write_files(world / "n", {"deck.yaml": f"deck: N\nrules: ['{rules.format(mine=world / 'mine')}']\n"})
    for printed in run_all(world, ["build", "explain a.md", "rules list"]):
        assert "hunter2" not in printed
        assert "error[outside-project]" in printed


def test_whether_a_file_outside_exists_is_not_told(world: Path) -> None:
    said = []
    for name in ("../mine/secret.yaml", "../mine/missing.yaml"):
        write_files(world / "n", {"deck.yaml": f"deck: N\nrules: [{name}]\n"})
        said.append(deckgen("build", world / "n").err.replace(name, "").replace("^", ""))
    assert said[0] == said[1]


def test_a_rule_file_that_the_command_line_names_is_read(world: Path) -> None:
    write_files(world, {"mine/rules.yaml": "rules: []\n"})
    (world / "n" / "r.yaml").symlink_to("../mine/rules.yaml")
    assert deckgen("rules", "test", world / "n" / "r.yaml").code == 0


@pytest.mark.parametrize("name", ["deck.yaml", "deck.lock", "b.md"])
def test_what_else_links_out_is_neither_read_nor_printed(world: Path, name: str) -> None:
    (world / "n" / name).symlink_to("../mine/secret.yaml")
    for printed in run_all(world):
        assert "hunter2" not in printed
        assert name == "b.md" or "error[outside-project]" in printed
    package = world / "n" / "n.apkg"
    assert not package.exists() or b"hunter2" not in package.read_bytes()


@pytest.mark.parametrize("name", ["r.yaml", "deck.yaml", "deck.lock", "b.md", "x.png"])
@pytest.mark.parametrize("hidden", [".git/config", ".env"])
def test_links_to_hidden_files_of_the_project_are_not_read(world: Path, name: str, hidden: str) -> None:
    """The token of a CI job lies in .git/config."""
    write_files(world / "n", {hidden: SECRET, "c.md": "## What is a pipe?\n\nThis. ![](x.png)\n"})
    (world / "n" / name).symlink_to(hidden)
    if name == "r.yaml":
        write_files(world / "n", {"deck.yaml": "deck: N\nrules: [r.yaml]\n"})
    for printed in run_all(world, ["build", "explain b.md", "list --json"]):
        assert "hunter2" not in printed
    package = world / "n" / "n.apkg"
    assert not package.exists() or b"hunter2" not in package.read_bytes()


def test_hidden_folders_that_a_note_names_are_read(world: Path) -> None:
    """Wikis keep their pictures in `.attachments`."""
    write_files(
        world / "n", {".attachments/x.png": b"\x89PNG", "b.md": "## What is a pipe?\n\nThis. ![](.attachments/x.png)\n"}
    )
    assert deckgen("build", world / "n").kinds == []
    write_files(world / "n", {".git/x.png": b"\x89PNG", "b.md": "## What is a pipe?\n\nThis. ![](.git/x.png)\n"})
    assert deckgen("build", world / "n").kinds == ["picture-kept", "media-outside"]


def test_a_link_within_the_project_is_read(world: Path) -> None:
    write_files(world / "n", {"settings/deck.yaml": "deck: Mine\nrules: [r.yaml]\n", "settings/r.yaml": "rules: []\n"})
    (world / "n" / "deck.yaml").symlink_to("settings/deck.yaml")
    (world / "n" / "r.yaml").symlink_to("settings/r.yaml")
    assert deckgen("list", world / "n").kinds == []


# ---- run


@pytest.mark.parametrize(
    "name", ["yaml.py", "re2.py", "msgspec/__init__.py", "typer.py", "sqlite3.py", "zipfile.py", "click.py"]
)
def test_no_module_among_the_notes_is_imported(world: Path, name: str) -> None:
    write_files(
        world / "n", {name: f"open({str(world / 'RAN')!r}, 'w').close()\nraise ImportError\n", "deck.yaml": "deck: N\n"}
    )
    assert command("build", ".", cwd=world / "n", environment={"DECKGEN_WORKERS": "2"}).code == 0
    assert not (world / "RAN").exists()


# ---- pipes and devices

KINDS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "link to a pipe": lambda path: (os.mkfifo(path.with_suffix(".p")), path.symlink_to(path.with_suffix(".p").name)),
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "link to itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("names", ["deck.yaml", "deck.lock", "r.yaml", "b.md x.png n.apkg .gitignore .gitattributes"])
def test_pipes_and_devices_keep_nothing_waiting(world: Path, names: str, make: Callable[[Path], object]) -> None:
    write_files(world / "n", {"c.md": "## What is a pipe?\n\nThis. ![](x.png)\n"})
    if names == "r.yaml":
        write_files(world / "n", {"deck.yaml": "deck: N\nrules: [r.yaml]\n"})
    (world / "n" / ".git").mkdir()
    for name in names.split():
        make(world / "n" / name)
    run_all(world, ["build"])


def test_a_dangling_deck_yaml_is_not_passed_over_for_one_above(tmp_path: Path) -> None:
    """Else the project would be the folder above, and links that lead out of the one below would be followed."""
    inner = tmp_path / "p"
    write_files(tmp_path, {"deck.yaml": "deck: Above\n", "p/a.md": "# Notes\n\nX stands for Xray.\n"})
    (inner / "deck.yaml").symlink_to("../outside.txt")
    (inner / "p.apkg").symlink_to("deck.yaml")
    for name in ("list", "build"):
        ended = deckgen(name, ".", cwd=inner)
        assert (ended.code, ended.kinds) == (2, ["outside-project"])
    assert not (tmp_path / "outside.txt").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_deck_yaml_above_that_somebody_else_put_there_is_not_read(tmp_path: Path) -> None:
    write_files(tmp_path, {"deck.yaml": "deck: [broken\n", "p/a.md": "# Notes\n\nX stands for Xray.\n"})
    os.chown(tmp_path / "deck.yaml", 12345, 12345)
    assert deckgen("list", ".", cwd=tmp_path / "p").code == 0
    os.chown(tmp_path / "deck.yaml", 0, 0)
    assert deckgen("list", ".", cwd=tmp_path / "p").kinds == ["bad-yaml"]
