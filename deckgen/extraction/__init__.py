"""Documents × rules → drafts."""

from deckgen.extraction.attempt import Attempt, Trace
from deckgen.extraction.deletions import write_deletions
from deckgen.extraction.planning import speaks
from deckgen.extraction.settings import Settings
from deckgen.extraction.sources import Extracted, Kept, attempts_on, extract

__all__ = [
    "Attempt",
    "Extracted",
    "Kept",
    "Settings",
    "Trace",
    "attempts_on",
    "extract",
    "speaks",
    "write_deletions",
]
