"""The language server: what the editor asks over the protocol → calls of `session`, and the answers back.

It reads the folder that is open as every command does: nothing of it is run, no setting of it is believed, and what the
editor sends as settings is not asked for. A request that fails answers nothing, and is reported; the server goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from deckgen import __version__
from deckgen.diagnostics import Diagnostic
from deckgen.project.source_files import read_text
from deckgen.reports.language_server.commands import Commands
from deckgen.reports.language_server.editor_project import EditorProject
from deckgen.reports.language_server.note_actions import actions
from deckgen.reports.language_server.note_views import NoteView, as_lsp
from deckgen.reports.language_server.protocol import Protocol, bounded, fast_converter
from deckgen.reports.language_server.rule_views import RuleView
from deckgen.reports.language_server.session import Session
from deckgen.reports.language_server.texts import OpenText, open_text

P = ParamSpec("P")
R = TypeVar("R")

_BREATH, _MOST_READ = 0.003, 40  # seconds without a message; messages that are read before a request is answered
_WATCHED = "**/*.{md,markdown,yaml,yml,lock}"
LARGEST = 8 * 1024 * 1024
"""Characters of a text that is looked at while it is typed."""


class DeckgenServer(LanguageServer):
    """One server for all projects that the editor has open."""

    protocol: Protocol

    def __init__(self) -> None:
        # The library splits lines at more characters than the protocol does, so that parts would end up elsewhere.
        sync = lsp.TextDocumentSyncKind.Full
        super().__init__(
            "deckgen",
            __version__,
            text_document_sync_kind=sync,
            protocol_cls=Protocol,
            converter_factory=fast_converter,
            max_workers=2,
        )
        self.session = Session(self._publish, self._publish_project)
        self._wake = asyncio.Event()
        self.turn = asyncio.Lock()  # one request after the other
        self._working: asyncio.Task[None] | None = None
        self._around: dict[EditorProject, set[str]] = {}  # files that are not open, and have diagnostics
        self._shown: dict[str, tuple[int | None, list[lsp.Diagnostic]]] = {}
        _register(self)

    # --- documents

    def begin(self) -> None:
        """Start to work, once the loop runs."""
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())

    def take(self, uri: str) -> None:
        """A text as the editor has it now."""
        path = to_fs_path(uri) if uri.startswith("file:") else None
        if path is None:
            return
        document = self.workspace.get_text_document(uri)
        source = document.source
        if len(source) <= LARGEST:
            encoding = str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))
            self.session.open(open_text(uri, path, document.version, source, encoding))
        self.woken()

    def drop(self, uri: str) -> None:
        """A text that is open no more."""
        self.session.close(uri)
        self._shown.pop(uri, None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))
        self.woken()

    async def read_on(self) -> None:
        """Let what was sent meanwhile be read, a cancellation above all."""
        for _ in range(_MOST_READ):
            before = self.protocol.received
            await asyncio.sleep(_BREATH)
            if self.protocol.received == before:
                return

    def watch_files(self) -> None:
        """Have the editor tell of files that change on the disk, where it can."""
        capabilities = self.client_capabilities.workspace
        watching = capabilities.did_change_watched_files if capabilities is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(_WATCHED)])
        registered = lsp.Registration("files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        self.client_register_capability(lsp.RegistrationParams([registered]))

    def woken(self) -> None:
        """There may be something to do."""
        self.begin()
        self._wake.set()
        waiting = self.protocol._request_futures  # the library keeps those of notifications for ever
        for key in [key for key, future in waiting.items() if future.done()]:
            waiting.pop(key, None)

    async def _work(self) -> None:
        """Do one thing after the other, and let requests in between."""
        while True:
            try:
                wait = self.session.step()
            except Exception:  # a fault in one step ends no server
                self.report()
                wait = None
            if wait == 0:
                await asyncio.sleep(0)
                continue
            self._wake.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002 (the library's signature)
        """Tell of a message that is none of the protocol, in the editor's log; a request is answered with it."""
        with contextlib.suppress(Exception):
            said = f"a message was left out: {str(error)[:500]}"
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, said))

    def report(self) -> None:
        """Tell of a bug of deckgen's own, in the editor's log."""
        text = f"this is a bug in deckgen; please report it:\n{traceback.format_exc()}"
        with contextlib.suppress(Exception):
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, text))

    def _publish(self, text: OpenText) -> None:
        found = self.diagnostics(text.uri)
        shown = (text.version, found)
        if self._shown.get(text.uri) == shown:
            return
        self._shown[text.uri] = shown
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(text.uri, found, version=text.version))

    def _publish_project(self, project: EditorProject) -> None:
        """What is wrong with files of a project that are not open: its deck.yaml, a rule file, the lock."""
        opened = set(self.session.texts)
        by_file: dict[str, list[Diagnostic]] = {path: [] for path in self._around.pop(project, ())}
        for one in project.project_findings():
            if (
                one.span is not None
                and (path := os.path.realpath(one.span.path)) not in opened
                and os.path.isfile(path)
            ):
                by_file.setdefault(path, []).append(one)
        for path, found in by_file.items():
            uri = Path(path).as_uri()
            text = open_text(uri, path, None, read_text(Path(path), limit=LARGEST)[0] or "", "utf-16")
            if path not in opened:
                shown = [as_lsp(one, text) for one in found]
                self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown))
        if shown_files := {path for path, found in by_file.items() if found}:
            self._around[project] = shown_files

    def diagnostics(self, uri: str) -> list[lsp.Diagnostic]:
        """What is found in an open text."""
        if (note := self.session.view(uri)) is not None:
            return note.diagnostics()
        rules = self.rules(uri)
        return rules.diagnostics() if rules is not None else []

    def rules(self, uri: str) -> RuleView | None:
        """An open rule file or deck.yaml."""
        text = self.session.rules.get(uri)
        if text is None:
            return None
        opened = self.session.project_of(text.path, makes=os.path.basename(text.path) == "deck.yaml")
        return RuleView.of(text, opened.project if opened is not None else None)

    def note(self, uri: str) -> NoteView | None:
        """An open note."""
        return self.session.view(uri)


def _guarded(server: DeckgenServer, answer: Callable[P, R | None]) -> Callable[P, Awaitable[R | None]]:
    """Answer a request when what was sent before is done; one that was cancelled meanwhile is not begun."""

    async def answered(*arguments: P.args, **named: P.kwargs) -> R | None:
        server.begin()
        async with server.turn:
            await server.read_on()
            try:
                return answer(*arguments, **named)
            except Exception:  # a fault in one answer ends no server
                server.report()
                return None

    return answered


def _register(server: DeckgenServer) -> None:
    """What the server answers."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        server.take(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        server.take(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        server.drop(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(_: lsp.DidSaveTextDocumentParams) -> None:
        server.session.files_changed()
        server.woken()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(_: lsp.DidChangeWatchedFilesParams) -> None:
        server.session.files_changed()
        server.woken()

    @server.feature(lsp.INITIALIZED)
    def initialized(_: lsp.InitializedParams) -> None:
        server.watch_files()

    def feature(name: str, answer: Callable[..., Any], options: Any = None) -> None:
        server.feature(name, options)(_guarded(server, answer))

    feature(lsp.TEXT_DOCUMENT_CODE_LENS, functools.partial(_lenses, server), lsp.CodeLensOptions(resolve_provider=True))
    feature(lsp.CODE_LENS_RESOLVE, functools.partial(_resolved_lens, server))
    feature(lsp.TEXT_DOCUMENT_HOVER, functools.partial(_hover, server))
    feature(lsp.TEXT_DOCUMENT_DEFINITION, functools.partial(_definition, server))
    feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, functools.partial(_symbols, server))
    kinds = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.Refactor])
    feature(lsp.TEXT_DOCUMENT_CODE_ACTION, functools.partial(_actions, server), kinds)
    triggers = ["{", ":", " ", "."]
    feature(
        lsp.TEXT_DOCUMENT_COMPLETION,
        functools.partial(_completion, server),
        lsp.CompletionOptions(trigger_characters=triggers),
    )
    feature(lsp.TEXT_DOCUMENT_RENAME, functools.partial(_rename, server), lsp.RenameOptions(prepare_provider=True))
    feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME, functools.partial(_prepare_rename, server))
    commands = Commands(server)
    for name, command in commands.by_name().items():
        server.command(name)(command)
    feature("deckgen/cards", commands.cards_page)
    feature("deckgen/status", commands.status)


def _lenses(server: DeckgenServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens] | None:
    uri = params.text_document.uri
    if (note := server.note(uri)) is not None:
        return note.lenses()
    rules = server.rules(uri)
    return rules.lenses() if rules is not None else None


def _resolved_lens(server: DeckgenServer, lens: lsp.CodeLens) -> lsp.CodeLens:
    data = lens.data if isinstance(lens.data, dict) else {}
    rules = server.rules(str(data.get("uri", "")))
    return lens if rules is None or lens.command is not None else rules.resolved(lens, str(data.get("rule", "")))


def _hover(server: DeckgenServer, params: lsp.HoverParams) -> lsp.Hover | None:
    uri = params.text_document.uri
    if (note := server.note(uri)) is not None:
        return note.hover(*note.text.place(params.position))
    rules = server.rules(uri)
    return rules.hover(*rules.text.place(params.position)) if rules is not None else None


def _definition(server: DeckgenServer, params: lsp.DefinitionParams) -> list[lsp.Location] | None:
    note = server.note(params.text_document.uri)
    return note.definition(*note.text.place(params.position)) if note is not None else None


def _symbols(server: DeckgenServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol] | None:
    note = server.note(params.text_document.uri)
    return note.symbols() if note is not None else None


def _actions(server: DeckgenServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
    uri = params.text_document.uri
    if (note := server.note(uri)) is not None:
        return actions(note, params.range, params.context.diagnostics)
    rules = server.rules(uri)
    return rules.actions(params.context.diagnostics) if rules is not None else None


def _completion(server: DeckgenServer, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    rules = server.rules(params.text_document.uri)
    return rules.completion(*rules.text.place(params.position)) if rules is not None else None


def _prepare_rename(server: DeckgenServer, params: lsp.PrepareRenameParams) -> lsp.Range | None:
    rules = server.rules(params.text_document.uri)
    return rules.renamed_at(*rules.text.place(params.position)) if rules is not None else None


def _rename(server: DeckgenServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    rules = server.rules(params.text_document.uri)
    if rules is None:
        return None
    try:
        return rules.rename(*rules.text.place(params.position), params.new_name)
    except ValueError as problem:
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, str(problem)))
        return None


def run() -> None:
    """Serve one editor, over standard input and output."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # what goes wrong is reported to the editor
    DeckgenServer().start_io(bounded(sys.stdin.buffer))
