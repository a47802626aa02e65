"""The Croissant file of a build: its files, columns and splits, for machines (Croissant 1.0).

Every shard is a file object with its SHA-256; the shards of a split are a file set, from which a
record set reads the columns. `mlcroissant` loads and checks it as it lies beside the data.
"""

from __future__ import annotations

import re
from typing import Any

from corpus.card.hub import code_of_language
from corpus.card.write import About, settings

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"

LICENSES = {
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    **{
        f"cc-{kind}-{version}": f"https://creativecommons.org/licenses/{kind}/{version}/"
        for kind in ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")
        for version in ("2.0", "3.0", "4.0")
    },
}
"""The deeds of the licenses whose address follows from their id."""

TERMS = """
citeAs column conformsTo equivalentProperty extract field fileObject fileProperty fileSet format
includes isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace
samplingRate separator source subField transform
"""
"""The words of Croissant's own vocabulary."""

TYPES = (
    (r"large_string|string", "sc:Text"),
    (r"timestamp.*|date\d+.*", "sc:DateTime"),
    (r"u?int\d+", "sc:Integer"),
    (r"double|float|halffloat", "sc:Float"),
    (r"bool", "sc:Boolean"),
)
"""Croissant's names for Arrow's types."""


def croissant(manifest: dict[str, Any], audit: dict[str, Any], about: About) -> dict[str, Any]:
    """Return the Croissant description of a build; what nobody said is left out."""
    told = settings(about)
    files, sets, records = [], [], []
    for split, held in manifest["splits"].items():
        files += [_file(path, manifest["files"][path]) for path in held["shards"]]
        sets.append(_file_set(split, held["shards"]))
        records.append(_record_set(split, manifest["columns"]))
    languages = [row["name"] for row in audit["languages"]["rows"]]
    found = {
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": manifest["name"],
        "alternateName": told.get("pretty_name"),
        "description": told.get("description"),
        "license": _license(told),
        "url": told.get("homepage") or told.get("repository"),
        "version": f"1.0.0+{manifest['identity'][:12]}",
        "datePublished": manifest.get("as_of"),
        "creator": [{"@type": "sc:Person", "name": name} for name in told.get("authors") or ()],
        "citeAs": told.get("citation"),
        "keywords": list(told.get("tags") or ()),
        "inLanguage": [code for code in languages if code_of_language(code)],
        "rai:dataCollection": told.get("collection"),
        "rai:dataLimitations": told.get("limitations"),
        "rai:personalSensitiveInformation": told.get("personal_data"),
        "rai:dataUseCases": told.get("uses"),
        "distribution": [*files, *sets],
        "recordSet": records,
    }
    return {key: value for key, value in found.items() if value}


def _license(told: dict[str, Any]) -> str | None:
    given = told.get("license_link") or told.get("license")
    return LICENSES.get(given, given) if given else None


def _file(path: str, held: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{held['bytes']} B",
        "encodingFormat": "application/x-parquet",
        "sha256": held["sha256"],
    }


def _file_set(split: str, shards: list[str]) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{split}-files",
        "name": f"{split}-files",
        "encodingFormat": "application/x-parquet",
        "includes": list(shards),
    }


def context() -> dict[str, Any]:
    """Return the JSON-LD context that Croissant 1.0 prescribes."""
    found: dict[str, Any] = {"@language": "en", "@vocab": "https://schema.org/"}
    found |= {name: f"cr:{name}" for name in TERMS.split()}
    found |= {
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
    }
    return found


def _record_set(split: str, columns: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "field": [_field(split, column["name"], column["type"]) for column in columns],
    }


def _field(split: str, name: str, type: str) -> dict[str, Any]:
    item = re.fullmatch(r"(?:large_)?list<\w+: (.+)>", type)
    held = item[1] if item else type
    kind = next((told for form, told in TYPES if re.fullmatch(form, held)), "sc:Text")
    return {
        "@type": "cr:Field",
        "@id": f"{split}/{name}",
        "name": name,
        "dataType": kind,
        **({"repeated": True} if item else {}),
        "source": {"fileSet": {"@id": f"{split}-files"}, "extract": {"column": name}},
    }
