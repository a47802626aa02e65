"""Settings of a source that do not fit its records, noticed once every record is read."""

from __future__ import annotations

import pytest

from corpus.config.load import load_config
from corpus.errors import ConfigError
from corpus.pipeline.check_sources import (
    check_dates,
    check_text_columns,
    inferred_date_formats,
    with_date_formats,
)
from corpus.sources.notes import FileNotes

DAY, MONTH = "%d/%m/%Y", "%m/%d/%Y"


def config_of(n=2, stages=("clean",), **source):
    """Return a config with this number of sources."""
    sources = [{"path": f"{i}.csv"} | source for i in range(n)]
    return load_config({"name": "n", "sources": sources, "stages": list(stages)})


@pytest.mark.parametrize("field", ["texts", "null_texts", "wrong_texts"])
def test_one_record_with_the_text_column_is_enough(field):
    """It may be in another file of the source; the text may be null or a number."""
    missing = FileNotes(no_text_column=3, columns=("body",))
    check_text_columns(config_of(), {})
    check_text_columns(config_of(), {(0, "a"): FileNotes()})
    has_column = FileNotes(**{field: 1})
    check_text_columns(config_of(), {(0, "a"): missing, (0, "b"): has_column})
    with pytest.raises(ConfigError, match=r"sources\[1\]: no record of 1\.csv has the column"):
        check_text_columns(config_of(), {(1, "a"): missing, (0, "b"): has_column})


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ((), r"there are no columns; name the column with the text: columns: \{text: \.\.\.\}$"),
        (("q", "r"), r"there are 'q', 'r'; name the column"),
        (tuple("bcefghjk"), r"there are 'b', 'c', 'e', 'f', 'g', 'h', 'j', 'k'; "),
        (tuple("bcefghjkl"), r"there are 'b', 'c', 'e', 'f', 'g', 'h', 'j', 'k', \.\.\.; "),
        (
            ("q", "body"),
            r"there are 'body', 'q'; if 'body' is the text, write `columns: \{text: body\}`$",
        ),
    ],
)
def test_the_columns_that_there_are_are_listed(columns, words):
    """At most eight of them; one that is probably the text is proposed."""
    notes = {(0, "a"): FileNotes(no_text_column=1, columns=columns)}
    with pytest.raises(ConfigError, match=rf"has the column 'text'; {words}"):
        check_text_columns(config_of(), notes)


@pytest.mark.parametrize(("n", "end"), [(8, "'h'"), (9, "'h', ...")])
def test_a_csv_file_without_a_header_gets_the_advice_to_name_its_columns(n, end):
    """The first row, which was taken for the header, looks like a record."""
    notes = FileNotes(no_text_column=1, no_header=1, columns=tuple("abcdefghi"[:n]))
    with pytest.raises(ConfigError, match=r"header: \[\.\.\., text, \.\.\.\]") as caught:
        check_text_columns(config_of(), {(0, "a"): notes})
    assert f"looks like a record ('a', 'b', 'c', 'd', 'e', 'f', 'g', {end})" in str(caught.value)


BY_DATE = ("clean", {"stage": "split", "test": 0.1, "by": "date"})
UNPARSED = FileNotes(unparsed_dates=2, unparsed_examples=("soon",))


def test_a_split_by_date_needs_a_date():
    """If dates were given and none could be parsed, the build stops; one date is enough."""
    notes = {(0, "a"): FileNotes(), (1, "b"): UNPARSED}
    with pytest.raises(ConfigError, match=r"split cannot be by date: .*1\.csv.*soon"):
        check_dates(config_of(stages=BY_DATE), notes)
    check_dates(config_of(stages=BY_DATE), {(0, "a"): FileNotes()})
    check_dates(config_of(stages=BY_DATE), notes | {(0, "c"): FileNotes(dates=1)})
    check_dates(config_of(stages=("clean", {"stage": "split", "test": 0.1})), notes)
    check_dates(config_of(), notes)


@pytest.mark.parametrize(
    ("day_first", "month_first", "ambiguous", "expected"),
    [
        (1, 0, 1, DAY),
        (0, 1, 1, MONTH),
        (2, 0, 3, DAY),
        (0, 2, 3, MONTH),
        (1, 1, 1, None),
        (2, 1, 1, None),
        (0, 0, 1, None),
        (1, 0, 0, None),
    ],
)
def test_unambiguous_dates_decide_the_ambiguous_ones(day_first, month_first, ambiguous, expected):
    """Only if all of them agree, over all files of a source, and no format is set."""
    notes = {
        (1, "a"): FileNotes(day_first=day_first, month_first=month_first),
        (1, "b"): FileNotes(ambiguous=ambiguous),
    }
    formats = inferred_date_formats(config_of(), notes)
    assert formats == ({1: expected} if expected else {})
    assert inferred_date_formats(config_of(date_format=DAY), notes) == {}
    changed = with_date_formats(config_of(), formats)
    assert [source.date_format for source in changed.sources] == [None, expected]
