"""What the benchmarks share: a clock, peak memory, a table against a reference, and figures for `dist/`."""

from __future__ import annotations

import gc
import json
import multiprocessing
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

DIST = Path(__file__).parent.parent / "dist"
T = TypeVar("T")


@dataclass
class Figure:
    """One thing measured. `ratio` is against the table's reference, `bound` what it must stay under."""

    name: str
    value: float
    unit: str = "s"
    ratio: float | None = None
    bound: float | None = None

    @property
    def is_within(self) -> bool:
        """Whether it keeps to its bound."""
        return self.bound is None or self.value <= self.bound


@dataclass
class Table:
    """The figures of one benchmark, and what they are held against."""

    name: str
    reference: str
    unit_of_reference: float = 0.0
    figures: list[Figure] = field(default_factory=list)

    def add(
        self, name: str, value: float, *, unit: str = "s", bound: float | None = None, is_apart: bool = False
    ) -> None:
        """One more line; what is measured in seconds gets a ratio, unless it is work of another kind."""
        is_comparable = unit == "s" and self.unit_of_reference and not is_apart
        ratio = value / self.unit_of_reference if is_comparable else None
        self.figures.append(Figure(name, round(value, 4), unit, ratio and round(ratio, 2), bound))

    def end(self) -> int:
        """Print the table, write it to `dist/`, and say as an exit code whether every bound was kept."""
        width = max(len(figure.name) for figure in self.figures)
        print(f"{self.name}: Python {platform.python_version()}; the reference is {self.reference}")
        print(f"  {'':{width}}  {'':>12}  {'x reference':>11}  bound")
        for figure in self.figures:
            ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
            bound = f"{figure.bound:g} {figure.unit}" if figure.bound is not None else ""
            over = "" if figure.is_within else "  EXCEEDED"
            digits = 0 if figure.unit not in ("s", "%", "x") else 3
            value = f"{figure.value:,.{digits}f}"
            print(f"  {figure.name:{width}}  {value:>9} {figure.unit:<3} {ratio:>11}  {bound}{over}")
        DIST.mkdir(exist_ok=True)
        path = DIST / f"benchmark-{self.name}.json"
        data = {"name": self.name, "reference": self.reference, "figures": [asdict(f) for f in self.figures]}
        path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", "utf-8")
        print(f"  -> {path.relative_to(DIST.parent)}")
        return 0 if all(figure.is_within for figure in self.figures) else 1


def timed(work: Callable[[], T], repeat: int = 1) -> tuple[float, T]:
    """The least seconds of CPU over some runs, which other programs disturb little, and what the last gave. The
    collector is off, as in commands.
    """
    least = float("inf")
    for _ in range(repeat):
        gc.collect()
        gc.disable()
        start = time.process_time()
        result = work()
        least = min(least, time.process_time() - start)
        gc.enable()
    return least, result


def peak_mib() -> float:
    """The most memory that this process ever had, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def in_own_process(work: Callable[..., T], *arguments: object) -> T:
    """Run something in a process of its own, so that its peak of memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)
