"""Documents × rules → drafts."""

from deckgen.extraction.attempt import Attempt, Trace, may_match, try_rule
from deckgen.extraction.deletions import write_deletions
from deckgen.extraction.settings import Settings
from deckgen.extraction.sources import Extracted, Kept, attempts_on, extract, speaks

__all__ = [
    "Attempt",
    "Extracted",
    "Kept",
    "Settings",
    "Trace",
    "attempts_on",
    "extract",
    "may_match",
    "speaks",
    "try_rule",
    "write_deletions",
]
