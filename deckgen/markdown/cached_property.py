"""`functools.cached_property` without the lock that Python 3.11 takes for each value: notes have tens of thousands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

_T = TypeVar("_T")

if sys.version_info >= (3, 12):
    from functools import cached_property
else:

    class cached_property(Generic[_T]):  # noqa: N801 (it is that of functools)
        """A value of an instance that is made when it is first asked for."""

        def __init__(self, function: Callable[[Any], _T]) -> None:
            self._function = function
            self.__doc__ = function.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        @overload
        def __get__(self, instance: None, owner: type | None = None) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: type | None = None) -> _T: ...
        def __get__(self, instance: object | None, owner: type | None = None) -> Self | _T:
            if instance is None:
                return self
            found = instance.__dict__[self._name] = self._function(instance)
            return found


__all__ = ["cached_property"]
