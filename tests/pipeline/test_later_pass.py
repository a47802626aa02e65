"""A later pass takes from the cache what no setting and no earlier decision changes."""

from __future__ import annotations

import json
import shutil

import pytest

from corpus.config.load import load_config
from corpus.pipeline import pass_tasks, result_cache
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.sources import splitting
from tests.pipeline.test_build import article
from tests.pipeline.test_thresholds import documents, removals

FOOTER = "Subscribe to the morning letter of this paper and read it before all others do."

FILES = {
    "a.jsonl": [{"id": f"a{i}", "text": f"{article(i)}\n{FOOTER}"} for i in range(6)],
    "b.jsonl": [{"id": f"b{i}", "text": article(i + 50)} for i in range(4)],
}


@pytest.fixture(autouse=True)
def _each_file_alone(monkeypatch):
    """Read each file in a task of its own, as if it were large."""
    monkeypatch.setattr(splitting, "MAX_GROUPED_BYTES", 0)


LINES = "{stage: deduplicate_lines, documents: 3}"


def built(folder, stages: str, files=FILES, more: str = ""):
    """Return a build of these files with these stages, in YAML."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        lines = [json.dumps(row) + "\n" for row in rows]
        (folder / "in" / name).write_text("".join(lines), encoding="utf-8")
    config = folder / "c.yaml"
    config.write_text(
        f"name: c\nsources: [{{path: 'in/*'}}]\nstages: {stages}\n{more}", encoding="utf-8"
    )
    return build(load_config(config), engine=Serial())


@pytest.fixture
def replays(monkeypatch) -> list[object]:
    """Return a list to which every run that a later pass really makes is added."""
    done: list[object] = []
    real = pass_tasks.PassResult.write

    def write(self, folder, segment, **counts):
        if "read" not in counts:  # the first pass counts what it reads
            done.append(folder)
        return real(self, folder, segment, **counts)

    monkeypatch.setattr(pass_tasks.PassResult, "write", write)
    return done


@pytest.mark.parametrize(
    ("stages", "changed"),
    [
        (f"[{LINES}, language]", f"[{LINES}, {{stage: language, min_score: 0.9}}]"),
        (f"[{LINES}, {{stage: filter, words: {{min: 5}}}}]",
         f"[{LINES}, {{stage: filter, words: {{min: 95, max: 110}}}}]"),
        (f"[{LINES}, language, deduplicate]",
         f"[{LINES}, {{stage: language, keep: [en]}}, {{stage: deduplicate, threshold: 0.9}}]"),
    ],
)  # fmt: skip
def test_a_changed_threshold_redoes_no_later_pass(tmp_path, replays, stages, changed):
    """What stands after a stage that changes texts is decided again from the cache."""
    built(tmp_path / "a", stages)
    assert len(replays) == 2
    again = built(tmp_path / "a", changed)
    assert len(replays) == 2
    fresh = built(tmp_path / "b", changed)
    assert len(replays) == 4
    assert documents(again) == documents(fresh)
    assert removals(again) == removals(fresh)


def test_only_runs_with_another_decision_are_made_again(tmp_path, replays):
    """A file in which no decision changes stays as it is."""
    built(tmp_path / "a", f"[{LINES}, language]")
    replays.clear()
    again = built(tmp_path / "a", "[{stage: deduplicate_lines, documents: 9}, language]")
    assert len(replays) == 1
    fresh = built(tmp_path / "b", "[{stage: deduplicate_lines, documents: 9}, language]")
    assert documents(again) == documents(fresh)
    assert sum(FOOTER in row["text"] for row in documents(again)) == 6


def test_a_third_pass_follows_the_second(tmp_path, replays):
    """The result of a pass is named after the one before, however many there are."""
    two = f"[{LINES}, clean, {LINES}, language]"
    built(tmp_path, two)
    assert len(replays) == 4
    built(tmp_path, two.replace("language", "{stage: language, min_score: 0.9}"))
    assert len(replays) == 4
    built(tmp_path, two.replace(f"{LINES}, lang", "{stage: deduplicate_lines, documents: 4}, lang"))
    assert len(replays) == 4  # all six pages have the footer, which is gone already


@pytest.mark.parametrize("kind", ["missing", "changed", "empty"])
def test_a_damaged_result_is_made_again(tmp_path, replays, kind):
    """A result that is not as it was written is not used."""
    before = documents(built(tmp_path, f"[{LINES}, language]"))
    damaged = replays[0]
    if kind == "missing":
        shutil.rmtree(damaged)
    else:
        path = damaged / "observed.arrow"
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if kind == "changed" else b"")
    replays.clear()
    again = built(tmp_path, f"[{LINES}, {{stage: language, min_score: 0.01}}]")
    assert replays == [damaged]
    assert documents(again) == before


OWN = '''
"""A stage of one's own that applies its decisions with a setting."""
from typing import Literal
import pyarrow as pa
import pyarrow.compute as pc
from corpus.stages.base import DECISION, CorpusStage

class Sign(CorpusStage):
    """Sign each text."""
    changes_text = True
    stage: Literal["sign"] = "sign"
    name: str = "N. N."

    def observes(self):
        """Return nothing."""
        return ()

    def decide(self, corpus):
        """Keep everything."""
        n = len(corpus.alive)
        return pa.record_batch([pa.nulls(n, each.type) for each in DECISION], DECISION)

    def apply(self, documents, decisions):
        """Return the signed documents."""
        texts = pc.binary_join_element_wise(
            documents.column("text"),
            pa.scalar(self.name, pa.large_string()),
            pa.scalar(" signed by ", pa.large_string()),
        )
        at = documents.schema.get_field_index("text")
        return super().apply(documents.set_column(at, "text", texts), decisions)
'''


def test_settings_of_own_stages_count(tmp_path, replays):
    """A stage of the user may apply its decisions with its settings."""
    code = tmp_path / "signing.py"
    code.write_text(OWN)
    used = "[{use: 'signing:Sign'}, language]"
    assert documents(built(tmp_path, used))[0]["text"].endswith(" signed by N. N.")
    replays.clear()
    named = built(tmp_path, "[{use: 'signing:Sign', name: A. B.}, language]")
    assert documents(named)[0]["text"].endswith(" signed by A. B.")
    assert len(replays) == 2


def test_without_a_cache_a_later_pass_leaves_nothing(tmp_path, replays):
    """The results of a build that does not use the cache are gone after it."""
    built(tmp_path, f"[{LINES}, language]", more="cache: false\n")
    assert len(replays) == 2
    assert list(tmp_path.rglob("documents.arrow")) == []


def test_results_of_later_passes_are_listed_and_limited(tmp_path, replays):
    """They count as results of the build, which keeps them; another build's surplus goes."""
    built(tmp_path, f"[{LINES}, language]", more="output: {path: build/a}\n")
    cache = tmp_path / "build" / ".corpus-cache"
    names = {result.name for result in result_cache.results(cache)}
    assert {folder.name for folder in replays} < names
    (build_,) = result_cache.builds(cache)
    assert build_.results == names
    built(
        tmp_path,
        f"[clean, {LINES}, language]",
        more="output: {path: build/b}\ncache_size: 1kB\n",
    )
    assert names.isdisjoint(result.name for result in result_cache.results(cache))
