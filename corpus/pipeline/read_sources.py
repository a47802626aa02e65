"""Read all sources of a config, or take the results from the cache."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.pipeline.check_sources import (
    check_dates,
    check_text_columns,
    inferred_date_formats,
    with_date_formats,
)
from corpus.pipeline.engine import Engine
from corpus.pipeline.first_pass import FirstPass, first_pass
from corpus.pipeline.segments import Segment
from corpus.sources.files.inputs import Input

if TYPE_CHECKING:
    from corpus.config.model import Config
    from corpus.progress import Progress


def read_sources(
    inputs: Sequence[Input],
    config: Config,
    segment: Segment,
    *,
    engine: Engine,
    cache: Path,
    this_time: Path,
    limit: int | None,
    progress: Progress,
) -> FirstPass:
    """Carry every record through the first segment.

    A source is read again if its other dates decide the ambiguous ones. Raises `InputError` if a
    source has no texts, or dates that the config does not decide.
    """
    read = partial(
        first_pass,
        inputs,
        segment=segment,
        engine=engine,
        cache=cache,
        this_time=this_time,
        limit=limit,
        progress=progress,
    )
    first = read(config)
    check_text_columns(config, first.notes)
    if formats := inferred_date_formats(config, first.notes):
        used = first.used
        first = read(with_date_formats(config, formats))
        first.date_formats = formats
        first.used |= used
    check_dates(config, first.notes)
    return first
