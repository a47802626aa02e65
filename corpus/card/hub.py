"""Write the YAML at the head of a dataset card, which the Hugging Face Hub and `datasets` read.

`configs` lists every data file by split, so that ledgers and other files in the folder are never
loaded as data. `dataset_info` gives columns and sizes before anything is downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

SIZE_CATEGORIES = (
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
"""The Hub's size categories, each with its upper bound in documents (exclusive)."""

MEASURED_KEYS = ("language", "size_categories", "configs", "dataset_info")
"""Keys whose values are measured: every build overwrites them."""

AUTHOR_KEYS = (
    "pretty_name",
    "license",
    "license_name",
    "license_link",
    "task_categories",
    "tags",
)
"""Keys whose values come from the config: values that people write into the card override them."""

NO_LANGUAGE = ("und", "zxx", "mis", "mul")
"""ISO 639 codes that are not a language: undetermined, no linguistic content, uncoded, multiple."""

ISO_639 = Path(__file__).parent / "iso_639.txt"


def metadata(
    manifest: Mapping[str, Any], audit: Mapping[str, Any], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the metadata at the head of the card, in order, without empty values."""
    languages = [row["name"] for row in audit["languages"]["rows"]]
    values = {
        "pretty_name": about.get("pretty_name"),
        "license": about.get("license"),
        "license_name": about.get("license_name"),
        "license_link": about.get("license_link"),
        "language": [code for code in languages if is_hub_language(code)],
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
    return {key: value for key, value in values.items() if value}


def is_hub_language(code: str) -> bool:
    """Return whether the Hub accepts a language code: one of ISO 639-1, 639-2 or 639-3."""
    return code in iso_639() and code not in NO_LANGUAGE


@cache
def iso_639() -> frozenset[str]:
    """Return all codes of ISO 639-1, 639-2 and 639-3."""
    lines = ISO_639.read_text(encoding="ascii").splitlines()
    return frozenset(code for line in lines if line[0] != "#" for code in line.split())


def size_category(documents: int) -> str:
    """Return the Hub's size category for a number of documents."""
    return next((name for bound, name in SIZE_CATEGORIES if documents < bound), "n>1T")


def configs(manifest: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return the data files of each dataset config, by split.

    The only config is `default`. If shards are in one folder for each language, there is `all` and
    a config for each language.
    """
    splits = {name: list(split["shards"]) for name, split in manifest["splits"].items()}
    folders = sorted({folder(path) for paths in splits.values() for path in paths} - {""})
    if not folders:
        return {"default": splits}
    files = {"all": splits}
    for language in folders:
        of_language = {
            split: [path for path in paths if folder(path) == language]
            for split, paths in splits.items()
        }
        files[language] = {split: paths for split, paths in of_language.items() if paths}
    return files


def folder(path: str) -> str:
    """Return the folder of a shard below `data`, or "" if it is in `data` itself."""
    return "/".join(path.split("/")[1:-1])


def dataset_info(manifest: Mapping[str, Any], audit: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns and sizes of the config with all documents; `dataset_size` is that of texts.

    The number of rows of each split is left out: with it, `load_dataset(..., filters=...)` takes
    the missing rows for a damaged download.
    """
    shards = [path for split in manifest["splits"].values() for path in split["shards"]]
    return {
        "config_name": next(iter(configs(manifest))),
        "features": [{"name": column["name"]} | feature(column) for column in manifest["columns"]],
        "download_size": sum(manifest["files"][path]["bytes"] for path in shards),
        "dataset_size": audit["bytes"],
    }


def feature(column: Mapping[str, Any]) -> dict[str, Any]:
    """Return the type of a column as the card describes it.

    {"type": "int64"}        -> {"dtype": "int64"}
    a list of strings        -> {"list": "string"}
    a struct                 -> {"struct": [{"name": "page", "dtype": "int64"}, ...]}
    """
    return _in_card(nested_feature(column) or {"_type": "Value", "dtype": dtype(column["type"])})


def nested_feature(column: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the `datasets` feature of a column of lists or structs; None for other columns."""
    if column.get("feature"):
        return dict(column["feature"])
    item = list_item(column["type"])  # a manifest of an earlier version
    return {"_type": "List", "feature": {"_type": "Value", "dtype": dtype(item)}} if item else None


def _in_card(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `datasets` feature as the head of a card has it."""
    if is_feature(feature, "Value"):
        return {"dtype": feature["dtype"]}
    if is_feature(feature, "List"):
        item = _in_card(feature["feature"])
        return {"list": item.get("dtype") or item.get("struct") or item}
    fields = [{"name": name} | _in_card(field) for name, field in feature.items()]
    return {"struct": fields}


def is_feature(feature: Mapping[str, Any], type: str) -> bool:
    """Return whether a feature is `Value` or `List`. A struct has only features as values."""
    return bool(feature.get("_type") == type)


def list_item(arrow_type: str) -> str | None:
    """Return the item type of an Arrow list type, or None for other types."""
    match = re.fullmatch(r"(?:large_)?list<\w+: (.+)>", arrow_type)
    return match[1] if match else None


def dtype(arrow_type: str) -> str:
    """Return the name that `datasets` has for an Arrow type."""
    names = {"double": "float64", "float": "float32", "halffloat": "float16"}
    return names.get(arrow_type, arrow_type)
