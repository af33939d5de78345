"""GUIDs → what a note's field ID holds: what one search in Anki's browser finds any set of notes by."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Guid

_PLAIN = lazy_regex(r"[a-z0-9]{1,64}")


def search_id(guid: Guid | str) -> str:
    r"""The GUID itself; of one that came from elsewhere sixteen characters made of it.

    deckgen's own GUIDs are `[a-z0-9]`, those of other makers any text: `"ID:re:^(…)$"` would take `K$|.` for an
    expression, and a field holds HTML, in which `<` is `&lt;`. So the field never holds anything but `[a-z0-9]`.
    """
    if _PLAIN.fullmatch(guid):
        return str(guid)
    return b32encode(sha256(b"deckgen-id-1 " + guid.encode("utf-8", "surrogatepass")).digest()[:10]).decode().lower()
