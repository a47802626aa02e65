"""The section "Known limits" of the dataset card: what to know before using the corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.documents import DOCUMENT
from corpus.markup import Markdown, markdown

LIMITS_OF_STAGE = {
    "clean": (
        "A model decides for each line of a page whether it belongs to the article. Some "
        "boilerplate is kept, and some headings, captions and lists of articles are removed."
    ),
    "site_boilerplate": (
        "Lines that recur on many pages of a site are removed as boilerplate. This includes "
        "headings and closing sentences that many articles of the site share."
    ),
    "language": (
        "Languages are identified by n-gram statistics. Errors are most likely in short texts and "
        "between similar languages, such as Danish and Norwegian."
    ),
    "deduplicate": (
        "Duplicates are texts with nearly the same words in the same order. Paraphrases and "
        "translations are kept."
    ),
    "split": (
        "Leaks between splits are detected in the same way as duplicates: a training document may "
        "paraphrase a test document."
    ),
}
"""Limits of the methods that each stage uses."""

LIMITS_WITHOUT_STAGE = {
    "deduplicate": "Duplicates were not removed.",
    "split": "No documents were held out for testing.",
}
"""Limits of a corpus that was built without these stages."""

CHECKS_IN_OTHER_SECTIONS = ("doubtful", "held_out", "personal")
"""Checks of the audit whose results the card already has in another place."""


def limits(manifest: Mapping[str, Any], audit: Mapping[str, Any]) -> list[Markdown]:
    """Return the known limits, all of which apply to this build."""
    total, doubtful = audit["documents"], audit["doubtful"]
    stages = {stage["stage"] for stage in manifest["stages"]}
    sentences = []
    if doubtful:
        sentences.append(
            f"The language of {doubtful:,} of {total:,} documents is uncertain: its score is below "
            f"{audit['scores']['doubtful']}."
        )
    sentences += [sentence for stage, sentence in LIMITS_OF_STAGE.items() if stage in stages]
    sentences += [
        f"Documents without a value in {column['name']}: {column['missing']:,} of {total:,}."
        for column in audit["columns"]
        if column["missing"] and column["name"] in (*DOCUMENT.names, "language")
    ]
    sentences += [
        sentence for stage, sentence in LIMITS_WITHOUT_STAGE.items() if stage not in stages
    ]
    if "language" not in stages and not audit["languages"]["rows"]:
        sentences.append("Languages were not identified.")
    sentences += [
        f"{check['question']} {check['reason']}."
        for check in audit["checks"]
        if check["status"] != "pass" and check["id"] not in CHECKS_IN_OTHER_SECTIONS
    ]
    return [markdown(sentence) for sentence in sentences]
