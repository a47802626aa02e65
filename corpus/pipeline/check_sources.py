"""Check, once every record is read, that the settings of a source fit its records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from corpus.builds.summary import UnparsedDates
from corpus.documents import DATE, TEXT
from corpus.errors import ConfigError
from corpus.sources.columns.names import source_column
from corpus.sources.columns.synonyms import columns_setting, nearest
from corpus.sources.notes import FileNotes
from corpus.stages.split import Split

if TYPE_CHECKING:
    from corpus.config.model import Config

MAX_LISTED_COLUMNS = 8

DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"


def check_text_columns(config: Config, notes: Mapping[tuple[int, str], FileNotes]) -> None:
    """Raise `ConfigError` for the first source of which no record has the text column.

    `notes` are those of each file, by the number of its source and its name.
    """
    for index, total in _by_source(notes).items():
        if total.no_text_column and not (total.texts or total.null_texts or total.wrong_texts):
            raise ConfigError(_no_text_column(config, index, total))


def check_dates(config: Config, notes: Mapping[tuple[int, str], FileNotes]) -> None:
    """Raise `ConfigError` if the split is by date and not one of the dates could be parsed."""
    totals = _by_source(notes)
    unparsed = {index: total for index, total in totals.items() if total.unparsed_dates}
    by_date = any(isinstance(stage, Split) and stage.by == DATE for stage in config.stages)
    if not by_date or not unparsed or any(total.dates for total in totals.values()):
        return
    index, total = next(iter(unparsed.items()))
    path = config.sources[index].path
    dates = UnparsedDates(path, total.unparsed_dates, 0, list(total.unparsed_examples))
    raise ConfigError(f"{config.path}: split cannot be by date: {dates.notice}")


def inferred_date_formats(
    config: Config, notes: Mapping[tuple[int, str], FileNotes]
) -> dict[int, str]:
    """Return the format of each source whose ambiguous dates are decided by its other dates.

    If a source has 27/03/2019, and no date with the month first, then 05/03/2019 is in March.
    """
    return {
        index: DAY_FIRST if total.day_first else MONTH_FIRST
        for index, total in _by_source(notes).items()
        if config.sources[index].date_format is None
        and total.ambiguous
        and bool(total.day_first) != bool(total.month_first)
    }


def with_date_formats(config: Config, formats: Mapping[int, str]) -> Config:
    """Return the config with the date formats of some sources."""
    sources = tuple(
        source.model_copy(update={"date_format": formats[index]}) if index in formats else source
        for index, source in enumerate(config.sources)
    )
    return config.model_copy(update={"sources": sources})


def _by_source(notes: Mapping[tuple[int, str], FileNotes]) -> dict[int, FileNotes]:
    totals: dict[int, FileNotes] = {}
    for (index, _), note in sorted(notes.items()):
        totals[index] = totals.get(index, FileNotes()).plus(note)
    return totals


def _no_text_column(config: Config, index: int, notes: FileNotes) -> str:
    """Return the message: where the setting is, what the records have, and what to do."""
    source = config.sources[index]
    name = source_column(source, TEXT)
    listed = ", ".join(map(repr, notes.columns[:MAX_LISTED_COLUMNS]))
    more = ", ..." if len(notes.columns) > MAX_LISTED_COLUMNS else ""
    if notes.no_header:
        return (
            f"{config.path}: sources[{index}]: no record of {source.path} has the column {name!r}; "
            f"the first row of a file looks like a record ({listed}{more}). If there is no "
            f"header, name the columns in order: header: [..., {name}, ...]; else name the column "
            "with the text: columns: {text: ...}"
        )
    near = nearest(TEXT, name, notes.columns)
    advice = (
        f"if {near!r} is the text, write `{columns_setting({TEXT: near})}`"
        if near
        else "name the column with the text: columns: {text: ...}"
    )
    return (
        f"{config.path}: sources[{index}]: no record of {source.path} has the column {name!r}; "
        f"there are {listed or 'no columns'}{more}; {advice}"
    )
