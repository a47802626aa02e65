"""The card is true to its build, loads as a dataset, and keeps what people wrote into it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus.card import write as cards
from corpus.card.generated_region import (
    BEGIN,
    BOM,
    END,
    HEAD_MARKER,
    generated_hash,
    written_by_people,
)
from corpus.card.hub import configs, dtype, feature, is_hub_language, iso_639, size_category
from corpus.card.settings import Card
from corpus.card.write import card, card_and_hash, missing
from corpus.languages.codes import LANGUAGES

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_example_cards.py"
EXAMPLES = SimpleNamespace(**runpy.run_path(str(SCRIPT)))

ABOUT = {"pretty_name": "News: 'no' #1", "license": "cc-by-4.0", "tags": ["no", "2023"]}


def head(text: str) -> dict[str, object]:
    """Return the metadata at the head of a card, as the Hub reads it."""
    return yaml.safe_load(text.split("---\n")[1])


def test_the_card_loads_as_a_dataset(tiny_build, tmp_path):
    """`load_dataset` on the folder gives the splits, rows and columns that the card describes."""
    datasets = pytest.importorskip("datasets")
    folder, manifest, audit = tiny_build
    (folder / "README.md").write_text(card(manifest, audit, ABOUT))
    (folder / "ledger" / "removed.parquet").write_bytes(b"no data file")
    dataset = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in dataset.items()} == manifest["counts"]["splits"]
    assert dataset["train"].column_names == [column["name"] for column in manifest["columns"]]
    info = head((folder / "README.md").read_text())["dataset_info"][0]
    assert datasets.DatasetInfo._from_yaml_dict(info).features == dataset["train"].features


def test_the_hub_reads_the_head_of_the_card(tiny_build):
    """huggingface_hub parses the card and reads languages, license and size category."""
    hub = pytest.importorskip("huggingface_hub")
    _, manifest, audit = tiny_build
    data = hub.DatasetCard(card(manifest, audit, ABOUT)).data
    assert data.language == ["en", "no"]
    assert (data.license, data.pretty_name) == ("cc-by-4.0", ABOUT["pretty_name"])
    assert data.size_categories == ["n<1K"]


def test_the_card_shows_the_numbers_of_manifest_and_audit(tiny_build):
    """Sizes agree with manifest and audit, and the removals add up."""
    _, manifest, audit = tiny_build
    text = card(manifest, audit, None)
    info = head(text)["dataset_info"][0]
    assert "splits" not in info  # else load_dataset refuses to filter
    assert info["download_size"] == sum(file["bytes"] for file in manifest["files"].values())
    assert info["dataset_size"] == audit["bytes"]
    removals = [int(n) for n in re.findall(r"\| (-\d+) \|[^|]*\|$", text, re.MULTILINE)]
    assert manifest["counts"]["read"] + sum(removals) == manifest["counts"]["kept"]


def test_all_rows_of_a_table_have_the_same_number_of_cells(tiny_build):
    """No title or name can break out of its table cell."""
    _, manifest, audit = tiny_build
    tables = re.findall(r"(?:^\|.*\|$\n)+", card(manifest, audit, ABOUT), re.MULTILINE)
    assert len(tables) >= 6
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1


def test_text_from_documents_is_not_markup(tiny_build):
    """Tags, links, headings, our markers and invisible characters are escaped."""
    _, manifest, audit = tiny_build
    for row in audit["publishers"]["rows"]:
        row["name"] += f"{END} \n{END}\n"
    manifest["config"]["sources"][0]["constants"]["publisher"] = f"\n{END}\n"
    text = card(manifest, audit, ABOUT)
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert text.split("\n").count(END) == 1
    outside = re.sub(r"(?ms)^(`{3,})\w*$.*?^\1$|(`+).+?\2", "", text.split(BEGIN)[1])
    assert "<script" not in outside
    assert "](http" not in outside.replace("\\](http", "")
    assert not re.search(r"^# no", outside, re.MULTILINE)


def test_a_card_without_settings_has_no_placeholders(tiny_build):
    """Without card settings there is no placeholder, and no heading without text."""
    _, manifest, audit = tiny_build
    text = card(manifest, audit, None)
    assert not re.search(r"more information needed|todo|tbd|none|null", text, re.IGNORECASE)
    assert not re.search(r"^#.*\n+(?=#|<!--)", text, re.MULTILINE)
    assert "license" not in head(text)


def test_missing_settings_are_listed():
    """Each setting that a complete card needs is listed if it is not set."""
    assert any(line.startswith("card.license: ") for line in missing(Card()))
    assert not [line for line in missing(Card(license="mit")) if "license" in line]
    assert set(cards.RECOMMENDED_SETTINGS) <= set(Card.model_fields)


def test_a_rebuilt_card_is_the_same(tiny_build):
    """Writing a card over an unedited one gives the same bytes."""
    _, manifest, audit = tiny_build
    first = card(manifest, audit, ABOUT)
    assert card(manifest, audit, ABOUT, first) == first


def test_a_quoted_marker_does_not_grow_the_card(tiny_build):
    """A description that contains the end marker gives the same card at every build."""
    _, manifest, audit = tiny_build
    about = ABOUT | {"description": f"# Head\n{END}\nmore"}
    first = card(manifest, audit, about)
    assert card(manifest, audit, about, first) == first


QUOTED = st.lists(st.sampled_from([BEGIN, END, "Mine.", ""]), max_size=6)


@given(above=QUOTED, below=QUOTED)
def test_markers_quoted_around_the_region_lose_nothing(above, below):
    """Generated text is recognised, whichever markers people quote in their own text."""
    ours = "\n".join(f"Ours, {n}." for n in range(9))
    lines = ["---", "mine: 1", HEAD_MARKER, "tags: []", "---"]
    first = "\n".join([*lines, BEGIN, ours, END, ""])
    edited = "\n".join([*lines, *above, BEGIN, ours, END, *below, ""])
    keys, *theirs = written_by_people(edited)
    assert keys == "mine: 1\n"
    assert "Ours" not in "".join(theirs)
    assert [part.count("Mine.") for part in theirs] == [above.count("Mine."), below.count("Mine.")]
    assert generated_hash(edited) == generated_hash(first)
    assert generated_hash(edited.replace("Ours, 3", "Theirs")) != generated_hash(first)


@pytest.mark.parametrize("quoted", [f"I quote {BEGIN}\n{BEGIN}\n{END}\nmore", f"{END}\n{BEGIN}"])
def test_markers_in_settings_are_shown_as_text(tiny_build, quoted):
    """However a description quotes the markers, the card has one region after every rebuild."""
    _, manifest, audit = tiny_build
    about = ABOUT | {"description": quoted, "limitations": quoted, "pretty_name": quoted}
    first = card(manifest, audit, about)
    assert first.split("\n").count(BEGIN) == first.split("\n").count(END) == 1
    edited = first.replace(f"\n{BEGIN}\n", f"\nMine: {BEGIN}\n{END}\n{BEGIN}\n")
    rebuilt = card(manifest | {"name": "other"}, audit, about, edited)
    assert "./news" not in rebuilt
    assert rebuilt.count("Mine: ") == 1
    assert card(manifest | {"name": "other"}, audit, about, rebuilt) == rebuilt
    assert generated_hash(edited) == generated_hash(first) != generated_hash(rebuilt)


def older_region(lines: int) -> str:
    """Return the generated region of an older card, with a note that somebody wrote into it."""
    return "\n".join([BEGIN, "", *["From an older card."] * lines, "Mine.", "", END])


PASTED = st.lists(
    st.sampled_from([older_region(1), older_region(999), BEGIN, END, "Mine."]), max_size=3
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(above=PASTED, below=PASTED, bom=st.sampled_from(["", BOM]))
def test_a_pasted_region_of_an_older_card_is_kept(tiny_build, above, below, bom):
    """Only the region whose hash is in the manifest is overwritten, however long others are."""
    _, manifest, audit = tiny_build
    first, built = card_and_hash(manifest, audit, ABOUT)
    start, end = first.index(BEGIN), first.index(END) + len(END)
    parts = [bom + first[:start].strip(), *above, first[start:end], *below]
    edited = "\n".join(parts) + "\n"
    assert generated_hash(edited, built) == built

    keys, *theirs = written_by_people(edited, built)
    assert (keys, theirs) == ("", ["\n".join(above), "\n".join(below)])
    renamed = manifest | {"name": "b"}
    rebuilt, new_hash = card_and_hash(renamed, audit, ABOUT, edited, built=built)
    assert generated_hash(rebuilt, new_hash) == new_hash != built
    assert rebuilt.count("Mine.") == edited.count("Mine.")
    assert not rebuilt.startswith(BOM)
    again = card_and_hash(renamed, audit, ABOUT, rebuilt, built=new_hash)
    assert again == (rebuilt, new_hash)


def test_a_byte_order_mark_before_the_head_is_ignored(tiny_build):
    """A byte order mark, which some Windows editors add, does not hide the head of the card."""
    _, manifest, audit = tiny_build
    first = card(manifest, audit, ABOUT)
    edited = BOM + first.replace("---\n", "---\nmine: 1\n", 1)
    assert generated_hash(edited) == generated_hash(first)
    again = card(manifest, audit, ABOUT, edited)
    assert again == first.replace("---\n", "---\nmine: 1\n", 1)
    assert written_by_people(f"{BOM}Only text.") == ("", "", "Only text.")


def test_text_of_people_outside_the_region_is_kept(tiny_build):
    """Text around the region and keys above the marker are kept; the rest is overwritten."""
    _, manifest, audit = tiny_build
    first = card(manifest, audit, ABOUT)
    edited = (
        first.replace("---\n", "---\nextra_gated: no  # mine\nlicense: mit\nconfigs: []\n", 1)
        .replace(BEGIN, f"Above.\n\n{BEGIN}\nlost")
        .replace(END, f"{END}\n\nBelow ---\n\n---\n")
        .replace("tags:", "tags:\n- lost\nmine:\n- kept\nother:")
    )
    again = card(manifest, audit, ABOUT, edited)
    assert again.startswith("---\nextra_gated: no  # mine\nlicense: mit\nmine:\n- kept\nother:\n")
    assert "lost" not in again
    assert again.index("Above.") < again.index(BEGIN) < again.index(END) < again.index("Below ---")
    assert head(again)["license"] == "mit"
    assert head(again)["configs"] == head(first)["configs"]
    assert card(manifest, audit, ABOUT, again) == again


@pytest.mark.parametrize(
    "previous",
    [
        "Only text.",
        "---\n[broken: yaml\n---\nOnly text.",
        "---\n---\nOnly text.",
        f"{BEGIN}\nOnly text.",
        f"---\n- a list\n---\n{END}\nOnly text.\n{BEGIN}",
    ],
)
def test_a_readme_that_is_not_ours_is_kept_below(tiny_build, previous):
    """A README that we did not write, or cannot parse, is kept below the region."""
    _, manifest, audit = tiny_build
    text = card(manifest, audit, ABOUT, previous)
    assert text.index(END) < text.index("Only text.")
    assert head(text)["pretty_name"] == ABOUT["pretty_name"]


LINES = ["---", "a: 1", "mine: [", "- b", "Text.", "", BEGIN, END, HEAD_MARKER]


@given(previous=st.lists(st.sampled_from(LINES), max_size=9).map("\n".join))
def test_no_text_of_a_previous_card_is_lost(previous):
    """Text of people is kept, whatever the README contained, and the keys are valid YAML."""
    keys, above, below = written_by_people(previous)
    assert isinstance(yaml.safe_load(keys) or {}, dict)
    if BEGIN not in previous:
        kept = keys + above + below
        assert all(kept.count(word) >= previous.count(word) for word in ("Text.", "a: 1"))


def test_each_language_has_a_config(tiny_build):
    """With one folder of shards for each language, each has a config, and `all` has every shard."""
    _, manifest, audit = tiny_build
    paths = {"data/en/train.parquet": 6, "data/no/train.parquet": 3, "data/en/test.parquet": 2}
    manifest["files"] = {path: {"bytes": 1, "rows": n} for path, n in paths.items()}
    for split in manifest["splits"]:
        shards = [path for path in paths if split in path]
        manifest["splits"][split]["shards"] = shards
    assert list(configs(manifest)) == ["all", "en", "no"]
    assert configs(manifest)["no"] == {"train": ["data/no/train.parquet"]}
    metadata = head(card(manifest, audit, None))
    assert [config.get("default") for config in metadata["configs"]] == [True, None, None]
    assert [info["config_name"] for info in metadata["dataset_info"]] == ["all"]


def test_arrow_types_have_the_names_of_datasets():
    """Column types have the names that `datasets` uses."""
    assert [dtype(t) for t in ("double", "float", "bool", "string")] == [
        "float64",
        "float32",
        "bool",
        "string",
    ]
    assert feature({"type": "list<element: double>"}) == {"list": "float64"}


@pytest.mark.parametrize(
    ("documents", "expected"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**12, "n>1T")]
)
def test_size_categories_are_those_of_the_hub(documents, expected):
    """The upper bound of a size category, a power of ten, is exclusive."""
    assert size_category(documents) == expected


def test_every_text_setting_is_on_the_card(tiny_build):
    """Every card setting that is text is on the card, under a heading or in a list."""
    _, manifest, audit = tiny_build
    texts = {
        name: f"text of {name}"
        for name, field in Card.model_fields.items()
        if field.annotation == str | None and not name.startswith("license")
    }
    texts |= {"homepage": "https://corpus.example/", "license": "mit"}
    text = card(manifest, audit, Card(**texts, authors=("A <b>", "C")))
    assert [name for name, value in texts.items() if value not in text] == []
    assert "- A &lt;b&gt;\n- C\n" in text
    assert "<https://corpus.example/>" in text


def test_the_highest_similarity_between_splits_is_on_the_card(tiny_build):
    """With a split stage, the card has the highest Jaccard of training and held-out documents."""
    _, manifest, audit = tiny_build
    metrics = {"highest_left": 0.25, "recall_of_highest": 0.99998}
    split = {"stage": "split", "leakage_threshold": 0.5, "words": 5, "metrics": metrics}
    manifest["stages"].append(split)
    text = " ".join(card(manifest, audit, None).split())
    assert "a Jaccard similarity of 0.5 or more to a document in another split" in text
    assert "(over shingles of 5 words). The highest similarity found is 0.25. Recall" in text
    assert "Recall for pairs with a similarity of 0.4 is 0.99998." in text
    assert "No documents were held out" not in text
    split["metrics"] = {"highest_left": 0.25, "highest_left_at_least": True}
    text = " ".join(card(manifest, audit, None).split())
    assert "is 0.25. It is a lower bound: there were too many similar pairs to compare" in text


def test_texts_in_two_splits_are_on_the_card(tiny_build):
    """If leaks are not removed, the card says how many held-out texts are in two splits."""
    _, manifest, audit = tiny_build
    metrics = {"overlap": 7}
    split = {"stage": "split", "leakage_threshold": None, "words": 5, "metrics": metrics}
    manifest["stages"].append(split)
    text = " ".join(card(manifest, audit, None).split())
    assert "Leaks were not removed: the words of 7 held-out documents are, in the same" in text


@pytest.mark.parametrize("name", EXAMPLES.CONFIGS)
def test_an_example_card_is_what_its_build_writes(name):
    """The committed cards equal those of new builds, except for identities and file sizes."""
    committed = Path(__file__).parents[2] / "datacards" / f"{name}.md"
    new = EXAMPLES.card_of(EXAMPLES.CONFIGS[name])
    stale = f"{committed.name} is stale: run scripts/make_example_cards.py"
    assert EXAMPLES.comparable(committed.read_text("utf-8")) == EXAMPLES.comparable(new), stale


def test_patterns_of_personal_data_are_on_the_card(tiny_build):
    """The card has the number of pattern matches, below what people say about personal data."""
    _, manifest, audit = tiny_build
    matches = {"kind": "e-mail address", "documents": 3, "times": 4, "masked": []}
    audit["close"]["personal"] = [matches]
    text = card(manifest, audit, {"personal_data": "Written by people."})
    expected = "Pattern search for personal data in 11 documents: e-mail address in 3. Names"
    assert f"Written by people.\n\n{expected}" in text


def test_only_codes_of_iso_639_are_languages_of_the_hub():
    """Every language that the stage identifies is one; arbitrary values of sources are not."""
    assert [code for code in LANGUAGES if not is_hub_language(code)] == []
    others = ("und", "zxx", "mul", "xx", "qqq", "EN", "en-GB", "english", "", "zh\n")
    assert [code for code in others if is_hub_language(code)] == []
    assert len(iso_639()) == 8160


@pytest.mark.parametrize("license", ["CC-BY-4.0", "cc-by", "proprietary"])
def test_an_unknown_license_is_an_error(license):
    """A license must be an id of the Hub; the message suggests one."""
    with pytest.raises(ValidationError, match=r"'.*' is not a license id of the .* Hub; .*cc-by"):
        Card(license=license)


def test_reasons_of_custom_stages_are_explained(tiny_build):
    """The card shows the description of a reason that the manifest has, escaped."""
    _, manifest, audit = tiny_build
    manifest["stages"].append({"stage": "mine", "reasons": {"dull": "the text is | <b>dull</b>"}})
    row = {"stage": "mine", "reason": "dull", "documents": 1, "characters": 9}
    manifest["funnel"].append(row)
    text = card(manifest, audit, None)
    assert "| mine | `dull`: the text is \\| &lt;b&gt;dull&lt;/b&gt; | -1 | -9 |" in text
    assert "**mine**\n" in text
    assert "the record has no text" in text
