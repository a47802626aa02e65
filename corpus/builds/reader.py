"""Open a build that was made before: its manifest, its tables, its audit, each fault put in words.

Files get cut short, emptied, overwritten. Whatever a command meets of that is one and the same
error: which file, what is wrong with it, and what to do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
REMOVED_FILE = "ledger/removed.parquet"
REJECTED_FILE = "ledger/rejected.parquet"
AUDIT_FILE = "audit/audit.json"

AUDITED = {"documents", "tokens", "languages", "lengths", "splits", "removals"}
"""What an audit has, as far as it is read again."""

SHAPE: dict[str, Any] = {
    "name": str,
    "identity": str,
    "corpus": str,
    "seed": int,
    "config": {"sources": [{"path": str}], "stages": [{}]},
    "versions": {},
    "code?": {str: str},
    "inputs": [{"source": str, "config": int, "bytes": int, "records": int, "sha256": str}],
    "counts": {"read": int, "kept": int, "removed": int, "rejected": int, "splits": {str: int}},
    "funnel": [{"stage": str, "reason": str, "documents": int, "characters": int}],
    "stages": [{"stage": str}],
    "splits": {str: {"shards": [str], "characters": int}},
    "columns": [{"name": str, "type": str}],
    "files": {str: {"bytes": int, "sha256": str}},
}
"""What a manifest has, as far as it is read again.

`str` as a key stands for all of them; what has a `?` behind it may be missing, or null. A `float`
may be written without a point.
"""

_NEAR = {"id": str, "other": str, "score": float}
ALIKE: dict[str, Any] = {
    "threshold?": float,
    "leakage_threshold?": float,
    "metrics?": {
        "highest_left?": float,
        "recall_at_threshold?": float,
        "compared?": int,
        "overlap?": int,
        "clusters?": {"largest": [{"id": str}]},
        "near_misses?": {"pairs": int, "nearest": [_NEAR]},
    },
}
"""What the manifest has of `deduplicate` and `split`; the facts of other stages are not read."""


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of the build in this folder, or None where there is none to be read."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and not wrong(found) else None


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a build; raises InputError where there is none, or a damaged one."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        if is_build(folder):
            raise damaged(folder, MANIFEST, "missing") from None
        raise InputError(
            f"{folder}: there is no build here (no {MANIFEST} of corpus); name a build's folder"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(folder, MANIFEST, f"no JSON that can be read ({error})") from None
    if fault := wrong(found):
        raise damaged(folder, MANIFEST, fault)
    return dict(found)


def manifest_at(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a build, None where the folder is none: others have a manifest, too.

    Raises InputError where it is a build whose manifest is damaged.
    """
    return manifest_of(folder) if is_build(folder) or read_manifest(folder) else None


def is_build(folder: Path) -> bool:
    """Return whether a folder looks like a build, be its manifest damaged: it has a ledger."""
    return (folder / REMOVED_FILE).is_file()


def build_around(folder: Path) -> Path | None:
    """Return the build that a folder is, or lies in; None where it is in none."""
    whole = folder.resolve()
    return next((at for at in (whole, *whole.parents) if is_build(at) or read_manifest(at)), None)


def audit_of(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the audit that a build made of itself; None where `audit/` was deleted.

    Raises InputError where it is not the one that was built.
    """
    if not (folder / AUDIT_FILE).exists():
        return None
    with reading(folder, AUDIT_FILE):
        held = (folder / AUDIT_FILE).read_bytes()
        built = manifest["files"].get(AUDIT_FILE, {}).get("sha256")
        if built not in (None, hashlib.sha256(held).hexdigest()):
            raise damaged(folder, AUDIT_FILE, "not the one that was built")
        found = json.loads(held)
    if not isinstance(found, dict) or not found.keys() >= AUDITED:
        raise damaged(folder, AUDIT_FILE, "no audit of this version of corpus")
    return found


def table(folder: Path, name: str, columns: Sequence[str], filters: Any = None) -> pa.Table:
    """Return columns of a Parquet file of a build; raises InputError where it is damaged."""
    import pyarrow.parquet as pq

    with reading(folder, name):
        return pq.read_table(folder / name, columns=list(columns), filters=filters)


@contextmanager
def reading(folder: Path, name: str) -> Iterator[None]:
    """Put in words what goes wrong where a file of a build is read, as InputError."""
    import pyarrow as pa

    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise damaged(folder, name, "missing") from None
    except (OSError, ValueError, KeyError, RecursionError, pa.ArrowException) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise damaged(folder, name, f"cannot be read ({first[:200]})") from error


def damaged(folder: Path, name: str, fault: str) -> InputError:
    """Return what to raise of a file of a build that is not as it was built."""
    if name == MANIFEST:
        remedy = "put it back from a copy, or move the folder away and build again"
    else:
        remedy = f"`corpus verify {folder}` says what else differs; build again, or copy it back"
    return InputError(f"{folder / name}: {fault}; {remedy}")


def wrong(manifest: Any) -> str | None:
    """Return what is wrong with a manifest, None where all is there that is read of it."""
    if fault := _mismatch(manifest, SHAPE, ""):
        return fault
    for number, told in enumerate(manifest["stages"]):
        shape = ALIKE if told["stage"] in ("deduplicate", "split") else {"metrics?": {}}
        if fault := _mismatch(told, shape, f".stages[{number}]"):
            return fault
    card = manifest["files"].get("README.md", {"generated": ""})
    if fault := _mismatch(card, {"generated": str}, ".files.README.md"):
        return fault
    return _misnamed(manifest)


def _misnamed(manifest: dict[str, Any]) -> str | None:
    """Return which file that a manifest names is not below its folder, or has no hash."""
    names = [*manifest["files"], *(n for s in manifest["splits"].values() for n in s["shards"])]
    outside = next((name for name in names if not _below(name)), None)
    if outside is not None:
        return f"no manifest of corpus: it names a file outside of the build, {outside[:80]!r}"
    strange = set(names) - manifest["files"].keys()
    return f"no manifest of corpus: it has no hash of {min(strange)[:80]!r}" if strange else None


def _below(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name and name != ""


def _mismatch(value: Any, shape: Any, path: str) -> str | None:
    """Return where a value does not have a shape, in words."""
    if isinstance(shape, type):
        kind = (int, float) if shape is float else shape
        fits = isinstance(value, kind) and not isinstance(value, bool)
        return None if fits else _told(path)
    if not isinstance(value, type(shape)):
        return _told(path)
    if isinstance(shape, list):
        parts = [(f"{path}[{i}]", each, shape[0]) for i, each in enumerate(value)]
    elif str in shape:
        parts = [(f"{path}.{key}", each, shape[str]) for key, each in value.items()]
    else:
        asked = [(key.removesuffix("?"), held, key[-1] == "?") for key, held in shape.items()]
        parts = [
            (f"{path}.{key}", value.get(key), held)
            for key, held, spared in asked
            if not spared or value.get(key) is not None
        ]
    return next((fault for at, v, s in parts if (fault := _mismatch(v, s, at))), None)


def _told(path: str) -> str:
    where = f"{path[1:][:80]!r} is missing or of another kind" if path else "it is no object"
    return f"no manifest of corpus: {where}"
