"""The settings of the dataset card: what only a person can say about a corpus.

None of them has a made-up default.
"""

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
"""The license identifiers of the Hugging Face Hub."""


def _license(value: str) -> str:
    if value not in LICENSES:
        raise ValueError(
            f"{value!r} is not a license id of the Hugging Face Hub; "
            f"{hint(value, LICENSES) or 'use an id such as cc-by-4.0, or `other`'}"
        )
    return value


class Card(Settings):
    """What the dataset card says that cannot be measured. What is not set is not on the card."""

    pretty_name: Text | None = None
    """The name shown to people: `News 2023`."""

    license: Annotated[str, AfterValidator(_license), Field(examples=["cc-by-4.0"])] | None = None
    """License of the corpus, as an id of the Hub: `cc-by-4.0`, `cc0-1.0`, ..., or `other`."""

    license_name: Text | None = None
    """Name of the license, if `license` is `other`."""

    license_link: Text | None = None
    """Where the license can be read, if `license` is `other`."""

    description: Text | None = None
    """What the corpus is, in one or more sentences."""

    authors: tuple[Text, ...] = ()
    """Authors of the corpus."""

    contact: Text | None = None
    """Whom to contact about errors, or to have a text removed."""

    homepage: Text | None = None
    """URL of the corpus, or of the project it belongs to."""

    repository: Text | None = None
    """URL of the code or config that builds the corpus."""

    paper: Text | None = None
    """URL of the paper that describes the corpus."""

    citation: Text | None = None
    """How to cite the corpus, as BibTeX."""

    funding: Text | None = None
    """Who funded the corpus."""

    tags: tuple[Text, ...] = ()
    """Tags of the dataset on the Hub."""

    task_categories: tuple[Text, ...] = ()
    """Tasks the corpus is meant for, as ids of the Hub: `text-generation`."""

    collection: Text | None = None
    """Who wrote the texts; who collected them, when, how, and on what legal basis."""

    personal_data: Text | None = None
    """What personal or sensitive information the texts contain, and what was done about it."""

    uses: Text | None = None
    """Intended uses."""

    out_of_scope: Text | None = None
    """Uses to avoid."""

    limitations: Text | None = None
    """Known biases, risks and gaps."""

    @model_validator(mode="after")
    def _license_is_named(self) -> Card:
        if self.license == "other" and not self.license_name:
            raise ValueError(
                "license is `other`: set license_name, and license_link if it has a URL"
            )
        if self.license != "other" and (self.license_name or self.license_link):
            raise ValueError("license_name and license_link need `license: other`")
        return self
