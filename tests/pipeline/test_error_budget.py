"""The error budget: how much unreadable input stops a build."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import EnvironmentFault, InputError
from corpus.pipeline import error_budget
from corpus.pipeline.error_budget import (
    MAX_REASONS,
    check_error_budget,
    over_budget,
    rejected_share,
)
from corpus.sources import Reject
from corpus.sources.reject_remedies import NOT_CARRIED, THIS_TIME, remedy_for

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
        ([FILE] * 100, 1),
    ],
)
def test_records_count_by_number_and_files_by_size(rejected, share):
    """A reject of unknown size counts as one record; no share is more than all of the input."""
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
    """Rejects of the same kind are counted after the first; at most ten kinds are listed."""
    rejected = [Reject("a.jsonl", 9, "not JSON at 17"), Reject("a.jsonl", 3, "not JSON at 5")]
    rejected += [Reject("n.jsonl", n, f"reason {chr(96 + n)}") for n in range(1, MAX_REASONS + 1)]
    with pytest.raises(InputError) as caught:
        check(tmp_path, rejected, 0)
    lines = str(caught.value).splitlines()
    assert lines[1] == "  a.jsonl, record 3: not JSON at 5 (and 1 more like it)"
    assert lines[2] == "  n.jsonl, record 1: reason a"
    assert lines[MAX_REASONS + 1] == "  and 1 more reasons"
    assert len(lines) == MAX_REASONS + 3


def test_the_error_says_what_raising_on_error_loses(tmp_path):
    """The advice names a share that is enough, and how many records and bytes it costs."""
    with pytest.raises(InputError) as caught:
        check(tmp_path, [RECORD, FILE, TAIL], 0.1)
    assert str(caught.value).splitlines()[-1] == (
        "To build without them, set on_error to at least 0.5: that loses 1 record and the "
        "unreadable part of 2 files (300 bytes)."
    )
    with pytest.raises(InputError) as caught:
        check(tmp_path, [RECORD] * 10, 0.1)
    assert "set on_error" not in str(caught.value)  # nothing would be left


@given(st.integers(1, 10**6), st.integers(2, 10**6), st.floats(0, 0.5))
def test_following_the_advice_gets_past_the_error(n_rejected, records, on_error):
    """The share that the message names is enough, and not much more than needed."""
    rejected = [RECORD] * min(n_rejected, records - 1, 50)
    budget = {"records": records, "input_bytes": 10}
    with TemporaryDirectory() as folder:
        ledger = Path(folder) / "rejected.parquet"
        try:
            check_error_budget(rejected, **budget, on_error=on_error, ledger=ledger)
        except InputError as error:
            share = float(re.search(r"at least ([\d.]+):", str(error))[1])
            check_error_budget(rejected, **budget, on_error=share, ledger=ledger)
            assert share <= 1.1 * len(rejected) / records + 1e-9 or share <= 0.01


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("byte 7 of the line (0xe9) is not valid UTF-8", "encoding"),
        ("longer than 9 characters; is a quote not closed?", "quote: null"),
        ("the record is larger than record_limit (9 bytes)", "record_limit"),
        ("'text' is a list, not a string", "columns: {text: ...}"),
        ("the id is a list, not a string or a number", "columns: {id: ...}"),
        ("the record is a list, not an object", '{"text": "..."}'),
        ("the row has 4 fields, the header 3", "`delimiter`"),
        ("truncated: only 5 of 9 bytes are present", "again"),
        ("reason of its own", ""),
    ],
)
def test_each_reason_has_a_remedy_that_fits(tmp_path, reason, remedy):
    """The line after a reason says what to do; raising on_error is never the only advice."""
    with pytest.raises(InputError) as caught:
        check(tmp_path, [Reject("a.jsonl", 3, reason)], 0)
    lines = str(caught.value).splitlines()
    assert lines[1] == f"  a.jsonl, record 3: {reason}"
    assert remedy in lines[2]
    assert (len(lines) == 5) == bool(remedy)


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("encrypted", "unpack the archive"),
        ("its compression (method 9) is not supported", "unpack the archive"),
        ("a sparse file, which cannot be read from a tar archive", "unpack the archive"),
        ("cannot be split, and is larger than 9 bytes", "unpack the archive"),
        ("not well-formed XML: StartTag: invalid element name", "repair the file"),
        ("larger than record_limit (9 bytes), as a file in an archive must not be", "raise"),
        ("truncated: only 1 of 2 bytes are in the archive", "copy or download"),
        ("damaged: wrong checksum", "copy or download"),
    ],
)
def test_a_remedy_fits_its_reason(reason, remedy):
    """To copy a file again does not help if the file is intact."""
    assert remedy_for(reason).startswith(remedy)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1, "1"),
        (0.999, "0.999"),
        (0.9999, "1"),
        (0.5, "0.5"),
        (1 / 3, "0.334"),
        (0.1, "0.1"),
        (0.101, "0.101"),
        (0.1001, "0.101"),
        (0.0999, "0.0999"),
        (0.09999, "0.1"),
        (0.01, "0.01"),
        (1 / 300, "0.00334"),
        (1e-7, "0.0000001"),
        (0.29 + 0.01, "0.3"),
    ],
)
def test_a_share_is_rounded_up_to_three_digits(share, text):
    """The result is enough as `on_error`, and short to write."""
    assert error_budget._rounded_up(share) == text
    assert float(text) >= share


def test_the_loss_is_counted_in_records_and_files():
    """Records count by number; the bytes of files are added, if they are known."""
    assert error_budget._loss([RECORD]) == "1 record"
    assert error_budget._loss([RECORD] * 2) == "2 records"
    assert error_budget._loss([TAIL]) == "the unreadable part of 1 file"
    assert error_budget._loss([FILE, FILE]) == "the unreadable part of 2 files (600 bytes)"
    both = "2 records and the unreadable part of 1 file (300 bytes)"
    assert error_budget._loss([RECORD, FILE, RECORD]) == both


def test_a_budget_before_a_build_names_no_ledger():
    """A check of a part of the records gives no advice on what would be lost."""
    budget = {"records": 10, "input_bytes": 1000, "on_error": 0.05}
    assert over_budget([], **budget) == ""
    before = over_budget([RECORD], **budget).splitlines()
    assert before[0] == (
        "1 of 10 records could not be read, 10.00% of the input; on_error allows 5.00%. Nothing "
        "would be built."
    )
    assert before[-1] == "To build without them, set on_error to at least 0.1: that loses 1 record."
    part = over_budget([RECORD], **budget, is_all=False).splitlines()
    assert part == before[:-1]
    after = over_budget([RECORD], **budget, ledger=Path("rejected.parquet")).splitlines()
    assert after[0].endswith(" Nothing was built.")
    assert after[-2] == "All of them are listed in rejected.parquet."


@pytest.mark.parametrize(
    ("n_may_pass", "on_error", "error"),
    [
        (1, 0, EnvironmentFault),
        (0, 0, InputError),
        (1, 0.1, EnvironmentFault),
        (2, 0.15, EnvironmentFault),
        (1, 0.05, InputError),
    ],
)
def test_a_fault_of_the_machine_is_no_fault_of_the_input(tmp_path, n_may_pass, on_error, error):
    """If the other rejects alone are allowed, the machine is the cause; no loss is advised then."""
    others = 1 if on_error or not n_may_pass else 0
    rejected = [Reject("a.jsonl", 9, f"{THIS_TIME}: not enough memory")] * n_may_pass
    rejected += [Reject("a.jsonl", 3, f"{NOT_CARRIED}: x")] * others
    with pytest.raises(error, match="could not be read or processed") as caught:
        check(tmp_path, rejected, on_error)
    assert type(caught.value) is error
    assert ("set on_error" in str(caught.value)) == (not n_may_pass)


def test_the_first_reject_of_a_kind_is_that_of_the_smallest_source_and_record():
    """A whole file comes before its records, whatever their reasons are."""
    rejected = [
        Reject("b", 1, "invalid JSON at 9"),
        Reject("b", None, "invalid JSON at 8"),
        Reject("b", 2, "invalid JSON at 1"),
        Reject("c", None, "invalid JSON at 1"),
    ]
    lines = error_budget._by_reason(rejected)
    assert lines[0] == "  b: invalid JSON at 8 (and 3 more like it)"
    assert "repair these records" in lines[1]
    assert error_budget._by_reason([Reject("b", 12345, "odd")]) == ["  b, record 12,345: odd"]
