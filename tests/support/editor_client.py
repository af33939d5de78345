"""An editor for the tests: pygls's own client, which starts the server and keeps what it says."""

from __future__ import annotations

import ast
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Editor:
    """One editor with one server."""

    def __init__(self) -> None:
        self.client = LanguageClient("test", "1")
        self.published: dict[str, lsp.PublishDiagnosticsParams] = {}
        self.logged: list[str] = []
        self.said: list[str] = []
        self.shown: list[lsp.ShowDocumentParams] = []
        self.applied: list[lsp.WorkspaceEdit] = []
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self._news = asyncio.Event()
        self._listen()

    def _listen(self) -> None:
        client = self.client

        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.published[params.uri] = params
            self._news.set()

        @client.feature(lsp.WINDOW_LOG_MESSAGE)
        def logged(params: lsp.LogMessageParams) -> None:
            self.logged.append(params.message)

        @client.feature(lsp.WINDOW_SHOW_MESSAGE)
        def said(params: lsp.ShowMessageParams) -> None:
            self.said.append(params.message)

        @client.feature(lsp.WINDOW_SHOW_DOCUMENT)
        def shown(params: lsp.ShowDocumentParams) -> lsp.ShowDocumentResult:
            self.shown.append(params)
            return lsp.ShowDocumentResult(success=True)

        @client.feature(lsp.WORKSPACE_APPLY_EDIT)
        def applied(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
            self.applied.append(params.edit)
            return lsp.ApplyWorkspaceEditResult(applied=True)

        @client.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)
        def refreshed(*_: object) -> None:
            pass

    async def start(self, folder: Path, **environment: str) -> None:
        known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        await self.client.start_io(sys.executable, "-P", "-m", "deckgen", "lsp", env=known, cwd=str(folder))
        window = lsp.WindowClientCapabilities(show_document=lsp.ShowDocumentClientCapabilities(support=True))
        refresh = lsp.WorkspaceClientCapabilities(
            code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True)
        )
        capabilities = lsp.ClientCapabilities(window=window, workspace=refresh)
        await self.client.initialize_async(
            lsp.InitializeParams(capabilities=capabilities, process_id=None, root_uri=folder.as_uri())
        )
        self.client.initialized(lsp.InitializedParams())

    async def stop(self) -> int:
        """Ask the server to go; its exit code."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        server = self.client._server
        assert server is not None
        code = await asyncio.wait_for(server.wait(), PATIENCE)
        await self.client.stop()
        return code

    # --- documents

    async def open(self, path: Path, text: str | None = None) -> list[lsp.Diagnostic]:
        uri = path.as_uri()
        self.texts[uri] = path.read_text("utf-8") if text is None else text
        self.versions[uri] = 1
        language = "markdown" if path.suffix == ".md" else "yaml"
        item = lsp.TextDocumentItem(uri, language, 1, self.texts[uri])
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.diagnostics(path)

    def close(self, path: Path) -> None:
        identifier = lsp.TextDocumentIdentifier(path.as_uri())
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(identifier))
        self.published.pop(path.as_uri(), None)

    def send(self, path: Path, text: str) -> None:
        uri = path.as_uri()
        self.versions[uri] += 1
        self.texts[uri] = text
        identifier = lsp.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))

    async def change(self, path: Path, text: str) -> list[lsp.Diagnostic]:
        self.send(path, text)
        return await self.diagnostics(path)

    async def diagnostics(self, path: Path) -> list[lsp.Diagnostic]:
        """Those of the text as it was sent last."""
        uri = path.as_uri()
        async with asyncio.timeout(PATIENCE):
            while uri not in self.published or self.published[uri].version != self.versions[uri]:
                self._news.clear()
                await self._news.wait()
        return list(self.published[uri].diagnostics)

    async def settle(self, path: Path) -> dict[str, Any]:
        """Wait until all was looked at."""
        async with asyncio.timeout(PATIENCE):
            while True:
                status = await self.ask("deckgen/status", {"uri": path.as_uri()})
                if status["settled"]:
                    return dict(status)
                await asyncio.sleep(0.05)

    # --- requests

    async def ask(self, method: str, params: dict[str, Any]) -> Any:
        answer = await asyncio.wait_for(self.client.protocol.send_request_async(method, params), PATIENCE)
        return answer._asdict() if hasattr(answer, "_asdict") else answer

    async def lenses(self, path: Path) -> list[lsp.CodeLens]:
        params = lsp.CodeLensParams(lsp.TextDocumentIdentifier(path.as_uri()))
        return list(await self.client.text_document_code_lens_async(params) or [])

    async def hover(self, path: Path, words: str, offset: int = 0) -> str:
        """What is shown where some words stand first."""
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(path.as_uri()), self.place(path, words, offset))
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found is not None and isinstance(found.contents, lsp.MarkupContent) else ""

    def place(self, path: Path, words: str, offset: int = 0) -> lsp.Position:
        before, found, _ = self.texts[path.as_uri()].partition(words)
        assert found, words
        before += words[:offset]
        line = before.count("\n")
        return lsp.Position(line, len(before.rpartition("\n")[2].encode("utf-16-le")) // 2)

    async def actions(self, path: Path, words: str) -> dict[str, tuple[str, list[Any]]]:
        """What can be done at some words: by title, the command and what it gets."""
        at = self.place(path, words)
        found = await self._actions(path, at)
        return {title: (command["command"], command["arguments"]) for title, command in found}

    async def _actions(self, path: Path, at: lsp.Position) -> list[tuple[str, dict[str, Any]]]:
        here = [one for one in self.published[path.as_uri()].diagnostics if one.range.start.line == at.line]
        identifier = lsp.TextDocumentIdentifier(path.as_uri())
        params = lsp.CodeActionParams(identifier, lsp.Range(at, at), lsp.CodeActionContext(here))
        found = await self.client.text_document_code_action_async(params)
        made = []
        for action in found or []:  # lsprotocol takes an action with a command for a command
            if isinstance(action, lsp.Command):
                made.append((action.title, ast.literal_eval(action.command)))
            elif action.edit is not None:
                made.append((action.title, {"command": "edit", "arguments": [action.edit]}))
        return made

    async def execute(self, command: str, arguments: list[Any]) -> Any:
        return await self.client.workspace_execute_command_async(lsp.ExecuteCommandParams(command, arguments))

    async def completion(self, path: Path, words: str) -> dict[str, lsp.CompletionItem]:
        """What is offered right behind some words."""
        identifier = lsp.TextDocumentIdentifier(path.as_uri())
        params = lsp.CompletionParams(identifier, self.place(path, words, len(words)))
        found = await self.client.text_document_completion_async(params)
        items = found.items if isinstance(found, lsp.CompletionList) else found or []
        return {item.label: item for item in items}

    async def symbols(self, path: Path) -> list[lsp.DocumentSymbol]:
        params = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(path.as_uri()))
        found = await self.client.text_document_document_symbol_async(params)
        return [one for one in found or [] if isinstance(one, lsp.DocumentSymbol)]


def drive(folder: Path, scenario: Callable[[Editor], Awaitable[None]], **environment: str) -> Editor:
    """Start a server in a folder, do something with it, and see that it went well and ends well."""

    async def run() -> Editor:
        editor = Editor()
        await editor.start(folder, **environment)
        await scenario(editor)
        assert await editor.stop() == 0
        return editor

    editor = asyncio.run(run())
    assert editor.logged == []
    return editor


def shown(found: list[lsp.Diagnostic]) -> list[tuple[int, str, str]]:
    """Diagnostics, to be compared."""
    return sorted((one.range.start.line + 1, str(one.code), one.message) for one in found)
