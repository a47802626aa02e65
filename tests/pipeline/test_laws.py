"""The laws of a build, on generated inputs."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.build import build as run
from corpus.pipeline.engine import Serial
from corpus.pipeline.result import Build

words = st.sampled_from(
    ["council", "river", "мост", "水", "harbour", "vote", "", "\u200b", "a" * 40, "\n"]
)
texts = st.lists(words, max_size=30).map(" ".join)
extras = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(-2, 2)
    | texts
    | st.just([1, {}])
    | st.lists(st.integers(0, 3), max_size=2)
    | st.fixed_dictionaries({}, optional={"k": st.integers(0, 1), "l": st.lists(texts, max_size=1)})
)
record = st.fixed_dictionaries(
    {"text": texts | st.none() | st.just(3)},
    optional={
        "id": st.sampled_from(["a", "b", "c", 7]),
        "x": extras,
        "title": texts,
        "date": texts,
    },
)
line = record.map(lambda row: json.dumps(row, ensure_ascii=False)) | st.sampled_from(
    ["[1]", "{", "null", '{"text": "\\ud800"}', '{"text": "one two", "n": 1e999}']
)
corpora = st.lists(line, min_size=1, max_size=12)

FILTER = "{stage: filter, characters: {min: 3}}"
BOILERPLATE = "{stage: site_boilerplate, pages: 2, share: 0.2, texts: true}"
STAGES = (
    f"[{FILTER}, {BOILERPLATE}, {{stage: language}}, {{stage: deduplicate}}, "
    "{stage: split, test: 0.4}]"
)


def built(folder: Path, lines: list[str]) -> Build | None:
    """Return the build of these lines of JSON, or None if no document is left."""
    folder.mkdir()
    (folder / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "c.yaml").write_text(
        f"name: c\nsources: [{{path: in.jsonl}}]\nstages: {STAGES}\non_error: 1.0\n"
    )
    try:
        return run(load_config(folder / "c.yaml"), engine=Serial())
    except InputError as error:
        assert "nothing is left" in str(error)  # noqa: PT017  the only error that is allowed here
        return None


def rows(build: Build, *names: str) -> list[dict[str, object]]:
    """Return the rows of these files of a build."""
    return [row for name in names for row in pq.read_table(build.path / name).to_pylist()]


def shards(build: Build | None) -> dict[str, bytes] | None:
    """Return the bytes of the shards and of the ledger of removals."""
    if build is None:
        return None
    names = [name for name in build.manifest["files"] if name.startswith(("data/", "ledger/rem"))]
    return {name: (build.path / name).read_bytes() for name in names}


@given(lines=corpora, data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_record_is_in_one_place_and_order_changes_nothing(lines, data):
    """Kept, removed and rejected records are those read; order and chunks change no byte."""
    with tempfile.TemporaryDirectory() as folder:
        first = built(Path(folder) / "one", lines)
        reordered = built(Path(folder) / "two", data.draw(st.permutations(lines)))
        with (
            mock.patch("corpus.sources.json.lines.CHUNK_BYTES", 40),
            mock.patch("corpus.sources.json.lines.SMALL_COMPRESSED_BYTES", 0),
            mock.patch("corpus.pipeline.sorted_runs.MAX_BATCH_BYTES", 30),
        ):
            small = built(Path(folder) / "three", lines)

        assert shards(reordered) == shards(small) == shards(first)
        if first is None:
            return
        data_files = [name for name in first.manifest["files"] if name.startswith("data/")]
        kept, removed = rows(first, *data_files), rows(first, "ledger/removed.parquet")
        rejected = rows(first, "ledger/rejected.parquet")
        assert len(kept) + len(removed) + len(rejected) == len(lines)
        assert max(Counter(row["id"] for row in kept).values(), default=1) == 1
