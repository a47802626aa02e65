"""What only a person can say of a corpus, for its dataset card. Nothing of it is ever made up."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from corpus.errors import hint
from corpus.settings import Settings, Text

LICENSES = tuple(
    """
    afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m
    bigscience-bloom-rail-1.0 bigscience-openrail-m bsd bsd-2-clause bsd-3-clause
    bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0
    cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0
    cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0
    cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license ecl-2.0
    epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 fair-noncommercial-research-license gemma gfdl
    gpl gpl-2.0 gpl-3.0 grok2-community h-research intel-research isc lgpl lgpl-2.1 lgpl-3.0
    lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 lppl-1.3c mit mpl-2.0 ms-pl ncsa
    odbl odc-by ofl-1.1 open-mdw openmdw-1.0 openrail openrail++ osl-3.0 other pddl postgresql
    unknown unlicense wtfpl zlib
    """.split()  # noqa: SIM905  eighty names read best as a paragraph
)
"""The identifiers that the Hub knows."""


def _license(value: str) -> str:
    if value not in LICENSES:
        raise ValueError(
            f"no license {value!r} on the Hub; "
            f"{hint(value, LICENSES) or 'an id such as cc-by-4.0, or other'}"
        )
    return value


class Card(Settings):
    """What the dataset card says that cannot be measured; it leaves open what is left out."""

    pretty_name: Text | None = None
    """The name people read, `News 2023`."""

    license: Annotated[str, AfterValidator(_license), Field(examples=["cc-by-4.0"])] | None = None
    """The license of the corpus, as the Hub spells it: `cc-by-4.0`, `cc0-1.0`, ..., or `other`."""

    license_name: Text | None = None
    """The name of a license that is `other`."""

    license_link: Text | None = None
    """Where a license that is `other` can be read."""

    description: Text | None = None
    """What the corpus is, in a sentence or a few."""

    authors: tuple[Text, ...] = ()
    """Who made the corpus, and is to be named."""

    contact: Text | None = None
    """Whom to write to: about errors, and to have a text taken out."""

    homepage: Text | None = None
    """The address of the corpus, or of the project it belongs to."""

    repository: Text | None = None
    """The address of the code or the config that builds it."""

    paper: Text | None = None
    """The address of the paper that describes it."""

    citation: Text | None = None
    """How to cite it, as BibTeX."""

    funding: Text | None = None
    """Who paid for it."""

    tags: tuple[Text, ...] = ()
    """Words it should be found by on the Hub."""

    task_categories: tuple[Text, ...] = ()
    """Tasks it is meant for, as the Hub names them: `text-generation`."""

    collection: Text | None = None
    """Who wrote the texts, who collected them, when, how, and with what right."""

    personal_data: Text | None = None
    """What personal or sensitive information the texts hold, and what was done about it."""

    uses: Text | None = None
    """What it is good for."""

    out_of_scope: Text | None = None
    """What it should not be used for."""

    limitations: Text | None = None
    """Biases, risks and gaps that you know of."""

    @model_validator(mode="after")
    def _named(self) -> Card:
        if self.license == "other" and not self.license_name:
            raise ValueError(
                "the license is 'other': say which with license_name, and license_link"
            )
        if self.license != "other" and (self.license_name or self.license_link):
            raise ValueError("license_name and license_link go with `license: other` alone")
        return self
