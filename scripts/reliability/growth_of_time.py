"""Clean, judge, compare and describe repetitive texts: time grows with the size of the input.

Time is CPU time, at one size and at four times that size, in processes of their own. A case that is
too quick is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import stress_articles

from corpus.stages.clean import Clean
from reliability import growth_of_expressions, growth_of_readers, growth_of_stages
from reliability.bounded_expressions import BOUNDS
from reliability.figure import Effort, Figure, spread
from reliability.growth import SIZE_RATIO, Growth, growth

NAME_TEXTS = "repetitive inputs for every reader and `clean`: CPU time of 4n to n"
NAME_STAGES = (
    "repetitive inputs for each other stage, words, config, card and audit: CPU time of 4n to n"
)
NAME_EXPRESSIONS = "every regular expression of the package: CPU time of 4n to n"
TARGET = "< 6"
MIN_SECONDS = 0.3
"""CPU seconds below which a case is not judged: it is noise."""
MAX_BYTES = 16_000_000
"""The smaller size of a file whose growth is measured, at most."""


def growth_of_clean(size: int, trials: int) -> Iterator[Growth]:
    """Yield the growth of each repetitive page."""
    stage = Clean()
    stage.kernels()
    every = [("page", *item) for item in stress_articles.PAGE.items()]
    every += [("html", *item) for item in stress_articles.HTML.items()]
    for content in ("page", "html"):
        stress_articles.result_of(stage, "<p>" + stress_articles.LOREM, content)
    for index in spread(len(every), trials):
        content, name, make = every[index - 1]
        small = stress_articles.measure(stage, make(size), content)
        large = stress_articles.measure(stage, make(SIZE_RATIO * size), content)
        crash = next((c.result for c in (small, large) if c.result.startswith("CRASH")), "")
        ratio = large.seconds / max(small.seconds, MIN_SECONDS)
        judged = ratio if large.seconds > MIN_SECONDS else 0.0
        yield Growth(f"clean, {content}: {name}", judged, crash)


def readers_and_clean(effort: Effort) -> Figure:
    """Return the figure of the readers and of `clean`."""
    size = 300_000 if effort.quick else 1_000_000
    largest = size if effort.quick else MAX_BYTES
    seen = list(growth_of_readers.growth_of_readers(effort, size, largest))
    seen += growth_of_clean(size, effort.choose(quick=6, full=10_000))
    return _figure(NAME_TEXTS, seen, f"{size / 1e6:g} to {SIZE_RATIO * largest / 1e6:g} MB")


def stages(effort: Effort) -> Figure:
    """Return the figure of the other stages, words, config, card and audit."""
    every = list(growth_of_stages.cases(effort.scratch))
    size = 100_000 if effort.quick else 400_000
    seen = [
        growth(*every[index - 1], size, MIN_SECONDS)
        for index in spread(len(every), effort.choose(quick=20, full=len(every)))
    ]
    return _figure(NAME_STAGES, seen, f"{size / 1e6:g} to {SIZE_RATIO * size / 1e6:g} MB")


def expressions(effort: Effort) -> Figure:
    """Return the figure of the regular expressions."""
    every = list(growth_of_expressions.expressions())
    chosen = spread(len(every), effort.choose(quick=15, full=len(every)))
    seen = [growth_of_expressions.growth_of(every[index - 1]) for index in chosen]
    n_bounded = sum(every[index - 1].name in BOUNDS for index in chosen)
    at_bound = f"at most {1000 * growth_of_expressions.MAX_SECONDS_AT_BOUND:g} ms"
    notes = f"{n_bounded} expressions read texts of bounded length only: {at_bound} at that length"
    return _figure(NAME_EXPRESSIONS, seen, "at most 25,600 characters", notes)


def _figure(name: str, seen: Sequence[Growth], sizes: str, *notes: str) -> Figure:
    wrong = tuple(each.failure for each in seen if each.failure)
    worst = max(each.ratio for each in seen)
    measured = f"{worst:.1f} (of {len(seen)} inputs, {sizes})"
    return Figure(name, TARGET, measured, not wrong, wrong, notes)


def measure(effort: Effort) -> list[Figure]:
    """Return the figures of time."""
    return [readers_and_clean(effort), stages(effort), expressions(effort)]
