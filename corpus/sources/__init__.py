"""Sources: read files into batches of documents. Each row records which file it comes from.

    files, skipped = find_files(source, folder)          what the configured path matches
    for chunk in split_into_chunks(files, source):       the input of one worker, about 32 MB
        for documents, rejects, skipped in read(chunk, source):
            ...

The result does not depend on how the files were split into chunks. Bad input never stops reading:
a record that cannot be read becomes a reject with its file, record number and reason.

Each format is a module that implements `FormatModule` (formats.py): text, html, parquet,
huggingface, csv.rows, json.lines, warc.reader, xml.articles.
"""

from __future__ import annotations

from corpus.sources.batches import ReadBatch
from corpus.sources.chunks import Chunk, File, Reject
from corpus.sources.files.find import FoundFiles, find_files
from corpus.sources.files.skipped import SkippedFile, describe_skipped_files
from corpus.sources.formats import count_records, read
from corpus.sources.settings import Content, Format, Source
from corpus.sources.splitting import split_into_chunks

__all__ = [
    "Chunk",
    "Content",
    "File",
    "Format",
    "FoundFiles",
    "ReadBatch",
    "Reject",
    "SkippedFile",
    "Source",
    "count_records",
    "describe_skipped_files",
    "find_files",
    "read",
    "split_into_chunks",
]
