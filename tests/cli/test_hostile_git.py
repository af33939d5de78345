"""A stranger's git configuration runs nothing, in a build as little as in `diff --against`."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from hostile import NOTE, Canary, command, git

from deckgen.project.git_ignore import check_ignored

pytestmark = [
    pytest.mark.usefixtures("plain_environment"),
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
]

RUNS = "touch '{}/RAN'; false"
SETTINGS = [
    *("core.fsmonitor", "core.pager", "pager.diff", "pager.show", "pager.rev-parse", "core.editor", "sequence.editor"),
    *(
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "gpg.program",
        "credential.helper",
    ),
    *("diff.evil.textconv", "diff.evil.command", "diff.external", "filter.evil.smudge", "filter.evil.clean"),
    "remote.origin.uploadpack",
]


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with a repository in it that has been built and committed once."""
    project = write_files(
        tmp_path / "n", {"a.md": NOTE, "deck.yaml": "deck: N\n", ".gitattributes": "* diff=evil filter=evil\n"}
    )
    git(project, "init", "--quiet")
    assert deckgen("build", project).code == 0
    git(project, "add", "a.md", "deck.yaml", "deck.lock", ".gitattributes")
    git(project, "commit", "--quiet", "-m", "first")
    return tmp_path


def poison(world: Path, names: list[str]) -> None:
    project = world / "n"
    for name in names:
        git(project, "config", name, RUNS.format(world))
    git(project, "config", "extensions.partialClone", "origin")
    git(project, "config", "remote.origin.url", f"ext::sh -c 'touch {world}/RAN'")
    git(project, "config", "remote.origin.promisor", "true")
    git(project, "config", "protocol.allow", "always")
    (world / "more.config").write_text(f'[core]\n\tfsmonitor = "{RUNS.format(world)}"\n')
    git(project, "config", "includeIf.gitdir:**.path", str(world / "more.config"))
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        path = project / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{RUNS.format(world)}\n")
        path.chmod(0o755)


@pytest.mark.parametrize("arguments", [["build"], ["build", "--check"], ["diff", "--against", "HEAD"]])
def test_no_setting_of_the_repository_runs_anything(world: Path, arguments: list[str]) -> None:
    poison(world, SETTINGS)
    first, *others = arguments
    ended = command(first, "n", *others, cwd=world)
    assert ended.code == 0, ended.err
    assert not (world / "RAN").exists()


def test_the_settings_would_run_something(world: Path) -> None:
    """With git itself, so that the test above holds something."""
    poison(world, ["core.fsmonitor"])
    subprocess.run(["git", "status"], cwd=world / "n", capture_output=True, check=False)
    assert (world / "RAN").exists()


def test_no_variable_of_the_environment_reaches_git(world: Path) -> None:
    environment = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": RUNS.format(world),
        "GIT_EXTERNAL_DIFF": f"{world}/no",
        "GIT_DIR": str(world / "elsewhere"),
        "GIT_TRACE": str(world / "RAN"),
    }
    for arguments in (["build", "n"], ["diff", "n", "--against", "HEAD"]):
        assert command(*arguments, cwd=world, environment=environment).code == 0
    assert not (world / "RAN").exists()


def test_notes_laid_out_as_a_bare_repository(tmp_path: Path) -> None:
    """A clone brings such a folder along, configuration and all."""
    config = f'[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = "{RUNS.format(tmp_path)}"\n'
    files = {"a.md": NOTE, "HEAD": "ref: refs/heads/main\n", "config": config, "objects/x": "", "refs/x": ""}
    write_files(tmp_path / "evil" / "notes", files)
    git(tmp_path / "evil", "init", "--quiet")
    for arguments in (["build"], ["diff", "--against", "HEAD"], ["build", "--check"]):
        first, *others = arguments
        command(first, ".", *others, cwd=tmp_path / "evil" / "notes")
        assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize(
    ("names", "arguments"),
    [
        (["index", "info/exclude", "../.gitignore", "commondir"], ["build"]),
        (["HEAD", "config", "packed-refs", "commondir"], ["diff", "--against", "main"]),
        (["refs/heads/main"], ["diff", "--against", "main"]),
    ],
)
def test_pipes_in_the_repository_keep_nothing_waiting(world: Path, names: list[str], arguments: list[str]) -> None:
    for name in names:
        path = world / "n" / ".git" / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    first, *others = arguments
    command(first, "n", *others, cwd=world)


@pytest.mark.parametrize(
    "content", ["gitdir: ../pipe\n", "gitdir: ../nowhere\n", "gitdir: \n", "x", "gitdir: a\0b", "gitdir: .\n"]
)
def test_a_git_file_that_leads_astray(tmp_path: Path, content: str) -> None:
    write_files(tmp_path / "n", {"a.md": NOTE, ".git": content})
    os.mkfifo(tmp_path / "pipe")
    assert command("build", "n", cwd=tmp_path).code == 0
    assert command("diff", "n", "--against", "HEAD", cwd=tmp_path).kinds == ["unknown-revision"]


def test_a_program_among_the_notes_is_not_git(world: Path) -> None:
    fake = world / "n" / "git"
    fake.write_text(f"#!/bin/sh\n{RUNS.format(world)}\n")
    fake.chmod(0o755)
    for path in (".", "", f"{os.pathsep}.{os.pathsep}n"):
        environment = {"PATH": path + os.pathsep + os.environ["PATH"]}
        assert command("diff", ".", "--against", "HEAD", cwd=world / "n", environment=environment).code == 0
    assert not (world / "RAN").exists()


def test_nothing_is_written_into_the_repository(world: Path) -> None:
    canary = Canary.of(world / "n" / ".git")
    assert deckgen("diff", world / "n", "--against", "HEAD").code == 0
    canary.assert_untouched()


# ---- what the reader of revisions can do without the configuration


@pytest.mark.parametrize(
    "revision", ["HEAD", "main", "HEAD~1", "v1", "main@{0}", "HEAD@{1}", "HEAD^{/first}", "branch"]
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_names_of_revisions(world: Path, revision: str, is_packed: bool) -> None:
    project = world / "n"
    write_files(project, {"b.md": "DNN stands for deep neural network.\n"})
    git(project, "tag", "-a", "-m", "one", "v1")
    git(project, "branch", "branch")
    git(project, "add", "b.md")
    git(project, "commit", "--quiet", "-m", "second")
    if is_packed:
        git(project, "gc", "--quiet")
    assert deckgen("diff", project, "--against", revision).code == 0


@pytest.mark.parametrize(("tree", "revision"), [("refs", "main"), ("logs", "main@{0}"), ("refs/heads", "main")])
def test_no_tree_outside_is_read_for_refs(world: Path, tree: str, revision: str) -> None:
    """A link to the root of the disk would have all of it copied."""
    inside = world / "n" / ".git" / tree
    inside.rename(world / "elsewhere")
    inside.symlink_to(world / "elsewhere")
    assert command("diff", "n", "--against", revision, cwd=world).kinds == ["unknown-revision"]


@pytest.mark.parametrize("kind", ["worktree", "submodule folder", "sha256", "alternates"])
def test_kinds_of_repositories(world: Path, tmp_path: Path, kind: str) -> None:
    project = world / "n"
    if kind == "worktree":
        git(project, "worktree", "add", "--quiet", str(tmp_path / "other"))
        project = tmp_path / "other"
    elif kind == "submodule folder":
        inside = write_files(
            project / "deep" / "notes", {"c.md": "DNN stands for deep neural network.\n", "deck.yaml": "deck: C\n"}
        )
        assert deckgen("build", inside).code == 0
        git(project, "add", "deep")
        git(project, "commit", "--quiet", "-m", "deep")
        project = inside
    elif kind == "sha256":
        shutil.rmtree(project / ".git")
        git(project, "init", "--quiet", "--object-format=sha256")
        git(project, "add", "deck.lock", "deck.yaml")
        git(project, "commit", "--quiet", "-m", "first")
    else:
        git(world, "clone", "--quiet", "--shared", "n", "m")
        project = world / "m"
    ended = deckgen("diff", project, "--against", "HEAD", "--json")
    assert (ended.code, ended.kinds) == (0, [])
    assert ended.json["counts"]["unchanged"] == 1


@pytest.mark.parametrize("inner", ["objects/info/alternates", "objects/info/commit-graph", "objects/elsewhere"])
def test_an_endless_file_among_the_objects(world: Path, inner: str) -> None:
    """Git would read a list of other places for objects until there is no memory left."""
    project = world / "n"
    endless = project / ".git" / inner
    if inner == "objects/elsewhere":  # one that leads to it
        (project / ".git/objects/info/alternates").write_text(str(endless) + "\n")
        endless = endless / "info/alternates"
        endless.parent.mkdir(parents=True)
    endless.symlink_to("/dev/zero")
    ended = command("diff", ".", "--against", "HEAD", "--json", cwd=project)
    assert ended.code in (0, 2)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3 << 20, "KiB"


# ---- ignore files, read without git


IGNORED = [
    "deck.lock",
    "*.lock",
    "/deck.lock",
    "n/",
    "/n",
    "**/deck.lock",
    "deck.*",
    "[d]eck.lock",
    "de?k.lock",
    "n/*",
    "**",
]
NOT_IGNORED = [
    "deck",
    "/deck.lock/",
    "x/deck.lock",
    "# deck.lock",
    "!deck.lock",
    "",
    "*.md",
    "\\!deck.lock",
    "[",
    "n/x/**",
]


@pytest.mark.parametrize("line", [*IGNORED, *NOT_IGNORED])
@pytest.mark.parametrize("place", [".gitignore", "n/.gitignore", ".git/info/exclude"])
def test_patterns_of_ignore_files(tmp_path: Path, line: str, place: str) -> None:
    write_files(tmp_path, {"n/deck.lock": "", place: line + "\n"})
    git(tmp_path, "init", "--quiet")
    write_files(tmp_path, {place: line + "\n"})
    assert bool(check_ignored(tmp_path / "n" / "deck.lock")) == git_ignores(tmp_path)


def git_ignores(root: Path) -> bool:
    asked = ["git", "-c", f"core.excludesFile={os.devnull}", "check-ignore", "--quiet", "n/deck.lock"]
    return subprocess.run(asked, cwd=root, check=False).returncode == 0


def test_ignore_files_of_all_kinds_as_git_reads_them(tmp_path: Path) -> None:
    """Some hundred sets of patterns, at random, in three files."""
    git(tmp_path, "init", "--quiet")
    write_files(tmp_path, {"n/deck.lock": ""})
    choose = random.Random(14)
    lines = [*IGNORED, *NOT_IGNORED, "!*.lock", "!n/", "!/n/deck.lock", "n", "*", "!*/", "deck.lock  ", "deck.lock\\ "]
    lines += [
        "[!x]eck.lock",
        "[^d]eck.lock",
        "[a-f]*",
        "[]d]eck.lock",
        "d[!/]ck.lock",
        "n[/]deck.lock",
        "\\d*",
        "*/",
        "/*/deck*",
    ]
    lines += [
        "a/**/deck.lock",
        "n/**/deck.lock",
        "/**/n",
        "**/n/",
        "n**",
        "n/**",
        "***",
        "de**.lock",
        "[z-a]*",
        "deck.lock\\",
        "!/",
        "/",
    ]
    verdicts = []
    for _ in range(250):
        for place in (".gitignore", "n/.gitignore", ".git/info/exclude"):
            some = choose.sample(lines, choose.choice((0, 0, 1, 2, 4)))
            (tmp_path / place).write_text("".join(line + "\n" for line in some))
        found = bool(check_ignored(tmp_path / "n" / "deck.lock"))
        files = [(tmp_path / place).read_text() for place in (".gitignore", "n/.gitignore", ".git/info/exclude")]
        assert found == git_ignores(tmp_path), files
        verdicts.append(found)
    assert 50 < sum(verdicts) < 200


def test_a_lock_that_is_committed_is_ignored_no_more(tmp_path: Path) -> None:
    write_files(tmp_path, {"n/deck.lock": "", ".gitignore": "*.lock\n"})
    git(tmp_path, "init", "--quiet")
    assert check_ignored(tmp_path / "n" / "deck.lock")
    git(tmp_path, "add", "--force", "n/deck.lock")
    assert not check_ignored(tmp_path / "n" / "deck.lock")


def test_a_pattern_cannot_backtrack_for_ever(tmp_path: Path) -> None:
    write_files(tmp_path / "n", {"a.md": NOTE, ".gitignore": ("*e" * 40 + "x*\n" + "**/" * 200 + "x*?\n") * 50})
    git(tmp_path / "n", "init", "--quiet")
    assert command("build", "n", cwd=tmp_path).kinds == []
