"""What happens to a deck project between two builds, at random: edits of notes, rules, deck.yaml, pictures, lock and cache.

An edit is a tuple of a name and plain values, so that a story of them can be printed and played again. `choose` draws
one that fits what stands in the folder; `apply` carries one out in any folder, and does nothing where it fits nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from pathlib import Path
from random import Random

from trees import CACHE, put_files, read_files

from deckgen.identity.facts import make_guid
from deckgen.identity.normal_form import normalise
from deckgen.project.choices import NoteChoice, RuleChoice, Wording, choice_digest
from deckgen.project.choices_text import with_note, with_pair, with_rule

Edit = tuple[object, ...]

NOTES = ("a.md", "b.md", "c/c.md", "笔记.md", "c/二.md", "d é.md", unicodedata.normalize("NFD", "ü.md"), "Z.md")
PICTURES = ("plan.png", "c/plan.png", "图.png")
PICTURE_BYTES = (b"\x89PNG one", b"\x89PNG another", b"GIF89a", b"")
TERMS = (
    "Latency",
    "Jitter",
    "Hop",
    "Route",
    "Loop",
    "延迟",
    "抖动",
    "Port 80",
    "Port 443",
    "*Hop*",
    "The hop",
    "![plan](plan.png)",
    "![](图.png) of a hop",
)
MEANINGS = (
    "the time from a request to its answer",
    "the time from any request to the answer that it gets",
    "how much that **time** varies",
    "one router on the way",
    "one router",
    "a number, 80 or 443",
    "从请求到回答的时间",
    "![the plan](plan.png)",
    "![plan](../plan.png) of all hops",
    "![](图.png)",
    "a <script>alert(1)</script> trap",
    "$x^2$ and `code` and [a link](https://e.example)",
    "word " * 180,
)
QUESTIONS = ("What is a hop?", "What is a mutex?", "What is a **mutex**?", "什么是延迟？", "Why is a port open #net ?")
QUESTIONS += ("What does ![](c/plan.png) show?",)
PLAIN = ("Just words, and no fact.", "没有知识点。", "- [ ] to do", "<!-- a remark -->", "***", "TODO")
TITLES = ("# Times", "# Delays", "# 时间", "## Part", "")
CLOZES = (
    "A port is a ==number== of ==16 bits==.",
    "A port is a ==number== of ==sixteen bits==.",
    "光速是每秒==三十万公里==。",
)
SENTENCES = ("TTL stands for time to live.", "TTL stands for transistor logic.", "DLSS的全称是深度学习超级采样。")
MARKED = (
    "hop::one router on the way\n^1714056234891",
    "hop::one router on the way\n^1714056234892",
    "a hop::one router on the way\n^1714056234891",
    "hop::one router on the way",
    "loop::a route that comes back ^1714056234893",
)
PAIRS = ("- left <-> right", "- left <-> the right one", "- 左 <-> 右")
FRONT_MATTER = (
    "",
    "---\ntags: [net]\n---\n",
    "---\ntags: [net, 网络]\ndeck: Other::Deck\n---\n",
    "---\ntitle: Times\nauthor: @me\ntags: [x]\n---\n",
    "---\ntags: [unclosed\n---\n",
    "---\nlanguage: zh\n---\n",
    "---\n",
)
BLOCKS = {"cloze": CLOZES, "pair": PAIRS, "sentence": SENTENCES, "plain": PLAIN, "marked": MARKED}
CONFLICT = "<<<<<<< ours\n{0}\n=======\n{1}\n>>>>>>> theirs"
DECK_YAML = (
    "deck: Terms\nid: terms\nrules: [./rules.yaml]\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml, structure]\n",
    "deck: Terms::Net\nid: terms\nrules: [./rules.yaml]\nsubdecks: file\ntags: [all]\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml, en/facts, zh/facts]\nsubdecks: heading\n",
    "deck: Terms\nid: terms\nsources: ['*.md', 'c/*.md']\nrules: [./rules.yaml]\n",
    "deck: Terms\nid: terms\nexclude: ['c/**']\nrules: [./rules.yaml]\nmedia: [c]\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml]\nhtml: escape\ncss: '.card {color: red}'\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml]\nnote_types: {Own: {fields: [Front, Back, More], templates: "
    "[{name: C, front: '{{Front}}', back: '{{Back}}'}]}}\n",
    "deck: Terms\nid: terms\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml, compat/flashcards-obsidian]\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml, compat/flashcards-obsidian]\nconfidence: maybe\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml, structure]\nconfidence: maybe\n",
    "deck: Terms\nid: terms\nrules: [./rules.yaml]\nconfidence: sure\n",
    "deck: Terms\nid: terms\nrulez: [./rules.yaml]\n",
    "deck: Terms\nid: other\nrules: [./rules.yaml]\n",
)
TERM_RULE = "  - id: term\n    on: definition\n    fields: {Front: '{term}', Back: '{definition}'}\n"
GAP_RULE = (
    "  - id: gap\n    on: highlight\n    marks: ['==answer==']\n    note: Cloze\n    cloze: [marked]\n"
    "    fields: {Text: '{text}'}\n"
)
PAIR_RULE = (
    "  - id: pair\n    on: list_item\n    match: '{a} <-> {b}'\n    note: Reversed\n"
    "    fields: {Front: '{a}', Back: '{b}'}\n"
)
SECTION_RULE = "  - id: asks\n    on: section\n    match: {heading: '{:text}?'}\n    fields: {Front: '{heading}', Back: '{body}'}\n"
ASIDE = "aside: ['Tags: {tag:word}']\ntags: ['{tag}']\n"
RULES = (
    f"rules:\n{TERM_RULE}{GAP_RULE}{PAIR_RULE}",
    f"rules:\n{TERM_RULE}{GAP_RULE}{PAIR_RULE}{SECTION_RULE}",
    f"rules:\n{SECTION_RULE}{TERM_RULE}",
    f"{ASIDE}rules:\n{TERM_RULE}{PAIR_RULE}{SECTION_RULE}",
    f"rules:\n{TERM_RULE.replace('{definition}', '{definition} (so)')}{GAP_RULE}",
    f"rules:\n{TERM_RULE.replace('{definition}', '{definition} (so)')}{GAP_RULE}{PAIR_RULE}",
    f"rules:\n{TERM_RULE}{GAP_RULE.replace('{text}', '{text} {headings}')}{PAIR_RULE}",
    f"rules:\n{TERM_RULE}{GAP_RULE}{PAIR_RULE.replace('{b}', '{a} {b}')}{SECTION_RULE}",
    f"rules:\n{TERM_RULE.replace('id: term', 'id: word')}{GAP_RULE}",
    f"rules:\n{TERM_RULE}{TERM_RULE.replace('id: term', 'id: back').replace('{term}', 'What does {term} mean?')}",
    f"rules:\n{TERM_RULE}    confidence: maybe\n{GAP_RULE}    confidence: sure\n{PAIR_RULE}",
    f"rules:\n{TERM_RULE}    confidence: maybe\n{PAIR_RULE}{SECTION_RULE}    confidence: maybe\n",
    "rules: []\n",
    f"rules:\n{TERM_RULE.replace('on: definition', 'on: definitoin')}",
)
START: dict[str, bytes] = {
    "deck.yaml": DECK_YAML[0].encode(),
    "rules.yaml": RULES[1].encode(),
    "a.md": b"# Times\n\nLatency\n: the time from a request to its answer\n\nJitter\n: how much that **time** varies\n",
    "b.md": b"# Ways\n\nHop\n: one router on the way\n\nA port is a ==number== of ==16 bits==.\n",
    "c/c.md": "# 时间\n\n延迟\n: 从请求到回答的时间\n\n- left <-> right\n".encode(),
}


DECISIONS = ("skip", "skip", "keep", "words", "gap", "bad words", "lost", "back", "rule", "no rule", "broken", "none")
DECISIONS += ("same", "another", "no pair")


# ---- drawing an edit


def block(random: Random) -> str:
    """One fact, or something that is none."""
    kinds = {"term": 10, "cloze": 2, "section": 4, "pair": 2, "sentence": 2, "plain": 2, "marked": 2}
    kind = random.choices(list(kinds), list(kinds.values()))[0]
    if kind == "term":
        return f"{random.choice(TERMS)}\n: {random.choice(MEANINGS)}"
    if kind == "section":
        return f"## {random.choice(QUESTIONS)}\n\n{random.choice(MEANINGS)}"
    if kind == "plain" and random.random() < 0.15:
        return CONFLICT.format(random.choice(PAIRS), random.choice(PAIRS))
    return random.choice(BLOCKS[kind])


def text(random: Random) -> str:
    """A note."""
    front = random.choice(FRONT_MATTER) if random.random() < 0.2 else ""
    aside = ["Tags: net"] if random.random() < 0.1 else []
    blocks = [random.choice(TITLES), *(block(random) for _ in range(random.randint(0, 5))), *aside]
    return front + "\n\n".join(filter(None, blocks)) + "\n"


def choose(random: Random, folder: Path) -> Edit:
    """An edit of what stands in a folder."""
    notes = sorted(path for path in read_files(folder) if path.endswith(".md"))
    kinds = {
        "text": 30,
        "pieces": 40,
        "whole files": 12,
        "pictures": 8,
        "settings": 8,
        "lock": 6,
        "cache": 6,
        "decision": 14,
    }
    kind = random.choices(list(kinds), list(kinds.values()))[0]
    if kind == "text" or not notes:
        path = random.choice(notes) if notes and random.random() < 0.7 else random.choice(NOTES)
        return ("write", path, text(random))
    if kind == "pieces":
        return _edit_of_pieces(random, folder, notes)
    if kind == "whole files":
        what = random.choice(("delete", "rename", "copy", "exchange", "touch", "age", "same size"))
        return (what, random.choice(notes), random.choice((*NOTES, *notes)))
    if kind == "pictures":
        path = random.choice(PICTURES)
        if random.random() < 0.3:
            return ("delete", path, "")
        if random.random() < 0.3:
            return ("rename", path, random.choice(PICTURES))
        return ("write", path, random.choice(PICTURE_BYTES))
    if kind == "settings":
        if random.random() < 0.5:
            return ("write", "deck.yaml", random.choice(DECK_YAML))
        return ("write", "rules.yaml", random.choice(RULES))
    if kind == "decision":
        return ("decide", random.choice(DECISIONS), random.randrange(1000))
    if kind == "lock":
        return ("lock", random.choice(LOCK_EDITS), random.randrange(1000))
    return ("cache", random.choice(CACHE_EDITS), random.randrange(1000))


def _edit_of_pieces(random: Random, folder: Path, notes: list[str]) -> Edit:
    path = random.choice(notes)
    blocks = (folder / path).read_bytes().decode("utf-8", "replace").rstrip("\n").split("\n\n")
    at = random.randrange(len(blocks))
    what = random.choice(("insert", "drop", "words", "words", "swap", "move", "move", "double", "another", "marks"))
    if what == "insert":
        blocks.insert(at, block(random))
    elif what == "drop":
        del blocks[at]
    elif what == "another":
        blocks[at] = block(random)
    elif what == "swap":
        other = random.randrange(len(blocks))
        blocks[at], blocks[other] = blocks[other], blocks[at]
    elif what == "marks":
        blocks[at] = blocks[at].replace("**", "__") if "**" in blocks[at] else blocks[at].replace("the", "**the**", 1)
    elif what == "words":
        words = blocks[at].split(" ")
        words[random.randrange(len(words))] = random.choice(("the", "quick", "a", "路由", "17", "==gap==", "x?", ""))
        blocks[at] = " ".join(words)
    else:
        target = random.choice((*notes, *NOTES))
        return ("move piece" if what == "move" else "copy piece", path, at, target)
    return ("write", path, "\n\n".join(blocks) + "\n")


# ---- carrying one out


def apply(edit: Edit, folder: Path) -> None:
    """Carry an edit out; what it would need and is not there makes it nothing."""
    name, *values = edit
    try:
        EDITS[str(name)](folder, *values)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return


def _decide(folder: Path, what: str, number: int) -> None:
    """A decision about a note of the lock, or about a suggestion of the rules that are not so sure."""
    path = folder / "deck.choices.yaml"
    text = path.read_text("utf-8") if path.exists() else ""
    if what == "broken":
        path.write_text(text + "- {note\n" if "{note\n" not in text else text.replace("- {note\n", ""), "utf-8")
        return
    if what == "none":
        path.unlink(missing_ok=True)
        return
    if what.endswith("rule"):
        rule = RuleChoice("rules/term", ("**", "a.md", "c/**")[number % 3])
        path.write_text(with_rule(text, rule, holds=what == "rule"), "utf-8")
        return
    rows = [
        json.loads(row) for row in (folder / "deck.lock").read_text("utf-8").splitlines() if row.startswith('{"guid"')
    ]
    if not rows:
        return
    row = rows[number % len(rows)]
    guid, of = row["guid"], choice_digest(row["question"], row["digest"])
    if what in (
        "same",
        "another",
        "no pair",
    ):  # of two notes of the lock, or of a term that is, or may be, in the notes
        term = TERMS[number % len(TERMS)]
        new = make_guid("terms", ("Basic", "rules/term", (normalise(term),)), "")
        old, other = guid, rows[number * 7 % len(rows)]["guid"]
        pair = (old, new if number % 3 else other)
        path.write_text(with_pair(text, what if what != "no pair" else "same", *pair, holds=what != "no pair"), "utf-8")
        return
    if what == "keep":
        term = TERMS[number % len(TERMS)]
        guid = make_guid("terms", ("Basic", "rules/term", (normalise(term),)), "")
    choices = {
        "skip": NoteChoice(guid, is_skipped=True, of=of),
        "keep": NoteChoice(guid, is_kept=True),
        "words": NoteChoice(guid, fields=(("Back", Wording(f"my **words** {number} ![](plan.png)")),), of=of),
        "gap": NoteChoice(guid, fields=(("Text", Wording("{{c2::two}} and {{c1::one}}")),), of=of),
        "bad words": NoteChoice(guid, fields=(("Nothing", Wording("x")),)),
        "lost": NoteChoice("lost" * 4, is_skipped=True, of=of),
        "back": NoteChoice(guid),
    }
    path.write_text(with_note(text, choices[what], row["question"]), "utf-8")


def _write(folder: Path, path: str, content: str | bytes) -> None:
    put_files(folder, {path: content.encode() if isinstance(content, str) else content})


def _delete(folder: Path, path: str, _: object = None) -> None:
    (folder / path).unlink()


def _rename(folder: Path, path: str, target: str) -> None:
    (folder / target).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).rename(folder / target)


def _copy(folder: Path, path: str, target: str) -> None:
    _write(folder, target, (folder / path).read_bytes())


def _exchange(folder: Path, path: str, target: str) -> None:
    one, other = (folder / path).read_bytes(), (folder / target).read_bytes()
    put_files(folder, {path: other, target: one})


def _touch(folder: Path, path: str, _: object = None) -> None:
    os.utime(folder / path)


def _age(folder: Path, path: str, _: object = None) -> None:
    os.utime(folder / path, (1_500_000_000, 1_500_000_000))


def _same_size(folder: Path, path: str, _: object = None) -> None:
    """Other words of the same length, and the modified time put back, as some editors and rsync do."""
    status = (folder / path).stat()
    content = (folder / path).read_bytes()
    swapped = content.replace(b"time", b"TIME") if b"time" in content else content.replace(b"one", b"two")
    (folder / path).write_bytes(swapped)
    os.utime(folder / path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _move_piece(folder: Path, path: str, at: int, target: str) -> None:
    _take_piece(folder, path, at, target, stays=False)


def _copy_piece(folder: Path, path: str, at: int, target: str) -> None:
    _take_piece(folder, path, at, target, stays=True)


def _take_piece(folder: Path, path: str, at: int, target: str, *, stays: bool) -> None:
    blocks = (folder / path).read_bytes().rstrip(b"\n").split(b"\n\n")
    piece = blocks[at % len(blocks)]
    if not stays:
        del blocks[at % len(blocks)]
        (folder / path).write_bytes(b"\n\n".join(blocks) + b"\n")
    before = (folder / target).read_bytes() if (folder / target).is_file() else b""
    put_files(folder, {target: before + b"\n" + piece + b"\n"})


LOCK_EDITS = ("delete", "crlf", "drop line", "double line", "swap lines", "declined", "no package", "other package")


def _lock(folder: Path, what: str, at: int) -> None:
    """As hands, merges and Anki's side leave a lock, or the package beside it."""
    lock, package = folder / "deck.lock", folder / "p.apkg"
    if what in ("no package", "other package"):
        package.unlink() if what == "no package" else package.write_bytes(b"PK")
        return
    head, *lines = lock.read_bytes().splitlines()
    end = b"\n"
    if what == "delete":
        lock.unlink()
        return
    if what == "crlf":
        end = b"\r\n"
    elif lines:
        at %= len(lines)
        if what == "drop line":
            del lines[at]
        elif what == "double line":
            lines.insert(at, lines[at])
        elif what == "swap lines":
            lines[at], lines[0] = lines[0], lines[at]
        elif what == "declined":
            lines[at] = lines[at].replace(b'"mod":', b'"declined":"2025-01-01","mod":', 1)
    lock.write_bytes(b"".join(line + end for line in (head, *lines)))


CACHE_EDITS = ("delete", "delete one", "cut one", "flip one", "copy the project", "move the project")


def _cache(folder: Path, what: str, at: int) -> None:
    cache = folder / CACHE
    if what == "copy the project":
        other = folder.with_name("copy")
        shutil.copytree(folder, other, symlinks=True)
        shutil.rmtree(folder)
        other.rename(folder)
        return
    if what == "move the project":
        folder.rename(folder.with_name("moved"))
        folder.with_name("moved").rename(folder)
        return
    if what == "delete":
        shutil.rmtree(cache)
        return
    files = sorted(path for path in cache.iterdir() if path.is_file())
    if not files:
        return
    path = files[at % len(files)]
    if what == "delete one":
        path.unlink()
        return
    content = bytearray(path.read_bytes())
    if what == "cut one":
        del content[len(content) * (at % 7) // 7 :]
    elif content:
        content[at * 7919 % len(content)] ^= 1 << at % 8
    path.write_bytes(content)


EDITS = {
    "write": _write,
    "decide": _decide,
    "delete": _delete,
    "rename": _rename,
    "copy": _copy,
    "exchange": _exchange,
    "touch": _touch,
    "age": _age,
    "same size": _same_size,
    "move piece": _move_piece,
    "copy piece": _copy_piece,
    "lock": _lock,
    "cache": _cache,
}
