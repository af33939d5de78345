"""Facts and lines that are left → which fact is which line, although its key is another one now.

Another rule, or a rule that captures something else, of the same text; a rewording undone; the same text in the other
Chinese script.
"""

from __future__ import annotations

from collections.abc import Hashable

from deckgen.identity.answers import has_gained
from deckgen.identity.chinese_scripts import is_converted, simplified
from deckgen.identity.facts import Fact, digest_of_key, key_of, place_of
from deckgen.identity.lock import LockEntry
from deckgen.identity.match_by_key import (
    ASLEEP,
    LARGEST_FAMILY,
    LIVE,
    OLDER,
    RETIRED,
    LockCandidate,
    Pairs,
    by_text_and_answer,
    grouped,
)
from deckgen.identity.normal_form import similar
from deckgen.identity.same_subject import ask_the_same
from deckgen.identity.vouching import asks_as_before, is_answer_vouching, is_edited_in_place, is_vouched, stands_near
from deckgen.markdown.lazy_regex import lazy_regex


def pair_other_keys(pairs: Pairs) -> None:
    """What the text, or a former key, says."""
    lines = [
        candidate
        for candidate in pairs.candidates
        if candidate.note_index not in pairs.of_note and candidate.tier != ASLEEP
    ]
    facts = pairs.left_facts(range(len(pairs.facts)))
    if lines and facts:
        for pair_some in (_pair_other_rule, _pair_same_text, _pair_former_key, _pair_other_border, _pair_other_script):
            pair_some(pairs, lines, facts)


def _left(
    pairs: Pairs, candidates: list[LockCandidate], facts: list[int], tier: int
) -> tuple[list[LockCandidate], list[int]]:
    lines = [
        candidate for candidate in candidates if candidate.tier == tier and candidate.note_index not in pairs.of_note
    ]
    return lines, pairs.left_facts(facts)


def _pair_other_rule(pairs: Pairs, candidates: list[LockCandidate], facts: list[int]) -> None:
    """Another rule makes the same note of the same text."""
    for tier in (LIVE, OLDER, RETIRED):
        lines, asking = _left(pairs, candidates, facts, tier)
        table = grouped((by_text_and_answer(e.line), e) for e in lines)
        asking = [i for i in asking if by_text_and_answer(pairs.facts[i]) in table]
        for sign, indices in grouped((by_text_and_answer(pairs.facts[i]), i) for i in asking).items():
            known = table.get(sign, [])
            for kind in {pairs.facts[i].key[0] for i in indices}:
                of_kind = [candidate for candidate in known if candidate.line.kind == kind]
                own = [i for i in indices if pairs.facts[i].key[0] == kind]
                if len({candidate.note_index for candidate in of_kind}) == 1 and len(own) == 1:
                    pairs.add(of_kind[0], own[0], "other rule")


def _pair_same_text(pairs: Pairs, candidates: list[LockCandidate], facts: list[int]) -> None:
    """The rule now captures something else in the same text."""

    def sign(rule: tuple[str, str], digest: str) -> Hashable:
        return *rule, digest

    texts = {sign(pairs.facts[i].key[:2], pairs.facts[i].digest) for i in facts}
    all_lines = grouped(
        (of, e) for e in pairs.candidates if (of := sign((e.line.kind, e.line.rule), e.line.digest)) in texts
    )
    all_facts = grouped((of, i) for i, f in enumerate(pairs.facts) if (of := sign(f.key[:2], f.digest)) in texts)
    for tier in (LIVE, OLDER, RETIRED):
        lines, asking = _left(pairs, candidates, facts, tier)
        if not lines or not asking:
            continue
        table = grouped((sign(pairs.facts[i].key[:2], pairs.facts[i].digest), i) for i in asking)
        for of, known in grouped((sign((e.line.kind, e.line.rule), e.line.digest), e) for e in lines).items():
            if of in table and len(known) * len(table[of]) <= LARGEST_FAMILY:
                groups = {candidate.note_index for candidate in all_lines[of]}
                is_only_one = len(groups) == 1 and len(all_facts[of]) == 1
                for candidate, index in _best_of_each(pairs, known, table[of], is_only_one=is_only_one):
                    pairs.add(candidate, index, "same text")


def _best_of_each(
    pairs: Pairs, candidates: list[LockCandidate], facts: list[int], *, is_only_one: bool
) -> list[tuple[LockCandidate, int]]:
    """Pairs that are each other's best by a question of which only more or less was captured.

    One sentence speaks of siblings ("监督学习与半监督学习都要标签"): they are as like each other as anything. Only a
    cloze alone with its text is that note whatever it asks: its deletions have numbers of their own.
    """

    def score(candidate: LockCandidate, index: int) -> float:
        line, fact = candidate.line, pairs.facts[index]
        asked, said = similar(line.question, fact.question), similar(line.answer, fact.answer)
        if is_only_one and (line.kind.startswith("Cloze") or ask_the_same(line.question, fact.question)):
            return max(asked, said)
        if not _is_captured_otherwise(line.question, fact.question, fact.text):
            return 0.0
        return max(asked, said) if is_only_one else asked + said / 100

    scores = {(id(e), i): score(e, i) for e in candidates for i in facts}
    found = []
    for candidate in candidates:
        for index in facts:
            own = scores[id(candidate), index]
            others = [scores[id(e), index] for e in candidates if e.note_index != candidate.note_index]
            others += [scores[id(candidate), i] for i in facts if i != index]
            if own >= 50 and all(other < own for other in others):
                found.append((candidate, index))
    groups = grouped((candidate.note_index, (candidate, index)) for candidate, index in found)
    return [several[0] for several in groups.values() if len({index for _, index in several}) == 1]


def _is_captured_otherwise(one: str, other: str, text: str) -> bool:
    """Whether one question is the other with less captured, at the same places of the text."""
    less, more = sorted((one, other), key=len)
    return all(
        any(part in whole and text.count(part) == text.count(whole) * whole.count(part) for whole in more.split("\n"))
        for part in less.split("\n")
    )


def _pair_former_key(pairs: Pairs, candidates: list[LockCandidate], facts: list[int]) -> None:
    """A rewording that was undone; a note that an older rule, or its label as another class, was known by."""
    was = {former for candidate in candidates for former in candidate.line.was}
    formers = {former for index in facts for former in pairs.facts[index].former}
    if not was and not formers:
        return
    asking_at = grouped((of, i) for i in facts if (of := digest_of_key(pairs.facts[i].key)) in was)
    known_by = grouped((former, i) for i in facts for former in pairs.facts[i].former)
    for tier in (LIVE, OLDER, RETIRED):
        lines, left = _left(pairs, candidates, facts, tier)
        still = set(left)
        wanted: list[tuple[LockCandidate, int]] = []
        for candidate in lines:
            asking = dict.fromkeys(i for former in candidate.line.was for i in asking_at.get(former, ()))
            wanted.extend(
                (candidate, index)
                for index in asking
                if index in still and is_vouched(candidate.line, pairs.facts[index], is_retired=tier == RETIRED)
            )
            wanted.extend(
                (candidate, index)
                for index in (known_by.get(digest_of_key(key_of(candidate.line)), ()) if known_by else ())
                if index in still and index not in asking
                if _was_known_so(candidate.line, pairs.facts[index], is_retired=tier == RETIRED)
            )
        best = {
            index: _narrowed(known, pairs.facts[index])
            for index, known in grouped((index, candidate) for candidate, index in wanted).items()
        }
        by_note = grouped((candidate.note_index, index) for index, known in best.items() for candidate in known)
        for index, known in best.items():
            if len({candidate.note_index for candidate in known}) == 1 and len(set(by_note[known[0].note_index])) == 1:
                pairs.add(known[0], index, "former key")


def _was_known_so(line: LockEntry, fact: Fact, *, is_retired: bool) -> bool:
    """Whether a fact whose key may have been that of a line says what the line says, perhaps with more.

    Another rule, or another owner of one label, may ask something else by the same key: its place alone vouches for
    nothing. Between a line and its fact nothing need have been edited, but the rule may take in more of the text.
    """
    if place_of(line) in fact.places and has_gained(line.answer, fact.answer):
        return asks_as_before(line, fact)
    if is_edited_in_place(line, fact) and asks_as_before(line, fact):
        return place_of(line) in fact.places or (not is_retired and stands_near(line, fact))
    return is_answer_vouching(line, fact, is_retired=is_retired)


def _narrowed(candidates: list[LockCandidate], fact: Fact) -> list[LockCandidate]:
    """Those with the same answer, or with one that has gained; of these the ones that stand there."""
    same_answer = [candidate for candidate in candidates if candidate.line.answer == fact.answer and fact.answer]
    begun = (
        same_answer
        or [candidate for candidate in candidates if has_gained(candidate.line.answer, fact.answer)]
        or candidates
    )
    return [candidate for candidate in begun if place_of(candidate.line) in fact.places] or begun


_LEAST_WORDS = 8  # characters of a question and its answer; fewer may stand in one file by chance
_TARGET = lazy_regex(r"\(?https?://\S+")
_BORDER = lazy_regex(r"[:：=\s]+(?:[-–—]\s+)?|[-–—](?=[^\x00-\u2e7f])|(?<=[^\x00-\u2e7f])[-–—](?!\d)")
_BESIDE_CHINESE = lazy_regex(r"(?<=[^\x00-\u2e7f]) +| +(?=[^\x00-\u2e7f])")


def _pair_other_border(pairs: Pairs, candidates: list[LockCandidate], facts: list[int]) -> None:
    """The same words of one file, of which fewer or more are the question: `Emma - Jane Austen`: a novel."""
    for tier in (LIVE, OLDER):
        lines, asking = _left(pairs, candidates, facts, tier)
        table = grouped(
            ((words, path), i)
            for i in asking
            if (words := _by_all_words(pairs.facts[i]))
            for path in {path for path, _ in pairs.facts[i].places}
        )
        known = grouped(
            (of, candidate)
            for candidate in lines
            if table and (words := _by_all_words(candidate.line)) and (of := (words, candidate.line.path)) in table
        )
        for of, of_words in known.items():
            if (
                len({candidate.note_index for candidate in of_words}) == 1
                and len(table[of]) == 1
                and pairs.has_left(table[of][0])
            ):
                pairs.add(of_words[0], table[of][0], "same text")


def _by_all_words(one: LockEntry | Fact) -> Hashable:
    """Question and answer in one, without what stands between them."""
    kind = one.key[0] if isinstance(one, Fact) else one.kind
    if kind.startswith("Cloze") or not one.answer:
        return None
    text = _BORDER.sub(" ", _TARGET.sub(" ", f"{one.question} {one.answer}"))
    words = _BESIDE_CHINESE.sub("", text).strip()
    return (kind, words) if len(words) >= _LEAST_WORDS else None


def _pair_other_script(pairs: Pairs, candidates: list[LockCandidate], facts: list[int]) -> None:
    """Simplified became Traditional, or the other way round, and nothing else changed."""
    if all(pairs.facts[index].text.isascii() for index in facts):
        return
    for tier in (LIVE, OLDER, RETIRED):
        lines, asking = _left(pairs, candidates, facts, tier)
        if not lines or not asking:
            continue
        table = grouped((_by_simplified_text(pairs.facts[i]), i) for i in asking)
        known = grouped((of, candidate) for candidate in lines if (of := _by_simplified_text(candidate.line)) in table)
        for of, of_text in known.items():
            if len({candidate.note_index for candidate in of_text}) == 1 and len(table[of]) == 1:
                line, fact = of_text[0].line, pairs.facts[table[of][0]]
                shown = ((line.text, fact.text), (line.question, fact.question), (line.answer, fact.answer))
                if all(is_converted(one, other) for one, other in shown):
                    pairs.add(of_text[0], table[of][0], "other script")


def _by_simplified_text(one: LockEntry | Fact) -> Hashable:
    kind, rule = one.key[:2] if isinstance(one, Fact) else (one.kind, one.rule)
    return kind, rule, simplified(one.text), simplified(one.question), simplified(one.answer)
