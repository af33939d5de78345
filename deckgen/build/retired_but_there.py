"""Notes about to be retired whose text still stands in a source → drafts that a bound on lengths alone kept out, and
for all others why their rule makes no note of the text any more.

A bound says how large a good new card is. A note that is learned already is not lost for a sentence more.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.compile import CompileOptions, prepare
from deckgen.build.skips import Mark, mark_of
from deckgen.build.unit import CompiledNote
from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.identity.lock import LockEntry
from deckgen.identity.normal_form import cut, normalise, similar
from deckgen.markdown.document import Document, read_document
from deckgen.model import Source

if TYPE_CHECKING:
    from deckgen.extraction.attempt import Attempt
    from deckgen.rules.rule import RuleSet

define(
    "warning",
    retired_but_there="A note is retired, although its text still stands in the notes: its rule makes no note of it "
    "any more. Undo the edit, or let the note go.",
)

_MOST = 200  # retired notes of one build that a reason is looked for; where more leave, that is reported otherwise
_ALIKE = 50  # of an element's text and that of the note


class RetiredButThere(Struct, frozen=True):
    """What is to be made after all, and what there is to tell of the rest, by the GUID of the note."""

    kept: tuple[CompiledNote, ...] = ()
    reasons: tuple[tuple[str, Diagnostic], ...] = ()


def may_stand(line: LockEntry, text: str) -> bool:
    """Whether all that names a note may still be written in a source, of which this is the normal form."""
    return all(piece.strip() in text for value in line.key for piece in value.split("[…]"))


Read = Callable[[Source], Source]
"""What reads a source whose text is not known."""


def moves_between(before: Iterable[LockEntry], after: Mapping[str, LockEntry]) -> dict[str, set[str]]:
    """Of each source that notes left for others: these. `after`: the lines of the next lock, by GUID."""
    found: dict[str, set[str]] = {}
    for line in before:
        if not line.retired and (path := after[line.guid].path) != line.path:
            found.setdefault(line.path, set()).add(path)
    return found


def _standing(
    retired: Sequence[LockEntry], sources: Sequence[Source], read: Read, moves: Mapping[str, Iterable[str]]
) -> Iterator[tuple[Source, list[LockEntry]]]:
    """The sources in which retired notes may still be written, and these: in their own, or where that is gone in those
    that others of its notes went to.
    """
    there = {unicodedata.normalize("NFC", source.path) for source in sources}
    wanted: dict[str, list[LockEntry]] = {}
    for line in retired:
        if line.retired == "gone":
            for path in (line.path,) if line.path in there else moves.get(line.path, ()):
                wanted.setdefault(path, []).append(line)
    for source in sources if wanted else ():
        if lines := wanted.get(unicodedata.normalize("NFC", source.path)):
            text = source if source.is_read else read(source)
            normal = normalise(text.text)
            if standing := [line for line in lines if may_stand(line, normal)]:
                yield text, standing


def look_into(
    retired: Sequence[LockEntry],
    sources: Sequence[Source],
    compile_options: CompileOptions,
    read: Read,
    made: Callable[[str], frozenset[Mark]],
    moves: Mapping[str, Iterable[str]],
) -> RetiredButThere:
    """Of the lines that a build would retire. `made`: the drafts of a source that are notes already; `moves`: the
    sources to which notes went from each.
    """
    kept: list[CompiledNote] = []
    reasons: list[tuple[str, Diagnostic]] = []
    unbounded: RuleSet | None = None
    for text, standing in _standing(retired, sources, read, moves):
        document, _ = read_document(text, compile_options.language, compile_options.dialect)
        unbounded = unbounded or compile_options.rules_without_bounds()
        drafts = _kept(document, standing, unbounded, compile_options)
        found = [one for one in drafts if mark_of(one) not in made(text.path)]
        kept += found
        if len(retired) <= _MOST:
            known = {(one.draft.kind, one.draft.identity, one.normal.key) for one in found}
            others = [line for line in standing if (line.kind, line.rule, line.key) not in known]
            reasons += _reasons(document, others, compile_options)
    return RetiredButThere(tuple(kept), tuple(reasons))


def _of_rules(rules: RuleSet, lines: Sequence[LockEntry]) -> RuleSet:
    identities = {line.rule for line in lines}
    return replace(rules, rules=tuple(rule for rule in rules.rules if rule.identity in identities))


def _kept(
    document: Document, lines: Sequence[LockEntry], rules: RuleSet, compile_options: CompileOptions
) -> Iterator[CompiledNote]:
    """What the rules make of the document without bounds, where it is one of these notes, and of each but one."""
    from deckgen.extraction.extract import attempts_on  # in few builds notes leave

    keys = {(line.kind, line.rule, line.key): line for line in lines}
    found: dict[tuple[str, str, tuple[str, ...]], list[CompiledNote]] = {}
    for attempt in attempts_on(document, _of_rules(rules, lines), compile_options.settings):
        for draft in attempt.drafts:
            one = prepare(draft, compile_options)
            key = (draft.kind, draft.identity, one.normal.key)
            if key in keys:
                found.setdefault(key, []).append(one)
    for several in found.values():
        if len(several) == 1:
            yield several[0]


def _reasons(
    document: Document, lines: Sequence[LockEntry], compile_options: CompileOptions
) -> Iterator[tuple[str, Diagnostic]]:
    if not lines:
        return
    from deckgen.extraction.extract import attempts_on

    rules = _of_rules(compile_options.rules()[0], lines)
    attempts = attempts_on(document, rules, compile_options.settings, keep="all")
    for line in lines:
        of_rule = [attempt for attempt in attempts if attempt.rule.identity == line.rule and not attempt.drafts]
        texts = [(normalise(attempt.element.source_text), attempt) for attempt in of_rule]
        scored = [(similar(cut(text), line.text), attempt) for text, attempt in texts if may_stand(line, text)]
        score, attempt = max(scored, key=lambda pair: (pair[0], *_nearness(pair[1])), default=(0.0, None))
        if attempt is not None and score >= _ALIKE and not attempt.skipped:
            yield line.guid, _diagnostic(line, attempt, document)


def _nearness(attempt: Attempt) -> tuple[bool, bool]:
    """Of rules that share an identity, one for such texts says most."""
    return not attempt.is_foreign, not attempt.lacks_words


def _diagnostic(line: LockEntry, attempt: Attempt, document: Document) -> Diagnostic:
    span = attempt.element.origin().span
    question = line.question if len(line.question) <= 60 else line.question[:59] + "…"
    message = f"the note “{question}” is retired: rule `{attempt.rule.name}` makes none of this text, {_why(attempt)}"
    hint = f"`deckgen explain {span.path}:{span.line}` tells more; the note comes back when the rule fits again"
    return Diagnostic(
        "retired-but-there", message, Span(span.path, span.line), hint, document.lines[span.line - 1][:200]
    )


def _why(attempt: Attempt) -> str:
    """What kept the rule from it, in a few words."""
    if attempt.claimed_by is not None:
        return f"as `{attempt.claimed_by.name}` claims it"
    if attempt.is_foreign:
        return "as it is in another language"
    if attempt.yielded:
        return f"as `{attempt.yielded[0][1].name}` asks the same of it"
    trace = attempt.trace
    failed = trace.failed[0][0] if trace is not None and trace.failed else attempt.failed
    if failed is not None:
        is_refused = any(failed in part.conditions for part in attempt.rule.unless)
        return f"as {'it leaves out' if is_refused else 'it wants'} `{failed.about}`"
    if trace is not None and trace.empty:
        return f"as `{trace.empty[0][0]}` comes out empty"
    written = [pattern.text for alternative in attempt.rule.alternatives for _, pattern in alternative.patterns]
    return f"as its pattern `{written[0]}` does not fit" if written else "as its expression does not fit"
