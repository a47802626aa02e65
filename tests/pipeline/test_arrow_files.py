"""Arrow and Parquet files: complete when the block ends, and a fault names the file."""

from __future__ import annotations

import pickle
import secrets
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from corpus.errors import as_corpus_error
from corpus.pipeline.arrow_files import arrow_file, parquet_file

TABLE = pa.table({"text": [secrets.token_hex(20_000) for _ in range(10)]})


def test_what_is_written_is_read_again(tmp_path):
    """Both kinds of files have the rows that were written; the folder is made."""
    with arrow_file(tmp_path / "a" / "one.arrow", TABLE.schema, compression="lz4") as out:
        out.write_table(TABLE)
    with parquet_file(tmp_path / "b" / "one.parquet", TABLE.schema) as parquet:
        parquet.write_table(TABLE)

    assert ipc.open_file(tmp_path / "a" / "one.arrow").read_all() == TABLE
    assert pq.read_table(tmp_path / "b" / "one.parquet") == TABLE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("kind", [arrow_file, parquet_file])
def test_a_full_disk_names_the_file(kind):
    """The message of a full disk has the path and a remedy, also after it crossed a process."""
    with (
        pytest.raises(OSError, match="No space left") as e,
        kind(Path("/dev/full"), TABLE.schema) as out,
    ):
        out.write_table(TABLE)

    message = str(as_corpus_error(pickle.loads(pickle.dumps(e.value))))
    assert message.startswith("/dev/full: No space left on device; free some space")
