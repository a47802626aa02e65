"""Results of the last pass in the cache: complete, or made again."""

from __future__ import annotations

import pyarrow as pa
import pytest

from corpus import storage
from corpus.documents import ID, TEXT
from corpus.pipeline.arrow_files import arrow_stream
from corpus.pipeline.counted import Counted, Removals
from corpus.pipeline.last_pass import _measure_and_write
from corpus.pipeline.partition_results import STATISTICS, SUMMARY, read_result, write_result
from corpus.pipeline.redaction_ledger import Redactions
from corpus.pipeline.shards import documents_of_table

SCHEMA = pa.schema([(ID, pa.string()), (TEXT, pa.string())])


def reuse_or_write(folder, write):
    """Return the result in a folder, which is written if it is not there as it was written."""
    return read_result(folder) or write_result(folder, write)


class Writes:
    """Writes a result, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder):
        """Write one row group and the rows of a ledger."""
        self.calls += 1
        table = pa.table({ID: ["a", "b"], TEXT: pa.array(["one", "two"], pa.large_string())})
        documents = documents_of_table(table)
        path = folder / "data" / "train.parquet"
        parts, counted = _measure_and_write(path, documents, SCHEMA, "train", None)
        with storage.new_file(folder / "removed.arrow") as out:
            out.write(b"ledger")
        removals = (Removals("filter", "words", 1, 2),)
        redactions = (Redactions("email", None, 1, 1),)
        return {"train": parts}, Counted(
            counted.statistics, removals, redactions, ({"id": "x"},), (("x", "text"),)
        )


def test_a_result_is_written_once(tmp_path):
    """It is read as it was written, with its paths in the cache."""
    write = Writes()
    first, again = (reuse_or_write(tmp_path / "abc", write) for _ in range(2))
    assert write.calls == 1
    assert again.row_groups == first.row_groups
    assert again.row_groups["train"].path == tmp_path / "abc" / "data" / "train.parquet"
    assert again.row_groups["train"].path.is_file()
    assert again.counted.statistics.to_json() == first.counted.statistics.to_json()
    assert again.counted.removals == first.counted.removals
    assert again.counted.redactions == first.counted.redactions
    assert again.counted.excerpts == (("x", "text"),)


@pytest.mark.parametrize("name", ["data/train.parquet", "removed.arrow", STATISTICS, SUMMARY])
@pytest.mark.parametrize("fault", ["changed", "missing", "cut off"])
def test_a_damaged_result_is_made_again(tmp_path, name, fault):
    """Whichever of its files is not as it was written."""
    write = Writes()
    path = reuse_or_write(tmp_path / "abc", write).folder / name
    before = path.read_bytes()
    if fault == "missing":
        path.unlink()
    else:
        middle = len(before) // 2
        changed = before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :]
        path.write_bytes(changed if fault == "changed" else before[:-9])
    result = reuse_or_write(tmp_path / "abc", write)
    assert write.calls == 2
    assert result.row_groups["train"].rows == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"sha256": 3}', b'{"sha256": {}}'])
def test_a_summary_with_anything_else_is_made_again(tmp_path, content):
    """Also if its seal is right: somebody else may have put it there."""
    write = Writes()
    result = reuse_or_write(tmp_path / "abc", write)
    (result.folder / SUMMARY).write_bytes(storage.seal("abc", content))
    reuse_or_write(tmp_path / "abc", write)
    assert write.calls == 2


def test_the_result_of_another_partition_is_not_used(tmp_path):
    """A folder that was renamed is as good as damaged."""
    write = Writes()
    reuse_or_write(tmp_path / "abc", write).folder.rename(tmp_path / "def")
    reuse_or_write(tmp_path / "def", write)
    assert write.calls == 2


def test_what_is_hashed_of_decisions_has_the_words_of_a_dictionary():
    """Two decisions with the same numbers of other words are not the same."""
    names = []
    for number, words in enumerate((["a", "b"], ["x", "y"])):
        topics = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(words))
        batch = pa.record_batch({"topic": topics})
        names.append(bytes(arrow_stream(batch)))
        assert bytes(arrow_stream(batch)) == names[number]
    assert names[0] != names[1]
