"""What the user asks for by a command: decisions, a new rule, the cards of a place, how many notes are new."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from deckgen.diagnostics import Diagnostic, format_diagnostic
from deckgen.reports.language_server.cards_page import cards_page
from deckgen.reports.language_server.note_actions import Decider
from deckgen.reports.language_server.note_views import cards_of
from deckgen.reports.rules_by_example.writing import own_rules_path, skeleton, with_rule

if TYPE_CHECKING:
    from deckgen.reports.language_server.server import DeckgenServer

Command = Callable[..., Awaitable[Any]]
_SHOWN = 8


class Commands:
    """The commands of one server."""

    def __init__(self, server: DeckgenServer) -> None:
        self.server = server

    def by_name(self) -> dict[str, Command]:
        """Those that a client may ask for."""
        named: dict[str, Callable[..., Any]] = {
            "showCards": self.show_cards,
            "skip": self.skip,
            "keep": self.keep,
            "takeBack": self.take_back,
            "fields": self.fields,
            "word": self.word,
            "editWording": self.edit_wording,
            "newRule": self.new_rule,
            "runExamples": self.run_examples,
        }
        return {f"deckgen.{name}": self._guarded(carry_out) for name, carry_out in named.items()}

    def _guarded(self, carry_out: Callable[..., Any]) -> Command:
        signature = inspect.signature(carry_out)

        async def command(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            try:
                signature.bind(*arguments)
            except TypeError as problem:  # whoever asked is no editor of ours
                self.say(f"a command of deckgen has other arguments: {problem}", lsp.MessageType.Warning)
                return None
            try:
                return carry_out(*arguments)
            except LookupError:
                self.say("this is not there any more: ask once more", lsp.MessageType.Warning)
            except Exception:  # a fault of one command ends no server
                self.server.report()
            return None

        return command

    def say(self, message: str, kind: lsp.MessageType = lsp.MessageType.Info) -> None:
        """Tell the user something."""
        self.server.window_show_message(lsp.ShowMessageParams(kind, message))

    def _decider(self, uri: object) -> Decider:
        note = self.server.note(str(uri))
        if note is None:
            raise LookupError(uri)
        return Decider(note)

    def _done(self, problems: Sequence[Diagnostic]) -> bool:
        """What was decided is written: look at the project anew."""
        if problems:
            self.say("\n".join(map(format_diagnostic, problems)), lsp.MessageType.Error)
            return False
        for opened in self.server.session.projects.values():
            opened.reopen_at = 0.0
        self.server.woken()
        capabilities = self.server.client_capabilities.workspace
        if capabilities is not None and capabilities.code_lens is not None and capabilities.code_lens.refresh_support:
            self.server.workspace_code_lens_refresh(None)
        return True

    # --- decisions

    def skip(self, uri: object, guid: object, *_: object) -> bool:
        """The note is no card."""
        return self._done(self._decider(uri).decide("skip", str(guid)))

    def keep(self, uri: object, guid: object, *_: object) -> bool:
        """The note is a good one."""
        return self._done(self._decider(uri).decide("keep", str(guid)))

    def take_back(self, uri: object, guid: object, *_: object) -> bool:
        """Nothing is decided about the note."""
        return self._done(self._decider(uri).decide("takeBack", str(guid)))

    def fields(self, uri: object, guid: object, *_: object) -> dict[str, str]:
        """The fields of a note, for an editor that asks for new words itself."""
        return self._decider(uri).fields(str(guid))

    def word(self, uri: object, guid: object, fields: object, *_: object) -> bool:
        """The note in the user's own words."""
        if not isinstance(fields, dict):
            return False
        return self._done(self._decider(uri).word(str(guid), {str(name): str(one) for name, one in fields.items()}))

    def edit_wording(self, uri: object, guid: object, *_: object) -> bool:
        """Open deck.choices.yaml at the words of the note."""
        path, line, problems = self._decider(uri).word_as_it_is(str(guid))
        if not self._done(problems):
            return False
        self._show(path, line)
        return True

    # --- rules

    def new_rule(self, uri: object, sentence: object, front: object = "", back: object = "") -> bool:
        """Make a rule of a sentence and its card; without a card open the rule file with the sentence in it."""
        decider = self._decider(uri)
        if not front or not back:
            return self._rule_to_write(str(uri), str(sentence))
        try:
            target, problems, left = decider.new_rule(str(sentence), str(front), str(back))
        except LookupError:
            why = "the answer must stand in the sentence word for word, and the question must name something of it"
            self.say(f"no rule takes “{sentence}” to this card: {why}", lsp.MessageType.Warning)
            return False
        if not self._done(problems):
            return False
        text = target.read_text("utf-8")
        self._show(target, text.rstrip().count("\n") + 1)
        if left:
            self.say(left)
        return True

    def _rule_to_write(self, uri: str, sentence: str) -> bool:
        note = self.server.note(uri)
        if note is None:
            raise LookupError(uri)
        target = own_rules_path(note.project.root)
        open_texts = self.server.session.texts
        before = open_texts.get(str(target.resolve()))
        if before is None:
            before = target.read_text("utf-8") if target.is_file() else ""
        after = with_rule(before, skeleton(sentence))
        changes: list[Any] = []
        file = target.resolve().as_uri()
        if not target.exists():
            changes.append(lsp.CreateFile(file, options=lsp.CreateFileOptions(ignore_if_exists=True)))
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(before.count("\n") + 1, 0))
        document = lsp.OptionalVersionedTextDocumentIdentifier(file)
        changes.append(lsp.TextDocumentEdit(document, [lsp.TextEdit(whole, after)]))
        edit = lsp.WorkspaceEdit(document_changes=changes)
        self.server.workspace_apply_edit(lsp.ApplyWorkspaceEditParams(edit, "new rule"))
        self._show(target, after.rstrip().count("\n") - 5)
        return True

    def run_examples(self, uri: object, rule: object, *_: object) -> str:
        """Run the examples of a rule, and say what came."""
        rules = self.server.rules(str(uri))
        if rules is None:
            raise LookupError(uri)
        found = rules.results_of(str(rule))
        self.say("\n".join(found.lines), lsp.MessageType.Info if found.is_right else lsp.MessageType.Warning)
        return "\n".join(found.lines)

    def _show(self, path: Path, line: int) -> None:
        capabilities = self.server.client_capabilities.window
        if capabilities is None or capabilities.show_document is None or not capabilities.show_document.support:
            self.say(f"see {path}:{line}")
            return
        at = lsp.Position(max(line - 1, 0), 0)
        self.server.window_show_document(
            lsp.ShowDocumentParams(path.resolve().as_uri(), take_focus=True, selection=lsp.Range(at, at))
        )

    # --- what is shown

    def show_cards(self, uri: object, line: object, *_: object) -> list[dict[str, str]]:
        """The cards below a heading."""
        note = self.server.note(str(uri))
        if note is None or not isinstance(line, int):
            raise LookupError(uri)
        found = [
            {"question": question, "answer": answer}
            for known in note.below(line)
            for question, answer in cards_of(known, note.identifier)
        ]
        lines = [f"{one['question']} → {one['answer']}" for one in found[:_SHOWN]]
        if len(found) > _SHOWN:
            lines.append(f"and {len(found) - _SHOWN:,} more")
        self.say("\n".join(lines) or "no card")
        return found

    def cards_page(self, params: Any) -> dict[str, Any] | None:
        """The cards around the cursor as a page, for a panel beside the note."""
        note = self.server.note(str(getattr(params, "uri", "")))
        line = getattr(params, "line", 1)
        return cards_page(note, line) if note is not None and isinstance(line, int) else None

    def status(self, params: Any) -> dict[str, Any] | None:
        """How many notes of the project are new, and how many suggestions wait."""
        note = self.server.note(str(getattr(params, "uri", "")))
        if note is None:
            return {"settled": self.server.session.is_settled}
        new, review, notes = note.counts()
        settled = self.server.session.is_settled
        return {"new": new, "review": review, "notes": notes, "settled": settled}
