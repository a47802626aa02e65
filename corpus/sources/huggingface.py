"""Hugging Face data sets: a folder that `save_to_disk` wrote, or a data set of the hub by its name.

    - path: data/news                                  # a saved folder, its splits read as one
      source
    - path: hf://datasets/owner/name                   # from the local cache of `datasets`
    - path: hf://datasets/owner/name/subset

Both are Arrow files, which pyarrow reads; `datasets` itself is only asked where the cache keeps a
name. A build opens no connection: load a data set once with `datasets.load_dataset`, and it is in
the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.errors import InputError
from corpus.sources.batches import NONE, Read
from corpus.sources.chunks import BATCH_BYTES, BATCH_ROWS, PIECE, File, Piece, Reject
from corpus.sources.columns import from_columns
from corpus.sources.filesystems import is_uri, open_file
from corpus.sources.settings import Source, content_of
from corpus.sources.streams import said

EXTENSIONS = (".arrow",)
GROUPED = False
SCHEME = "hf://datasets/"
_ERRORS = (OSError, ValueError)


def _tables(file: File) -> Iterator[Any]:
    """Yield the record batches of an Arrow file of either form; raises OSError, ValueError."""
    import pyarrow as pa
    from pyarrow import ipc

    opened = open_file(file.path) if is_uri(file.path) else pa.memory_map(file.path)
    with opened:
        whole = opened.read(6) == b"ARROW1"
        opened.seek(0)
        if whole:
            reader = ipc.open_file(opened)
            yield from (reader.get_batch(i) for i in range(reader.num_record_batches))
        else:
            yield from ipc.open_stream(opened)


def cut(file: File, source: Source) -> Iterator[Piece]:  # noqa: ARG001
    """Yield the pieces of a file: record batches of about 32 MB together."""
    if file.bytes <= PIECE:
        yield Piece((file,))
        return
    start, before, held, rows, stop = 0, 0, 0, 0, 0
    try:
        for i, table in enumerate(_tables(file)):
            if i > start and held + table.nbytes > PIECE:
                yield Piece((file,), start, i, before + 1)
                start, before, held = i, rows, 0
            rows, held, stop = rows + table.num_rows, held + table.nbytes, i + 1
    except _ERRORS:
        stop = 0  # whoever reads the last piece meets the damage, and says so
    yield Piece((file,), start, stop or None, before + 1)


def count(piece: Piece, source: Source) -> int:  # noqa: ARG001
    """Return how many records a piece has, and one for damage at its end."""
    total = 0
    try:
        for i, table in enumerate(_tables(piece.file)):
            if piece.start <= i and (piece.stop is None or i < piece.stop):
                total += table.num_rows
    except _ERRORS:
        return total + 1
    return total


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, with the records that are none."""
    name = piece.file.name
    if piece.file.bytes == 0:
        if piece.takes(0):
            yield NONE, [Reject(name, None, "the file is empty")]
        return
    content = content_of(source, "huggingface")
    tables, at, ordinal, size = _tables(piece.file), 0, 0, 0
    while piece.stop is None or at < piece.stop:
        try:
            table = next(tables)
        except StopIteration:
            return
        except _ERRORS as error:
            if piece.takes(ordinal):
                where = f"the file breaks off after record {piece.first + ordinal - 1:,}"
                unread = max(0, piece.file.bytes - size)
                yield NONE, [Reject(name, None, f"{where}: {said(error)}", unread)]
            return
        size, at = size + table.nbytes, at + 1
        if at <= piece.start:
            continue
        each = max(1, table.nbytes // max(1, table.num_rows))
        rows = max(1, min(BATCH_ROWS, BATCH_BYTES // each))
        first, last = piece.inside(ordinal, table.num_rows)
        for place in range(first, last, rows):
            part = table.slice(place, min(rows, last - place))
            number = piece.first + ordinal + place
            yield from_columns(part, number, name=name, content=content, source=source)
        ordinal += table.num_rows


def by_name(path: str) -> list[File]:
    """Return the Arrow files of a data set that the local cache of `datasets` has, by its name.

    Raises InputError where it is not there.
    """
    from pathlib import Path

    name = path.removeprefix(SCHEME).strip("/")
    owner, _, rest = name.partition("/")
    short, _, subset = rest.partition("/")
    full = f"{owner}/{short}" if short else owner
    files = []
    for split, rows in sorted(_cached(full, subset or None).items()):
        for i, cached in enumerate(rows.cache_files):
            where = Path(cached["filename"])
            label = f"{name}/{split}/{i:05d}.arrow"
            files.append(File(label, str(where), where.stat().st_size, "huggingface"))
    return files


def _cached(name: str, subset: str | None) -> dict[str, Any]:
    """Return the splits of a cached data set; raises InputError where there is none."""
    import datasets
    from datasets import config
    from datasets.utils import logging

    before, loud = config.HF_HUB_OFFLINE, logging.get_verbosity()
    config.HF_HUB_OFFLINE = True
    logging.set_verbosity_error()
    try:
        quiet = datasets.DownloadConfig(local_files_only=True)
        found = datasets.load_dataset(name, subset, download_config=quiet)
    except Exception as error:  # noqa: BLE001, `datasets` raises what it likes
        call = f"datasets.load_dataset({name!r}{f', {subset!r}' if subset else ''})"
        raise InputError(
            f"{name}: this data set is not in the local cache ({said(error)}); a build opens no "
            f"connection, so load it once before: {call}"
        ) from None
    finally:
        config.HF_HUB_OFFLINE = before
        logging.set_verbosity(loud)
    return dict(found)
