"""Foresee why a build would stop because of what its sources have: all previews together.

Only what was read in full is certain; of larger sources, the same is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpus.errors import ConfigError, CorpusError, InputError
from corpus.pipeline.check_sources import check_dates
from corpus.pipeline.error_budget import over_budget
from corpus.preview.source_preview import SourcePreview

if TYPE_CHECKING:
    from corpus.config.model import Config


def source_errors(config: Config, previews: Sequence[SourcePreview]) -> Iterator[CorpusError]:
    """Yield why a build would surely stop, if every record of every source was read."""
    if not all(preview.is_all for preview in previews):
        return
    if error := _undated_split(config, previews):
        yield error
    if any(preview.errors for preview in previews):
        return
    if text := _too_many_rejects(config, previews):
        yield InputError(text)
    elif not any(preview.documents - preview.empty_texts for preview in previews):
        yield InputError("no record has a text; nothing would be built")


def source_warnings(config: Config, previews: Sequence[SourcePreview]) -> Iterator[str]:
    """Yield what would probably stop a build, if not every record was read."""
    if all(preview.is_all for preview in previews):
        return
    if error := _undated_split(config, previews):
        yield f"{error} (of the records that were read)"
    if text := _too_many_rejects(config, previews):
        yield f"if the other records are like the first: {text}"


def _undated_split(config: Config, previews: Sequence[SourcePreview]) -> ConfigError | None:
    """Return the error of a split by date if not one date could be parsed."""
    try:
        check_dates(config, {(index, ""): p.notes for index, p in enumerate(previews)})
    except ConfigError as error:
        return error
    return None


def _too_many_rejects(config: Config, previews: Sequence[SourcePreview]) -> str:
    """Return that more records are unreadable than `on_error` allows, or ""."""
    rejects = [reject for preview in previews for reject in preview.rejects]
    records = sum(preview.records for preview in previews)
    size = sum(preview.bytes for preview in previews)
    is_all = all(preview.is_all for preview in previews)
    return over_budget(
        rejects, records=records, input_bytes=size, on_error=config.on_error, is_all=is_all
    )
