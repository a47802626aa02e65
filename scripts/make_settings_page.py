"""Write `docs/settings.md`: every setting of a config, as its model describes it.

    .venv/bin/python scripts/make_settings_page.py

A test checks that the committed page is up to date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"

HEAD = """# Every setting

`scripts/make_settings_page.py` makes this page from the models that check a config, so it is always
complete. For completion in your editor, run `corpus schema > corpus.schema.json`. `--set` changes a
setting for one build: `--set seed=3`, `--set stages.deduplicate.threshold=0.7`,
`--set sources.0.path=other/`.
"""

KINDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "string": "text",
    "null": "nothing",
    "object": "mapping",
}
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}

MAX_LISTED_VALUES = 10
"""Maximum number of allowed values that are all listed."""

Schema = dict[str, Any]


def settings_page() -> str:
    """Return the page."""
    from corpus.config.model import Config
    from corpus.stages import STAGES

    schema = Config.model_json_schema()
    models = schema["$defs"]
    stages = {cls.__name__: name for name, cls in STAGES.items()}
    parts = [HEAD, "\n## The config\n", _table(schema, models)]
    for name, heading in _order(models, stages):
        description = models[name].get("description", "")
        parts += [
            f"\n## {heading}\n",
            f"{description}\n" if description else "",
            _table(models[name], models),
        ]
    return "\n".join(part for part in parts if part).replace("\n\n\n", "\n\n")


def _order(models: Schema, stages: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield every model with its heading: sources, stages, output and card, then their parts."""
    first = {
        "Source": "`sources`",
        **{name: f"The stage `{stage}`" for name, stage in stages.items()},
    }
    first |= {"Custom": "A stage of your own", "Output": "`output`", "Card": "`card`"}
    yield from first.items()
    for name in models:
        if name not in first:
            yield name, _heading(name)


def _heading(name: str) -> str:
    return f"Parts: {name}"


def _table(model: Schema, models: Schema) -> str:
    """Return a table of a model's settings."""
    wanted = set(model.get("required", ()))
    rows = ["| setting | value | default | what it does |", "|---|---|---|---|"]
    for name, schema in model.get("properties", {}).items():
        if name == "stage":
            continue
        about = " ".join(str(schema.get("description", "")).split())
        default = "(required)" if name in wanted else _default(schema, models)
        rows.append(f"| `{name}` | {_cell(_kind(schema, models))} | {default} | {_cell(about)} |")
    return "\n".join(rows) + "\n" if len(rows) > 2 else "It has no settings.\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(schema: Schema, models: Schema) -> str:
    value = schema.get("default")
    if isinstance(value, dict) and _model_name(schema, models):
        return "see there"
    if value in (None, [], {}):
        return ""
    return (
        f"`{_cell(json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value)}`"
    )


def _model_name(schema: Schema, models: Schema) -> str | None:
    """Return the name of the model that a value is."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return name if name in models else None


def _kind(schema: Schema, models: Schema) -> str:
    """Return a description of the allowed values."""
    if name := _model_name(schema, models):
        return _link(name)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        values = [f"`{value}`" for value in schema["enum"]]
        if len(values) > MAX_LISTED_VALUES:
            return f"one of {len(values)}: {', '.join(values[:3])}, ..."
        return " or ".join(values)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            kinds = [
                _kind(option, models) for option in schema[key] if option.get("type") != "null"
            ]
            kinds = list(dict.fromkeys(" or ".join(kinds).split(" or ")))
            linked = {kind[1:].partition("]")[0] for kind in kinds if kind.startswith("[`")}
            return " or ".join(kind for kind in kinds if kind not in linked)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), models) or 'values'}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"mapping of names to {_kind(schema['additionalProperties'], models)}"
    if schema.get("format") in ("date", "date-time"):
        return "date" if schema["format"] == "date" else "time"
    bounds = (f"{word} {schema[key]}" for key, word in BOUNDS.items() if key in schema)
    return ", ".join([KINDS.get(schema.get("type", ""), ""), *bounds])


def _link(name: str) -> str:
    from corpus.stages import STAGES

    stage = next((stage for stage, cls in STAGES.items() if cls.__name__ == name), None)
    anchors = {
        "Source": "sources",
        "Output": "output",
        "Card": "card",
        "Custom": "a-stage-of-your-own",
    }
    if stage is not None:
        return f"[`{stage}`](#the-stage-{stage})"
    return f"[{name}](#{anchors.get(name, f'parts-{name.lower()}')})"


def main() -> None:
    """Write the page where it has changed."""
    new = settings_page()
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != new:
        PAGE.write_text(new, encoding="utf-8")
        sys.stdout.write(f"wrote {PAGE.name}\n")


if __name__ == "__main__":
    main()
