"""The card says what is true, loads everywhere, and keeps what people wrote."""

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
from corpus.card.generated_region import BEGIN, BELOW, BOM, END, by_people, generated_hash
from corpus.card.hub import code_of_language, configs, dtype, feature, iso_639, size_category
from corpus.card.settings import Card
from corpus.card.write import card, card_and_hash, missing, share
from corpus.languages.codes import LANGUAGES

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_example_cards.py"
EXAMPLES = SimpleNamespace(**runpy.run_path(str(SCRIPT)))

ABOUT = {"pretty_name": "News: 'no' #1", "license": "cc-by-4.0", "tags": ["no", "2023"]}


def head(text: str) -> dict[str, object]:
    """Return what the Hub reads at the head of a card."""
    return yaml.safe_load(text.split("---\n")[1])


def test_the_card_loads_as_a_dataset(tiny_build, tmp_path):
    """`load_dataset` on the folder gives the splits, rows and columns that the card tells."""
    datasets = pytest.importorskip("datasets")
    folder, manifest, audit = tiny_build
    (folder / "README.md").write_text(card(manifest, audit, ABOUT))
    (folder / "ledger" / "removed.parquet").write_bytes(b"no data file")
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in found.items()} == manifest["counts"]["splits"]
    assert found["train"].column_names == [column["name"] for column in manifest["columns"]]
    told = head((folder / "README.md").read_text())["dataset_info"][0]
    assert datasets.DatasetInfo._from_yaml_dict(told).features == found["train"].features


def test_the_hub_takes_the_head_of_the_card(tiny_build):
    """huggingface_hub parses the card, and finds languages, license and sizes in it."""
    hub = pytest.importorskip("huggingface_hub")
    _, manifest, audit = tiny_build
    data = hub.DatasetCard(card(manifest, audit, ABOUT)).data
    assert data.language == ["en", "no"]
    assert (data.license, data.pretty_name) == ("cc-by-4.0", ABOUT["pretty_name"])
    assert data.size_categories == ["n<1K"]


def test_the_numbers_of_the_card_are_those_of_manifest_and_audit(tiny_build):
    """What the card tells of splits and sizes is what the manifest says."""
    _, manifest, audit = tiny_build
    text = card(manifest, audit, None)
    info = head(text)["dataset_info"][0]
    assert "splits" not in info  # else load_dataset refuses to filter
    assert info["download_size"] == sum(file["bytes"] for file in manifest["files"].values())
    assert info["dataset_size"] == audit["bytes"]
    went = [int(n) for n in re.findall(r"\| (-\d+) \|[^|]*\|$", text, re.MULTILINE)]
    assert manifest["counts"]["read"] + sum(went) == manifest["counts"]["kept"]


def test_every_table_of_the_card_has_one_number_of_cells(tiny_build):
    """No title or name can break out of its cell."""
    _, manifest, audit = tiny_build
    tables = re.findall(r"(?:^\|.*\|$\n)+", card(manifest, audit, ABOUT), re.MULTILINE)
    assert len(tables) >= 6
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1


def test_what_documents_say_is_not_markup(tiny_build):
    """Tags, links, headings, marks of ours and what cannot be seen are spelled out."""
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


def test_a_card_is_never_a_form_to_fill_in(tiny_build):
    """A card that nobody said anything for has no placeholder, and no heading without a text."""
    _, manifest, audit = tiny_build
    text = card(manifest, audit, None)
    assert not re.search(r"more information needed|todo|tbd|none|null", text, re.IGNORECASE)
    assert not re.search(r"^#.*\n+(?=#|<!--)", text, re.MULTILINE)
    assert "license" not in head(text)


def test_what_nobody_said_is_listed():
    """What only a person can say, and did not, is named with its setting."""
    assert any(line.startswith("card.license: ") for line in missing(Card()))
    assert not [line for line in missing(Card(license="mit")) if "license" in line]
    assert set(cards.WANTED) <= set(Card.model_fields)


def test_a_rebuilt_card_is_the_same(tiny_build):
    """A card made over an untouched one is byte for byte the same."""
    _, manifest, audit = tiny_build
    first = card(manifest, audit, ABOUT)
    assert card(manifest, audit, ABOUT, first) == first


def test_own_words_that_hold_the_mark_change_nothing(tiny_build):
    """A description with the end of the region in it does not grow the card at every build."""
    _, manifest, audit = tiny_build
    about = ABOUT | {"description": f"# Head\n{END}\nmore"}
    first = card(manifest, audit, about)
    assert card(manifest, audit, about, first) == first


QUOTED = st.lists(st.sampled_from([BEGIN, END, "Mine.", ""]), max_size=6)


@given(above=QUOTED, below=QUOTED)
def test_marks_that_people_quote_around_the_region_lose_nothing(above, below):
    """What they wrote stays theirs, what we wrote ours, whichever marks are among theirs."""
    ours = "\n".join(f"Ours, {n}." for n in range(9))
    lines = ["---", "mine: 1", BELOW, "tags: []", "---"]
    first = "\n".join([*lines, BEGIN, ours, END, ""])
    edited = "\n".join([*lines, *above, BEGIN, ours, END, *below, ""])
    kept, *theirs = by_people(edited)
    assert kept == "mine: 1\n"
    assert "Ours" not in "".join(theirs)
    assert [part.count("Mine.") for part in theirs] == [above.count("Mine."), below.count("Mine.")]
    assert generated_hash(edited) == generated_hash(first)
    assert generated_hash(edited.replace("Ours, 3", "Theirs")) != generated_hash(first)


@pytest.mark.parametrize("said", [f"I quote {BEGIN}\n{BEGIN}\n{END}\nmore", f"{END}\n{BEGIN}"])
def test_marks_in_own_words_are_shown_as_text(tiny_build, said):
    """However a description quotes the marks, the card has one region, at every rebuild."""
    _, manifest, audit = tiny_build
    about = ABOUT | {"description": said, "limitations": said, "pretty_name": said}
    first = card(manifest, audit, about)
    assert first.split("\n").count(BEGIN) == first.split("\n").count(END) == 1
    edited = first.replace(f"\n{BEGIN}\n", f"\nMine: {BEGIN}\n{END}\n{BEGIN}\n")
    anew = card(manifest | {"name": "other"}, audit, about, edited)
    assert "./news" not in anew
    assert anew.count("Mine: ") == 1
    assert card(manifest | {"name": "other"}, audit, about, anew) == anew
    assert generated_hash(edited) == generated_hash(first) != generated_hash(anew)


def older(lines: int) -> str:
    """Return the region of an older card, with a note that somebody wrote into it."""
    return "\n".join([BEGIN, "", *["Of the card before."] * lines, "Mine.", "", END])


PASTED = st.lists(st.sampled_from([older(1), older(999), BEGIN, END, "Mine."]), max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(above=PASTED, below=PASTED, bom=st.sampled_from(["", BOM]))
def test_a_region_of_an_older_card_is_theirs_however_long(tiny_build, above, below, bom):
    """Pasted above or below ours it stays: ours is the one that the manifest has the hash of."""
    _, manifest, audit = tiny_build
    first, built = card_and_hash(manifest, audit, ABOUT)
    start, end = first.index(BEGIN), first.index(END) + len(END)
    parts = [bom + first[:start].strip(), *above, first[start:end], *below]
    edited = "\n".join(parts) + "\n"
    assert generated_hash(edited, built) == built

    kept, *theirs = by_people(edited, built)
    assert (kept, theirs) == ("", ["\n".join(above), "\n".join(below)])
    anew, told = card_and_hash(manifest | {"name": "b"}, audit, ABOUT, edited, built=built)
    assert generated_hash(anew, told) == told != built
    assert anew.count("Mine.") == edited.count("Mine.")
    assert not anew.startswith(BOM)
    assert card_and_hash(manifest | {"name": "b"}, audit, ABOUT, anew, built=told) == (anew, told)


def test_a_byte_order_mark_before_the_head_hides_nothing(tiny_build):
    """What an editor of Windows puts there is no text: the head is still the head."""
    _, manifest, audit = tiny_build
    first = card(manifest, audit, ABOUT)
    edited = BOM + first.replace("---\n", "---\nmine: 1\n", 1)
    assert generated_hash(edited) == generated_hash(first)
    again = card(manifest, audit, ABOUT, edited)
    assert again == first.replace("---\n", "---\nmine: 1\n", 1)
    assert by_people(f"{BOM}Only text.") == ("", "", "Only text.")


def test_what_people_wrote_outside_the_region_stays(tiny_build):
    """Text around the region and keys above the mark stay; what is generated is made anew."""
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
def test_a_card_of_another_kind_is_kept_below(tiny_build, previous):
    """A README that we did not write, or cannot read, is kept whole below the region."""
    _, manifest, audit = tiny_build
    text = card(manifest, audit, ABOUT, previous)
    assert text.index(END) < text.index("Only text.")
    assert head(text)["pretty_name"] == ABOUT["pretty_name"]


LINES = ["---", "a: 1", "mine: [", "- b", "Text.", "", BEGIN, END, BELOW]


@given(previous=st.lists(st.sampled_from(LINES), max_size=9).map("\n".join))
def test_no_text_of_a_previous_card_is_lost(previous):
    """Whatever stood in the README, what people wrote stays, and the head is YAML."""
    kept, above, below = by_people(previous)
    assert isinstance(yaml.safe_load(kept) or {}, dict)
    if BEGIN not in previous:
        stays = kept + above + below
        assert all(stays.count(word) >= previous.count(word) for word in ("Text.", "a: 1"))


def test_languages_have_configs_of_their_own(tiny_build):
    """Shards in folders of a language make a config each, beside one of all of them."""
    _, manifest, audit = tiny_build
    paths = {"data/en/train.parquet": 6, "data/no/train.parquet": 3, "data/en/test.parquet": 2}
    manifest["files"] = {path: {"bytes": 1, "rows": n} for path, n in paths.items()}
    for split in manifest["splits"]:
        shards = [path for path in paths if split in path]
        manifest["splits"][split]["shards"] = shards
    assert list(configs(manifest)) == ["all", "en", "no"]
    assert configs(manifest)["no"] == {"train": ["data/no/train.parquet"]}
    told = head(card(manifest, audit, None))
    assert [config.get("default") for config in told["configs"]] == [True, None, None]
    assert [info["config_name"] for info in told["dataset_info"]] == ["all"]


def test_arrow_types_are_told_in_the_words_of_datasets():
    """Types are named as `datasets` names them."""
    assert [dtype(t) for t in ("double", "float", "bool", "string")] == [
        "float64",
        "float32",
        "bool",
        "string",
    ]
    assert feature("x", "list<element: double>") == {"name": "x", "list": "float64"}


@pytest.mark.parametrize(
    ("documents", "expected"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**12, "n>1T")]
)
def test_sizes_have_the_names_of_the_hub(documents, expected):
    """A size ends before the next power of ten."""
    assert size_category(documents) == expected


@pytest.mark.parametrize(
    ("value", "whole", "expected"),
    [
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (0, 0, "0 %"),
        (1, 3, "33.3 %"),
        (1, 10**6, "&lt; 0.1 %"),
        (10**6 - 1, 10**6, "&gt; 99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(value, whole, expected):
    """Nothing and all are said of nothing and all alone."""
    assert share(value, whole) == expected


def test_what_people_said_is_on_the_card(tiny_build):
    """Every setting of the card that is text is on it, under a heading or as a line."""
    _, manifest, audit = tiny_build
    words = {
        name: f"said of {name}"
        for name, field in Card.model_fields.items()
        if field.annotation == str | None and not name.startswith("license")
    }
    words |= {"homepage": "https://corpus.example/", "license": "mit"}
    text = card(manifest, audit, Card(**words, authors=("A <b>", "C")))
    assert [name for name, said in words.items() if said not in text] == []
    assert "- by A &lt;b&gt;\n- by C\n" in text
    assert "<https://corpus.example/>" in text


def test_the_leakage_of_the_split_is_told(tiny_build):
    """With a split stage, the card tells how alike train and test documents are at the most."""
    _, manifest, audit = tiny_build
    metrics = {"highest_left": 0.25, "recall_of_highest": 0.99998}
    split = {"stage": "split", "leakage_threshold": 0.5, "words": 5, "metrics": metrics}
    manifest["stages"].append(split)
    text = " ".join(card(manifest, audit, None).split())
    assert "a Jaccard of 0.5 (over shingles of 5 words); the highest found is 0.25 (one" in text
    assert "(one of 0.4 is found with a chance of 0.99998)." in text
    assert "Nothing was held out" not in text
    split["metrics"] = {"highest_left": 0.25, "highest_left_at_least": True}
    text = " ".join(card(manifest, audit, None).split())
    assert "is 0.25, and of a great many pairs that are about as like not all were" in text


def test_what_is_in_two_splits_is_told(tiny_build):
    """Where no leak was to go, the card tells how many texts are on both sides."""
    _, manifest, audit = tiny_build
    metrics = {"overlap": 7}
    split = {"stage": "split", "leakage_threshold": None, "words": 5, "metrics": metrics}
    manifest["stages"].append(split)
    text = " ".join(card(manifest, audit, None).split())
    assert "Leaks were not taken out: 7 texts held out are, word for word," in text


@pytest.mark.parametrize("name", EXAMPLES.CONFIGS)
def test_an_example_card_is_what_its_build_writes(name):
    """The committed cards are those of today's builds, but for identities and sizes of files."""
    committed = Path(__file__).parents[2] / "datacards" / f"{name}.md"
    new = EXAMPLES.card_of(EXAMPLES.CONFIGS[name])
    stale = f"{committed.name} is stale: run scripts/make_example_cards.py"
    compared = [EXAMPLES.comparable(text) for text in (committed.read_text("utf-8"), new)]
    assert compared[0] == compared[1], stale


def test_patterns_of_personal_data_are_told(documents, tiny_build):
    """The card tells what was found by pattern, beside what people say about it."""
    _, manifest, audit = tiny_build
    found = {"kind": "e-mail address", "documents": 3, "times": 4, "masked": []}
    audit["close"]["personal"] = [found]
    text = card(manifest, audit, {"personal_data": "Said by people."})
    assert "Said by people.\n\nPatterns of personal data in the 11 documents" in text
    assert "e-mail address in 3" in text


def test_languages_of_the_head_are_codes_of_the_standard():
    """Every language that the stage knows has a code of ISO 639; what sources say may be none."""
    assert [code for code in LANGUAGES if not code_of_language(code)] == []
    others = ("und", "zxx", "mul", "xx", "qqq", "EN", "en-GB", "english", "", "zh\n")
    assert [code for code in others if code_of_language(code)] == []
    assert len(iso_639()) == 8160


@pytest.mark.parametrize("license", ["CC-BY-4.0", "cc-by", "proprietary"])
def test_a_license_that_the_hub_does_not_know_is_a_mistake(license):
    """An id is spelled as the Hub spells it; the message has one that is."""
    with pytest.raises(ValidationError, match=r"no license '.*' on the Hub; .*cc-by"):
        Card(license=license)
