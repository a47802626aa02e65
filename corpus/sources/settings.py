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
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, PrivateAttr, field_validator, model_validator

from corpus.credentials import refuse_credentials
from corpus.documents import DOCUMENT, ID, RESERVED, SOURCE, TEXT
from corpus.settings import Settings
from corpus.sources.dates.parse import check_format
from corpus.sources.files.compression import without_compression_extension
from corpus.sources.files.remote import Remote

Content = Literal["text", "page", "html"]
Format = Literal["text", "jsonl", "json", "csv", "parquet", "html", "warc", "xml", "huggingface"]

MEGABYTE = 1 << 20

_DEFAULT_CONTENT: dict[Format, Content] = {"text": "page", "html": "html", "warc": "html"}
"""What the text of a record is, for formats whose records are not articles."""

TABLE_EXTENSIONS = (
    ".jsonl",
    ".ndjson",
    ".jl",
    ".jsonlines",
    ".json",
    ".csv",
    ".tsv",
    ".tab",
    ".parquet",
    ".pq",
    ".arrow",
    ".xml",
    ".tei",
)
"""Extensions of files whose records are articles, unless the config says that they are pages."""


Partition: TypeAlias = tuple[tuple[str, str | int | None], ...]
"""The columns that are in the names of a file's folders: `year=2019`."""


class Source(Settings):
    """Files of one kind, and how their records become documents."""

    path: Annotated[str, Field(min_length=1)]
    """A file, a glob (`*`, `?`, `[...]`, `**`), a folder, an archive (`.zip`, `.tar`, `.tar.gz`,
    `.tgz`, `.tar.zst`, ...), or a URI such as `s3://bucket/news/*.jsonl` or
    `hf://datasets/owner/name` (downloaded once, then read from the cache of `datasets`). A URI with
    credentials is refused, because the config is published: they belong in the environment
    (`AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`) or in a profile (`AWS_PROFILE`). Relative to
    the config file. A folder means every file below it with a known extension, archives and
    saved pages (`index.html?id=7`, `about`) included. Hidden files, those whose name starts with
    `_`, the metadata of a dataset or a build, and files of unknown formats are skipped and counted.
    Folders such as `year=2019` add columns."""

    content: Content | None = None
    """What the text is: `text` (only the article), `page` (a page dumped to text, boilerplate
    included) or `html`. Default: `page` for text files, `html` for HTML and WARC, `text` for all
    other formats."""

    format: Format | None = None
    """The format of the files. Default: by extension (`.txt`, `.jsonl`, `.json`, `.csv`, `.tsv`,
    `.parquet`, `.html`, `.warc`, `.xml` or `.arrow`), each optionally followed by `.gz`, `.zst`,
    `.bz2` or `.xz`. `json` and `jsonl` mean the same: the content decides whether a file has one
    object a line, a list, pretty-printed objects, an object around a list, or the columns of a
    table. `xml` is TEI, the XML of trafilatura, or a list of records such as Scrapy's."""

    records: Annotated[str, Field(min_length=1)] | None = None
    """Where the records are in JSON files: a dotted path, such as `data.items` for
    `{"data": {"items": [{...}, {...}]}}`. The other values of such an object are not read.
    Default: the records are the objects of the file or, if the file is one object without a text,
    those of the only list in it whose objects have a text."""

    columns: dict[str, str] = Field(default={})
    """The source's names for our columns `id`, `text`, `title`, `author`, `publisher`, `date` and
    `url`, as `ours: theirs`. A dot selects a nested field: `date: meta.published_at`. Any other
    name on the left renames that column."""

    constants: dict[str, str | int | float | bool] = Field(default={})
    """Columns with one value for every record; they replace the record's own value."""

    date_format: str | None = None
    """How the source writes its dates, such as `"%d/%m/%Y"` (as in Python's `strptime`). It is only
    needed where dates are ambiguous, such as 05/04/2019, and no other date of the source decides
    whether the day is first. Other notations are still recognised."""

    extra_columns: tuple[str, ...] | None = None
    """Which of the source's other columns to keep. Default: all of them. Lists and structs keep
    their types if the values of all sources agree; otherwise they become JSON text."""

    encoding: str | None = None
    """The character encoding. Default: UTF-8, UTF-16, UTF-32 or ISO-2022-JP, whichever the first
    64 KB are, or the encoding that an HTML page declares, or else one detected from these bytes. A
    CSV or JSON file with at most two bad bytes there is UTF-8."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """The field delimiter of CSV files. Default: detected from the first rows, among comma, tab,
    semicolon, `|` and Apache Hive's `"\\x01"`, or the one that a first line `sep=;` names."""

    quote: Annotated[str, Field(min_length=1, max_length=1)] | None = '"'
    """The quote around a CSV field that has a delimiter or a line end; null for none. In a file
    with tabs, it is an ordinary character if the first rows leave no doubt."""

    escape: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """The character before a quote within a CSV field, such as `'\\'`. Default: such a quote is
    doubled, or escaped with a backslash if only that fits the first rows. In the latter case, a
    field `\\N` is null, as in MySQL."""

    header: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The names of the columns, in order, for CSV files without a header: `[id, title, text]`. A
    first row with exactly these names is not a record. Default: the first row has the names."""

    record_limit: Annotated[int, Field(ge=1, le=1 << 30)] = 256 * MEGABYTE
    """Maximum size of a record, in bytes. A larger record is rejected and never loaded into
    memory."""

    remote: Remote = Remote()
    """How long to wait for a remote file system, such as `s3://` or `gs://`. Does not affect the
    content of a build."""

    _partitions: dict[str, Partition] = PrivateAttr({})

    def with_partitions(self, partitions: dict[str, Partition]) -> Source:
        """Return the source for files that have partition columns, by their names."""
        if not partitions:
            return self
        source = self.model_copy()
        source._partitions = partitions  # noqa: SLF001  a copy of this model
        return source

    def without_columns(self) -> Source:
        """Return the source for records whose columns are ours already: `columns` does not apply.

        It still applies to partition columns, which are the source's.
        """
        source = self.model_copy(update={"columns": {}})
        ours = {theirs: name for name, theirs in self.columns.items()}
        source._partitions = {  # noqa: SLF001
            file: tuple((ours.get(name, name), value) for name, value in partition)
            for file, partition in self._partitions.items()
        }
        return source

    @property
    def has_partitions(self) -> bool:
        """Whether any file has partition columns."""
        return bool(self._partitions)

    def partition_of(self, file_name: str) -> dict[str, str | int | None]:
        """Return the partition columns of a file."""
        return dict(self._partitions.get(file_name, ()))

    @field_validator("path")
    @classmethod
    def _check_path(cls, path: str) -> str:
        """Raise ConfigError for a path with credentials: pydantic's own error would show it."""
        refuse_credentials(path)
        return path

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

    @field_validator("delimiter", "quote", "escape")
    @classmethod
    def _check_csv_character(cls, character: str | None) -> str | None:
        """Raise ValueError for a line end, which would end the row."""
        if character is not None and character in "\r\n":
            raise ValueError("a line end cannot separate or quote fields")
        return character

    @field_validator("header")
    @classmethod
    def _check_header(cls, header: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Raise ValueError for a name that is empty or used twice."""
        names = header or ()
        for i, name in enumerate(names):
            if not name.strip():
                raise ValueError(f"column {i + 1} has no name")
            if name in names[:i]:
                raise ValueError(f"two columns are called {name!r}")
        return header

    @model_validator(mode="after")
    def _check_format_settings(self) -> Source:
        """Raise ValueError for a setting that the format does not have."""
        owners: dict[str, tuple[Format, str]] = {
            "records": ("jsonl", "JSON"),
            "delimiter": ("csv", "CSV"),
            "escape": ("csv", "CSV"),
            "header": ("csv", "CSV"),
        }
        for setting, (format, name) in owners.items():
            if getattr(self, setting) is not None and self.format not in (None, format):
                raise ValueError(f"{setting}: only {name} has it, not format: {self.format}")
        return self

    @model_validator(mode="after")
    def _check_csv(self) -> Source:
        """Raise ValueError for a header without a text, or a character with two meanings."""
        text = self.columns.get(TEXT, TEXT)
        if self.header and text not in self.header:
            listed = ", ".join(self.header[:8])
            raise ValueError(f"header: no column {text!r} in it, only {listed}")
        characters = [c for c in (self.delimiter, self.quote, self.escape) if c is not None]
        if len(set(characters)) < len(characters):
            raise ValueError("delimiter, quote and escape must be different characters")
        return self

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
