"""Open an existing build: its manifest, its tables, its audit.

A file may be truncated, emptied or overwritten. Every fault is raised as `InputError`, which names
the file, what is wrong with it, and what to do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.builds.manifest import Manifest
from corpus.builds.parse_manifest import parse_manifest
from corpus.credentials import refuse_credentials
from corpus.errors import CorpusError, InputError

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
REMOVED_FILE = "ledger/removed.parquet"
CUT_LINES_FILE = "ledger/lines.parquet"
REDACTED_FILE = "ledger/redacted.parquet"
AUDIT_FILE = "audit/audit.json"

COPY_FILES = (
    "only files inside of a build are read. Copy the build with its files instead of links, or "
    "download it into a folder of its own, as `local_dir` of huggingface_hub does"
)

AUDIT_KEYS = {"documents", "tokens", "languages", "lengths", "splits", "removals"}
"""Keys of an audit that are read again."""


class NotInBuild(InputError):
    """A name in a build leads to something else than a file inside of it."""


def file_in_build(folder: Path, name: str) -> Path:
    """Return the path of a file of a build.

    A build may come from anyone. So nothing is opened that is not a file inside of its folder: no
    link that leads out of it, no pipe, no device. Raises `NotInBuild` for these, `OSError` if
    there is no such file.
    """
    path = folder / name
    try:
        target = path.resolve(strict=True)
    except RuntimeError:  # a link that leads to itself, before Python 3.13
        raise NotInBuild(f"{path}: a link that leads nowhere; {COPY_FILES}") from None
    if not target.is_relative_to(folder.resolve()):
        raise NotInBuild(f"{path}: a link that leads out of the build; {COPY_FILES}")
    if not target.is_file():
        raise NotInBuild(f"{path}: not a file, so it is not read; {COPY_FILES}")
    return target


def load_manifest(folder: Path) -> Manifest:
    """Return the manifest of a build. Raises `InputError` if there is none, or a damaged one.

    Raises `EnvironmentFault` if it is the manifest of a build, and the disk does not give it: a
    file of this name in any other folder is somebody else's.
    """
    refuse_credentials(str(folder))
    try:
        return parse_manifest(json.loads(file_in_build(folder, MANIFEST).read_bytes()))
    except NotInBuild:
        raise
    except (FileNotFoundError, NotADirectoryError):
        if is_build(folder):
            raise damaged(folder, MANIFEST, "missing") from None
        raise InputError(
            f"{folder}: not a build of corpus (there is no {MANIFEST}); name the folder of a build"
        ) from None
    except InputError as error:
        raise damaged(folder, MANIFEST, str(error)) from None
    except OSError as error:
        if is_build(folder):
            raise unreadable(folder, MANIFEST, error) from None
        raise damaged(folder, MANIFEST, f"unreadable ({_first_line(error)})") from None
    except (ValueError, RecursionError) as error:
        raise damaged(folder, MANIFEST, f"not readable as JSON ({error})") from None


def find_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of the build in this folder, or None if there is no readable one."""
    try:
        return load_manifest(folder)
    except InputError:
        return None


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a build as plain JSON; raises `InputError` as `load_manifest` does."""
    try:
        return load_manifest(folder).to_json()
    except (ValueError, RecursionError) as error:  # nested too deeply to be written again
        raise damaged(folder, MANIFEST, f"not readable as JSON ({error})") from None


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of the build in this folder as plain JSON, or None if unreadable."""
    try:
        return manifest_of(folder)
    except InputError:
        return None


def manifest_at(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a build as plain JSON, or None if the folder is not a build.

    Other programs write a `manifest.json`, too: theirs makes no build. Raises `InputError` if the
    folder is a build with a damaged manifest.
    """
    return manifest_of(folder) if is_build(folder) or read_manifest(folder) else None


def is_build(folder: Path) -> bool:
    """Return whether a folder has the ledger of a build, even if its manifest is damaged."""
    try:
        return (folder / REMOVED_FILE).is_file()
    except PermissionError:  # a folder of somebody else
        return False


def names_below(folder: Path) -> Iterator[str]:
    """Yield the name of everything below a folder except folders: files, links, pipes; sorted."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


def build_around(folder: Path) -> Path | None:
    """Return the build that a folder is, or is inside of; None if there is none."""
    start = folder.resolve()
    return next((p for p in (start, *start.parents) if is_build(p) or read_manifest(p)), None)


def audit_of(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the audit that a build made of itself; None if `audit/` was deleted.

    Raises `InputError` if the file was changed.
    """
    if not (folder / AUDIT_FILE).exists():
        return None
    with reading(folder, AUDIT_FILE):
        data = file_in_build(folder, AUDIT_FILE).read_bytes()
        built = manifest["files"].get(AUDIT_FILE, {}).get("sha256")
        if built not in (None, hashlib.sha256(data).hexdigest()):
            raise damaged(folder, AUDIT_FILE, "changed since it was built")
        audit = json.loads(data)
    if not isinstance(audit, dict) or not audit.keys() >= AUDIT_KEYS:
        raise damaged(folder, AUDIT_FILE, "not an audit of this version of corpus")
    return audit


def table(folder: Path, name: str, columns: Sequence[str], filters: Any = None) -> pa.Table:
    """Return columns of a Parquet file of a build. Raises `InputError` if it is damaged."""
    import pyarrow.parquet as pq

    with reading(folder, name):
        path = file_in_build(folder, name)
        if filters is not None:
            return pq.read_table(path, columns=list(columns), filters=filters, partitioning=None)
        with pq.ParquetFile(path) as file:  # without `pyarrow.dataset`, which takes long to import
            return file.read(list(columns)).select(list(columns))


@contextmanager
def reading(folder: Path, name: str) -> Iterator[None]:
    """Raise `InputError` for every error in the block, in which a file of a build is read.

    A fault of the disk is an `EnvironmentFault`: it says nothing about the file.
    """
    import pyarrow as pa

    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise damaged(folder, name, "missing") from None
    except OSError as error:
        raise unreadable(folder, name, error) from error
    except (ValueError, KeyError, RecursionError, pa.ArrowException) as error:
        raise damaged(folder, name, f"unreadable ({_first_line(error)})") from error


def unreadable(folder: Path, name: str, error: OSError) -> CorpusError:
    """Return the error to raise for a file that could not be read: of the machine, or damaged.

    The system's errors have a number; those of a parser, which saw damage, have none.
    """
    from corpus.sources.files.passing_faults import as_fault, is_about_path  # heavy, seldom needed

    if error.errno is None or is_about_path(error):
        return damaged(folder, name, f"unreadable ({_first_line(error)})")
    return as_fault(error, str(folder / name))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def damaged(folder: Path, name: str, fault: str) -> InputError:
    """Return the error to raise for a file that is not as it was built, with a remedy."""
    if name == MANIFEST:
        remedy = "restore it from a copy, or move the folder away and build again"
    else:
        remedy = (
            f"`corpus verify {folder}` lists every difference; restore a copy, or move the folder "
            "away and build again"
        )
    return InputError(f"{folder / name}: {fault}; {remedy}")
