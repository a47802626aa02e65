"""Every stage a config may name. To add one: write its file, then its import and its name here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Union

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from corpus.errors import ConfigError, hint
from corpus.stages.base import CorpusStage, DocumentStage, Stage
from corpus.stages.clean import Clean
from corpus.stages.containment import Containment
from corpus.stages.custom import load_stage
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.deduplicate_lines import DeduplicateLines
from corpus.stages.filter import Filter
from corpus.stages.language import Language
from corpus.stages.site_boilerplate import SiteBoilerplate
from corpus.stages.split import Split

STAGES: dict[str, type[Stage]] = {
    cls.model_fields["stage"].default: cls
    for cls in (
        Clean,
        SiteBoilerplate,
        Filter,
        Language,
        Deduplicate,
        DeduplicateLines,
        Containment,
        Split,
    )
}
"""The stages of the package, by the name a config gives them."""

AnyStage: Any = Annotated[Union[tuple(STAGES.values())], Field(discriminator="stage")]  # noqa: UP007
"""Any of them, told apart by `stage`."""


RENAMED_STAGES = {"furniture": "site_boilerplate", "contained": "containment"}
"""Names of stages up to version 0.1, with their present names."""

NO_STAGE = "no_stage"
"""The kind of error that pydantic is told where there is no such stage."""


class Custom(BaseModel):
    """A stage of your own; see `corpus.stages.custom`."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    use: str = Field(pattern=r"^[\w.]+:\w+$")
    """Where its class is, `my_stages:DropShort`: a file beside the config, or a module."""


def stage_class(said: Any, folder: Path) -> type[Stage]:
    """Return the class of a stage that a config names: by `stage:`, `use:` or its bare name.

    Raises `ConfigError` where there is none.
    """
    named = said if isinstance(said, Mapping) else {"stage": said}
    if "use" in named:
        if not isinstance(named["use"], str):
            raise ConfigError("must be a module and a class, 'my_stages:DropShort'")
        cls = load_stage(named["use"], folder)
        name = cls.model_fields["stage"].default
        if name in STAGES:
            raise ConfigError(f"{cls.__name__} is called {name!r}, as a stage of ours; rename it")
        return cls
    name = named.get("stage")
    if not isinstance(name, str):
        raise ConfigError("must say which stage: `stage: clean`, or `use: module:Class`")
    if name in RENAMED_STAGES:
        raise ConfigError(f"stage {name!r} is now called {RENAMED_STAGES[name]!r}")
    if name not in STAGES:
        raise ConfigError(f"no stage {name!r}; {hint(name, STAGES)}")
    return STAGES[name]


def make_stage(said: Any, folder: Path) -> Stage:
    """Return the stage that a config asks for: its name alone, or its settings.

    Raises pydantic's errors, with the settings they are about.
    """
    if isinstance(said, Stage):
        return said
    try:
        cls = stage_class(said, folder)
    except ConfigError as error:
        raise PydanticCustomError(NO_STAGE, "{why}", {"why": str(error)}) from error
    settings = (
        {"stage": said} if isinstance(said, str) else {k: said[k] for k in said if k != "use"}
    )
    # As JSON, where strictness takes a list for a tuple, and no text for a number.
    return cls.model_validate_json(json.dumps(settings), strict=True, context={"folder": folder})


__all__ = [
    "NO_STAGE",
    "RENAMED_STAGES",
    "STAGES",
    "AnyStage",
    "CorpusStage",
    "Custom",
    "DocumentStage",
    "Stage",
    "load_stage",
    "make_stage",
    "stage_class",
]
