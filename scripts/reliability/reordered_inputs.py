"""Reorder the lines of the inputs, and compare builds without what the order may change.

Three things may depend on the order of the lines of an input: the hash of the input's bytes, the
position of a record that has no other name (the column `record` of the rejects, and so the bytes of
that file), and the identity of the build, which has the hashes of the inputs. They are masked
wherever they are. All else must be equal in every file: documents, columns, removals, reasons,
counts, card, audit and manifest.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

from pyarrow import parquet

from reliability.builds import Contents, contents

REJECTS = "ledger/rejected.parquet"
MANIFEST = "manifest.json"
TEXTS = (".md", ".html", ".json")
"""Files that are masked as text."""
SHORT = (64, 16, 12)
"""Characters of a hash that are shown: all in the manifest, the first in card, audit, Croissant."""


def add_odd_records(folder: Path) -> None:
    """Add to each input records that are rejected, removed or changed, each kind several times."""
    for number, path in enumerate(sorted((folder / "in").iterdir())):
        texts = [
            f"The lamp of wagon {number} {i} went out on the way to the harbour." for i in "ab"
        ]
        records: list[dict[str, Any]] = [
            {"id": f"no date {number}", "text": texts[0], "date": "the day after the storm"},
            {"id": f"date {number}", "text": texts[1], "date": "2021-02-03", "url": "not a URL"},
            {"id": "repeated", "text": f"{texts[0]} It was the lamp of number {number}."},
            {"id": f"repeated {number}", "text": texts[0]},
            {"id": f"repeated {number}", "text": texts[1]},
            {"id": f"empty {number}", "text": ""},
            {"id": f"number {number}", "text": number},
            {"id": f"none {number}"},
            {"id": f"German {number}", "text": "Der Wagen stand die ganze Nacht im Regen am Tor."},
        ]
        odd = [b"[1, 2]\n", b"{\n", b'{"text": "\xff"}\n', b"not JSON\n", b"{\n", b'{"id": 1}\n']
        lines = [json.dumps(record).encode() + b"\n" for record in records]
        path.write_bytes(path.read_bytes() + b"".join([*lines, *odd]))


def reorder(folder: Path, order: str) -> None:
    """Reorder the lines of every input."""
    for path in sorted((folder / "in").iterdir()):
        lines = path.read_bytes().splitlines(keepends=True)
        if order == "reversed":
            lines.reverse()
        elif order == "shuffled":
            random.Random(path.name).shuffle(lines)  # noqa: S311  (no secret)
        path.write_bytes(b"".join(lines))


def masked_contents(build: Path) -> Contents | None:
    """Return the hash of each file of a build, without what the order of lines may change."""
    found = contents(build)
    if found is None:
        return None
    manifest = json.loads((build / MANIFEST).read_bytes())
    masks = {manifest["identity"]: "IDENTITY"}
    masks |= {item["sha256"]: f"HASH OF INPUT {i}" for i, item in enumerate(manifest["inputs"])}
    for name in found:
        if name == REJECTS:
            found[name] = _hash(_rejects(build / name))
        elif name.endswith(TEXTS) and name != MANIFEST:
            found[name] = _hash(_masked((build / name).read_text(encoding="utf-8"), masks))
    for entry in manifest["files"].values():  # what is in the files is compared by itself
        for key in ("sha256", "generated"):
            entry.pop(key, None)
    manifest["files"][REJECTS].pop("bytes", None)  # other positions are compressed to other sizes
    manifest.pop("checksum", None)  # a hash of all of this
    found[MANIFEST] = _hash(_masked(json.dumps(manifest), masks))
    return found


def _rejects(path: Path) -> str:
    """Return source and reason of each reject, in the order of their text."""
    rows = parquet.read_table(path).to_pylist()
    return json.dumps(sorted([row["source"], row["reason"]] for row in rows))


def _masked(text: str, masks: dict[str, str]) -> str:
    """Return a text with a word in place of each hash and of its first characters."""
    for size in SHORT:
        for value, word in masks.items():
            text = text.replace(value[:size], word)
    return text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
