"""The config of a source: where its files are and how to read them.

    sources:
      - path: data/raw/**/*.txt       # a file, a glob, a folder, s3://..., hf://datasets/...
        content: page                 # an article page dumped to text, boilerplate included
        constants: {publisher: bne IntelliNews}
      - path: data/wire.jsonl.gz
        columns: {text: body, date: meta.published_at}       # ours: the source's

The config imports this module, so nothing here reads a file.
"""

from __future__ import annotations

import codecs
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from corpus.documents import DOCUMENT, ID, RESERVED, SOURCE, TEXT
from corpus.sources.compression import without_compression_extension
from corpus.sources.dates import check_format
from corpus.sources.remote import Remote

Content = Literal["text", "page", "html"]
Format = Literal["text", "jsonl", "json", "csv", "parquet", "html", "warc", "huggingface"]

MEGABYTE = 1 << 20

_DEFAULT_CONTENT: dict[Format, Content] = {"text": "page", "html": "html", "warc": "html"}
"""What the text of a record is, for formats whose records are not articles."""

TABLE_EXTENSIONS = (
    ".jsonl",
    ".ndjson",
    ".json",
    ".csv",
    ".tsv",
    ".tab",
    ".parquet",
    ".pq",
    ".arrow",
)
"""Extensions of files whose records are articles, unless the config says that they are pages."""


class Source(BaseModel):
    """Files of one kind, and how their records become documents."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: Annotated[str, Field(min_length=1)]
    """A file, a glob (`*`, `?`, `[...]`, `**`), a folder, or a URI such as
    `s3://bucket/news/*.jsonl` or `hf://datasets/owner/name` (downloaded once, then read from the
    cache of `datasets`). Relative to the config file. A
    folder means every file below it with a known extension, except hidden files and those whose
    name starts with `_`."""

    content: Content | None = None
    """What the text is: `text` (only the article), `page` (a page dumped to text, boilerplate
    included) or `html`. Default: `page` for text files, `html` for HTML and WARC, `text` for all
    other formats."""

    format: Format | None = None
    """The format of the files. Default: by extension (`.txt`, `.jsonl`, `.json`, `.csv`, `.tsv`,
    `.parquet`, `.html`, `.warc` or `.arrow`), each optionally followed by `.gz`, `.zst`, `.bz2`
    or `.xz`. `json` and `jsonl` mean the same: the content decides whether a file has one object
    a line, a list, pretty-printed objects, an object around a list, or the columns of a table."""

    records: Annotated[str, Field(min_length=1)] | None = None
    """Where the records are in JSON files: a dotted path, such as `data.items` for
    `{"data": {"items": [{...}, {...}]}}`. The other values of such an object are not read.
    Default: the records are the objects of the file or, if the file is one object without a text,
    those of the only list in it whose objects have a text."""

    columns: dict[str, str] = {}
    """The source's names for our columns `id`, `text`, `title`, `author`, `publisher`, `date` and
    `url`, as `ours: theirs`. A dot selects a nested field: `date: meta.published_at`. Any other
    name on the left renames that column."""

    constants: dict[str, str | int | float | bool] = {}
    """Columns with one value for every record; they replace the record's own value."""

    date_format: str | None = None
    """How the source writes its dates, such as `"%d/%m/%Y"` (as in Python's `strptime`). It is only
    needed where dates are ambiguous, such as 05/04/2019, and no other date of the source decides
    whether the day is first. Other notations are still recognised."""

    extra_columns: tuple[str, ...] | None = None
    """Which of the source's other columns to keep. Default: all of them. Lists and structs keep
    their types if the values of all sources agree; otherwise they become JSON text."""

    encoding: str | None = None
    """The character encoding. Default: UTF-8, UTF-16 with a byte order mark, or the encoding that
    an HTML page declares; for other text and HTML files, detected from the bytes."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """The field delimiter of CSV files. Default: a tab for `.tsv`, otherwise a comma."""

    quote: Annotated[str, Field(min_length=1, max_length=1)] | None = '"'
    """The quote around a CSV field that has a delimiter or a line end; null for none."""

    record_limit: Annotated[int, Field(ge=1, le=1 << 30)] = 256 * MEGABYTE
    """Maximum size of a record, in bytes. A larger record is rejected and never loaded into
    memory."""

    remote: Remote = Remote()
    """How long to wait for a remote file system, such as `s3://` or `gs://`. Does not affect the
    content of a build."""

    @field_validator("format")
    @classmethod
    def _join_json_formats(cls, format: Format | None) -> Format | None:
        """Return `jsonl` for `json`: the content decides."""
        return "jsonl" if format == "json" else format

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, encoding: str | None) -> str | None:
        """Raise ValueError if Python has no such text encoding."""
        if encoding is None:
            return None
        if (python_name := text_encoding(encoding)) is None:
            raise ValueError(f"no such text encoding: {encoding!r}")
        return python_name

    @field_validator("date_format")
    @classmethod
    def _check_date_format(cls, format: str | None) -> str | None:
        """Raise ValueError for a format that cannot state a day."""
        if format is not None:
            check_format(format)
        return format

    @field_validator("delimiter", "quote")
    @classmethod
    def _check_csv_character(cls, character: str | None) -> str | None:
        """Raise ValueError for a line end, which would end the row."""
        if character is not None and character in "\r\n":
            raise ValueError("a line end cannot separate or quote fields")
        return character

    @field_validator("columns", "constants")
    @classmethod
    def _check_column_names(cls, columns: dict[str, object]) -> dict[str, object]:
        """Raise ValueError for a name that only the build itself may fill."""
        for name in columns:
            if not name or (name in RESERVED and name not in DOCUMENT.names) or name == SOURCE:
                allowed = ", ".join(sorted(set(DOCUMENT.names) - {SOURCE}))
                raise ValueError(f"{name!r} is reserved; use {allowed}, or a new name")
        return columns

    @field_validator("constants")
    @classmethod
    def _check_constants(cls, constants: dict[str, object]) -> dict[str, object]:
        """Raise ValueError for a column that cannot have one value for all records."""
        for name in (ID, TEXT):
            if name in constants:
                raise ValueError(f"{name!r} cannot be a constant: each document has its own")
        return constants


def may_have_pages(path: object, format: object = None, content: object = None) -> bool:
    """Return whether a source may have pages, judged by its raw settings; a folder may."""
    if content is not None:
        return content != "text"
    if format is not None:
        return format in _DEFAULT_CONTENT
    name = without_compression_extension(str(path))
    return not (name.startswith("hf://") or name.endswith(TABLE_EXTENSIONS))


def text_encoding(name: str) -> str | None:
    """Return Python's name for a text encoding, or None if there is no such encoding."""
    try:
        b"    ".decode(name)
    except UnicodeError:
        pass
    except (LookupError, ValueError):
        return None
    return codecs.lookup(name).name


def content_of(source: Source, format: Format) -> Content:
    """Return what the text of this source's records is."""
    return source.content or _DEFAULT_CONTENT.get(format, "text")
