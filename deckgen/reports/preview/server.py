"""The page on 127.0.0.1, built anew whenever something in the project changes.

GET and HEAD, of the page, its data and the media that its cards name, only read. Another site that the browser has open
cannot read it: requests must name this machine as their host. `POST /decide` writes a decision into deck.choices.yaml,
and nothing else is ever written: it must come from this very page, and carry the token that only this page of this run
can know.
"""

from __future__ import annotations

import contextlib
import errno
import json
import queue
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

from deckgen.build.view import Build
from deckgen.diagnostics import Diagnostic, define, format_diagnostic
from deckgen.model import RenderedNote
from deckgen.project.locate import Request
from deckgen.project.saves import PASSED_OVER, saves_below
from deckgen.reports.preview.cards import page_data
from deckgen.reports.preview.media import media_type, used_media
from deckgen.reports.preview.page import make_page, policy
from deckgen.reports.preview.trial_page import POLICY as TRIAL_POLICY
from deckgen.reports.preview.trial_page import TrialPage
from deckgen.reports.review.deciding import Deciding, decide, editable

define("error", cannot_serve="The preview cannot be served: the port cannot be opened.")

HOST = "127.0.0.1"
LISTENERS = 16
"""Open event streams: a page of another site may ask for as many as it likes."""
DECISION_LIMIT = 4 * 1024 * 1024
"""Bytes of what a page asks for: decisions about all notes of a large deck at once."""
CONNECTIONS = 64
"""Open connections of all kinds, each of which is a thread."""
_PATIENCE = 60.0  # seconds for which a connection may stand still
_BREATH = 15.0  # seconds without news after which a listener gets a sign of life


class Served:
    """What is served now, and who waits for news of it. Shared between the threads of the server."""

    def __init__(self, editor: str, trial: TrialPage | None = None) -> None:
        self._editor = editor
        self.trial = trial  # of a rule file on a note
        self._lock = threading.Lock()
        self._deciding_lock = threading.Lock()
        self._build: Build | None = None
        self._data: dict[str, Any] = {"deck": "", "css": {}, "notes": [], "cards": [], "notices": [], "root": "/"}
        self._broken: list[str] | None = None
        self._notes: dict[str, RenderedNote] = {}
        self._deciding: Deciding | None = None
        self.token = secrets.token_urlsafe(24)
        self._listeners: set[queue.SimpleQueue[tuple[str, str]]] = set()

    def take(self, build: Build | None, diagnostics: list[Diagnostic]) -> None:
        """A new build, or why there is none: then the last one stays."""
        data = page_data(build, is_asking=True) if build is not None else None
        shown = (*build.suggestions, *build.notes) if build is not None else ()
        with self._lock:
            if build is not None and data is not None:
                project = build.project
                if self._deciding is None:
                    self._deciding = Deciding(project.root, project.lock_path, project.choices)
                self._deciding.choices = project.choices
                self._notes = {str(one.note.guid): one for one in shown}
                self._build, self._data, self._broken = build, data, None
                news = ("cards", "{}")
            else:
                self._broken = [format_diagnostic(diagnostic) for diagnostic in diagnostics]
                news = ("broken", json.dumps(self._broken))
            for listener in self._listeners:
                listener.put(news)

    @property
    def data(self) -> dict[str, Any]:
        """What the page shows; of the media their names, which lead to the server."""
        with self._lock:
            names = used_media(self._build) if self._build is not None else {}
            return self._data | {"editor": self._editor, "media": dict.fromkeys(names, "")}

    def note(self, guid: str) -> RenderedNote | None:
        """A note, or a suggestion, that the page shows."""
        with self._lock:
            return self._notes.get(guid)

    def decide(self, asked: Mapping[str, Any]) -> list[Diagnostic]:
        """Write what the page asks for. Raises ValueError for what it never asks."""
        guids = asked.get("guids", [])
        if self._deciding is None or not isinstance(guids, list):
            raise ValueError("there is nothing to decide on")
        notes = [note for guid in guids if isinstance(guid, str) and (note := self.note(guid)) is not None]
        with self._deciding_lock:
            return decide(self._deciding, str(asked.get("action")), notes, asked.get("fields"))

    def media(self, name: str) -> bytes | None:
        """A file that a card names. Nothing else is ever read."""
        with self._lock:
            build = self._build
        file = used_media(build).get(name) if build is not None else None
        if build is None or file is None:
            return None
        try:
            return b"".join(build.files.chunks(file.path))
        except OSError:
            return None

    @contextlib.contextmanager
    def listening(self) -> Iterator[queue.SimpleQueue[tuple[str, str]] | None]:
        """News as they come: (event, JSON); None where too many listen already."""
        listener: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        with self._lock:
            is_full = len(self._listeners) >= LISTENERS
            if not is_full:
                self._listeners.add(listener)
            if self._broken is not None:
                listener.put(("broken", json.dumps(self._broken)))
        try:
            yield None if is_full else listener
        finally:
            with self._lock:
                self._listeners.discard(listener)


def open_server(served: Served, port: int) -> ThreadingHTTPServer:
    """A server at that port, or at any free one where it is taken. Raises OSError."""

    class Handler(_Handler):
        source = served

    try:
        server = _Server((HOST, port), Handler)
    except OSError as problem:
        if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        server = _Server((HOST, 0), Handler)
    server.daemon_threads = True
    return server


class _Server(ThreadingHTTPServer):
    """A server of so many connections at a time; it closes others."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin a thread, while there are few."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """What the thread does."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


class _Handler(BaseHTTPRequestHandler):
    source: Served
    timeout = _PATIENCE
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "deckgen", ""

    def do_GET(self) -> None:
        """Answer one request."""
        path = unquote(self.path.partition("?")[0])
        if not self._is_from_here():
            self._send(421, b"this page is for 127.0.0.1 only", "text/plain")
        elif path == "/":
            page = make_page(self.source.data | {"token": self.source.token}, is_live=True).encode()
            self._send(200, page, "text/html; charset=utf-8", policy(is_live=True))
        elif path == "/rules" and self.source.trial is not None:
            self._send(200, self.source.trial.page().encode(), "text/html; charset=utf-8", TRIAL_POLICY)
        elif path == "/cards.json":
            data = json.dumps(self.source.data, ensure_ascii=False, separators=(",", ":"))
            self._send(200, data.encode(), "application/json")
        elif path.startswith("/fields/") and (note := self.source.note(path.removeprefix("/fields/"))) is not None:
            self._send(200, json.dumps(editable(note)).encode(), "application/json")
        elif path == "/events" and self.command == "GET":
            self._answer_listener()
        elif path.startswith("/media/") and (found := self.source.media(path.removeprefix("/media/"))) is not None:
            self._send(200, found, media_type(path), "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        else:
            self._send(404, b"not here", "text/plain")

    def do_POST(self) -> None:
        """Write a decision, for this page alone."""
        size = self.headers.get("Content-Length", "")
        if not self._is_from_here():
            self._refuse(421, "this page is for 127.0.0.1 only")
        elif self.path != "/decide":
            self._refuse(404, "not here")
        elif not self._is_from_own_page():
            self._refuse(403, "decisions are made on deckgen's own page")
        elif not size.isascii() or not size.isdigit() or int(size) > DECISION_LIMIT:
            self._refuse(413, "a decision is not that long")
        else:
            self._decide(self.rfile.read(int(size)))

    def _decide(self, body: bytes) -> None:
        try:
            asked = json.loads(body)
            token = asked.get("token", "")
            if not isinstance(token, str) or not secrets.compare_digest(token.encode(), self.source.token.encode()):
                self._refuse(403, "this page is of an earlier run: load it again")
                return
            problems = self.source.decide(asked)
        except (ValueError, AttributeError, UnicodeError, RecursionError) as problem:
            self._refuse(400, str(problem) or "this is no decision")
            return
        problem_lines = [format_diagnostic(problem) for problem in problems]
        self._send(409 if problem_lines else 200, json.dumps({"problems": problem_lines}).encode(), "application/json")

    def _is_from_own_page(self) -> bool:
        """Whether a page of this server sent the request, as the browser says: no other site, and no plain form."""
        own = {f"http://{HOST}:{self._port}", f"http://localhost:{self._port}"}
        is_json = self.headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"
        is_same = self.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        return is_json and is_same and self.headers.get("Origin", "") in own

    def _refuse(self, status: int, why: str) -> None:
        """Answer, and hang up: what else was sent is not read."""
        self.close_connection = True
        self._send(status, why.encode(), "text/plain")

    @property
    def _port(self) -> int:
        assert isinstance(self.server, ThreadingHTTPServer)
        return int(self.server.server_port)

    do_HEAD = do_GET  # noqa: N815 (how the library calls it)

    def log_message(self, *_arguments: object) -> None:
        """Requests are nobody's business."""

    def _is_from_here(self) -> bool:
        """Whether the request names this machine: else a foreign name leads here (DNS rebinding)."""
        return self.headers.get("Host", "") in (f"{HOST}:{self._port}", f"localhost:{self._port}")

    def _send(self, status: int, body: bytes, kind: str, what_it_may: str = "default-src 'none'") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # No page of another site may lay its own over this one. In the page's `meta` element it would mean nothing.
        self.send_header("Content-Security-Policy", f"{what_it_may}; frame-ancestors 'none'")
        for name, value in (
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Frame-Options", "DENY"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

    def _answer_listener(self) -> None:
        with self.source.listening() as news:
            if news is None:
                self._send(503, b"too many listen already", "text/plain")
            else:
                self._send_news(news)

    def _send_news(self, news: queue.SimpleQueue[tuple[str, str]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.write(b": here\n\n")
            while True:
                try:
                    event, data = news.get(timeout=_BREATH)
                    self.wfile.write(f"event: {event}\ndata: {data}\n\n".encode())
                except queue.Empty:
                    self.wfile.write(b": still here\n\n")
                self.wfile.flush()


Run: TypeAlias = "Callable[[], tuple[Build | None, list[Diagnostic]]]"
"""Runs the pipeline over the project as it is now."""


def serve(
    request: Request, run: Run, editor: str, port: int, *, opens_browser: bool, trial: TrialPage | None = None
) -> list[Diagnostic]:
    """Serve until interrupted; then, or when the port cannot be had, what to tell."""
    served = Served(editor, trial)
    build, diagnostics = run()
    served.take(build, diagnostics)
    try:
        server = open_server(served, port)
    except OSError as problem:
        return [Diagnostic("cannot-serve", f"{HOST}:{port} cannot be opened: {problem.strerror or problem}")]
    address = f"http://{HOST}:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"cards at {address}   (Ctrl-C ends it)", flush=True)
    if trial is not None:
        print(f"the rule file on the note at {address}rules", flush=True)
    _say(build, diagnostics)
    if opens_browser:
        webbrowser.open(address)
    with contextlib.suppress(KeyboardInterrupt):
        for _ in changes(_watched(request, build)):
            build, diagnostics = run()
            served.take(build, diagnostics)
            _say(build, diagnostics)
    server.shutdown()
    server.server_close()
    return []


def _say(build: Build | None, diagnostics: list[Diagnostic]) -> None:
    if build is None:
        for diagnostic in diagnostics:
            print(format_diagnostic(diagnostic), file=sys.stderr)
        return
    cards = sum(len(rendered.cards) for rendered in build.notes)
    print(f"{cards:,} cards", file=sys.stderr, flush=True)


def _watched(request: Request, build: Build | None) -> Path:
    if build is not None:
        return build.project.root
    path = next(iter(request.paths), Path())
    return path if path.is_dir() else path.parent


_WRITTEN_BY_US = frozenset({"deck.lock"})


def changes(root: Path) -> Iterator[None]:
    """One item for each burst of changes below a folder; what builds themselves write is none."""

    def counts(path: str) -> bool:
        parts = Path(path).parts
        is_ours = parts[-1] in _WRITTEN_BY_US or parts[-1].endswith((".apkg", ".tmp", "~", ".swp"))
        return not is_ours and PASSED_OVER.isdisjoint(parts)

    for found in saves_below([root], counts, debounce=300, quiet=50):
        if found:
            yield
