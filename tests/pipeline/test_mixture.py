"""A build with a mixture: `epochs` in the shards, and the same figures everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.summary import summary as audit_summary
from corpus.builds.summary import notices
from tests.pipeline.test_build import article
from tests.pipeline.test_thresholds import built, count_passes, documents, removals

HOSTILE = "a|b`<i>\u202e"
ROWS: list[dict[str, Any]] = [
    {"id": f"a{i}", "text": article(i), "desk": "city" if i % 6 else HOSTILE} for i in range(60)
]
COPIES = [{"id": f"copy-{i}", "text": article(i), "desk": "city"} for i in (1, 2, 2, 13, 20)]
WEIGHTS = {"weights": {"city": 1, HOSTILE: 1}, "budget": 40, "repeat_clusters": {2: 2}}


def mixture(folder, more="", **settings):
    """Return a build of the rows, mixed by desk with these settings."""
    mix = {"stage": "mix", "by": "desk", "unit": "documents"} | settings
    stages = [
        {"stage": "deduplicate", "cluster_size": True}, {"stage": "split", "test": 0.2}, mix
    ]  # fmt: skip
    return built(folder, json.dumps(stages), [*ROWS, *COPIES], more)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a build whose mixture uses one group less, and another more often."""
    return mixture(tmp_path_factory.mktemp("mixture"), **WEIGHTS)


def notices_of(made) -> list[str]:
    """Return what the summary says about the mixture."""
    return [text for subject, text in notices(made.manifest) if subject == "mixture"]


def split_of(made, split: str) -> list[dict[str, Any]]:
    """Return the documents of a split."""
    files = [made.path / name for name in made.manifest["splits"][split]["shards"]]
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def test_all_reports_have_the_figures_of_the_shards(made):
    """Manifest, audit, card, page and summaries agree with the column `epochs`."""
    train = split_of(made, "train")
    audit = json.loads((made.path / "audit/audit.json").read_bytes())
    groups = {row["group"]: row for row in audit["mixture"]["groups"]}
    listed = made.manifest["stages"][2]["metrics"]["mixture"]
    assert groups == {row["group"]: row for row in listed}
    for name, group in groups.items():
        uses = [row["epochs"] for row in train if row["desk"] == name]
        assert (group["kept"], group["uses"], group["reached"]) == (len(uses), *[sum(uses)] * 2)
    assert groups[HOSTILE]["uses"] > groups[HOSTILE]["kept"]
    removed = [id for id, (stage, _) in removals(made).items() if stage == "mix"]
    assert len(removed) == sum(row["documents"] - row["kept"] for row in groups.values())
    assert {row["epochs"] for row in split_of(made, "test")} == {1}
    assert {row["cluster_size"] for row in documents(made)} <= {1, 2, 3}
    card = (made.path / "README.md").read_text(encoding="utf-8")
    page = (made.path / "audit/index.html").read_text(encoding="utf-8")
    city = groups["city"]
    assert f"| `city` | {city['documents']} | {city['size']} | 20 | {city['reached']} |" in card
    assert f'<td class="n">{city["documents"]:,}</td>' in page
    assert "\u202e" not in card
    assert "<i>" not in page
    (notice,) = notices_of(made)
    assert f"{sum(row['uses'] for row in groups.values())} rows in all" in notice
    assert "mixture    desk, in documents" in audit_summary(audit, made.manifest)
    assert corpus.verify(made.path).differences == ()


def test_the_card_shows_how_to_repeat_the_rows(made, tmp_path):
    """The lines of the card give each row as often as it is used."""
    datasets = pytest.importorskip("datasets")
    card = (made.path / "README.md").read_text(encoding="utf-8")
    (code,) = [block for block in card.split("```") if 'train = corpus["train"]' in block]
    loaded = datasets.load_dataset(str(made.path), cache_dir=str(tmp_path / "cache"))
    names = {"corpus": loaded}
    exec(code.removeprefix("python"), names)
    expected = [row["id"] for row in split_of(made, "train") for _ in range(row["epochs"])]
    assert names["train"]["id"] == expected


def test_another_mixture_reads_no_text_again(made, monkeypatch):
    """The mixture is decided on what was measured; what it does not reach is reported."""
    passes = count_passes(monkeypatch)
    folder = made.path.parents[1]
    budgets = {"city": 10, HOSTILE: 500}
    other = mixture(folder, "output: {path: build/other}", budgets=budgets)
    assert passes == []
    reached = 4 * sum(row["desk"] == HOSTILE for row in split_of(other, "train"))
    expected = f"has {reached} of 500 documents; a document is used at most 4 times"
    assert expected in notices_of(other)[1]
    card = (other.path / "README.md").read_text(encoding="utf-8")
    assert "There were not enough documents for the wanted sizes" in card


def test_the_mixture_is_by_the_language_that_was_decided(tmp_path):
    """A column that an earlier stage fills can be mixed; unused groups are reported."""
    stages = "[language, split, {stage: mix, by: language, weights: {en: 1}, max_epochs: 1}]"
    made = built(tmp_path, stages)
    texts = notices_of(made)
    assert "by language, in words: 'en' 100 % (1 epochs)" in texts[0]
    assert texts[1].startswith("no document of these groups is used: 'de' (")
    assert {row["epochs"] for row in documents(made)} == {1}
    assert "repeat each row" not in Path(made.path / "README.md").read_text(encoding="utf-8")
