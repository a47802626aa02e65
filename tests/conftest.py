"""What every test may ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.documents import CONTENT, DIGEST, DOCUMENT, GIVEN, ID, KEY, ORIGIN, RECORD, SOURCE, TEXT


def digest(value: object) -> bytes:
    """Return 16 bytes that tell values apart."""
    return hashlib.blake2b(repr(value).encode(), digest_size=16).digest()


def make_documents(*texts: str | None, **columns: list[object]) -> pa.RecordBatch:
    """Make a batch of documents of their texts; ids are `doc-0`, `doc-1`, ..., unless given."""
    ids = columns.pop(ID, None) or [f"doc-{i}" for i in range(len(texts))]
    schema = pa.schema([*DOCUMENT, *ORIGIN])
    filled: dict[str, list[object]] = {
        ID: ids,
        TEXT: list(texts),
        SOURCE: ["test.jsonl"] * len(texts),
        KEY: [digest(id) for id in ids],
        DIGEST: [digest((id, text)) for id, text in zip(ids, texts, strict=True)],
        RECORD: list(range(1, len(texts) + 1)),
        GIVEN: [True] * len(texts),
        CONTENT: ["text"] * len(texts),
    } | columns
    arrays = {
        field.name: pa.array(filled.pop(field.name, [None] * len(texts)), field.type)
        for field in schema
    }
    return pa.record_batch(arrays | {name: pa.array(values) for name, values in filled.items()})


@pytest.fixture(scope="session")
def documents() -> Callable[..., pa.RecordBatch]:
    """Make a batch of documents of their texts, and of columns given by name."""
    return make_documents


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real inputs beside the checkout, or skip where there is none."""
    found = Path(__file__).parents[2] / "shared" / "data"
    if not found.is_dir():
        pytest.skip("the real inputs are not here")
    return found
