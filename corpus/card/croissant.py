"""Write the Croissant file of a build: files, columns and splits for machines (Croissant 1.0).

Every shard is a file object with its SHA-256. The shards of a split form a file set, and a record
set reads its columns. `mlcroissant` loads and validates the file where it is, next to the data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from corpus.card.hub import is_hub_language, list_item
from corpus.card.write import About, about_settings

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"

LICENSES = {
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    **{
        f"cc-{kind}-{version}": f"https://creativecommons.org/licenses/{kind}/{version}/"
        for kind in ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")
        for version in ("2.0", "3.0", "4.0")
    },
}
"""URLs of the licenses whose URL follows from their id."""

TERMS = """
citeAs column conformsTo equivalentProperty extract field fileObject fileProperty fileSet format
includes isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace
samplingRate separator source subField transform
"""
"""The terms of the Croissant vocabulary."""

DATA_TYPES = (
    (r"large_string|string", "sc:Text"),
    (r"timestamp.*|date\d+.*", "sc:DateTime"),
    (r"u?int\d+", "sc:Integer"),
    (r"double|float|halffloat", "sc:Float"),
    (r"bool", "sc:Boolean"),
)
"""The Croissant data type for each Arrow type, as (pattern, data type)."""


def croissant(
    manifest: Mapping[str, Any], audit: Mapping[str, Any], about: About
) -> dict[str, Any]:
    """Return the Croissant description of a build, without what the config does not set."""
    settings = about_settings(about)
    files, file_sets, record_sets = [], [], []
    for name, split in manifest["splits"].items():
        files += [_file(path, manifest["files"][path]) for path in split["shards"]]
        file_sets.append(_file_set(name, split["shards"]))
        record_sets.append(_record_set(name, manifest["columns"]))
    languages = [row["name"] for row in audit["languages"]["rows"]]
    authors = settings.get("authors") or ()
    values = {
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": manifest["name"],
        "alternateName": settings.get("pretty_name"),
        "description": settings.get("description"),
        "license": _license(settings),
        "url": settings.get("homepage") or settings.get("repository"),
        "version": f"1.0.0+{manifest['identity'][:12]}",
        "datePublished": manifest.get("as_of"),
        "creator": [{"@type": "sc:Person", "name": name} for name in authors],
        "citeAs": settings.get("citation"),
        "keywords": list(settings.get("tags") or ()),
        "inLanguage": [code for code in languages if is_hub_language(code)],
        "rai:dataCollection": settings.get("collection"),
        "rai:dataLimitations": settings.get("limitations"),
        "rai:personalSensitiveInformation": settings.get("personal_data"),
        "rai:dataUseCases": settings.get("uses"),
        "distribution": [*files, *file_sets],
        "recordSet": record_sets,
    }
    return {key: value for key, value in values.items() if value}


def _license(settings: Mapping[str, Any]) -> str | None:
    license = settings.get("license_link") or settings.get("license")
    return LICENSES.get(license, license) if license else None


def _file(path: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{entry['bytes']} B",
        "encodingFormat": "application/x-parquet",
        "sha256": entry["sha256"],
    }


def _file_set(split: str, shards: Sequence[str]) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{split}-files",
        "name": f"{split}-files",
        "encodingFormat": "application/x-parquet",
        "includes": list(shards),
    }


def context() -> dict[str, Any]:
    """Return the JSON-LD context that Croissant 1.0 prescribes."""
    context: dict[str, Any] = {"@language": "en", "@vocab": "https://schema.org/"}
    context |= {name: f"cr:{name}" for name in TERMS.split()}
    context |= {
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
    }
    return context


def _record_set(split: str, columns: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "field": [_field(split, column["name"], column["type"]) for column in columns],
    }


def _field(split: str, name: str, arrow_type: str) -> dict[str, Any]:
    item = list_item(arrow_type)
    matches = (kind for form, kind in DATA_TYPES if re.fullmatch(form, item or arrow_type))
    return {
        "@type": "cr:Field",
        "@id": f"{split}/{name}",
        "name": name,
        "dataType": next(matches, "sc:Text"),
        **({"repeated": True} if item else {}),
        "source": {"fileSet": {"@id": f"{split}-files"}, "extract": {"column": name}},
    }
