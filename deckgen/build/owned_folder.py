"""The folder `.deckgen/` of a project, of which nothing is opened before it is proven to be this machine's own.

The folder lies in the project, so a stranger's repository may bring one along. Opening a SQLite file that somebody else
made is not harmless: a hot journal beside it names files that SQLite deletes, its schema may hold a view without end,
and a pipe in the place of a file keeps whoever opens it waiting for ever. So the proof is a plain file, `owner`: the
names of the files that deckgen wrote there, each with its state and the digest of its content, and a keyed digest
(HMAC) of the whole. The key is a random secret in the user's cache folder, which no repository can know.

A file is opened only if the proof names it, it is an ordinary file of this user, and nothing lies beside it that SQLite
would read as its journal. Its size, times and inode must be those in the proof, which nobody can choose for a file in a
checkout; or else its content must have the digest in the proof. The latter is what a copy of the folder costs: it is
hashed once. A stranger who has somebody's published `.deckgen` can therefore put nothing else in its place.

What does not fit is deleted, never followed, by a build that writes, and made again. Where there is no secret (no home
folder, a read-only cache folder), or the folder is a link, a file, or that of another user, there is no cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from deckgen.build.user_cache import delete, is_own, read_small, secret, write_file
from deckgen.diagnostics.paths import SAFELY
from deckgen.package.deflate import PIECE

FOLDER = ".deckgen"
_PROOF = "owner"
_HEAD = b"deckgen owner 2\n"
_LARGEST_PROOF = 1 << 16
_JOURNALS = ("-journal", "-wal", "-shm")
_GITIGNORE = "# what `deckgen build` need not make again; may be deleted at any time\n*\n"
_BUFFER = 1 << 16
_ABANDONED = 3600  # seconds, after which nobody is still writing a temporary file


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """A file as deckgen left it: size, modified and changed (nanoseconds), inode; SHA-256 of its content."""

    state: tuple[int, int, int, int]
    digest: str


_Proof = Mapping[str, _Entry]
"""What the secret vouches for, by the names of files."""


def open_folder(root: Path, *, makes: bool = True) -> Path | None:
    """The cache's folder in a project's; None where there is, or can be, none. `makes` it where it is not there, and
    deletes what is not its own.
    """
    folder = root / FOLDER
    try:
        if makes:
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
        if not is_own(os.lstat(folder), stat.S_ISDIR):
            return None
        key = secret(makes=makes)
        if key is None:
            return None
        if makes:
            _delete_others(folder, _read_proof(folder, key))
            _write_gitignore(folder)
        elif _read_proof(folder, key) is None:
            return None
    except OSError:
        return None
    return folder


def is_own_file(path: Path) -> bool:
    """Whether a file in the folder may be opened, or made: deckgen wrote it there, or there is nothing of that name."""
    try:
        if any(os.path.lexists(f"{path}{ending}") for ending in _JOURNALS):
            return False
        if not os.path.lexists(path):
            return True
        key = secret(makes=False)
        proof = _read_proof(path.parent, key) if key is not None else None
        return proof is not None and _fits(path, proof)
    except OSError:
        return False


def own_digest(path: Path) -> str:
    """The digest of a file that deckgen wrote there, which is only read where it was touched; empty for another."""
    with contextlib.suppress(OSError):
        key = secret(makes=False)
        proof = _read_proof(path.parent, key) if key is not None else None
        if proof is not None and _fits(path, proof):
            return proof[path.name].digest
    return ""


def digest_of_pieces(pieces: Iterable[bytes]) -> str:
    """The digest of a file by those of its pieces."""
    return hashlib.sha256(b"".join(pieces)).hexdigest()


def seal(path: Path, pieces: Sequence[bytes] = (), *, is_digested: bool = True) -> None:
    """Vouch for a file that this build wrote in the folder; a file that is gone is vouched for no longer. `pieces` are
    the digests of its first whole pieces, where they are known; without a digest a copy of the file is not believed.
    """
    folder = path.parent
    with contextlib.suppress(OSError):
        key = secret(makes=False)
        if key is None or not is_own(os.lstat(folder), stat.S_ISDIR):
            return
        proof = _read_proof(folder, key)
        if proof is not None and _is_vouched_for(path, proof, is_digested=is_digested):
            return
        others = ((name, entry) for name, entry in (proof or {}).items() if name != path.name)
        files = {name: entry for name, entry in others if os.path.lexists(folder / name)}
        if (entry := _entry_of(path, pieces, is_digested=is_digested)) is not None:
            files[path.name] = entry
        payload = msgspec.json.encode(files)
        write_file(folder, folder / _PROOF, _HEAD + _keyed(key, payload) + b"\n" + payload)


def _keyed(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, _HEAD + payload, hashlib.sha256).hexdigest().encode()


# ---- the proof


def _read_proof(folder: Path, key: bytes) -> _Proof | None:
    """What the folder's `owner` says; None where it is not what this machine wrote."""
    data = read_small(folder / _PROOF, _LARGEST_PROOF)
    if data is None or not data.startswith(_HEAD):
        return None
    digest, _, payload = data[len(_HEAD) :].partition(b"\n")
    if not hmac.compare_digest(digest, _keyed(key, payload)):
        return None
    try:
        return msgspec.json.decode(payload, type=dict[str, _Entry])
    except (msgspec.DecodeError, ValueError):
        return None


def _fits(path: Path, proof: _Proof) -> bool:
    """Whether a file is what the proof says of it."""
    entry = proof.get(path.name)
    if entry is None:
        return False
    status = os.lstat(path)
    if not is_own(status, stat.S_ISREG):
        return False
    if _state(status) == entry.state:
        return True
    return bool(entry.digest) and status.st_size == entry.state[0] and _digest(path) == entry.digest


def _is_vouched_for(path: Path, proof: _Proof, *, is_digested: bool) -> bool:
    """Whether the proof says of a file already what it would say now."""
    entry = proof.get(path.name)
    return entry is not None and bool(entry.digest or not is_digested) and _state(os.lstat(path)) == entry.state


def _state(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _entry_of(path: Path, pieces: Sequence[bytes], *, is_digested: bool) -> _Entry | None:
    try:
        before = os.lstat(path)
        if not stat.S_ISREG(before.st_mode):
            return None
        return _Entry(_state(before), _digest(path, pieces) if is_digested else "")
    except OSError:
        return None


def _digest(path: Path, pieces: Sequence[bytes] = ()) -> str:
    """That of all pieces; of the first ones these are the digests."""
    found = list(pieces)
    with os.fdopen(os.open(path, SAFELY), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return ""
        file.seek(len(found) * PIECE)
        buffer = memoryview(bytearray(_BUFFER))  # one for all: new memory takes longer than the digest
        while (piece := _digest_of_piece(file, buffer)) is not None:
            found.append(piece)
    return digest_of_pieces(found)


def _digest_of_piece(file: io.BufferedReader, buffer: memoryview) -> bytes | None:
    """That of the next piece of a file; None at its end."""
    digest, left = hashlib.sha256(), PIECE
    while left and (size := file.readinto(buffer[:left])):
        digest.update(buffer[:size])
        left -= size
    return digest.digest() if left < PIECE else None


# ---- what is not deckgen's own


def _delete_others(folder: Path, proof: _Proof | None) -> None:
    """Delete all that the proof does not name or that is not what it says, and follow no link."""
    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        path = Path(entry.path)
        if entry.name == _PROOF and proof is not None:
            continue
        if entry.name == ".gitignore" and entry.is_file(follow_symlinks=False):
            continue
        if proof is not None and (_is_working(entry) or _fits(path, proof)):
            continue
        delete(path)


def _is_working(entry: os.DirEntry[str]) -> bool:
    """Whether an entry may be what another build is just making. It is opened by nobody else."""
    is_folder = entry.is_dir(follow_symlinks=False)
    if not (is_folder or entry.name.endswith(".tmp")) or time.time() - os.lstat(entry.path).st_mtime > _ABANDONED:
        return False
    return entry.name.startswith(("collection-", "rest-", "report-", _PROOF)) and entry.name.count("-") > is_folder


def _write_gitignore(folder: Path) -> None:
    with contextlib.suppress(FileExistsError):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(folder / ".gitignore", flags, 0o666), "wb") as file:
            file.write(_GITIGNORE.encode())
