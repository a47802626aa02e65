"""Hugging Face datasets: a folder written by `save_to_disk`, or a dataset of the Hub by its name.

    - path: data/news                                  # a saved folder; all splits form one source
    - path: hf://datasets/owner/name                   # downloaded once, then from the cache
    - path: hf://datasets/owner/name/subset

Both are Arrow files, which pyarrow reads; `datasets` only looks up a name in its cache, or fills it
(see `hub`).
"""

from __future__ import annotations

from collections.abc import Iterator
from os import SEEK_CUR
from typing import Any

from corpus.sources.batches import ReadBatch, only_rejects
from corpus.sources.chunks import BATCH_BYTES, BATCH_ROWS, CHUNK_BYTES, Chunk, File, Reject
from corpus.sources.columns.from_arrow import documents_from_columns
from corpus.sources.files.filesystems import open_file
from corpus.sources.files.hub import load_splits
from corpus.sources.files.remote import Remote
from corpus.sources.files.streams import describe_error
from corpus.sources.settings import Source, content_of

EXTENSIONS = (".arrow",)
ONE_DOCUMENT_PER_FILE = False
HUB_SCHEME = "hf://datasets/"
_ARROW_FILE_MAGIC = b"ARROW1"
_READ_ERRORS = (OSError, ValueError, NotImplementedError, TypeError, LookupError)
"""What pyarrow raises about a damaged file, also if the damage looks like a type of the future."""


def _record_batches(file: File) -> Iterator[Any]:
    """Yield the record batches of an Arrow file, or of the streams in it, one after another.

    Raises OSError or ValueError for damage, which bytes after the end of a stream are, too: where
    zeros replace a message, the stream seems to end.
    """
    import pyarrow as pa
    from pyarrow import ipc

    # not memory-mapped: a drive that fails would kill the process
    arrow_file: Any = open_file(file.location) if file.data is None else pa.BufferReader(file.data)
    with arrow_file:
        is_file_format = arrow_file.read(len(_ARROW_FILE_MAGIC)) == _ARROW_FILE_MAGIC
        arrow_file.seek(0)
        if is_file_format:
            reader = ipc.open_file(arrow_file)
            _check_names(reader.schema)
            for i in range(reader.num_record_batches):
                yield _checked(reader.get_batch(i))
            return
        yield from _stream_batches(arrow_file)
        while arrow_file.read(1):
            arrow_file.seek(-1, SEEK_CUR)
            yield from _stream_batches(arrow_file)


def _stream_batches(arrow_file: Any) -> Iterator[Any]:
    from pyarrow import ipc

    reader = ipc.open_stream(arrow_file)
    _check_names(reader.schema)
    yield from map(_checked, reader)


def _checked(batch: Any) -> Any:
    """Return the batch; raise ValueError if it has no columns, or columns of different lengths.

    Without columns, nothing but damage may stand behind a number of records, however large.
    """
    if batch.num_rows and not batch.columns:
        raise ValueError("a record batch has no columns")
    if any(len(column) != batch.num_rows for column in batch.columns):
        raise ValueError("the columns of a record batch have different lengths")
    return batch


def _check_names(schema: Any) -> None:
    """Raise ValueError if a name is not UTF-8; pyarrow notices it when a column is used."""
    fields = list(schema)
    try:
        for field in fields:  # those inside a field follow it
            if field.name is not None:
                fields += [field.type.field(i) for i in range(field.type.num_fields)]
    except UnicodeDecodeError:
        raise ValueError("the name of a column is not valid UTF-8") from None


def split_file(file: File, source: Source) -> Iterator[Chunk]:  # noqa: ARG001
    """Yield the chunks of a file: consecutive record batches of about 32 MB in total."""
    if file.bytes <= CHUNK_BYTES:
        yield Chunk((file,))
        return
    start = rows = rows_before_chunk = chunk_bytes = stop = 0
    try:
        for i, table in enumerate(_record_batches(file)):
            size = table.get_total_buffer_size()
            if i > start and chunk_bytes + size > CHUNK_BYTES:
                yield Chunk((file,), start, i, rows_before_chunk + 1)
                start, rows_before_chunk, chunk_bytes = i, rows, 0
            rows, chunk_bytes, stop = rows + table.num_rows, chunk_bytes + size, i + 1
    except _READ_ERRORS:
        stop = 0  # the last chunk goes to the end of the file, so `read` reports the damage
    yield Chunk((file,), start, stop or None, rows_before_chunk + 1)


def count_records(chunk: Chunk, source: Source) -> int:  # noqa: ARG001
    """Return the number of records in a chunk, plus one if its end is damaged."""
    total = 0
    try:
        for i, table in enumerate(_record_batches(chunk.file)):
            if chunk.start <= i and (chunk.stop is None or i < chunk.stop):
                total += table.num_rows
    except _READ_ERRORS:
        return total + 1
    return total


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the records that could not be read."""
    file = chunk.file
    if file.bytes == 0:
        if chunk.includes(0):
            yield only_rejects(Reject(file.name, None, "the file is empty"))
        return
    tables, n_tables, index = _record_batches(file), 0, 0
    while chunk.stop is None or n_tables < chunk.stop:
        try:
            table = next(tables)
        except StopIteration:
            return
        except _READ_ERRORS as error:
            if chunk.includes(index):
                last = chunk.first_record + index - 1
                reason = f"cannot be read after record {last:,}: {describe_error(error)}"
                yield only_rejects(Reject(file.name, None, reason, file.bytes))
            return
        n_tables += 1
        if n_tables > chunk.start:
            yield from _read_table(table, index, chunk, source)
            index += table.num_rows


def _read_table(table: Any, first_index: int, chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a record batch; `first_index` is its first record's in the chunk."""
    # `nbytes` would follow offsets that are not validated yet
    row_bytes = max(1, table.get_total_buffer_size() // max(1, table.num_rows))
    batch_rows = max(1, min(BATCH_ROWS, BATCH_BYTES // row_bytes))
    content, name = content_of(source, "huggingface"), chunk.file.name
    first, last = chunk.selected(first_index, table.num_rows)
    for begin in range(first, last, batch_rows):
        part = table.slice(begin, min(batch_rows, last - begin))
        number = chunk.first_record + first_index + begin
        yield documents_from_columns(part, number, file_name=name, content=content, source=source)


def find_dataset(path: str, remote: Remote) -> list[File]:
    """Return the Arrow files of a dataset by its name, from the local cache of `datasets`.

    A URI `hf://datasets/...` that is not in the cache is downloaded into it. Raises InputError or
    EnvironmentFault if the dataset is not there.
    """
    from pathlib import Path

    name = path.removeprefix(HUB_SCHEME).strip("/")
    owner, _, rest = name.partition("/")
    short_name, _, subset = rest.partition("/")
    full_name = f"{owner}/{short_name}" if short_name else owner
    splits = load_splits(
        full_name, subset or None, remote=remote, download=path.startswith(HUB_SCHEME)
    )
    files = []
    for split, dataset in sorted(splits.items()):
        for i, cached in enumerate(dataset.cache_files):
            location = Path(cached["filename"])
            file_name = f"{name}/{split}/{i:05d}.arrow"
            size = location.stat().st_size
            files.append(File(file_name, str(location), size, "huggingface"))
    return files
