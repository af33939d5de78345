"""Notes that are rendered → what there is to tell of the build, and what the next one has to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.counts import need_attention
from deckgen.build.file_state import LockDigest
from deckgen.build.identify import NotesOfBuild
from deckgen.build.in_memory_build import InMemoryBuild
from deckgen.build.index_rows import MadeSource, StoredOptions
from deckgen.build.note_index import NoteIndex
from deckgen.build.package_writer import PackageWriter
from deckgen.build.result import NearlySame, Outcome
from deckgen.build.snapshot import WrittenBuild
from deckgen.build.unit import CompiledNote
from deckgen.diagnostics import Diagnostic
from deckgen.extraction.other_ids import once
from deckgen.identity.assign import check_clock
from deckgen.identity.facts import key_of
from deckgen.identity.identified import Identified
from deckgen.identity.identify import check_retired
from deckgen.identity.lock import Header, Lock, LockEntry, format_lock
from deckgen.model import Note, RenderedNote
from deckgen.project.project import Project
from deckgen.rendering.note import RenderOptions

_TRANSIENT = frozenset(
    {
        "many-retired",
        "made-on-two-branches",
        "clock-ahead",
        "retired-but-there",
        "same-unknown",
        "same-kind",
        "same-taken",
    }
)
"""Diagnostics that the next build does not repeat, although no file changes."""


class Rendered(Struct, frozen=True):
    """The notes of a build, rendered and counted."""

    project: Project
    writer: PackageWriter
    notes: NotesOfBuild
    before: Header  # of the lock
    header: Header
    rendering: RenderOptions
    is_lock_new: bool

    @property
    def made(self) -> dict[str, MadeSource]:
        """What the package has of each source."""
        return dict(self.writer.now_made())


def diagnostics_of(rendered: Rendered) -> list[Diagnostic]:
    """What there is to tell of the notes, with paths in the project."""
    notes = rendered.notes
    found = (one for made in rendered.made.values() for one in made.diagnostics)
    reported = once(found, is_lock_new=rendered.is_lock_new)
    reported.extend(check_clock(rendered.writer.tally.ahead, rendered.writer.clock.now))
    if notes.identified is not None:
        reported.extend(one for one in notes.identified.diagnostics if one.kind != "many-retired")
        reported.extend(check_retired(notes.live, len(notes.identified.retired)))
    return reported


def outcome_of(rendered: Rendered, suggestions: int, diagnostics: Sequence[Diagnostic]) -> Outcome:
    """What there is to tell of a build, of the part of the project that the command line names. `suggestions`: how many
    there are.
    """
    project, before, header, stamp = rendered.project, rendered.before, rendered.header, rendered.rendering.stamp
    tally, made = rendered.writer.tally, rendered.made
    identified = rendered.notes.identified
    part = project.chosen
    all_retired, misses = (identified.retired, identified.near_misses) if identified is not None else ((), ())
    retired = [line for line in all_retired if part is None or line.path in part]
    ours = tally.here.union(line.guid for line in retired)
    changes = {**tally.changes, "retired": len(retired)}
    elsewhere = {**tally.elsewhere, "retired": len(all_retired) - len(retired)}
    changes["unchanged"] = changes.get("unchanged", 0) + sum(
        one.total for path, one in made.items() if path not in rendered.writer.made
    )
    return Outcome(
        package=str(project.package_path),
        lock=str(project.lock_path),
        notes=sum(len(one.ids) for one in made.values()),
        cards=sum(one.cards for one in made.values()),
        changes={change: count for change, count in changes.items() if count or change == "retired"},
        elsewhere={change: count for change, count in elsewhere.items() if count},
        held_back=sum(one.held for one in made.values()),
        declined=sum(one.declined for one in made.values()),
        skipped=sum(one.skipped for one in made.values()),
        suggestions=suggestions,
        decisions_gone=len(project.choices.notes) - len({guid for one in made.values() for guid in one.decided}),
        need_attention=need_attention((kinds for one in made.values() for kinds in one.findings), project.config.lint),
        held_apart=tuple(
            place for path in sorted(made) if part is None or path in part for place in made[path].held_apart
        ),
        moved=tuple(tally.moved),
        retired=tuple(line.guid for line in retired),
        retires_many=bool(check_retired(rendered.notes.live, len(all_retired))),
        near_misses=tuple(
            NearlySame(
                miss.old.guid, miss.new, miss.old.question, tally.questions.get(miss.new, ""), miss.reason, miss.hint
            )
            for miss in misses
            if part is None or miss.new in ours or miss.old.guid in ours
        ),
        is_lock_new=rendered.is_lock_new,
        is_rendering_new=before.rendering not in ("", stamp),
        new_words=header.words if before.words not in ("", header.words) else "",
        diagnostics=tuple(diagnostics),
    )


def _makes_way_for_pairs(rendered: Rendered) -> bool:
    """Whether a note became another one by the learner's word, so that a further pair may name it now."""
    identified = rendered.notes.identified
    if identified is None or not rendered.project.choices.same:
        return False
    return any(note.reason == "by hand" for note in identified.notes)


def written_build_of(rendered: Rendered, outcome: Outcome, lock: LockDigest, generation: str) -> WrittenBuild | None:
    """What the next build has to know; None where it is not sure what that would do if nothing changed."""
    made, compiled = rendered.made.values(), rendered.writer.compiled
    if any(one.is_missing_media for one in made) or _makes_way_for_pairs(rendered):
        return None
    is_rendering_new = rendered.header.rendering not in ("", rendered.rendering.stamp)
    lasting = tuple(one for one in outcome.diagnostics if one.kind not in _TRANSIENT)
    return WrittenBuild(
        rendered.project,
        replace(outcome.unchanged_result(is_rendering_new=is_rendering_new), diagnostics=lasting),
        lock,
        {path for one in made for path in one.looked_at},
        {file for one in made for file in one.media.values()},
        generation,
        compiled.store.begun,
        [
            (compiled.store.scanned_stamp(source.path), compiled.digests.get(source.path, ""))
            for source in rendered.project.sources
        ],
    )


def settle_index(index: NoteIndex, rendered: Rendered, lock: LockDigest) -> str:
    """Have the index know the rest of what was written, but for the lines of the lock; a name of its state."""
    size, digest = lock
    index.remember("lock", f"{size} {digest}".encode())
    rules = rendered.writer.compiled.compile_options.rules()[0]
    names = tuple(rule.name for rule in rules.rules)
    index.remember_options(StoredOptions(names, tuple(rules.packs), dict(rendered.rendering.note_types)))
    return index.settle(rendered.writer.made, {source.path for source in rendered.project.sources})


def view_of(
    rendered: Rendered,
    lock: Lock,
    notes: Sequence[tuple[Note, RenderedNote | None]],
    lines: Mapping[str, LockEntry],
    suggested: Sequence[CompiledNote],
    diagnostics: Sequence[Diagnostic],
) -> InMemoryBuild:
    """A build as commands look at it. `lock`: as it was; `notes`: all, and what is shown of them; `lines`: those of the
    next lock.
    """
    found, part = rendered.notes.identified or Identified((), Lock(lock.header)), rendered.project.chosen
    next_lock = replace(found.lock, header=rendered.header, lines=tuple(lines[guid] for guid in sorted(lines)))
    return InMemoryBuild(
        project=rendered.project,
        rules=rendered.writer.compiled.compile_options.rules()[0],
        identified=replace(found, notes=tuple(note for note, _ in notes), lock=next_lock),
        notes=tuple(one for _, one in notes if one is not None and rendered.writer.is_here(one.note)),
        lock_before=lock,
        lock_text=format_lock(next_lock),
        rendering=rendered.rendering,
        files=rendered.writer.files,
        diagnostics=tuple(diagnostics),
        suggested=tuple(one for one in suggested if part is None or one.draft.origin.span.path in part),
    )


def is_steady(build: InMemoryBuild) -> bool:
    """Whether it is sure what the next build would do if nothing changed."""
    project, identified, lock = build.project, build.identified, build.identified.lock
    if project.chosen is not None or project.reads_alone or lock.variants:
        return False
    if sum(not line.retired for line in lock.lines) != len({note.guid for note in identified.notes}):
        return False  # lines of sources that this build did not read
    return build.lock_text == project.lock_text or len(set(map(key_of, lock.lines))) == len(lock.lines)
