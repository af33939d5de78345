"""A line and a fact of one question → whether they are one note: by their place, by their answers, by both."""

from __future__ import annotations

from urllib.parse import unquote

from deckgen.identity.answers import alike, alike_despite_exchange, are_same, goes_on
from deckgen.identity.facts import Fact, place_of
from deckgen.identity.headings import is_reworded, is_within
from deckgen.identity.lock import LockEntry
from deckgen.identity.normal_form import similar
from deckgen.identity.same_subject import is_exchanged
from deckgen.identity.visible_question import last_sign


def is_vouched(line: LockEntry, fact: Fact, *, is_retired: bool) -> bool:
    """Whether a fact that asks the same question as a line also stands where it stood, or says what it said."""
    if place_of(line) in fact.places and asks_as_before(line, fact):
        return True
    return is_answer_vouching(line, fact, is_retired=is_retired)


def is_answer_vouching(line: LockEntry, fact: Fact, *, is_retired: bool) -> bool:
    """Whether a fact says what a line said, wherever it stands; where both say nothing, whether it is the same text."""
    if line.answer and line.answer == fact.answer:
        return not _is_another_owners(line, fact)
    if not line.answer and not fact.answer:
        return similar(line.text, fact.text) >= 75 and not is_exchanged(line.text, fact.text)
    return similar(line.text, fact.text) >= 50 and _answers_alike(line, fact, is_retired=is_retired)


def asks_as_before(line: LockEntry, fact: Fact) -> bool:
    """Whether what stands in the question beside the key is as it was, and what the normal form leaves out at its end.

    A header that the key has not (`Principle`, `Technology`), a sign (`Operator .`, `Operator ?`) and another picture
    of the same name tell two facts apart that stand in each other's place.
    """
    if line.media and _asks_of_another_picture(line, fact):
        return False
    if line.key != fact.key[2]:  # then the question is compared as a whole
        return True
    if _has_another_owner(line, fact):
        return False
    sign = last_sign(fact.draft.question)
    if not sign or line.digest == fact.digest:
        return True
    _, found, after = line.text.partition(line.question)
    return after.lstrip().startswith(sign) if found else sign in line.text


def _is_another_owners(line: LockEntry, fact: Fact) -> bool:
    """Whether what is asked belongs to another owner now, and its answer is too short to say that it is the same."""
    return min(len(line.answer), len(fact.answer)) < _TELLING and _has_another_owner(line, fact)


def _has_another_owner(line: LockEntry, fact: Fact) -> bool:
    """Whether a word stands in the place of another in the question although the key is the same: `Flu: cause`."""
    return (
        line.key == fact.key[2]
        and line.question != fact.question
        and not line.cloze
        and is_exchanged(line.question, fact.question, forgives_slips=True)
    )


_TELLING = 12  # characters of an answer that says whose it is although its owner has another name


def _asks_of_another_picture(line: LockEntry, fact: Fact) -> bool:
    """Whether a file that the question shows has other bytes than when the note was sent with it."""
    now = {file.reference: file.digest for file in fact.draft.media}
    return any(
        (name in line.question or unquote(name) in line.question) and not now.get(name, content).startswith(content)
        for name, content in line.media
    )


def _answers_alike(line: LockEntry, fact: Fact, *, is_retired: bool) -> bool:
    """Whether the answers are one and the same, edited.

    A text is like another already by the question that both contain ("缺点：训练慢", "缺点：训练贵"), so that it
    vouches for nothing without its answer; one word in the place of another makes another fact ("训练慢，占显存",
    "推理慢，占显存"), and a very short answer says nothing but when it is the same. What left the notes some time ago
    has to be more alike.
    """
    length, likeness = min(len(line.answer), len(fact.answer)), similar(line.answer, fact.answer)
    soon, late = (50, 75) if length >= 20 else (70, 85)
    return length >= 6 and likeness >= (late if is_retired else soon) and not is_exchanged(line.answer, fact.answer)


def is_clearly_edited(line: LockEntry, fact: Fact) -> bool:
    """Whether a question that nothing else asks is the same note, although its headings and its answer changed at once.

    The question is the evidence here, so the answer needs less of it: in the same file, one that is like the old one
    although a word stands in the place of another, or any where headings above only came or went.
    """
    if _is_another_owners(line, fact):
        return False
    if any(line.path == path for path, _ in fact.places):
        headings = [above for path, above in fact.places if line.path == path]
        is_near = any(is_within(line.headings, above) or is_reworded(line.headings, above) for above in headings)
        if is_near and asks_as_before(line, fact):
            return True
        return is_edited_in_place(line, fact)
    if stands_near(line, fact) and is_edited_in_place(line, fact):
        return True
    answer = line.answer
    if min(len(answer), len(fact.answer)) >= _LONG and goes_on(answer, fact.answer):
        return True
    return are_same(answer, fact.answer) or alike(answer, fact.answer, least=85, forgives_slips=True)


_LONG = 20  # characters of an answer that says whose it is wherever it stands


def stands_near(line: LockEntry, fact: Fact) -> bool:
    """Whether a fact stands in the same file, or below the same heading of another, as when a file is split."""
    return any(
        line.path == path or (line.headings and above and line.headings[-1] == above[-1]) for path, above in fact.places
    )


def is_edited_in_place(line: LockEntry, fact: Fact) -> bool:
    """Whether the answer is the same one edited, where the question and the file are evidence as well."""
    answer = line.answer
    return are_same(answer, fact.answer) or alike_despite_exchange(answer, fact.answer) or goes_on(answer, fact.answer)
