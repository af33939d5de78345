"""Whoever wants a script on a card, a crash or another fact's schedule, by what they write into a folder of notes."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

CONFIG = "deck: Attacked\nid: attacked\nsources: ['**/*.md']\nrules: [./rules.yaml, structure]\n"
RULES = """rules:
  - id: section
    on: section
    fields: {Front: '{heading}', Back: '{body}'}
  - id: pair
    on: list_item
    match: '{a} <-> {b}'
    note: Reversed
    fields: {Front: '{a}', Back: '{b}'}
"""
NOTE = "- **Cache**: a small fast memory\n"

SCRIPTS = r"""
<script>alert(1)</script>
<ScRiPt src=//x.example></sCrIpT>
<img src=x.png onerror=alert(1)>
<img/src=x.png/onerror=alert(1)>
<img src="x.png" alt="a>b" onerror="alert(1)">
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<math><mtext><table><mglyph><style><img src=x.png onerror=alert(1)>
<a href="javascript:alert(1)">x</a>
<a href="java&#10;script:alert(1)">x</a>
<a href=" &#1;javascript:alert(1)">x</a>
[x](javascript:alert(1))
[x](<JaVaScRiPt:alert(1)>)
[x](java&#115;cript:alert(1))
[x](data:text/html,<script>alert(1)</script>)
![x](javascript:alert(1))
![x"onerror="alert(1)](https://e.example/x.png)
![x](https://e.example/x.png 'a" onerror="alert(1)')
<javascript:alert(1)>
https://e.example/"onmouseover="alert(1)
[[x"><script>alert(1)</script>]]
`<script>alert(1)</script>`
$<script>alert(1)</script>$
$$</script><img src=x.png onerror=alert(1)>$$
\(<img src=x.png onerror=alert(1)>\)
<!-- --><script>alert(1)</script>
<!--><img src=x.png onerror=alert(1)>-->
<![CDATA[><img src=x.png onerror=alert(1)>]]>
<iframe srcdoc="<script>alert(1)</script>">
<object data="javascript:alert(1)">
<form action="javascript:alert(1)"><button formaction="javascript:alert(1)">x</button></form>
<base href="javascript:alert(1)//">
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<b style="background:url(javascript:alert(1));position:fixed">x</b>
<details open ontoggle=alert(1)>x</details>
<video><source onerror=alert(1)></video>
<img \"""><script>alert(1)</script>">
<<script>alert(1)//<</script>
<scr<script>ipt>alert(1)</scr</script>ipt>
<vector<script>alert(1)</script>>
<your name onclick=alert(1)>
<a name=x onclick=alert(1) />
<noscript><p title="</noscript><img src=x.png onerror=alert(1)>">
<textarea><img title="</textarea><img src=x.png onerror=alert(1)>">
<br onclick=alert(1)>
==<img src=x.png onerror=alert(1)>==
<img src=x.png onerror=alert(1)//
""".strip().split("\n")


class Live(HTMLParser):
    """Collects what would run, as a browser reads a field."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "button",
            "base",
            "meta",
            "link",
            "svg",
            "math",
        ):
            self.found.append(tag)
        for name, value in attrs:
            leads = "".join((value or "").split()).lower()
            if name.startswith("on") or leads.startswith(("javascript:", "vbscript:", "data:text")):
                self.found.append((tag, name, value))
            if name == "style" and ("url" in leads or "position" in leads):
                self.found.append((tag, name, value))


@pytest.mark.parametrize("html", ["sanitize", "escape"])
def test_no_script_reaches_a_card(tmp_path: Path, html: str) -> None:
    """In a heading, a body, an item, a term, a cell, code, the file's name: wherever a card takes something from."""
    files = {"deck.yaml": f"{CONFIG}html: {html}\n", "rules.yaml": RULES}
    for number, script in enumerate(SCRIPTS):
        files[f"{number:02}.md"] = (
            f"# T{number} {script}\n\n## What is {script} ({number})?\n\nanswer {script} here\n\n"
            f"- A{number} {script} <-> B {script}\n- **Term{number} {script}**: meaning {script}\n\n"
            f"| Term | Meaning |\n| --- | --- |\n| r{number} {script} | c {script} |\n\n"
            f"```{script}\ncode {script}\n```\n\n## Block {number}\n\n{script}\n\nend {number}\n"
        )
    files["<img src=x.png onerror=alert(1)>.md"] = "## What is <b>a name</b>?\n\nThe <i>file's</i> own.\n"
    project = write_files(tmp_path, files)
    notes = deckgen("list", project, "--json").json
    assert len(notes) > 3 * len(SCRIPTS)
    for note in notes:
        for name, field in note["fields"].items():
            assert Live(field).found == [], (note["source"]["path"], name, field)


def test_a_script_would_be_seen() -> None:
    """Left alone, every kind of live HTML in the list above is found."""
    assert Live("<b>x</b> &lt;script> <a href='https://x'>y</a>").found == []
    for html in ("<script>x</script>", "<b onclick=x>", "<a href=' java\nscript:x'>", "<i style='position:fixed'>"):
        assert Live(html).found, html


@pytest.mark.parametrize(
    ("tex", "kept"),
    [
        (r"\href{javascript:alert(1)}{x}", "{x}"),
        (r"\href { JavaScript:alert(1)}{x}", "{x}"),
        (r"\newcommand\y[1]{\href{#1:alert(1)}{x}} \y{javascript}", r"\newcommand\y[1]{{x}} \y{javascript}"),
        (r"\let\y\href \y{javascript:alert(1)}{x}", r"\let\y \y{javascript:alert(1)}{x}"),
        (r"\href{https://e.example/}{x}", r"\href{https://e.example/}{x}"),
        (r"\hrefs + \alpha", r"\hrefs + \alpha"),
    ],
)
def test_math_makes_no_link_that_runs(tmp_path: Path, tex: str, kept: str) -> None:
    project = write_files(tmp_path, {"a.md": f"# Notes\n\n## What is a link?\n\na formula ${tex}$ with a link\n"})
    (note,) = deckgen("list", project, "--json").json
    assert note["fields"]["Back"] == f"a formula \\({kept}\\) with a link"


def test_a_heading_gives_anki_no_instructions(tmp_path: Path) -> None:
    """Context is shown on every card below the heading: Anki would play or typeset what it names."""
    heading = r"Sounds [sound:../secret.mp3] [latex]\input{/etc/passwd}[/latex]"
    project = write_files(tmp_path, {"a.md": f"# Notes\n\n## {heading}\n\n{NOTE}"})
    (note,) = deckgen("list", project, "--json").json
    for name in ("Context", "Source"):
        assert "Sounds" in note["fields"][name]
        assert "[sound:" not in note["fields"][name]
        assert "[latex]" not in note["fields"][name]


# Files and folders


def links_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("command", ["list", "build", "explain"])
def test_links_in_a_circle(tmp_path: Path, command: str) -> None:
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "rules.yaml": RULES, "a.md": NOTE})
    links_to_itself(project / "b.md")
    ended = deckgen(command, "a.md", cwd=project)
    assert ended.code == 2
    assert ended.err.startswith("b.md:1:1: error[unreadable-source]: this link leads nowhere")


def test_a_lock_that_links_to_itself(tmp_path: Path) -> None:
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "rules.yaml": RULES, "a.md": NOTE})
    links_to_itself(project / "deck.lock")
    ended = deckgen("build", ".", cwd=project)
    assert ended.code == 2
    assert ended.err.startswith("deck.lock:1:1: error[unreadable-source]: this link leads back to itself")
    assert (project / "deck.lock").is_symlink()
    assert not list(project.glob("*.apkg"))


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_a_lock_that_is_no_file(tmp_path: Path, make: object) -> None:
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "rules.yaml": RULES, "a.md": NOTE})
    assert callable(make)
    make(project / "deck.lock")
    ended = deckgen("build", ".", cwd=project)
    assert ended.code == 2
    assert ended.err.startswith("deck.lock:1:1: error[unreadable-source]: this is no ordinary file")


def test_a_folder_linked_into_itself_is_read_once(tmp_path: Path) -> None:
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "rules.yaml": RULES, "a.md": NOTE})
    (project / "again").symlink_to(project)
    assert len(deckgen("list", ".", "--json", cwd=project).json) == 1


NAMES = ["a b.md", "中文 笔记.md", "new\nline.md", "quo\"te'.md", "-o.md", "--check.md", "$(id).md", "[x].md", "a*b.md"]
NAMES += [
    "{x}.md",
    "&amp;.md",
    "a\\b.md",
    "\x1b[31m.md",
    "\u202e.md",
    "%s.md",
    "x" * 240 + ".md",
    "#h.md",
    "\U0001f600.md",
]


def test_names_of_files(tmp_path: Path) -> None:
    files = {name: NOTE.replace("Cache", f"Cache {number}") for number, name in enumerate(NAMES)}
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "rules.yaml": RULES, **files})
    assert deckgen("build", ".", cwd=project).code == 0
    notes = deckgen("list", ".", "--json", cwd=project).json
    assert sorted(note["source"]["path"] for note in notes) == sorted(NAMES)
    assert {note["change"] for note in notes} == {"unchanged"}
    assert deckgen("build", ".", "--check", cwd=project).code == 0


def test_a_file_name_commands_no_terminal(tmp_path: Path) -> None:
    """Nor does it break a diagnostic in two."""
    names = {"a\x1b[31m\nb.md": b"\xff", "c\u202e.md": b"\xff"}
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "rules.yaml": RULES, **names})
    ended = deckgen("list", ".", cwd=project)
    assert [line.partition(": ")[0] for line in ended.err.splitlines() if "error[" in line] == [
        "a\\x1b[31m\\nb.md:1:1",
        "c\\u202e.md:1:1",
    ]


@pytest.mark.parametrize("colour", ["never", "always"])
@pytest.mark.parametrize(
    "command", ["list", "list --retired", "explain a.md", "explain --rules a.md", "coverage", "diff", "lint"]
)
def test_nothing_that_somebody_wrote_commands_a_terminal(tmp_path: Path, command: str, colour: str) -> None:
    """A title of the window, a bell, a cleared screen: in the name of a note, in its text, and in the lock."""
    code = "\x1b]0;title\x07\x1b[2J\x9bH\u202e\u2066"
    write_files(tmp_path, {"deck.yaml": "deck: D\nid: d\n", "a.md": "MTL stands for multi-task learning.\n"})
    assert deckgen("build", tmp_path).code == 0
    lock = tmp_path / "deck.lock"
    lock.write_text(lock.read_text().replace("/stands-for", "/stands-for" + json.dumps(code)[1:-1]))
    text = f"# Word{code}\n\nDLSS{code} stands for deep{code} learning.\n\n- **Term{code}**: meaning{code}\n"
    write_files(tmp_path, {"a.md": text, f"b{code}\n.md": "NMT stands for neural machine translation.\n"})
    ended = deckgen("--color", colour, *command.split(), cwd=tmp_path)
    assert ended.out
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", re.sub(r"\x1b\[[0-9;]*m", "", ended.out + ended.err)
    )
    if colour == "never":
        assert "\x1b" not in ended.out + ended.err


@pytest.mark.parametrize("encoding", ["idna", "punycode", "undefined", "utf-7", "utf-16"])
def test_encodings_that_are_none_of_text(tmp_path: Path, encoding: str) -> None:
    text = "# 笔记\n\n- **缓存**：又小又快的存储器，离处理器很近\n"
    project = write_files(tmp_path, {"deck.yaml": f"{CONFIG}encoding: {encoding}\n", "rules.yaml": RULES, "a.md": text})
    ended = deckgen("list", ".", cwd=project)
    assert ended.code == 2
    assert ended.kinds == ["not-utf8"]


# Texts


FRONT_MATTER = ["title: [a, b]", "title: {a: b}", "title: null", "tags: 5", "tags: {a: b}", "tags: [a, [b]]", "- a"]
FRONT_MATTER += ["title: !!python/object/apply:os.system [id]", "title: &a [*a]", "a: *x", "\t", "{", 'title: "a\\0b"']
FRONT_MATTER += ["tags: ['a b', 'c\"d', \"e\\nf\", '::']", "a: " + "[" * 5000, "? [a]\n: b", "deck: [x]"]


@pytest.mark.parametrize("front_matter", FRONT_MATTER, ids=range(len(FRONT_MATTER)))
def test_front_matter_of_wrong_types(tmp_path: Path, front_matter: str) -> None:
    files = {"deck.yaml": CONFIG, "rules.yaml": RULES, "a.md": f"---\n{front_matter}\n---\n\n{NOTE}"}
    project = write_files(tmp_path, files)
    ended = deckgen("build", ".", cwd=project)
    assert ended.code == 0
    notes = deckgen("list", ".", "--json", cwd=project).json
    if not notes:  # nobody knows its tags: the file is left alone, and a diagnostic says so
        assert "warning[" in ended.err
        return
    assert "a small fast memory" in [note["fields"]["Back"] for note in notes]
    assert {note["change"] for note in notes} == {"unchanged"}


@pytest.mark.parametrize(
    "mark", ["> ", "- ", "1. ", "**", "![", "[[", "==", "“", "(", "| ", "<b>", "<div>", "\\(", "$"]
)
def test_marks_five_thousand_deep(tmp_path: Path, mark: str) -> None:
    files = {"deck.yaml": CONFIG, "rules.yaml": RULES, "a.md": f"{mark * 5000}x\n\n# Notes\n\n{NOTE}"}
    project = write_files(tmp_path, files)
    assert deckgen("build", ".", cwd=project).code == 0
    assert deckgen("build", ".", "--check", cwd=project).code == 0


# Schedules


KEPT = {
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "no line end at the end": lambda text: text.rstrip("\n"),
    "another title": lambda text: "---\ntitle: Another\n---\n\n" + text,
    "heading underlined": lambda text: text.replace("# Notes\n", "Notes\n=====\n"),
    "a paragraph in front": lambda text: text.replace("# Notes\n", "# Notes\n\nMade in a hurry, read with care.\n"),
}


@pytest.mark.parametrize("edit", KEPT.values(), ids=KEPT)
def test_what_moves_no_modified_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: object) -> None:
    text = f"# Notes\n\n## Why is a cache fast?\n\nIt is small, and near the processor.\n\n{NOTE}"
    project = write_files(tmp_path, {"deck.yaml": CONFIG.replace("./rules.yaml, ", ""), "a.md": text})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    assert deckgen("build", ".", cwd=project).code == 0
    assert callable(edit)
    write_files(project, {"a.md": edit(text)})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")
    changes = {note["change"] for note in deckgen("list", ".", "--json", cwd=project).json}
    assert changes == {"unchanged"}


SEEN_THE_SAME = {
    "other bullets": lambda text: text.replace("\n- ", "\n* "),
    "bullets with a plus": lambda text: text.replace("\n- ", "\n+ "),
    "strong with underscores": lambda text: text.replace("**small**", "__small__"),
    "emphasis with underscores": lambda text: text.replace("*very*", "_very_"),
    "a paragraph wrapped elsewhere": lambda text: text.replace("and holds\nwhat", "and\nholds what"),
    "a paragraph on one line": lambda text: text.replace("holds\nwhat", "holds what"),
    "a blank at the end of a line": lambda text: text.replace("once", "once "),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "a comment": lambda text: text.replace("once", "once<!-- or twice -->"),
    "a comment on lines of its own": lambda text: text.replace("1. first", "<!-- to do: a picture -->\n\n1. first"),
    "a list numbered by ones": lambda text: text.replace("2. then", "1. then"),
    "a padded table": lambda text: text.replace("| L1 | 4 cycles |", "|  L1   |   4 cycles   |"),
    "a longer line below the head of a table": lambda text: text.replace("| --- | --- |", "| ------- | ----- |"),
    "a fence of tildes": lambda text: text.replace("```", "~~~"),
    "a needless escape": lambda text: text.replace("near!", "near\\!"),
    "an entity": lambda text: text.replace("R&D", "R&amp;D"),
    "two blank lines": lambda text: text.replace("\n\n", "\n\n\n"),
    "a heading with marks at the end": lambda text: text.replace("fast?\n", "fast? ##\n"),
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
}
SEEN_NO_MORE = {
    "no emphasis": lambda text: text.replace("*very*", "very"),
    "strong for emphasis": lambda text: text.replace("*very*", "**very**"),
    "a list of numbers": lambda text: text.replace("- tags", "1. tags"),
    "a list that begins elsewhere": lambda text: text.replace("1. first", "3. first"),
    "a break in a line": lambda text: text.replace("once", "once  "),
    "two blanks in code": lambda text: text.replace("load x", "load  x"),
    "a letter": lambda text: text.replace("once", "Once"),
    "an accent": lambda text: text.replace("é", "è"),
}
FORMATTED = """# Notes

## Why is a cache fast?

It is **small** and *very* near! R&D calls it a café, and holds
what was read once
or often.

- tags
- lines

1. first the tag
2. then the line

| Level | Time |
| --- | --- |
| L1 | 4 cycles |

```
load x
```

The end.
"""


def changes_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: object) -> tuple[set[str], set[int]]:
    """What two builds make of an edit, and what it does to the package."""
    config = CONFIG.replace("./rules.yaml, ", "") + "confidence: maybe\n"
    project = write_files(tmp_path, {"deck.yaml": config, "a.md": FORMATTED})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    assert deckgen("build", ".", cwd=project).code == 0
    assert callable(edit)
    assert edit(FORMATTED) != FORMATTED
    write_files(project, {"a.md": edit(FORMATTED).encode()})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")
    changes = {note["change"] for note in deckgen("list", ".", "--json", cwd=project).json}
    assert deckgen("build", ".", cwd=project).code == 0
    assert deckgen("build", ".", "--check", cwd=project).code == 0
    lines = (project / "deck.lock").read_text("utf-8").splitlines()[1:]
    return changes, {json.loads(line)["mod"] for line in lines if '"retired"' not in line}


@pytest.mark.parametrize("edit", SEEN_THE_SAME.values(), ids=SEEN_THE_SAME)
def test_what_nobody_sees_overwrites_nothing_in_anki(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: object
) -> None:
    changes, mods = changes_after(tmp_path, monkeypatch, edit)
    assert changes == {"unchanged"}
    assert max(mods) < 1704067200


@pytest.mark.parametrize("edit", SEEN_NO_MORE.values(), ids=SEEN_NO_MORE)
def test_what_is_seen_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: object) -> None:
    changes, mods = changes_after(tmp_path, monkeypatch, edit)
    assert "updated" in changes
    assert 1770000000 in mods


def test_white_space_that_is_seen_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '# Notes\n\n## What is aligned?\n\n<span style="white-space: pre">a b</span>\n'
    project = write_files(tmp_path, {"deck.yaml": CONFIG.replace("./rules.yaml, ", ""), "a.md": text})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    assert deckgen("build", ".", cwd=project).code == 0
    write_files(project, {"a.md": text.replace("a b", "a  b")})
    (note,) = deckgen("list", ".", "--json", cwd=project).json
    assert "white-space" in note["fields"]["Back"]
    assert note["change"] == "updated"
