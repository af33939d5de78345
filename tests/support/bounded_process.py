"""Code that must end: a child with a ceiling of CPU time and memory that only work out of all proportion reaches.

A ceiling is no measurement: what it stops would take a thousand times as long as what is right.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

SECONDS, MEBIBYTES = 60, 700


def ends_within_bounds(function: Callable[[], object], *, seconds: int = SECONDS, mebibytes: int = MEBIBYTES) -> None:
    """Run it in a child, and fail when that is stopped or raises. `mebibytes` are those that it takes beside this process."""
    import resource

    with open("/proc/self/statm") as file:
        here = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    child = os.fork()
    if not child:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            ceiling = here + mebibytes * 1024**2
            resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
            function()
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert not os.WIFSIGNALED(status), f"stopped by signal {os.WTERMSIG(status)}: it did not end within its bounds"
    assert os.waitstatus_to_exitcode(status) == 0
