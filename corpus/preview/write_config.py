"""Write a guessed config: commented YAML that says what was guessed and what can be changed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus.config.model import default_stages
from corpus.markup import count_of, yaml_scalar
from corpus.preview.guess_sources import Guess, SourceGuess
from corpus.sources.settings import Content
from corpus.terminal import format_bytes, safe

FALLBACK_NAME = "corpus"
MAX_NAME_CHARACTERS = 60
MAX_LISTED = 10
MAX_DATE_CHARACTERS = 40
COMMENT_COLUMN = 32

CONTENTS: dict[Content, str] = {
    "text": "articles alone",
    "page": "pages dumped to text, with menus and teasers",
    "html": "HTML pages",
}

_STAGES = {
    "clean": "extracts the article from a page, and normalises every text",
    "site_boilerplate": "removes lines that recur across the pages of a site",
    "language": "tags the language; to keep only some: {stage: language, keep: [en, de]}",
    "deduplicate": "removes exact and near duplicates",
    "split": "train and test, without near duplicates between them",
}


def config_name(path: str) -> str:
    """Return a name for the corpus of a path: `data/My News/` -> `my-news`."""
    fixed = [part for part in re.split(r"[/\\]", path) if part and not re.search(r"[*?]", part)]
    last = fixed[-1] if fixed else ""
    stem = "" if last.startswith(".") else last.partition(".")[0]
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_stem)[:MAX_NAME_CHARACTERS].strip("-") or FALLBACK_NAME


def guessed_settings(guess: Guess, *, name: str) -> dict[str, Any]:
    """Return the settings of a guessed config."""
    sources = [_source_settings(source) for source in guess.sources]
    # Inside of the source's own folder, `_` hides the build from the next one.
    folder = "_build" if guess.contains_config else "build"
    return {
        "name": name,
        "sources": sources,
        "stages": list(default_stages({"sources": sources})),
        "output": {"path": f"{folder}/{name}"},
    }


def _source_settings(source: SourceGuess) -> dict[str, Any]:
    settings: dict[str, Any] = {"path": source.path}
    if source.format:
        settings["format"] = source.format
    if source.content:
        settings["content"] = source.content
    if source.table.records:
        settings["records"] = source.table.records
    if source.table.header:
        settings["header"] = list(source.table.header)
    if source.table.columns:
        settings["columns"] = dict(source.table.columns)
    return settings


def config_text(guess: Guess, *, name: str, file_name: str) -> str:
    """Return a guessed config as commented YAML, for a file of this name."""
    return "\n".join([*_lines(guess, guessed_settings(guess, name=name), file_name), ""])


def _lines(guess: Guess, settings: Mapping[str, Any], file_name: str) -> Iterator[str]:
    name, output = settings["name"], settings["output"]["path"]
    place = "this folder" if guess.path == "." else safe(guess.path)
    yield f"# Guessed from {place}. Read it, and change what is wrong."
    yield "#"
    yield f"#   corpus check {safe(file_name)}     shows what a build would read and do"
    yield f"#   corpus build {safe(file_name)}     builds the corpus, in {output}"
    yield "#"
    yield "# `corpus schema` prints every setting, in a form that editors complete from."
    yield ""
    yield f"name: {yaml_scalar(name)}"
    yield ""
    yield "sources:"
    for source, values in zip(guess.sources, settings["sources"], strict=True):
        yield from _source_lines(source, values)
    for table, columns in guess.without_text:
        yield f"  # left out, because no column is a text: {safe(table)} ({_listed(columns)})"
    yield ""
    yield "stages:"
    for stage in settings["stages"]:
        yield _commented(f"  - {stage}", _STAGES[stage])
    yield ""
    yield "output:"
    yield f"  path: {yaml_scalar(output)}"
    yield ""
    yield "# Facts for the dataset card that cannot be measured; all of them are optional."
    yield "# card:"
    yield f"#   pretty_name: {name}"
    yield "#   license: cc-by-4.0"


def _source_lines(source: SourceGuess, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one source."""
    size = f"{count_of(source.files, 'file')}, {format_bytes(source.bytes)}"
    kinds = ", ".join(source.formats)
    yield _commented(f"  - path: {yaml_scalar(settings['path'])}", f"{size}, {kinds}")
    if source.format:
        yield _commented(f"    format: {source.format}", "from the content of the file")
    if source.content:
        yield _commented(f"    content: {source.content}", CONTENTS[source.content])
        for other, meaning in CONTENTS.items():
            if other != source.content:
                yield _commented(f"    #        {other}", f"or: {meaning}")
    else:
        for format, content in zip(source.formats, source.contents, strict=True):
            yield _commented(f"    # content: {content}", f"of {format}: {CONTENTS[content]}")
    table = source.table
    if table.records:
        yield _commented(f"    records: {yaml_scalar(table.records)}", "where the records are")
    if table.header:
        names = ", ".join(map(yaml_scalar, table.header))
        yield _commented(f"    header: [{names}]", "the file has no header")
    if table.columns:
        yield _commented("    columns:", "ours: the source's")
        for ours, theirs in table.columns.items():
            yield f"      {ours}: {yaml_scalar(theirs)}"
    if table.ambiguous_date:
        yield f"    # {_date(table.ambiguous_date)} may be two days, and is null unless you decide:"
        yield '    # date_format: "%d/%m/%Y"    # or "%m/%d/%Y"'
    if table.extra_columns:
        yield f"    # also kept: {_listed(table.extra_columns)}"


def _commented(line: str, comment: str) -> str:
    return f"{line:<{COMMENT_COLUMN}} # {safe(comment)}"


def _date(value: str) -> str:
    return safe(value)[:MAX_DATE_CHARACTERS]


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(safe(name)[:MAX_DATE_CHARACTERS] for name in names[:MAX_LISTED])
    return listed + (f" and {len(names) - MAX_LISTED:,} more" if len(names) > MAX_LISTED else "")


def describe_guess(guess: Guess) -> Iterator[str]:
    """Yield what was guessed, in a few lines for a terminal."""
    for source in guess.sources:
        kinds = ", ".join(source.formats)
        yield f"{safe(source.path)}: {count_of(source.files, 'file')}, {kinds}"
        for format, content in zip(source.formats, source.contents, strict=True):
            start = f"{format}: " if len(source.formats) > 1 else ""
            yield f"  {start}{CONTENTS[content]} (content: {content})"
        if records := source.table.records:
            yield f"  records: {safe(records)}"
        if header := source.table.header:
            yield f"  no header; columns: {', '.join(header)}"
        mapped = [f"{ours} <- {safe(theirs)}" for ours, theirs in source.table.columns.items()]
        if mapped or source.table.unchanged:
            yield f"  columns: {', '.join([*mapped, *source.table.unchanged])}"
        if date := source.table.ambiguous_date:
            yield f"  dates such as {_date(date)} may be two days: set date_format in the config"
    for table, columns in guess.without_text:
        yield f"left out: {safe(table)}, because no column is a text ({_listed(columns)})"
    if guess.skipped:
        from corpus.sources.files.skipped import describe_skipped_files

        yield f"not read: {safe(describe_skipped_files(guess.skipped))}"
