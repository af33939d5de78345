"""Whatever is sent to the language server: every request is answered, no header fills the memory, nothing ends it."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator, Set
from pathlib import Path
from typing import IO, Any

import pytest
from command_line import write_files

pytest.importorskip("pygls")

ROOT = Path(__file__).parents[2]
MEMORY = 1_200 << 20
"""Bytes of address space."""
NOTE = "# Sea\n\n## What is a tide?\n\nA rise of the sea.\n\nA wave is a swell of water.\n"
RULES = """rules:
  - id: kind
    on: sentence
    match: '{a} is {b}'
    fields: {Front: '{a}', Back: '{b}'}
"""
ODD: list[Any] = [
    None, True, -1, 1.5, 2**31, 10**30, "", "x", "\ud800", "file:///", "file:///%00", "http://[", [], {}, [[]], {"a": 1}, [None],
    "x" * 50_000,
]  # fmt: skip


def message(content: Any) -> bytes:
    body = json.dumps(content).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def request(number: int, method: str, *params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, **({"params": params[0]} if params else {})}


def served(folder: Path, sent: bytes, asked: Set[int]) -> tuple[dict[Any, Any], list[str]]:
    """The answers to these requests by their numbers, and what was logged and said; for none it ends with its input."""
    started = message(request(0, "initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}}))
    started += message({"jsonrpc": "2.0", "method": "initialized", "params": {}})
    answers: dict[Any, Any] = {}
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "deckgen", "lsp"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),  # noqa: PLW1509
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        ends = threading.Timer(120, server.kill)
        ends.start()
        writing = threading.Thread(target=_write, args=(server.stdin, started + sent, not asked))
        writing.start()
        while (not asked or not asked <= answers.keys()) and (head := server.stdout.readline()):
            while server.stdout.readline().strip():
                pass
            one = json.loads(server.stdout.read(int(head.split(b":")[1])))
            if "method" not in one:
                answers[one["id"]] = one
            elif one["method"] in ("window/logMessage", "window/showMessage"):
                said.append(one["params"]["message"])
        writing.join()
        server.stdin.close()
        logged = server.stderr.read()
        assert server.wait() in (0, 1)
        ends.cancel()
    assert b"Traceback" not in logged, logged
    assert not [text for text in said if "Traceback" in text or "bug in deckgen" in text], said
    return answers, said


def _write(pipe: IO[bytes], sent: bytes, is_all: bool) -> None:
    with contextlib.suppress(OSError):
        pipe.write(sent)
        pipe.flush()
        if is_all:
            pipe.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    config = "deck: D\nid: d\nrules: [structure, ./rules.yaml]\n"
    return write_files(tmp_path / "p", {"deck.yaml": config, "a.md": NOTE, "rules.yaml": RULES})


def opened(path: Path) -> bytes:
    document = {"uri": path.as_uri(), "languageId": "x", "version": 1, "text": path.read_text()}
    return message({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}})


def requests(project: Path) -> dict[str, Any]:
    """One of each kind, as an editor sends it."""
    note, rules = {"uri": (project / "a.md").as_uri()}, {"uri": (project / "rules.yaml").as_uri()}
    place = {"line": 2, "character": 5}
    span = {"start": place, "end": place}
    finding = {"range": span, "message": "x", "code": "answer-too-long", "source": "deckgen", "data": {"guid": "x"}}
    commands = {
        "showCards": [note["uri"], 1], "skip": [note["uri"], "x"], "keep": [note["uri"], "x"], "takeBack": [note["uri"], "x"],
        "fields": [note["uri"], "x"], "word": [note["uri"], "x", {"Front": "a"}], "editWording": [note["uri"], "x"],
        "runExamples": [rules["uri"], "kind"], "newRule": [note["uri"], "x", "y", "z"],
    }  # fmt: skip
    return {
        "textDocument/hover": {"textDocument": note, "position": place},
        "textDocument/definition": {"textDocument": note, "position": place},
        "textDocument/documentSymbol": {"textDocument": note},
        "textDocument/codeLens": {"textDocument": note},
        "codeLens/resolve": {"range": span, "data": {**rules, "rule": "kind"}},
        "textDocument/codeAction": {"textDocument": note, "range": span, "context": {"diagnostics": [finding]}},
        "textDocument/completion": {"textDocument": rules, "position": place},
        "textDocument/rename": {"textDocument": rules, "position": {"line": 3, "character": 14}, "newName": "c"},
        "textDocument/prepareRename": {"textDocument": rules, "position": {"line": 3, "character": 14}},
        "deckgen/cards": {**note, "line": 3},
        "deckgen/status": note,
        **{f"workspace/executeCommand {n}": {"command": f"deckgen.{n}", "arguments": a} for n, a in commands.items()},
    }


def odd_ones(tree: Any, place: tuple[Any, ...] = ()) -> Iterator[Any]:
    """The same with one value left out, or another in its place."""
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in children:
        without = copy.copy(tree)
        del without[key]
        yield without
        for inner in [*ODD, *odd_ones(value)]:
            changed = copy.copy(tree)
            changed[key] = inner
            yield changed


def test_every_request_is_answered(project: Path) -> None:
    """A value of another type, or none; commands with other arguments: an editor waits for ever without an answer."""
    sent = [opened(project / "a.md"), opened(project / "rules.yaml")]
    number = 0
    for name, usual in requests(project).items():
        method = name.split()[0]
        tried = [(), (None,), ([],), *((odd,) for odd in odd_ones(usual)), (usual,)]
        for params in tried:
            number += 1
            sent.append(message(request(number, method, *params)))
    answers, _ = served(project, b"".join(sent), {*range(number + 1)})
    assert answers.keys() == {*range(number + 1)}


JUNK = {
    "a message that is too large": b"Content-Length: %d\r\n\r\n%s" % (65 << 20, b"x" * (65 << 20)),
    "a header that is too long": b"X" * 5_000_000 + b"\r\n",
    "a length of many digits": b"Content-Length: " + b"9" * 10_000 + b"\r\n",
    "no JSON": b"Content-Length: 4\r\n\r\n{{{{",
    "no UTF-8": b"Content-Length: 4\r\n\r\n\xff\xfe\xff\xfe",
    "lists without end": b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000,
    "a list": message([request(9, "textDocument/hover")]),
    "a number": message(5),
    "nothing": message(None),
    "no method": message({"jsonrpc": "2.0"}),
    "an answer to nothing": message({"jsonrpc": "2.0", "id": 99, "result": {"a": 1}}),
    "an id of another type": message({**request(0, "textDocument/hover", {}), "id": {"a": 1}}),
    "a method of another type": message({**request(8, "x", {}), "method": [1]}),
    "another protocol": message({**request(8, "x", {}), "jsonrpc": 5}),
    "a notification of other types": message({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": [1]}),
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_what_is_no_message_ends_no_server(project: Path, junk: bytes) -> None:
    usual = requests(project)["textDocument/hover"]
    sent = opened(project / "a.md") + junk + message(request(1, "textDocument/hover", usual))
    answers, said = served(project, sent, {1})
    assert "What is a tide?" in str(answers[1])
    assert all(len(text) < 1000 for text in said)


def test_a_length_that_no_memory_has_is_read_in_pieces(project: Path) -> None:
    served(project, b"Content-Length: 900000000000\r\n\r\n" + b"x" * 5_000_000, set())
