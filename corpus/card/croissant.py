"""Write the Croissant file of a build: files, columns and splits for machines (Croissant 1.0).

Every shard is a file object with its SHA-256. The shards of a split form a file set, and a record
set reads its columns. `mlcroissant` loads and validates the file where it is, next to the data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from corpus.card.hub import is_feature, is_hub_language, nested_feature
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
    (r"double|float\d*|halffloat", "sc:Float"),
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


def _record_set(split: str, columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    fields = (_column_field(split, column) for column in columns)
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "field": [field for field in fields if field],
    }


def _column_field(split: str, column: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the field of a column, or None if none of its fields can be described."""
    name = column["name"]
    feature = nested_feature(column) or {"_type": "Value", "dtype": column["type"]}
    source = {"fileSet": {"@id": f"{split}-files"}, "extract": {"column": name}}
    field = _field(f"{split}/{name}", feature, source, ())
    return field and field | {"name": name}


def _field(
    id: str, feature: Mapping[str, Any], source: Mapping[str, Any], path: Sequence[str]
) -> dict[str, Any] | None:
    """Return a field of the column in `source`, with a subfield for each field of a struct.

    `path` has the names below the column. None if a name cannot be written as JSONPath.
    """
    repeated: dict[str, Any] = {}
    while is_feature(feature, "List"):
        repeated, feature = {"repeated": True}, feature["feature"]
    field = {"@type": "cr:Field", "@id": id, "name": id}
    if not is_feature(feature, "Value"):
        inner = (
            _field(f"{id}/{name}", each, source, (*path, _json_path(name)))
            for name, each in feature.items()
        )
        subfields = [each for each in inner if each]
        return {**field, **repeated, "subField": subfields} if subfields else None
    if "" in path:
        return None
    matches = (kind for form, kind in DATA_TYPES if re.fullmatch(form, feature["dtype"]))
    transform = {"transform": [{"jsonPath": name} for name in path]} if path else {}
    field["dataType"] = next(matches, "sc:Text")
    return {**field, **repeated, "source": {**source, **transform}}


def _json_path(name: str) -> str:
    """Return the name of a struct's field as JSONPath, or "" if that has no notation for it."""
    if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        return name
    return f"'{name}'" if re.fullmatch(r"[^'\\\x00-\x1f]+", name) else ""
