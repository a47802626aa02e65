"""The error budget: how much unreadable input stops a build."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from corpus.errors import InputError
from corpus.pipeline.error_budget import MAX_REASONS, check_error_budget, rejected_share
from corpus.sources import Reject

RECORD = Reject("a.jsonl", 3, "not JSON")
FILE = Reject("b.jsonl.gz", None, "truncated", 300)
TAIL = Reject("c.jsonl.gz", None, "truncated")


@pytest.mark.parametrize(
    ("rejected", "share"),
    [
        ([], 0),
        ([RECORD], 0.1),
        ([FILE], 0.3),
        ([RECORD, FILE], 0.4),
        ([TAIL], 0.1),
        ([FILE, FILE, RECORD, RECORD], 0.8),
    ],
)
def test_records_count_by_number_and_files_by_size(rejected, share):
    """A reject of unknown size counts as one record."""
    assert rejected_share(rejected, records=10, input_bytes=1000) == pytest.approx(share)


def test_nothing_read_is_no_division_by_zero():
    """With no record and no byte read, one rejected record is all of the input."""
    assert rejected_share([RECORD], records=0, input_bytes=0) == 1


def check(tmp_path, rejected, on_error, records=10):
    """Check a budget of ten records and 1000 bytes."""
    check_error_budget(
        rejected,
        records=records,
        input_bytes=1000,
        on_error=on_error,
        ledger=tmp_path / "rejected.parquet",
    )


def test_a_share_of_exactly_on_error_is_allowed(tmp_path):
    """Nothing is raised and no ledger is written; without rejects, `on_error: 0` is enough."""
    check(tmp_path, [RECORD], 0.1)
    check(tmp_path, [], 0)
    assert list(tmp_path.iterdir()) == []


def test_more_than_on_error_raises_and_writes_the_ledger(tmp_path):
    """The error gives the share and the ledger, which lists every reject in order."""
    with pytest.raises(InputError, match=r"2 of 10 records .* 40\.00% .* allows 39\.00%") as caught:
        check(tmp_path, [FILE, RECORD], 0.39)
    assert str(tmp_path / "rejected.parquet") in str(caught.value)
    rows = pq.read_table(tmp_path / "rejected.parquet").to_pylist()
    assert [(row["source"], row["record"], row["reason"]) for row in rows] == [
        ("a.jsonl", 3, "not JSON"),
        ("b.jsonl.gz", None, "truncated"),
    ]


def test_the_error_has_one_line_per_reason(tmp_path):
    """Rejects with the same reason are counted after the first; at most ten reasons are listed."""
    rejected = [Reject("a.jsonl", 9, "not JSON"), RECORD, Reject("z.gz", None, "truncated", 1)]
    rejected += [Reject("n.jsonl", n, f"reason {n:02d}") for n in range(1, MAX_REASONS)]
    with pytest.raises(InputError) as caught:
        check(tmp_path, rejected, 0)
    lines = str(caught.value).splitlines()
    assert lines[1] == "  a.jsonl, record 3: not JSON (and 1 more like it)"
    assert lines[2] == "  n.jsonl, record 1: reason 01"
    assert lines[MAX_REASONS + 1] == "  and 1 more reasons"
    assert len(lines) == MAX_REASONS + 3
