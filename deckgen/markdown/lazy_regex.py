"""Regular expressions that are compiled when they are first used: a class of all Chinese characters takes 3 ms."""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    """Stands for an expression; what was asked of it once stands here, so that only the first question waits."""

    def __init__(self, expression: str, flags: int) -> None:
        self._expression, self._flags = expression, flags

    def __reduce__(self) -> tuple[Any, ...]:
        return _Later, (self._expression, self._flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what copying and pickling ask for
            raise AttributeError(name)
        found = self.__dict__[name] = getattr(re.compile(self._expression, self._flags), name)
        return found


def lazy_regex(expression: str, flags: int = 0) -> re.Pattern[str]:
    """An expression that many runs never need."""
    return cast("re.Pattern[str]", _Later(expression, flags))
