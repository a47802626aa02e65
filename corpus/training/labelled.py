"""Read good and bad documents: from builds, folders, files and globs, or by the label in a column.

The site of a document is, whichever is there first: the column that `--site` names, the host of its
URL, its publisher, the folder of a file with one document, or the file. A folder or file of good
documents is not that of bad ones, whatever its name is. Documents of one site are never both
trained on and judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.auditing.measure.columns import hosts
from corpus.auditing.measure.external_files import ReadStatistics, read_documents
from corpus.builds.reader import file_in_build, manifest_at
from corpus.builds.reader import reading as reading_shard
from corpus.credentials import refuse_credentials
from corpus.documents import LANGUAGE, PUBLISHER, RESERVED, SOURCE, TEXT, URL, column
from corpus.errors import ConfigError, hint
from corpus.progress import Progress
from corpus.sources.columns.extra import as_texts
from corpus.sources.files.filesystems import is_uri
from corpus.sources.formats import FORMATS, format_of_name
from corpus.training.examples import ExampleClass
from corpus.words.count import count_words

PAGE_FORMATS = ("html", "warc")
"""Formats whose text is markup until the stage `clean` has read it."""


@dataclass(frozen=True)
class Labels:
    """The column that says which documents are good."""

    column: str
    good: frozenset[str]


@dataclass
class Reading:
    """How documents are read, and what of them is not used."""

    text: str = TEXT
    site: str | None = None
    labels: Labels | None = None
    bits: int = 20
    unreadable: int = 0
    without_words: int = 0
    without_label: int = 0
    files: Counter[str] = field(default_factory=Counter)
    """Number of files by format."""

    label_values: Counter[str] = field(default_factory=Counter)
    columns: set[str] = field(default_factory=set)


def read_class(
    name: str, inputs: Sequence[str], into: ExampleClass, reading: Reading, progress: Progress
) -> None:
    """Read all documents of the inputs into one class, `good` or `bad`."""
    for documents in _documents(inputs, reading, progress, of_class=f" ({name})"):
        into.add(documents, reading.bits)


def read_by_label(
    inputs: Sequence[str],
    labels: Labels,
    good: ExampleClass,
    bad: ExampleClass,
    reading: Reading,
    progress: Progress,
) -> None:
    """Read documents into the class of their label; those without a label are counted.

    Raises ConfigError if the column does not exist, or if no document has a good value.
    """
    for documents in _documents(inputs, reading, progress):
        values = documents.column("label")
        reading.label_values.update(v for v in values.to_pylist() if v is not None)
        reading.without_label += values.null_count
        is_good = pc.is_in(values, pa.array(sorted(labels.good), pa.string()))
        good.add(documents.filter(is_good), reading.bits)
        bad.add(documents.filter(pc.and_(pc.invert(is_good), values.is_valid())), reading.bits)
    _require_column("--label", labels.column, reading)
    if missing := sorted(labels.good - set(reading.label_values)):
        found = ", ".join(repr(v[:40]) for v, _ in reading.label_values.most_common(8))
        raise ConfigError(
            f"--good {missing[0]}: no document has this value in the column {labels.column!r}; "
            f"it has {found or 'no values'}"
        )


def _documents(
    inputs: Sequence[str], reading: Reading, progress: Progress, *, of_class: str = ""
) -> Iterator[pa.RecordBatch]:
    """Yield the documents that have words, with their site, language and label."""
    for path in inputs:
        refuse_credentials(path)
        for documents in _batches(path, reading):
            names = documents.schema.names
            reading.columns.update(n for n in names if n[:1] != "_" or n not in RESERVED)
            prepared = _prepare(documents, reading, of_class)
            has_words = count_words(prepared.column(TEXT)) > 0
            reading.without_words += int((~has_words).sum())
            size = pc.sum(pc.binary_length(prepared.column(TEXT))).as_py() or 0
            progress.advance(documents=prepared.num_rows, bytes=size)
            yield prepared.filter(pa.array(has_words))
    if reading.site is not None:
        _require_column("--site", reading.site, reading)


def _require_column(option: str, name: str, reading: Reading) -> None:
    if name not in reading.columns:
        raise ConfigError(f"{option} {name}: no such column; {hint(name, sorted(reading.columns))}")


def _batches(path: str, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Yield the documents of a build, or of files in any format."""
    folder = Path(path)
    manifest = None if is_uri(path) else manifest_at(folder)
    if manifest is not None:
        yield from _of_build(folder, manifest, reading)
        return
    statistics = ReadStatistics()
    resolved = path if is_uri(path) else str(folder.absolute())
    for _, batches in read_documents(resolved, text=reading.text, statistics=statistics):
        for name in PAGE_FORMATS:
            if statistics.formats[name]:
                raise ConfigError(
                    f"{path}: {name.upper()} files contain markup, and the classifier would learn "
                    "that; build a corpus from them (`corpus build`), and name the build"
                )
        yield from batches
    reading.unreadable += statistics.unreadable
    reading.files.update(statistics.formats)


def _of_build(folder: Path, manifest: dict[str, Any], reading: Reading) -> Iterator[pa.RecordBatch]:
    """Yield the documents of a build; `reading.text` may be another of its columns."""
    for entry in manifest["splits"].values():
        for shard in entry["shards"]:
            reading.files["build"] += 1
            with reading_shard(folder, shard), pq.ParquetFile(file_in_build(folder, shard)) as file:
                names = file.schema_arrow.names
                if reading.text not in names:
                    raise ConfigError(
                        f"--text {reading.text}: {folder} has no such column; "
                        f"{hint(reading.text, names)}"
                    )
                for documents in file.iter_batches(batch_size=2048):
                    texts = as_texts(documents, reading.text)
                    yield column(documents, TEXT, texts, pa.large_string())


def _prepare(documents: pa.RecordBatch, reading: Reading, of_class: str) -> pa.RecordBatch:
    """Return the text, and what examples need to know of each document."""
    columns = {
        TEXT: documents.column(TEXT).cast(pa.large_string()).fill_null(""),
        "site": sites(documents, reading.site, of_class=of_class),
        LANGUAGE: _texts(documents, LANGUAGE).fill_null(""),
    }
    if reading.labels is not None:
        columns["label"] = _texts(documents, reading.labels.column)
    return pa.record_batch(columns)


def sites(documents: pa.RecordBatch, named: str | None = None, *, of_class: str = "") -> pa.Array:
    """Return the site of each document (string, never null); see the module.

    `of_class` is appended to the name of a folder or a file.
    """
    own = _texts(documents, named) if named else pa.nulls(documents.num_rows, pa.string())
    host = pc.replace_substring_regex(hosts(_texts(documents, URL)), r"^www\d?\.", "")
    publisher = _filled(_texts(documents, PUBLISHER))
    files = pc.dictionary_encode(_texts(documents, SOURCE).fill_null(""))
    names = [f"{_folder(name)}{of_class}" for name in files.dictionary.to_pylist()]
    folders = pa.array(names, pa.string())
    return pc.coalesce(_filled(own), _filled(host), publisher, folders.take(files.indices))


def _folder(name: str) -> str:
    """Return the folder of a file with one document; otherwise the file."""
    format = format_of_name(name)
    if format is not None and FORMATS[format].ONE_DOCUMENT_PER_FILE:
        return name.rpartition("/")[0]
    return name


def _filled(values: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _texts(documents: pa.RecordBatch, name: str) -> pa.Array:
    return as_texts(documents, name).cast(pa.string())
