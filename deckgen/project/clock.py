"""What a build depends on beside its files: the clock."""

from __future__ import annotations

import os
import time

from deckgen.diagnostics import Diagnostic, define

define(
    "error",
    bad_clock="SOURCE_DATE_EPOCH is set to something that is not a number of seconds.",
)


def read_clock() -> tuple[int, list[Diagnostic]]:
    """Seconds since 1970: `SOURCE_DATE_EPOCH` where it is set, else the clock."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not epoch:
        return int(time.time()), []
    if epoch.isascii() and epoch.isdigit() and int(epoch) < 2**33:
        return int(epoch), []
    message = f"SOURCE_DATE_EPOCH is `{epoch}`, which is no number of seconds since 1970"
    return 0, [Diagnostic("bad-clock", message, hint="unset it, or set it as in `SOURCE_DATE_EPOCH=1700000000`")]
