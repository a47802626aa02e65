"""Dates that cannot be parsed are counted by source, and reported where a person looks."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpus.auditing.explain.explain import explain
from corpus.builds.verify import verify
from corpus.cli.build_summary import summary
from corpus.config.load import load_config
from corpus.errors import ConfigError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial


def built_from(
    folder: Path, dates: dict[str, list[object]], *, source: str = "", stages: str = "language"
):
    """Build one file for each list of dates."""
    (folder / "in").mkdir()
    for name, values in dates.items():
        rows = [
            {"id": f"{name}{i}", "text": f"Ferry {name} {i} sails.", "date": value}
            for i, value in enumerate(values)
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "in" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    config = folder / "ferry.yaml"
    config.write_text(
        f"name: ferry\nsources: [{{path: 'in/*.jsonl', {source}}}]\nstages: [{{stage: {stages}}}]\n"
        "output: {path: out}\n",
        encoding="utf-8",
    )
    return build(load_config(config), engine=Serial())


AMBIGUOUS = ["05/04/2019", "06/04/2019", "2019-04-07", "2019-04-08"]
NOTICE = (
    "2 of 4 dates of 'in/*.jsonl' could not be parsed, such as '05/04/2019', '06/04/2019'; they "
    "are null, and another column keeps them. Set date_format of the source: '%d/%m/%Y' or "
    "'%m/%d/%Y'"
)


def test_unparsed_dates_are_in_manifest_summary_and_audit(tmp_path):
    """All three have their number and examples, and the setting that decides."""
    built = built_from(tmp_path, {"a": AMBIGUOUS, "b": ["2019-04-01"]})
    first, second = built.manifest["inputs"]
    (check,) = [c for c in built.audit.statistics["checks"] if c["id"] == "unparsed_dates"]

    assert (first["unparsed_dates"], first["parsed_dates"]) == (2, 2)
    assert first["unparsed_examples"] == ["05/04/2019", "06/04/2019"]
    assert "unparsed_dates" not in second
    assert (check["status"], check["reason"]) == ("warn", f"{NOTICE} (warning above 1 %)")
    assert NOTICE in " ".join(summary(built, load_config(tmp_path / "ferry.yaml").card).split())


def test_date_format_decides_ambiguous_dates(tmp_path):
    """With the setting, every date is parsed and nothing is reported."""
    built = built_from(tmp_path, {"a": AMBIGUOUS}, source="date_format: '%d/%m/%Y'")

    (shard,) = built.manifest["splits"]["train"]["shards"]
    days = {row["date"].day for row in pq.read_table(built.path / shard).to_pylist()}
    assert days == {5, 6, 7, 8}
    assert "unparsed_dates" not in built.manifest["inputs"][0]


@pytest.mark.parametrize(
    ("decisive", "form", "days"),
    [("27/04/2019", "%d/%m/%Y", {5, 6, 27}), ("04/27/2019", "%m/%d/%Y", {4, 27})],
)
def test_other_dates_of_a_source_decide_its_ambiguous_ones(tmp_path, decisive, form, days):
    """A date with one reading decides for all files of the source, which is reported."""
    built = built_from(tmp_path, {"a": AMBIGUOUS[:2], "b": [decisive]})
    (shard,) = built.manifest["splits"]["train"]["shards"]
    rows = pq.read_table(built.path / shard).to_pylist()
    (check,) = [c for c in built.audit.statistics["checks"] if c["id"] == "inferred_dates"]

    assert {row["date"].day for row in rows} == days
    assert [entry["date_format"] for entry in built.manifest["inputs"]] == [form, form]
    assert built.manifest["config"]["sources"][0].get("date_format") is None
    assert check["reason"].startswith(f"ambiguous dates of 'in/*.jsonl' were read as '{form}'")
    assert check["reason"] in " ".join(
        summary(built, load_config(tmp_path / "ferry.yaml").card).split()
    )
    assert verify(built.path).differences == ()


def test_explain_reads_dates_like_the_build(tmp_path):
    """A date that other dates decided is read again with the same format."""
    built = built_from(tmp_path, {"a": AMBIGUOUS[:1], "b": ["27/04/2019"]})
    text = str(explain(built.path, "a0"))

    assert text.count("date: 2019-04-05") == 1
    assert text.index("date: 2019-04-05") < text.index("kept: split")


def test_contradicting_dates_decide_nothing(tmp_path):
    """If a source has both orders, its ambiguous dates are null and reported."""
    built = built_from(tmp_path, {"a": [*AMBIGUOUS[:2], "27/04/2019", "04/27/2019"]})

    assert "date_format" not in built.manifest["inputs"][0]
    assert built.manifest["inputs"][0]["unparsed_dates"] == 2


def test_a_split_by_dates_that_cannot_be_parsed_says_so(tmp_path):
    """The error has examples and the setting, not a guess at the name of the column."""
    stages = "split, by: date, test: 1"
    with pytest.raises(ConfigError, match=r"split cannot be by date: 2 of 2.*Set date_format"):
        built_from(tmp_path, {"a": AMBIGUOUS[:2]}, stages=stages)


def test_a_mistaken_date_format_is_an_error_of_the_config(tmp_path):
    """The message names the setting."""
    with pytest.raises(ConfigError, match=r"(?s)date_format.*such as '%d/%m/%Y'"):
        built_from(tmp_path, {"a": AMBIGUOUS}, source="date_format: '%d/%m'")
