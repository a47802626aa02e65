"""What a config says about one source: where its files are, and how to read them.

    sources:
      - path: data/raw/**/*.txt       # a file, a glob, a folder, s3://..., hf://datasets/...
        content: page                 # an article page dumped to text, with its boilerplate
        constants: {publisher: bne IntelliNews}
      - path: data/wire.jsonl.gz
        columns: {text: body, date: meta.published_at}       # ours: the source's

Light to import: the config needs it, and nothing here reads a file.
"""

from __future__ import annotations

import codecs
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from corpus.documents import DOCUMENT, ID, RESERVED, SOURCE, TEXT

Content = Literal["text", "page", "html"]
Format = Literal["text", "jsonl", "csv", "parquet", "html", "warc", "huggingface"]

MEGABYTE = 1 << 20

_CONTENT: dict[Format, Content] = {"text": "page", "html": "html", "warc": "html"}


TABLES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".tab", ".parquet", ".pq", ".arrow")
"""Endings of files whose records are text, unless a config says that they are pages."""


class Source(BaseModel):
    """Some files of one kind, and how their records become documents."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: Annotated[str, Field(min_length=1)]
    """A file, a glob (`*`, `?`, `[...]`, `**`), a folder, or a URI such as
    `s3://bucket/news/*.jsonl` or `hf://datasets/owner/name`. Relative to the config file. A
    folder means every file of a known extension below it, except hidden ones and those whose
    name starts with `_`."""

    content: Content | None = None
    """What the text is: `text` (the article alone), `page` (a page dumped to text, boilerplate
    included) or `html`. Without it: `page` for text files, `html` for HTML and WARC, `text` for
    the rest."""

    format: Format | None = None
    """How the files are read. Without it the name decides: `.txt`, `.jsonl`, `.csv`, `.tsv`,
    `.parquet`, `.html`, `.warc`, `.arrow`, each also with `.gz`, `.zst`, `.bz2` or `.xz` behind
    it."""

    columns: dict[str, str] = {}
    """Where the source keeps what we call `id`, `text`, `title`, `author`, `publisher`, `date` or
    `url`: ours first, then the source's. A dot walks into nested JSON: `date:
    meta.published_at`. Any other name on the left renames that column."""

    constants: dict[str, str | int | float | bool] = {}
    """Columns with one value for every record; they replace what a record says."""

    extra_columns: tuple[str, ...] | None = None
    """Which of the source's other columns to keep. Without it: all of them."""

    encoding: str | None = None
    """The character encoding, where the bytes do not tell. Without it: UTF-8, UTF-16 with its
    mark, what an HTML page declares; for text and HTML files that are none of these, what the
    bytes look like."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What stands between the fields of a CSV file. Without it: a tab for `.tsv`, else a comma."""

    quote: Annotated[str, Field(min_length=1, max_length=1)] | None = '"'
    """What stands around a CSV field that holds a delimiter or a line end; null for nothing."""

    record_limit: Annotated[int, Field(ge=1, le=1 << 30)] = 256 * MEGABYTE
    """The largest record that is read, in bytes. A larger one is a reject, and never held."""

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        """Raise where Python has no such text encoding."""
        if encoding is None:
            return None
        if (found := text_encoding(encoding)) is None:
            raise ValueError(f"no such text encoding: {encoding!r}")
        return found

    @field_validator("delimiter", "quote")
    @classmethod
    def _no_line_end(cls, mark: str | None) -> str | None:
        """Raise where a mark between fields would end the row."""
        if mark is not None and mark in "\r\n":
            raise ValueError("a line end cannot stand between or around fields")
        return mark

    @field_validator("columns", "constants")
    @classmethod
    def _ours(cls, named: dict[str, object]) -> dict[str, object]:
        """Raise where a name on the left is one that only the build itself may fill."""
        for name in named:
            if not name or (name in RESERVED and name not in DOCUMENT.names) or name == SOURCE:
                may = ", ".join(sorted(set(DOCUMENT.names) - {SOURCE}))
                raise ValueError(f"{name!r} is the build's own; yours are {may}, and new names")
        return named

    @field_validator("constants")
    @classmethod
    def _not_each(cls, constants: dict[str, object]) -> dict[str, object]:
        """Raise where one value for all makes no sense."""
        for name in (ID, TEXT):
            if name in constants:
                raise ValueError(f"every document has its own {name!r}: it cannot be a constant")
        return constants


def may_hold_pages(path: object, format: object = None, content: object = None) -> bool:
    """Return whether a source may give pages, as far as its settings tell; a folder may."""
    if content is not None:
        return content != "text"
    if format is not None:
        return format in _CONTENT
    name = str(path).lower()
    for ending in (".gz", ".zst", ".bz2", ".xz"):
        name = name.removesuffix(ending)
    return not (name.startswith("hf://") or name.endswith(TABLES))


def text_encoding(name: str) -> str | None:
    """Return Python's name for a text encoding, or None where it has none."""
    try:
        b"    ".decode(name)
    except UnicodeError:
        pass
    except (LookupError, ValueError):
        return None
    return codecs.lookup(name).name


def content_of(source: Source, format: Format) -> Content:
    """Return what the text of this source's records holds."""
    return source.content or _CONTENT.get(format, "text")
