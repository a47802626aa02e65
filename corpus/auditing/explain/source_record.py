"""Read the record of a document again from its source.

What a build says about itself is data. No code that it names is run, and no file or address that it
names is opened, unless the user gives the config. The exception are the local files of a build that
this user made on this machine: see `corpus.builds.config_folder`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from corpus.auditing.explain.locate import Location
from corpus.builds.config_folder import config_folder
from corpus.config.model import Config
from corpus.documents import ID, ID_IS_GIVEN, RECORD_HASH, SOURCE, optional
from corpus.errors import InputError
from corpus.sources.files.filesystems import is_uri

HASH_CHARACTERS = 16
"""Digits of a record's hash at the end of an id, if the id and its source are not unique."""

HASH_CHUNK_BYTES = 1 << 22


def config_of(folder: Path, manifest: dict[str, Any]) -> Config:
    """Return the config of a build that was made on this machine.

    Raises InputError if the config names code or addresses, or if the build is from elsewhere.
    """
    if any("use" in stage for stage in manifest["config"].get("stages", ())):
        raise InputError(
            "the build has a custom stage, whose code is run only if you name the config; "
            "add --config CONFIG"
        )
    if any(is_uri(source["path"]) for source in manifest["config"].get("sources", ())):
        raise InputError(
            "a source is not on this machine, and is opened only if you name the config; "
            "add --config CONFIG"
        )
    home = config_folder(folder)
    if home is None:
        raise InputError(
            "it is outside of the build, which was not made here, and is opened only if you name "
            "the config; add --config CONFIG"
        )
    try:
        return Config.model_validate_json(
            json.dumps(manifest["config"]), strict=True, context={"folder": home}
        )
    except (ValueError, ValidationError) as error:
        why = str(error).splitlines()[0]
        raise InputError(f"the config cannot be read again: {why}; add --config CONFIG") from error


def read_record(
    config: Config, manifest: dict[str, Any], location: Location
) -> tuple[pa.RecordBatch, bool]:
    """Return the document as it was read, and whether its file has changed since the build.

    Two sources may have files of the same name; all of them are searched.
    """
    matches: list[tuple[tuple[bool, bytes], pa.RecordBatch, bool]] = []
    fault = InputError(f"{location.source}: not among the inputs of the build")
    for entry in manifest["inputs"]:
        if location.source == entry["source"] or location.source.startswith(f"{entry['source']}/"):
            try:
                path, document = _search(config, entry, location, _original_id(manifest, location))
            except InputError as error:
                fault = error
                continue
            changed = _file_hash(path) != entry["sha256"]
            matches.append((_preference(document, location), document, changed))
    if not matches:
        raise fault
    _, document, changed = min(matches, key=lambda match: match[0])
    return document, changed


def _search(
    config: Config, entry: dict[str, Any], location: Location, original_id: str
) -> tuple[str, pa.RecordBatch]:
    """Return the path of a source file, and the document from it as a batch of one row."""
    from corpus.sources import find_files, read, split_into_chunks

    if not 0 <= entry["config"] < len(config.sources):
        raise InputError(
            f"{location.source}: its source is not in the config; name the config of this build"
        )
    source = config.sources[entry["config"]]
    if format := entry.get("date_format"):  # inferred by the build from other dates of the source
        source = source.model_copy(update={"date_format": format})
    files = find_files(source, config.folder).files
    file = next((file for file in files if file.has(location.source)), None)
    if file is None:
        raise InputError(f"{location.source}: this file no longer exists")
    best: pa.RecordBatch | None = None
    for chunk in split_into_chunks([file], source):
        for batch, *_ in read(chunk, source):  # an archive has other files, too
            documents = batch.filter(pc.equal(batch.column(SOURCE), location.source))
            matches = documents.filter(_is_match(documents, location, original_id))
            for row in range(matches.num_rows):
                match = matches.slice(row, 1)
                preference = _preference(match, location)
                if best is None or preference < _preference(best, location):
                    best = match
    if best is None:
        raise InputError(f"{location.source}: has changed, and no longer has this record")
    return file.path, best


def _is_match(documents: pa.RecordBatch, location: Location, original_id: str) -> pa.Array:
    """Return which rows are the document: by the hash of the record, or by its given id."""
    hashes = pa.array([value.hex() for value in documents.column(RECORD_HASH).to_pylist()])
    if location.split is None:
        return pc.equal(hashes, location.row["record"])
    is_given = optional(documents, ID_IS_GIVEN, pa.bool_())
    record_hash = location.id[:32]  # a number after the hash distinguishes equal records
    same_id = pc.equal(documents.column(ID), original_id)
    return pc.if_else(is_given, same_id, pc.equal(hashes, record_hash))


def _original_id(manifest: dict[str, Any], location: Location) -> str:
    """Return the id that the source gives; that of the build may have the source's name."""
    column = (manifest.get("renamed_ids") or {}).get("column")
    return str((location.row.get(str(column)) if column else None) or location.id)


def _preference(document: pa.RecordBatch, location: Location) -> tuple[bool, bytes]:
    """Return a sort key for records with the id of the document: first the one that it names.

    A new id may end with the beginning of the record's hash. Otherwise, the records are equal, and
    the smallest hash is kept.
    """
    record_hash = _record_hash(document)
    _, _, end = location.id.rpartition("@")
    return not (len(end) >= HASH_CHARACTERS and record_hash.hex().startswith(end)), record_hash


def _record_hash(document: pa.RecordBatch) -> bytes:
    return bytes(document.column(RECORD_HASH)[0].as_py())


def _file_hash(path: str) -> str:
    from corpus.sources.files.filesystems import open_file

    with open_file(path) as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
