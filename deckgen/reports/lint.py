"""Drafts → cards that will be hard to learn, each a diagnostic with its place. Nothing here changes a note.

What is found between notes is looked up in an index of all of them, so that one source can be put into it anew and
asked about without the others. What is found about a note by itself is in `lint_cards`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.build.findings import CardFacts, KnownCards
from deckgen.diagnostics import Diagnostic, Span
from deckgen.diagnostics.lint_kinds import LintSeverity, default_severity
from deckgen.extraction.faults import is_same_fact
from deckgen.extraction.rival_values import AS_IT_IS, Outcome, Sign
from deckgen.extraction.rivals import ASKING, applied, decide, sign_of
from deckgen.identity.normal_form import similar
from deckgen.model import Draft
from deckgen.reports.alike import ALIKE, AlikeCards
from deckgen.reports.columns import cut
from deckgen.reports.drafts import plain
from deckgen.reports.lint_cards import Card, card_of, without_place


def lint(all_drafts: Sequence[Draft], severities: Mapping[str, LintSeverity]) -> list[Diagnostic]:
    """All findings, with the severity that the project gives them, source by source.

    `all_drafts`: all drafts of the project, before their fronts are made distinct.
    """
    return with_severities(index_of(all_drafts).all_findings(), severities)


def index_of(
    all_drafts: Sequence[Draft], signs: Sequence[Sign | None] | None = None, known: KnownCards | None = None
) -> LintIndex:
    """The index of a project. `signs`: those of the drafts, where they are known; `known`: what is known of cards."""
    index = LintIndex(known or {})
    by_path: dict[str, list[tuple[Draft, Sign | None]]] = defaultdict(list)
    for draft, sign in zip(all_drafts, signs if signs is not None else map(sign_of, all_drafts), strict=True):
        by_path[draft.origin.span.path].append((draft, sign))
    index.put_all(by_path.items())
    return index


def with_severities(found: Iterable[Diagnostic], severities: Mapping[str, LintSeverity]) -> list[Diagnostic]:
    """Findings as grave as the project holds them, without those that it does not want."""
    diagnostics = []
    for diagnostic in found:
        severity = severities.get(diagnostic.kind, default_severity(diagnostic.kind))
        if severity != "off":
            diagnostics.append(replace(diagnostic, own_severity=severity))
    return diagnostics


class _Entry(Struct, eq=False):
    """A draft of the project, and the card that it makes beside all the others."""

    path: str
    key: Draft  # without its place
    sign: Sign | None
    draft: Draft
    ordinal: int
    outcome: Outcome | None = None
    card: Card | None = None  # None where it is held back
    number: int = 0  # of its card
    _settled: tuple[Draft, Draft] | None = None

    @property
    def place(self) -> tuple[list[str], int]:
        """What comes first in the project is less."""
        return self.path.split("/"), self.ordinal

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.draft.origin.span

    @property
    def settled(self) -> Draft:
        """The draft as it is asked; itself where it is not."""
        if self._settled is None or self._settled[0] is not self.draft:
            self._settled = self.draft, applied(self.draft, self.outcome or AS_IT_IS) or self.draft
        return self._settled[1]

    def report(self, kind: str, message: str, hint: str) -> Diagnostic:
        """Something that was found about it."""
        assert self.card is not None
        return self.card.report(kind, message, hint, self.span)

    @property
    def shown_place(self) -> str:
        """For other notes to name it."""
        return f"{self.path}:{self.span.line}"


class LintIndex(Struct):
    """The drafts of a project, source by source, and what is found about each and between them."""

    known: KnownCards = field(default_factory=dict)
    _sources: dict[str, list[_Entry]] = field(default_factory=dict)
    _linked: dict[int, set[_Entry]] = field(default_factory=dict)  # by the links of signs
    _sides: dict[tuple[str, int], list[_Entry]] = field(default_factory=dict)  # by deck and what is asked
    _alike: AlikeCards = field(default_factory=AlikeCards)
    _cards: dict[int, _Entry] = field(default_factory=dict)
    _last: int = 0

    def put_all(self, sources: Iterable[tuple[str, Sequence[tuple[Draft, Sign | None]]]]) -> None:
        """Put many sources that are not there yet: their drafts with their signs."""
        for path, drafts in sources:
            self._sources[path] = [
                self._entry(path, without_place(draft), sign, draft, ordinal)
                for ordinal, (draft, sign) in enumerate(drafts)
            ]
        everything = [entry for entries in self._sources.values() for entry in entries]
        self._settle(everything, everything)

    def stage(self, path: str, drafts: Sequence[Draft]) -> None:
        """A source among many that come one after the other: its fronts are settled by `settle_all`."""
        for entry in self._entries(path, drafts):
            if entry.outcome is None:
                entry.outcome = AS_IT_IS
                self._add_card(entry)

    def settle_all(self) -> None:
        """Decide on the fronts of all notes together."""
        everything = sorted((one for entries in self._sources.values() for one in entries), key=lambda one: one.place)
        self._settle(everything, everything)

    def put(self, path: str, drafts: Sequence[Draft]) -> None:
        """A source as it is now, with no drafts where it is gone."""
        before = self._sources.get(path, [])
        links = {link for entry in before if entry.sign for link in entry.sign.links}
        now = self._entries(path, drafts)
        links.update(link for entry in now if entry.sign for link in entry.sign.links)
        around = self._linked_by(links).union(now)
        needed = self._linked_by({link for entry in around if entry.sign for link in entry.sign.links})
        labels = {entry.sign.label for entry in needed if entry.sign} - {0}
        needed |= self._linked_by(labels) | around
        self._settle(sorted(needed, key=lambda entry: entry.place), around)

    def findings(self, path: str) -> Iterator[Diagnostic]:
        """What there is to say of a source, in the order of the kinds of trouble."""
        entries = self._sources.get(path, [])
        cards = [entry for entry in entries if entry.card is not None]
        buckets = dict.fromkeys(key for entry in cards for key in _asks(entry))
        yield from (found for key in buckets for entry, found in self._two_answers(key) if entry.path == path)
        for entry in cards:
            yield from self._same_note_twice(entry)
        yield from _same_fact_twice([entry.settled for entry in cards])
        yield from (_taken(entry.draft) for entry in entries if entry.card is None)
        for entry in cards:
            assert entry.card is not None
            yield from (entry.report(kind, message, hint) for kind, message, hint in entry.card.findings)

    def all_findings(self) -> Iterator[Diagnostic]:
        """What there is to say of all sources."""
        return (one for path in self._sources for one in self.findings(path))

    def kinds(self) -> dict[Draft, tuple[str, ...]]:
        """Of each card, as it is asked, the kinds of what is found about it by itself."""
        entries = (entry for several in self._sources.values() for entry in several)
        return {entry.settled: entry.card.kinds for entry in entries if entry.card is not None}

    def facts(self) -> dict[int, CardFacts]:
        """What is known of all cards, for the next time."""
        cards = (entry.card for several in self._sources.values() for entry in several)
        return {card.digest: card.facts for card in cards if card is not None}

    def settled(self, path: str) -> list[tuple[Draft, Draft | None]]:
        """The drafts of a source, each with itself as it is asked; None where it is held back."""
        return [(one.draft, one.settled if one.card is not None else None) for one in self._sources.get(path, ())]

    # --- what is in the index

    def _entries(self, path: str, drafts: Sequence[Draft]) -> list[_Entry]:
        """The entries of a source, those that were there before where their drafts only moved."""
        before: dict[Draft, list[_Entry]] = defaultdict(list)
        for entry in reversed(self._sources.get(path, [])):
            before[entry.key].append(entry)
        now: list[_Entry] = []
        for ordinal, draft in enumerate(drafts):
            key = without_place(draft)
            known = before.get(key)
            if known:
                entry = known.pop()
                entry.draft, entry.ordinal = draft, ordinal
            else:
                entry = self._entry(path, key, sign_of(draft), draft, ordinal)
            now.append(entry)
        for gone in (entry for left in before.values() for entry in left):
            self._remove_card(gone)
            for link in gone.sign.links if gone.sign else ():
                self._linked[link].discard(gone)
                if not self._linked[link]:
                    del self._linked[link]
        if now:
            self._sources[path] = now
        else:
            self._sources.pop(path, None)
        return now

    def _entry(self, path: str, key: Draft, sign: Sign | None, draft: Draft, ordinal: int) -> _Entry:
        entry = _Entry(path, key, sign, draft, ordinal)
        for link in sign.links if sign else ():
            self._linked.setdefault(link, set()).add(entry)
        return entry

    def _linked_by(self, links: Iterable[int]) -> set[_Entry]:
        return set().union(*(self._linked.get(link, ()) for link in links))

    def _settle(self, looked_at: Sequence[_Entry], decided: Iterable[_Entry]) -> None:
        """Decide on fronts among some entries, in order, and make the cards of those whose rivals are all there."""
        outcomes = decide([("", [entry.sign for entry in looked_at])]).get("", {})
        known = {id(entry): outcomes.get(index, AS_IT_IS) for index, entry in enumerate(looked_at)}
        for entry in decided:
            outcome = known[id(entry)]
            if outcome.held_for is not None:
                outcome = outcome._replace(held_for=("", 0))  # for which one says nothing about the card
            if outcome != entry.outcome:
                self._remove_card(entry)
                entry.outcome, entry._settled = outcome, None
                self._add_card(entry)

    def _add_card(self, entry: _Entry) -> None:
        draft = applied(entry.key, entry.outcome or AS_IT_IS)
        if draft is None:
            return
        entry.card = card_of(draft, self.known)
        self._last += 1
        entry.number = self._last
        self._cards[entry.number] = entry
        for key in dict.fromkeys(_asks(entry)):
            self._sides.setdefault(key, []).append(entry)
        self._alike.add(entry.number, entry.card)

    def _remove_card(self, entry: _Entry) -> None:
        if entry.card is None:
            return
        for key in dict.fromkeys(_asks(entry)):
            self._sides[key].remove(entry)
            if not self._sides[key]:
                del self._sides[key]
        self._alike.remove(entry.number, entry.card)
        del self._cards[entry.number]
        entry.card = None

    # --- between notes

    def _two_answers(self, key: tuple[str, int]) -> Iterator[tuple[_Entry, Diagnostic]]:
        """The same question with different answers; of a reversed note the answer asks as well."""
        entries = self._sides[key]
        if len(entries) == 1 and entries[0].key.note_type != "Reversed":
            return
        known: dict[str, tuple[_Entry, str]] = {}
        for entry in sorted(entries, key=lambda entry: entry.place):
            card = entry.card
            assert card is not None
            asks = [(card.facts.asked, card.said, card.shown_question, card.shown_answer)]
            if card.draft.note_type == "Reversed":
                asks.append((card.facts.said, card.asked, card.shown_answer, card.shown_question))
            for question, answer, shown_question, shown_answer in asks:
                if question != key[1]:
                    continue
                if answer in known:
                    other = known[answer][0]
                    if other.card is not None and card.normal != other.card.normal:  # else they are one note
                        yield entry, _answered_alike(entry, other, shown_question)
                elif known:
                    first, said = next(iter(known.values()))
                    assert first.card is not None
                    if similar(answer, first.card.said) >= ALIKE and card.names == first.card.names:
                        yield entry, _answered_alike(entry, first, shown_question)
                    else:
                        yield (
                            entry,
                            entry.report(
                                "two-answers",
                                f"“{cut(shown_question, 60)}” is answered here by “{cut(shown_answer, 60)}”, "
                                f"but in {first.shown_place} by “{cut(said, 60)}”",
                                "say what tells the two apart, such as the year, the version or the field",
                            ),
                        )
                known.setdefault(answer, (entry, shown_answer))

    def _same_note_twice(self, entry: _Entry) -> Iterator[Diagnostic]:
        """A note that is nearly like an earlier one: the first of those."""
        card = entry.card
        assert card is not None
        earlier = (self._cards[number] for number in self._alike.near(entry.number, card))
        other = min((one for one in earlier if one.place <= entry.place), key=lambda one: one.place, default=None)
        if other is not None and other.card is not None:
            yield entry.report(
                "same-note-twice",
                f"“{cut(card.shown_question, 60)}” says nearly the same as “{cut(other.card.shown_question, 60)}” "
                f"in {other.shown_place}",
                "keep one of them, or say in each what is its own",
            )


def _asks(entry: _Entry) -> Iterator[tuple[str, int]]:
    """By what a card is compared with others: deck and question; of a reversed one the answer as well."""
    card = entry.card
    if card is None or card.draft.note_type not in ASKING or not card.facts.asked or not card.facts.said:
        return
    yield card.draft.deck, card.facts.asked
    if card.draft.note_type == "Reversed":
        yield card.draft.deck, card.facts.said


def _answered_alike(entry: _Entry, first: _Entry, question: str) -> Diagnostic:
    message = f"“{cut(question, 60)}” is answered nearly alike in {first.shown_place}"
    return entry.report("same-note-twice", message, "write question and answer the same way in both places")


# --- within a source ----------------------------------------------------------------------------------------------


def _taken(draft: Draft) -> Diagnostic:
    hint = f"say in the label or in a heading above what tells it apart\nmade by {draft.rule}"
    message = f"“{cut(plain(draft.fields[0][1]), 100)}” is asked by another note, with another answer"
    return Diagnostic("front-taken", message, draft.origin.span, hint)


def _same_fact_twice(drafts: Sequence[Draft]) -> Iterator[Diagnostic]:
    """Two notes of one line for one fact."""
    by_line: dict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.note_type in ASKING:
            by_line[draft.origin.span.line].append(draft)
    for several in by_line.values():
        for index, draft in enumerate(several):
            other = next((one for one in several[:index] if is_same_fact(one, draft)), None)
            if other is not None:
                question, asked = plain(draft.fields[0][1]), plain(other.fields[0][1])
                message = f"“{cut(question, 60)}” and “{cut(asked, 60)}” tell one fact of one line"
                hint = f"leave one of them out\nmade by {draft.rule} and {other.rule}"
                yield Diagnostic("same-fact-twice", message, draft.origin.span, hint)
