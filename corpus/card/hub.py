"""What the Hugging Face Hub and `datasets` read of a build: the YAML at the head of its card.

`configs` names every data file by its split, so that ledgers and whatever else lies in the folder
are never mistaken for data; `dataset_info` tells columns and sizes before anything is downloaded.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
    (10**10, "1B<n<10B"),
    (10**11, "10B<n<100B"),
    (10**12, "100B<n<1T"),
)
"""The Hub's names for sizes, each with the number of documents it ends before."""

MEASURED = ("language", "size_categories", "configs", "dataset_info")
"""Keys that tell what was measured: they are always ours."""

TOLD = ("pretty_name", "license", "license_name", "license_link", "task_categories", "tags")
"""Keys that the config's card settings tell: a person may overrule them in the card."""

NO_LANGUAGE = ("und", "zxx", "mis", "mul")
"""Codes that name no language."""

ISO_639 = Path(__file__).parent / "iso_639.txt"


def metadata(
    manifest: dict[str, Any], audit: dict[str, Any], about: dict[str, Any]
) -> dict[str, Any]:
    """Return what the head of the card says, in its order; what is not known is left out."""
    languages = [row["name"] for row in audit["languages"]["rows"]]
    found = {
        "pretty_name": about.get("pretty_name"),
        "license": about.get("license"),
        "license_name": about.get("license_name"),
        "license_link": about.get("license_link"),
        "language": [code for code in languages if code_of_language(code)],
        "size_categories": [size_category(manifest["counts"]["kept"])],
        "task_categories": list(about.get("task_categories") or ()),
        "tags": list(about.get("tags") or ()),
        "configs": [
            {
                "config_name": name,
                "data_files": [{"split": split, "path": paths} for split, paths in files.items()],
            }
            | ({"default": True} if name == "all" else {})
            for name, files in configs(manifest).items()
        ],
        "dataset_info": [dataset_info(manifest, audit)],
    }
    return {key: value for key, value in found.items() if value}


def code_of_language(name: str) -> bool:
    """Return whether the Hub takes this as a language: a code of ISO 639-1, 639-2 or 639-3."""
    return name in iso_639() and name not in NO_LANGUAGE


@cache
def iso_639() -> frozenset[str]:
    """Return every code of ISO 639-1 to 639-3."""
    lines = ISO_639.read_text(encoding="ascii").splitlines()
    return frozenset(code for line in lines if line[0] != "#" for code in line.split())


def size_category(documents: int) -> str:
    """Return the Hub's name for so many documents."""
    return next((name for end, name in SIZES if documents < end), "n>1T")


def configs(manifest: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return the data files of each config by split: `default` alone, or `all` and each language.

    Shards of a language lie in a folder of its own below `data`.
    """
    splits = {split: list(told["shards"]) for split, told in manifest["splits"].items()}
    folders = sorted({folder(path) for paths in splits.values() for path in paths} - {""})
    if not folders:
        return {"default": splits}
    found = {"all": splits}
    for one in folders:
        of = {split: [p for p in paths if folder(p) == one] for split, paths in splits.items()}
        found[one] = {split: paths for split, paths in of.items() if paths}
    return found


def folder(path: str) -> str:
    """Return the folder below `data` that a shard lies in, empty where it lies in `data` itself."""
    return "/".join(path.split("/")[1:-1])


def dataset_info(manifest: dict[str, Any], audit: dict[str, Any]) -> dict[str, Any]:
    """Return columns and sizes of the config that is the whole; its text is its size in memory.

    Not the rows of each split: to `load_dataset(..., filters=...)`, fewer are a damaged download.
    """
    shards = [path for told in manifest["splits"].values() for path in told["shards"]]
    return {
        "config_name": next(iter(configs(manifest))),
        "features": [feature(one["name"], one["type"]) for one in manifest["columns"]],
        "download_size": sum(manifest["files"][path]["bytes"] for path in shards),
        "dataset_size": audit["bytes"],
    }


def feature(name: str, type: str) -> dict[str, Any]:
    """Return how the card writes a column: `{"name": "id", "dtype": "string"}`."""
    item = re.fullmatch(r"(?:large_)?list<\w+: (.+)>", type)
    if item:
        return {"name": name, "list": dtype(item[1])}
    return {"name": name, "dtype": dtype(type)}


def dtype(type: str) -> str:
    """Return what `datasets` calls an Arrow type."""
    return {"double": "float64", "float": "float32", "halffloat": "float16"}.get(type, type)
