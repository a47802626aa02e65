"""Guess the sources of a config from a path: which files it has, and how each kind is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.documents import TEXT
from corpus.errors import InputError
from corpus.preview.columns import TABLE_FORMATS
from corpus.preview.first_records import first_records
from corpus.preview.guess_content import guess_content
from corpus.preview.guess_table import TableGuess
from corpus.preview.guess_tables import group_tables
from corpus.sources import File, Source, find_files
from corpus.sources.columns.synonyms import columns_setting
from corpus.sources.files.filesystems import is_uri, open_file
from corpus.sources.files.globs import split_pattern
from corpus.sources.files.skipped import SkippedFile
from corpus.sources.formats import format_of_name
from corpus.sources.settings import Content, Format, content_of

MAX_TEXT_FILES = 20
MAX_SOURCES = 50
MAX_NAMES = 12
_JSON_STARTS = (b"{", b"[", b"\x1e")


@dataclass(frozen=True)
class SourceGuess:
    """A source of a guessed config."""

    path: str
    """As the config has it: relative to the folder of the config, or a URI."""

    files: int
    bytes: int
    formats: tuple[Format, ...]
    contents: tuple[Content, ...]
    """What the texts of each format are."""

    format: Format | None = None
    """The setting `format`; None if the names of the files decide."""

    content: Content | None = None
    """The setting `content`; None for the default of each format."""

    table: TableGuess = field(default_factory=TableGuess)


@dataclass(frozen=True)
class Guess:
    """The sources of a path."""

    path: str
    sources: tuple[SourceGuess, ...]
    skipped: tuple[SkippedFile, ...]
    """Files that no format can read."""

    without_text: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Tables that are left out because no column is a text: the name, and its columns."""

    contains_config: bool = False
    """Whether the path is a folder that the config would be in."""


def guess_sources(path: str, folder: Path) -> Guess:
    """Return the sources for a path, as a config in `folder` would have them.

    `path` is a folder, file, glob or URI, relative to the working directory. Raises `InputError` if
    it does not exist, or if nothing in it can be read as documents.
    """
    source, files, skipped = _find(path)
    groups, without_text = _group(files)
    if not groups:
        raise InputError(_no_text_message(path, without_text))
    absolute = source.path
    inside = not is_uri(absolute) and Path.absolute(folder).is_relative_to(
        split_pattern(absolute)[0]
    )
    paths = [_paths_of(group, files, absolute) for group in groups]
    fits = len(groups) == 1 or _fit_together(groups, is_strict=sum(map(len, paths)) <= MAX_SOURCES)
    if fits and not without_text:
        guess = _merge(groups, relative_path(absolute, folder), source.format)
        return Guess(path, (guess,), skipped, contains_config=inside)
    sources = [
        _merge([_Group(tuple(part), group.content, group.table)], each_path, source.format)
        for group, by_path in zip(groups, paths, strict=True)
        for each, part in by_path.items()
        for each_path in [relative_path(each, folder)]
    ]
    return Guess(path, tuple(sources), skipped, tuple(without_text), contains_config=inside)


@dataclass(frozen=True)
class _Group:
    """Files of a folder that are read alike."""

    files: tuple[File, ...]
    content: Content
    table: TableGuess

    @property
    def format(self) -> Format:
        return self.files[0].format

    @property
    def is_default(self) -> bool:
        """Return whether the content is the default of the format."""
        return self.content == content_of(Source(path="x"), self.format)


def _find(path: str) -> tuple[Source, list[File], tuple[SkippedFile, ...]]:
    """Return a source for the path alone, with its files; the format is set if no name shows it."""
    absolute = path if is_uri(path) else os.path.abspath(Path(path).expanduser())  # noqa: PTH100
    source = Source(path=absolute)
    is_unknown = not is_uri(path) and Path(absolute).is_file() and not format_of_name(absolute)
    if is_unknown and (format := _format_by_content(absolute)):
        source = Source(path=absolute, format=format)
    files, skipped = find_files(source, Path.cwd())
    return source, files, tuple(skipped)


def _format_by_content(path: str) -> Format | None:
    """Return the format of a file without a known extension, if its first bytes show it."""
    from corpus.sources.files.streams import Stream

    try:
        with open_file(path) as file:
            if file.read(4) == b"PAR1":
                return "parquet"
        head = next(iter(Stream(path)), b"")[:4096]
    except OSError:
        return None
    if head.startswith(b"WARC/"):
        return "warc"
    return "jsonl" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_JSON_STARTS) else None


def _group(files: Sequence[File]) -> tuple[list[_Group], list[tuple[str, tuple[str, ...]]]]:
    """Return the files grouped by how they are read, and the tables without a text.

    Raises `InputError` if no group can be read at all.
    """
    groups: list[_Group] = []
    without_text: list[tuple[str, tuple[str, ...]]] = []
    unreadable: list[tuple[File, str]] = []
    for format in sorted({file.format for file in files}):
        same = [file for file in files if file.format == format]
        if format not in TABLE_FORMATS:
            content, reason = _content(same, format)
            unreadable += [(same[0], reason)] if reason else []
            groups.append(_Group(tuple(same), content, TableGuess()))
            continue
        tables = group_tables(same)
        groups += [_Group(tuple(g.files), g.guess.content, g.guess) for g in tables.groups]
        without_text += tables.without_text
        if tables.unreadable:  # a build reports them
            lost = tuple(file for file, _ in tables.unreadable)
            groups.append(_Group(lost, content_of(Source(path="x"), format), TableGuess()))
            unreadable += tables.unreadable
    if groups and len({file.format for file, _ in unreadable}) == len(groups):
        file, reason = unreadable[0]
        raise InputError(f"{file.name} cannot be read: {reason}")
    return groups, without_text


def _content(files: Sequence[File], format: Format) -> tuple[Content, str]:
    """Return what the texts of files without columns are, and why none of them can be read."""
    step = max(1, len(files) // MAX_TEXT_FILES)
    source = Source(path="x", format=format, content="text" if format == "text" else None)
    records = first_records(files[::step][:MAX_TEXT_FILES], source)
    reason = records.rejects[0].reason if records.rejects and not records.documents else ""
    if format != "text":
        return content_of(source, format), reason
    texts = [t for batch in records.batches for t in batch.column(TEXT).to_pylist() if t]
    return guess_content(texts, is_page_by_default=True), reason


def _fit_together(groups: Sequence[_Group], *, is_strict: bool) -> bool:
    """Return whether one source can read all groups: at most one of them needs settings.

    If this would make too many sources, text files are read as pages, as by default.
    """
    tables = [group for group in groups if group.format in TABLE_FORMATS]
    others = tables if not is_strict else groups
    return len(tables) <= 1 and all(group.is_default for group in others)


def _merge(groups: Sequence[_Group], path: str, format: Format | None) -> SourceGuess:
    """Return one source for some groups."""
    table = next((group.table for group in groups if group.table != TableGuess()), groups[0].table)
    formats = {format: g.content for g in groups for file in g.files for format in file.formats}
    only = groups[0] if len(formats) == 1 else None
    return SourceGuess(
        path=path,
        files=sum(len(group.files) for group in groups),
        bytes=sum(file.bytes for group in groups for file in group.files),
        formats=tuple(sorted(formats)),
        contents=tuple(
            formats[format] if only else content_of(Source(path="x"), format)
            for format in sorted(formats)
        ),
        format=format,
        content=only.content if only else None,
        table=table if only is None else replace(table, content=only.content),
    )


def _paths_of(group: _Group, files: Sequence[File], path: str) -> dict[str, list[File]]:
    """Return paths that match the files of a group and no other file of the folder, with these."""
    extensions = sorted({_extension(file.name) for file in group.files})
    mine = {file.path for file in group.files}
    base, pattern = split_pattern(path)
    globs = [f"{base.rstrip('/')}/**/*{extension}" for extension in extensions]
    matched = {file.path for file in files if _extension(file.name) in extensions}
    if not pattern and all(extensions) and matched == mine:
        return {
            glob: [file for file in group.files if _extension(file.name) == extension]
            for glob, extension in zip(globs, extensions, strict=True)
        }
    return {file.path: [file] for file in group.files}


def _extension(name: str) -> str:
    """Return the extensions of a file's name, with that of its compression; "" if it has none."""
    last = name.rpartition("/")[2]
    known = format_of_name(last)
    if known is None:
        return ""
    stem, dot, extension = last.rpartition(".")
    if format_of_name(f"x.{extension}") == known:
        return dot + extension
    return f".{stem.rpartition('.')[2]}.{extension}"


def relative_path(path: str, folder: Path) -> str:
    """Return a path relative to a folder, unless they have nothing but the root in common."""
    if is_uri(path):
        return path
    start = os.path.abspath(folder)  # noqa: PTH100
    common = os.path.commonpath([path, start])
    return path if common == "/" else os.path.relpath(path, start)


def _no_text_message(path: str, without_text: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """Return that no file has a text, with the columns of the first one."""
    name, columns = next(iter(without_text))
    listed = ", ".join(repr(column) for column in columns[:MAX_NAMES])
    more = ", ..." if len(columns) > MAX_NAMES else ""
    return (
        f"{path}: no column of {name} looks like a text; it has {listed or 'no columns'}{more}. "
        f"Write a config that names it: `{columns_setting({TEXT: 'COLUMN'})}`"
    )
