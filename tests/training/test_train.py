"""Training: what is read, what is learned, what the report says, and what is refused."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from corpus.classifier.model import read_model
from corpus.classifier.score import score_texts
from corpus.cli.commands import commands
from corpus.config.load import load_config
from corpus.errors import ConfigError, InputError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.training.train import Settings, train_quality
from tests.training.conftest import ADVERT, REPORT

SMALL = Settings(bits=14)


@pytest.fixture
def classes(records, write):
    """Return the paths of good and of bad documents of the same twelve sites."""
    good, bad = records(60, REPORT), records(60, ADVERT)
    return write("good.jsonl", good), write("bad.jsonl", bad)


def test_a_model_tells_new_texts_of_the_classes_apart(classes, tmp_path):
    """The files are written, and texts like the good ones score high."""
    report = train_quality([classes[0]], [classes[1]], tmp_path / "m.npz", settings=SMALL)
    model = read_model(tmp_path / "m.npz")
    texts = pa.array(["the council and the railway budget", "click now to buy the offer"])
    good, bad = score_texts(texts, model).to_pylist()

    assert good > 0.8
    assert bad < 0.2
    assert report.auc > 0.99
    assert "council" in [row["word"] for row in report.good_words]
    assert "click" in [row["word"] for row in report.bad_words]
    assert model.training["good"]["used"] == 60
    for name in ("m.md", "m.report.md", "m.report.json"):
        assert (tmp_path / name).stat().st_size > 500
    assert json.loads((tmp_path / "m.report.json").read_text())["good"]["sites"] == 12


def test_training_is_deterministic(records, write, tmp_path):
    """The order and the division of the inputs change no byte of the model and its report."""
    good, bad = records(60, REPORT), records(60, ADVERT)
    good.append(good[0] | {"text": good[0]["text"].upper()})  # the same words
    train_quality(
        [write("good.jsonl", good)], [write("bad.jsonl", bad)], tmp_path / "a.npz", settings=SMALL
    )
    random.Random(5).shuffle(good)
    random.Random(6).shuffle(bad)
    write("parts/1.jsonl", good[:25])
    write("parts/2.jsonl", good[25:])
    train_quality(
        [str(tmp_path / "parts")], [write("b.jsonl", bad)], tmp_path / "b.npz", settings=SMALL
    )

    for end in (".npz", ".report.json", ".report.md"):
        assert (tmp_path / f"a{end}").read_bytes() == (tmp_path / f"b{end}").read_bytes()


def test_every_document_is_accounted_for(records, write, tmp_path):
    """Duplicates, texts in both classes, empty ones and those above the limit are counted."""
    good, bad = records(60, REPORT), records(60, ADVERT)
    good += [good[0], {"text": ""}, {"text": "?!"}, {"text": None}, bad[3]]
    settings = Settings(bits=14, max_documents=50)
    report = train_quality(
        [write("good.jsonl", good)],
        [write("bad.jsonl", bad)],
        tmp_path / "m.npz",
        settings=settings,
    )

    for counts, read in zip(report.counts, (62, 60), strict=True):
        lost = counts.duplicates + counts.in_both_classes + counts.over_limit
        assert counts.documents == read
        assert counts.used + lost == read
    assert report.without_words == 2
    assert report.unreadable == 1


def test_labels_are_read_from_a_column(records, write, tmp_path):
    """A good value is a good document, another value a bad one; the rest are counted."""
    rows = [
        *records(40, REPORT, rating=5),
        *records(40, ADVERT, rating=1),
        {"text": "no label", "rating": None},
    ]
    settings = Settings(bits=14, label="rating", good_values=("5",))
    path = write("rated.jsonl", rows)
    report = train_quality([path], [], tmp_path / "m.npz", settings=settings)

    assert [counts.used for counts in report.counts] == [40, 40]
    assert report.without_label == 1


@pytest.mark.parametrize(
    ("label", "value", "message"),
    [
        ("ratings", "5", "--label ratings: no such column; did you mean 'rating'"),
        ("rating", "7", "--good 7: no document has this value.*'5'"),
    ],
)
def test_a_wrong_label_is_named_with_what_there_is(records, write, tmp_path, label, value, message):
    """A column or a value that no document has is an error, never an empty class."""
    path = write("rated.jsonl", records(5, REPORT, rating=5))
    settings = Settings(bits=14, label=label, good_values=(value,))

    with pytest.raises(ConfigError, match=message):
        train_quality([path], [], tmp_path / "m.npz", settings=settings)


def test_too_few_texts_or_sites_are_refused_with_a_remedy(records, write, tmp_path):
    """A class with few texts, or of one site, trains nothing; nothing is written."""
    good, bad = records(60, REPORT), write("bad.jsonl", records(60, ADVERT))
    out = tmp_path / "out" / "m.npz"
    cases = {
        "5 different good texts.*name more files": good[:5],
        "0 different good texts.*also in the other class": records(60, ADVERT),
        "all good documents are of the site 'a.example'.*--site": records(
            60, REPORT, sites=["a.example"]
        ),
    }
    for message, rows in cases.items():
        with pytest.raises(InputError, match=message):
            train_quality([write("good.jsonl", rows)], [bad], out, settings=SMALL)
    assert list(out.parent.iterdir()) == []


def test_a_shortcut_is_reported(records, write, tmp_path):
    """Classes that share no site, or that differ in length, give a warning."""
    good = records(60, REPORT, sites=[f"good-{k}.example" for k in range(12)], words=80)
    bad = records(60, ADVERT, sites=[f"bad-{k}.example" for k in range(12)], words=20)
    report = train_quality(
        [write("good.jsonl", good)], [write("bad.jsonl", bad)], tmp_path / "m.npz", settings=SMALL
    )

    assert any("share no site" in warning for warning in report.warnings)
    assert any(warning.startswith("the length alone") for warning in report.warnings)
    assert "share no site" in (tmp_path / "m.report.md").read_text()


def test_files_of_the_same_name_are_sites_of_their_own(records, write, tmp_path):
    """A file of good documents is another site than the file of bad ones that is called alike."""
    for name, own in (("good", REPORT), ("bad", ADVERT)):
        rows = [{"text": row["text"]} for row in records(60, own)]
        for k in range(3):
            write(f"{name}/{k}.jsonl", rows[k::3])
    inputs = [str(tmp_path / "good")], [str(tmp_path / "bad")]
    report = train_quality(*inputs, tmp_path / "m.npz", settings=SMALL)

    assert report.shared_sites == 0
    assert {row["group"] for row in report.by_site} == {
        f"{k}.jsonl ({name})" for k in range(3) for name in ("good", "bad")
    }


def test_a_column_may_begin_with_an_underscore(records, write, tmp_path):
    """The columns of the user are all known; those that reading adds are not offered."""
    rows = records(60, REPORT, _ok="yes") + records(60, ADVERT, _ok="no")
    settings = replace(SMALL, label="_ok", good_values=("yes",), site="url")
    path = write("all.jsonl", rows)
    assert train_quality([path], [], tmp_path / "m.npz", settings=settings).counts[0].used == 60
    with pytest.raises(ConfigError, match="no such column; did you mean '_ok'"):
        train_quality([path], [], tmp_path / "n.npz", settings=replace(settings, label="_okk"))


def test_the_text_of_a_build_may_be_another_column(records, write, tmp_path):
    """`--text` names a column of a build as well; one that is not there is named."""
    good, bad = (
        [row | {"text": f"same {k}", "body": row["text"]} for k, row in enumerate(rows)]
        for rows in (records(60, REPORT), records(60, ADVERT))
    )
    config = {
        "name": "good",
        "sources": [{"path": write("good.jsonl", good)}],
        "stages": [],
        "output": {"path": str(tmp_path / "good")},
    }
    inputs = [str(build(load_config(config), engine=Serial()).path)], [write("bad.jsonl", bad)]
    report = train_quality(*inputs, tmp_path / "m.npz", settings=replace(SMALL, text="body"))

    assert report.auc > 0.99
    with pytest.raises(ConfigError, match=r"--text bodi: .* has no such column; did you mean"):
        train_quality(*inputs, tmp_path / "m.npz", settings=replace(SMALL, text="bodi"))


def test_a_class_has_bounded_memory(records, write, tmp_path, monkeypatch):
    """Texts with the lowest hashes are used until their buckets fill the room, in any order."""
    good, bad = records(60, REPORT), records(60, ADVERT)
    monkeypatch.setattr("corpus.training.examples.MAX_ENTRIES", 2000)
    made = []
    for name in ("a", "b"):
        paths = [write(f"{name}-{k}.jsonl", rows) for k, rows in enumerate((good, bad))]
        report = train_quality([paths[0]], [paths[1]], tmp_path / "m.npz", settings=SMALL)
        made.append([each.texts_sha256 for each in report.counts])
        assert all(0 < each.over_limit < 40 for each in report.counts)
        assert all(each.over_limit + each.used == 60 for each in report.counts)
        good, bad = good[::-1], bad[::-1]
    assert made[0] == made[1]


def test_a_classifier_that_is_not_better_than_chance_is_reported(records, write, tmp_path):
    """If good and bad documents have the same words, the report says not to use it."""
    rows = records(240, REPORT)
    report = train_quality(
        [write("good.jsonl", rows[::2])], [write("bad.jsonl", rows[1::2])], tmp_path / "m.npz",
        settings=SMALL,
    )  # fmt: skip
    warned = any("not better than chance" in warning for warning in report.warnings)
    assert warned == (report.auc <= 0.5)
    assert report.auc < 0.75


def test_a_card_is_not_overwritten(classes, tmp_path):
    """Sources and licences that the user filled in survive another training."""
    (tmp_path / "m.md").write_text("my sources")
    train_quality([classes[0]], [classes[1]], tmp_path / "m.npz", settings=SMALL)

    assert (tmp_path / "m.md").read_text() == "my sources"


def test_the_command_says_what_it_wrote_and_what_it_kept(classes, tmp_path):
    """A card that is kept is not said to be written: its figures are those of another model."""
    arguments = ["train-quality", *classes, "--out", str(tmp_path / "m.npz"), "--bits", "14"]
    first, second = (CliRunner().invoke(commands, arguments).output for _ in range(2))

    assert "m.npz, its report and its card" in first
    assert "its card" not in second
    assert "m.md, the card of an earlier model: its figures are not those of this one" in second


def test_pages_with_markup_are_refused(tmp_path):
    """The classifier would learn tags; the message says to build first."""
    (tmp_path / "a.html").write_text("<p>A page</p>")

    with pytest.raises(ConfigError, match=r"HTML files contain markup.*corpus build"):
        train_quality([str(tmp_path)], [str(tmp_path)], Path(tmp_path / "m.npz"), settings=SMALL)


@pytest.mark.parametrize(
    ("settings", "bad", "out", "message"),
    [
        (Settings(good_values=("1",)), ["b"], "m.npz", "--good needs --label"),
        (Settings(label="x", good_values=("1",)), ["b"], "m.npz", "one input has both classes"),
        (Settings(label="x"), [], "m.npz", "needs --good VALUE"),
        (Settings(), [], "m.npz", "name GOOD and BAD"),
        (Settings(bits=3), ["b"], "m.npz", "use 10 to 24"),
        (Settings(), ["b"], "m.bin", "ends in .npz"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_read(tmp_path, settings, bad, out, message):
    """Each message names the option and what is right."""
    with pytest.raises(ConfigError, match=message):
        train_quality(["a"], bad, tmp_path / out, settings=settings)
