"""Tests of the config: accepted values, defaults, and the message for each mistake."""

from __future__ import annotations

import errno
import json
import pickle
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.config.load import load_config
from corpus.config.mistakes import Mistakes
from corpus.config.model import Config
from corpus.config.yaml_positions import MAX_DEPTH, MAX_VALUES, read
from corpus.errors import ConfigError, as_corpus_error
from corpus.settings import parse_size
from corpus.stages import STAGES, make_stage
from corpus.stages.deduplicate import Deduplicate

SMALL = """
name: news
sources:
  - path: pages/*.txt
"""

OWN = '''
"""Custom stages."""

from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import TEXT, remove
from corpus.stages import DocumentStage


class DropShort(DocumentStage):
    """Remove short documents."""

    reasons: ClassVar[dict[str, str]] = {"short": "it is shorter than `least`"}

    stage: Literal["drop_short"] = "drop_short"

    least: int = 200
    """Minimum number of characters."""

    words: tuple[str, ...] = ()
    """A list without effect."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Mark short documents."""
        short = pc.less(pc.utf8_length(documents.column(TEXT)), self.least)
        return remove(documents, short, because="short")


class Unfinished(DocumentStage):
    """Has no method `apply`."""

    stage: Literal["unfinished"] = "unfinished"


class Nameless(DropShort):
    """Has no name."""

    stage: str


class Usurper(DropShort):
    """Has the name of a stage of the package."""

    stage: Literal["split"] = "split"


NOT_ONE = 3
'''


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a config into a temporary folder and returns its path."""

    def written(text: str, name: str = "news.yaml") -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return written


@pytest.fixture
def refused(write):
    """Return a function that returns the message of a wrong config, without its folder."""

    def message(text: str, *overrides: str) -> str:
        path = write(text)
        with pytest.raises(ConfigError, match=r".") as error:
            load_config(path, overrides)
        return str(error.value).replace(f"{path.parent}/", "")

    return message


def test_a_small_config_has_the_defaults(write):
    """Missing settings have defaults: stages, output and seed."""
    config = load_config(write(SMALL))

    assert [stage.stage for stage in config.stages] == [
        "clean", "site_boilerplate", "language", "deduplicate", "split",
    ]  # fmt: skip
    assert (config.seed, config.as_of, config.on_error, config.cache) == (0, None, 0.001, True)
    assert config.output.path == "build/news"
    assert config.output.shard_size == 256_000_000
    assert config.destination == config.folder / "build/news"


def test_paths_are_relative_to_the_config(write, monkeypatch):
    """A config has the same meaning in any working directory."""
    path = write(SMALL)
    monkeypatch.chdir(path.parent)

    assert load_config("news.yaml").folder == path.parent
    assert load_config("news.yaml").path == path


def test_all_mistakes_are_reported_at_once(refused):
    """Each message has the position, the mistake and, where possible, a suggestion."""
    message = refused(
        """\
        name: My News
        seeed: 3
        sources:
          - path: pages/*.txt
            columns: {text: 3}
        stages:
          - stage: deduplicate
            treshold: 0.7
            threshold: 3
            keep: oldst
          - stage: dedupe
          - splitt
          - 7
        output: {path: "a[1]", shard_size: 12XB, configs: lang}
        card: {license: cc-by-4, pretty_name: 5, authors: me}
        on_error: 2
        cache: on
        as_of: 2023-13-01
        """
    )

    assert message.splitlines() == [
        (
            "news.yaml:1:7: name: must be lower-case letters and digits, with - _ . between them, "
            "at most 96 characters, such as 'news-2023', not 'My News'"
        ),
        "news.yaml:2:1: seeed: no such setting; did you mean 'seed'?",
        "news.yaml:5:21: sources[0].columns.text: must be text, not 3; put it in quotes",
        "news.yaml:8:5: stages[0].deduplicate.treshold: no such setting; did you mean 'threshold'?",
        "news.yaml:9:16: stages[0].deduplicate.threshold: must be at most 1.0, not 3",
        (
            "news.yaml:10:11: stages[0].deduplicate.keep: must be 'longest', 'newest' or 'oldest', "
            "or a mapping, not 'oldst'"
        ),
        "news.yaml:11:12: stages[1]: no stage 'dedupe'; did you mean 'deduplicate'?",
        "news.yaml:12:5: stages[2]: no stage 'splitt'; did you mean 'split'?",
        "news.yaml:13:5: stages[3]: must name a stage: `stage: clean`, or `use: module:Class`",
        (
            "news.yaml:14:16: output.path: must not contain '[', which `datasets` cannot load; "
            "choose another"
        ),
        "news.yaml:14:36: output.shard_size: must be a size such as 256MB or 1GiB, not '12XB'",
        (
            "news.yaml:14:51: output.configs: must be 'none' or 'language', not 'lang'; "
            "did you mean 'language'?"
        ),
        (
            "news.yaml:15:17: card.license: 'cc-by-4' is not a license id of the Hugging Face Hub; "
            "did you mean 'cc-by-4.0'?"
        ),
        "news.yaml:15:39: card.pretty_name: must be text, not 5; put it in quotes",
        "news.yaml:15:51: card.authors: must be a list, [me], not 'me'",
        "news.yaml:16:11: on_error: must be at most 1.0, not 2",
        "news.yaml:17:8: cache: must be true or false, not 'on'",
        "news.yaml:18:8: as_of: must be a date such as 2023-05-22, not '2023-13-01'",
    ]


def test_a_missing_setting_is_reported_with_its_description(refused):
    """A missing setting is explained at the position where it belongs."""
    message = refused("seed: 3\nsources: []\n")

    assert "news.yaml:1:1: name: missing: name of the corpus" in message
    assert "news.yaml:2:10: sources: must not be empty" in message


def test_a_duplicate_key_is_a_mistake(refused):
    """The message names the line of the first key."""
    message = refused(SMALL + "output:\n  path: a\n  path: b\nname: other\n")

    assert "news.yaml:7:3: output.path: duplicate key, first in line 6; keep one" in message
    assert "news.yaml:8:1: name: duplicate key, first in line 2; keep one" in message


def test_a_mistake_inside_a_union_is_reported_once(refused):
    """Only the member of the union that fits best is reported."""
    message = refused(SMALL + "stages: [{stage: deduplicate, keep: {highst: score}}]")

    assert message == (
        "news.yaml:5:38: stages[0].deduplicate.keep.highst: no such setting; "
        "did you mean 'highest'?"
    )


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (
            "quality, gopher: true, rules: {gopher.words: {min: many}}",
            "rules.gopher.words.min: must be a number, not 'many'",
        ),
        (
            "quality, gopher: {variant: papper}",
            "gopher.variant: must be 'paper', 'datatrove' or 'dolma', not 'papper'; did you mean 'paper'?",  # noqa: E501
        ),
        (
            "quality, model: {path: m.npz, min_score: 3}",
            "model.min_score: must be at most 1.0, not 3",
        ),
        (
            "quality, gopher: true, rules: {gopher.words: true}",
            "rules.gopher.words: must be a mapping, or false, not true",
        ),
    ],
)
def test_a_mapping_is_blamed_for_its_own_faults_alone(refused, stage, message):
    """A fault inside a mapping is the only one: that it is not a text, too, is no help."""
    refusal = refused(f"{SMALL}stages: [{{stage: {stage}}}]")

    assert "\n" not in refusal
    assert refusal.endswith(f"stages[0].quality.{message}")


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "y", "N", "NO"])
def test_only_true_and_false_are_booleans(write, refused, word):
    """Other words of YAML 1.1, such as `no` (Norwegian), are text."""
    text = f"{SMALL}    constants: {{country: {word}}}\n"

    assert load_config(write(text)).sources[0].constants == {"country": word}
    assert f"cache: must be true or false, not '{word}'" in refused(f"{SMALL}cache: {word}\n")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2023-05-22", "2023-05-22"),
        ("2023-05-22T10:00:00Z", "2023-05-22T10:00:00Z"),
        ("12:30:00", "12:30:00"),
        ("190:20:30", "190:20:30"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("1e999", "1e999"),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        ("9" * 400, "9" * 400),
        ("=", "="),
        ("<<", "<<"),
        ("-3", -3),
        ("+3", 3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("'true'", "true"),
        ('"3"', "3"),
        ("! 3", "3"),
    ],
)
def test_scalars_follow_yaml_1_2(written, value):
    """YAML 1.1's dates, base 60 and infinities are text, and so are numbers in other bases."""
    node, mistakes = read(f"x: {written}", "x.yaml")

    assert mistakes == []
    assert node.plain() == {"x": value}
    assert type(node.plain()["x"]) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\n\tb: c\n", "news.yaml:2:1: a tab; indent YAML with spaces"),
        ("name: 'a\n", "news.yaml:2:1: not YAML: found unexpected end of stream"),
        ("name: b: c\n", "news.yaml:1:8: not YAML: mapping values are not allowed"),
        ("name: @b\n", "put the text in quotes"),
        ("- name\n", "news.yaml:1:1: a config is a mapping of settings, such as `name: news`"),
        ("name\n", "news.yaml:1:1: a config is a mapping of settings"),
        ("", "news.yaml:1:1: the file is empty; `corpus init` writes a config to start from"),
        ("# nothing\n", "the file is empty"),
        ("name: a\n---\nname: b\n", "news.yaml:2:1: a second document"),
        ("name: !!python/name:os.system\n", "a config has no tags; remove it"),
        ("name: !own a\n", "news.yaml:1:7: the tag '!own'"),
        ("name: *a\n", "news.yaml:1:7: the alias '*a' has no '&a' before it"),
        ("name: &a [*a]\n", "news.yaml:1:11: the alias '*a' has no '&a'"),
        ("? [a]\n: b\n", "news.yaml:1:3: the name of a setting must be text"),
        ("name: a\nseed: \x07\n", "news.yaml:2:7: the character U+0007 is not allowed"),
        ("[" * 100_000, f"more than {MAX_DEPTH} levels deep"),
        ("a: " + "[" * 50 + "]" * 50, f"more than {MAX_DEPTH} levels deep"),
    ],
)
def test_a_file_that_is_not_yaml_is_reported_with_its_position(refused, text, message):
    """The message has the position, the mistake and what to do."""
    assert message in refused(text)


def test_aliases_work(write):
    """A value with an anchor can be used again."""
    config = load_config(
        write(
            """
            name: news
            sources:
              - path: a/*.txt
                constants: &who {publisher: Harbour Gazette}
              - path: b/*.txt
                constants: *who
            """
        )
    )

    assert config.sources[0].constants == config.sources[1].constants != {}


def test_aliases_that_expand_to_too_many_values_are_refused(refused):
    """A "billion laughs" attack is refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]

    assert f"more than {MAX_VALUES:,} values, aliases expanded" in refused("\n".join(lines))


def test_aliases_that_expand_too_deep_are_refused(refused):
    """The limit on depth includes expanded aliases."""
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60))]

    assert f"more than {MAX_DEPTH} levels deep, aliases expanded" in refused("\n".join(lines))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text):
    """The reader accepts any text, or reports mistakes with their lines."""
    try:
        node, _ = read(text, "x.yaml")
    except Mistakes as error:
        mistakes = error.mistakes
    else:
        mistakes = ()
        assert node is None or json.dumps(node.plain())
    assert all(mistake.place.line > 0 for mistake in mistakes)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text("abc: -#'\n", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc-"), inner, max_size=3),
    max_leaves=12,
)


@given(plain)
@settings(max_examples=150, deadline=None)
def test_dumped_values_are_read_back(value):
    """Lists, mappings, text, numbers and null are read back as they were written."""
    node, mistakes = read(json.dumps({"x": value}), "x.yaml")

    assert mistakes == []
    assert node.plain() == {"x": value}


def test_a_missing_file_is_an_error(tmp_path):
    """A wrong path raises a `ConfigError` that says what to do."""
    with pytest.raises(ConfigError, match=r"none.yaml: no such file; `corpus init` writes"):
        load_config(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="a folder, not a config"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: embedded null byte"):
        load_config("a\0b")


def test_a_failing_disk_is_no_mistake_in_the_config(tmp_path, monkeypatch):
    """A config that the machine fails to read is a fault of the environment: exit code 4."""
    path = tmp_path / "c.yaml"

    def fail(self):
        raise OSError(errno.EIO, "Input/output error", str(self))

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(OSError, match="Input/output error") as caught:
        load_config(path)
    assert as_corpus_error(caught.value).exit_code == 4
    assert str(path) in str(as_corpus_error(caught.value))


def test_a_file_that_is_not_utf_8_is_reported_with_its_position(tmp_path):
    """The first invalid byte is named; a byte order mark is accepted."""
    path = tmp_path / "news.yaml"
    path.write_bytes("name: a\ncard:\n  description: caf\xe9\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"news.yaml:3:19: not UTF-8 from here on"):
        load_config(path)

    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_config(path).name == "news"


def test_the_caret_is_below_the_mistake(write):
    """Wide characters and tabs do not shift the caret."""
    path = write("name: news\nsources: [{path: '新聞', pth: x}]\n")
    with pytest.raises(Mistakes, match="pth: no such setting") as error:
        load_config(path)

    _, line, caret = error.value.with_carets().splitlines()
    assert line == "    sources: [{path: '新聞', pth: x}]"
    assert caret == " " * 4 + " " * len("sources: [{path: 'xxxx', ") + "^"


def test_messages_are_escaped(refused):
    """Control characters from a config are printed as escapes."""
    message = refused(f'{SMALL}"\\e[2J": 1\ncard: {{license: "\\e]0;x\\a\\u202e"}}\n')

    assert "\x1b" not in message
    assert "\u202e" not in message
    assert r"\x1b[2J: no such setting" in message


def test_a_long_line_is_shortened(write):
    """Only the surroundings of the mistake are shown."""
    path = write(f"{SMALL}card: {{tags: [{'x, ' * 20_000}], licence: mit}}\n")
    with pytest.raises(Mistakes, match="more than 10,000 values") as error:
        load_config(path)

    assert len(error.value.with_carets()) < 400


# --- stages


def test_a_bare_name_is_a_stage(write):
    """`- split` means `- stage: split`."""
    config = load_config(write(f"{SMALL}stages: [deduplicate, {{stage: split, test: 0.1}}]"))

    assert config.stages == (Deduplicate(), STAGES["split"](test=0.1))


def test_a_second_split_is_refused(refused):
    """Other stages may occur twice, but a corpus is split once."""
    message = refused(
        f"{SMALL}stages:\n  - deduplicate\n  - deduplicate\n  - split\n  - stage: split\n"
    )

    assert message == "news.yaml:9:5: stages[3].split: a second split; keep one"


def test_a_stage_that_changes_texts_after_split_is_refused(refused):
    """Leaks are searched in the texts that the split sees, so no later stage may change them."""
    message = refused(f"{SMALL}stages:\n  - deduplicate\n  - split\n  - language\n  - clean\n")

    assert message == (
        "news.yaml:9:5: stages[3].clean: changes texts after split has searched them for leaks; "
        "move it before split"
    )


def test_a_stage_that_removes_documents_after_mix_is_refused(refused, write):
    """The mixture counts the documents that are left, so no later stage may remove any."""
    mix = "{stage: mix, by: language, temperature: 1}"
    message = "mix counts the training documents that are left; move it before mix"

    late = refused(f"{SMALL}stages:\n  - language\n  - {mix}\n  - split\n")
    assert late == f"news.yaml:8:5: stages[2].split: {message}"
    assert message in refused(
        f"{SMALL}stages:\n  - {mix}\n  - {{stage: filter, words: {{min: 3}}}}\n"
    )
    assert message in refused(f"{SMALL}stages:\n  - {mix}\n  - {mix}\n")
    load_config(write(f"{SMALL}stages: [language, split, {mix}]"))


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ("gopher: {languages: [en]}", "gopher"),
        ("fineweb2: true", "fineweb2"),
        ("c4: true, model: {path: m.npz, languages: [de]}, fineweb: {languages: [en]}",
         "fineweb, model"),
    ],
)  # fmt: skip
def test_rules_for_languages_need_a_stage_that_tags_them(refused, write, settings, names):
    """Rules for some languages would judge no document if no earlier stage knows its language."""
    quality = f"{{stage: quality, {settings}}}"

    assert refused(f"{SMALL}stages:\n  - {quality}\n  - language\n") == (
        f"news.yaml:6:5: stages[0].quality: no document has a language here, and {names} would "
        "judge none; put the stage 'language' before this one"
    )
    load_config(write(f"{SMALL}stages: [language, {quality}]"))
    load_config(write(f"{SMALL}stages: [{{stage: quality, gopher: dolma, fineweb: true}}]"))


def test_a_custom_stage_is_loaded_from_the_folder_of_the_config(write):
    """Its settings are checked, and it can be pickled into another process."""
    write(OWN, "my_stages.py")
    config = load_config(
        write(f"{SMALL}stages: [{{use: 'my_stages:DropShort', least: 9, words: [a]}}]")
    )
    stage = config.stages[0]

    assert (stage.stage, stage.least, stage.words) == ("drop_short", 9, ("a",))
    assert pickle.loads(pickle.dumps(stage)) == stage
    assert pickle.loads(pickle.dumps(config)) == config
    assert config.to_json()["stages"][0]["use"] == "my_stages:DropShort"

    script = "import sys, pickle; print(pickle.load(sys.stdin.buffer).least)"
    process = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(stage), capture_output=True, check=True
    )
    assert process.stdout.strip() == b"9"


def test_a_changed_custom_stage_is_loaded_again(write):
    """A module whose file has changed is imported again."""
    write(OWN, "my_stages.py")
    path = write(f"{SMALL}stages: [{{use: 'my_stages:DropShort'}}]")
    assert load_config(path).stages[0].least == 200

    write(OWN.replace("least: int = 200", "least: int = 300"), "my_stages.py")
    assert load_config(path).stages[0].least == 300


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("nothing:Here", "no module 'nothing': neither nothing.py beside the config nor"),
        ("my_stages:Drop", "my_stages has no class 'Drop'; its stages are DropShort"),
        (
            "my_stages:NOT_ONE",
            "NOT_ONE is not a stage: derive it from DocumentStage or CorpusStage",
        ),
        ("my_stages:Unfinished", "Unfinished is incomplete: it lacks apply"),
        ("my_stages:Nameless", "Nameless has no name: add `stage: Literal['my_stage']"),
        ("my_stages:Usurper", "Usurper is called 'split', like a stage of this package; rename it"),
        ("my_stages", "must be a module and a class, 'my_stages:DropShort', not 'my_stages'"),
        ("../x:Y", "must be a module and a class"),
        ("broken:X", "broken cannot be imported: SyntaxError"),
        ("raises:X", "raises cannot be imported: ZeroDivisionError: division by zero, line 2"),
        ("needs:X", "needs imports 'no_such_package_at_all', which is not installed"),
    ],
)
def test_mistakes_in_a_custom_stage_are_reported(write, refused, use, expected):
    """The message has the position and says what is wrong: module, class or kind."""
    write(OWN, "my_stages.py")
    write("def", "broken.py")
    write("\nx = 1 / 0\n", "raises.py")
    write("import no_such_package_at_all\n", "needs.py")

    message = refused(f"{SMALL}stages:\n  - use: {use}\n")

    assert message.startswith("news.yaml:6:10: stages[0]: ")
    assert expected in message


def test_settings_of_a_custom_stage_are_checked(write, refused):
    """An unknown setting of a custom stage is reported like any other."""
    write(OWN, "my_stages.py")

    message = refused(f"{SMALL}stages: [{{use: 'my_stages:DropShort', leest: 9}}]")

    assert "stages[0].drop_short.leest: no such setting; did you mean 'least'?" in message


# --- overrides


def test_overrides_change_settings(write):
    """An override addresses a setting by its path, or a stage by its name; its value is YAML."""
    path = write(f"{SMALL}stages: [deduplicate, split]")
    config = load_config(
        path,
        [
            "seed=3",
            "output.path=elsewhere",
            "sources.0.path=other/*.txt",
            "stages.deduplicate.threshold=0.7",
            "stages.1.test=0.25",
            "stages[1].validation=0.25",
            "card.authors=[Ada, Jon]",
            "as_of=2024-01-31",
            "card.license=",
        ],
    )

    assert config.seed == 3
    assert config.output.path == "elsewhere"
    assert config.sources[0].path == "other/*.txt"
    assert config.stages[0].threshold == 0.7
    assert (config.stages[1].test, config.stages[1].validation) == (0.25, 0.25)
    assert config.card.authors == ("Ada", "Jon")
    assert config.card.license is None
    assert config.as_of == date(2024, 1, 31)


def test_overrides_apply_to_default_stages(write):
    """Default stages can be addressed by their names."""
    config = load_config(write(SMALL), ["stages.split.test=0.1"])

    assert config.stages[-1].test == 0.1


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("seed", "must be a setting and its value, such as `seed=3`"),
        ("=3", "must be a setting and its value"),
        ("seed=x", "seed: must be a whole number, not 'x'"),
        ("sed=3", "sed: no such setting; did you mean 'seed'?"),
        ("name=[", "not YAML: did not find expected node content"),
        ("card={license: mit, license: mit}", "duplicate key"),
        ("stages.dedup.threshold=1", "no 'dedup' in stages; did you mean 'deduplicate'?"),
        ("stages.deduplicate.treshold=1", "stages[0].deduplicate.treshold: no such setting"),
        ("stages.split.test=1", "there is more than one 'split'; choose one: stages.1 or stages.2"),
        ("sources.1.path=x", "sources has 1 entries, counted from 0; no 1"),
        ("name.x=1", "name has no settings"),
    ],
)
def test_a_mistake_in_an_override_names_it(refused, override, expected):
    """The position of a mistake in an override is the option itself."""
    message = refused(f"{SMALL}stages: [deduplicate, split, split]", override)

    assert f"--set {override}: {expected}" in message


# --- values


@pytest.mark.parametrize(
    ("written", "bytes"),
    [("256MB", 256_000_000), ("1GiB", 1 << 30), ("1.5 kB", 1500), ("10b", 10), ("2TiB", 2 << 40)],
)
def test_sizes_are_numbers_with_units(written, bytes):
    """A size is a number with a unit, such as 1.5 kB."""
    assert parse_size(written) == bytes


@pytest.mark.parametrize("written", ["", "MB", "-1MB", "1 XB", "1e3MB", "one", "1" * 99 + "MB"])
def test_a_wrong_size_is_refused(written):
    """A size without a number, or with an unknown unit, is a mistake."""
    with pytest.raises(ValueError, match="must be a size such as 256MB or 1GiB"):
        parse_size(written)


@pytest.mark.parametrize("name", ["news", "n", "news-2023", "a.b_c", "x" * 96])
def test_names_are_slugs(write, name):
    """A name may contain lower-case letters, digits, and `-`, `_`, `.` between them."""
    assert load_config(write(SMALL), [f"name='{name}'"]).name == name


@pytest.mark.parametrize("name", ["", "News", "-a", "a-", "a b", "a/b", "..", "x" * 97, "näws"])
def test_a_name_that_is_not_a_slug_is_refused(refused, name):
    """A name that cannot be a folder or a repository is a mistake."""
    assert "name: must be lower-case letters" in refused(SMALL, f"name='{name}'")


@pytest.mark.parametrize("path", ["a[1]", "a*", "a?b", "a]b"])
def test_output_paths_that_cannot_be_loaded_are_refused(refused, path):
    """`datasets` would treat such a path as a glob and find nothing."""
    assert "output.path: must not contain" in refused(SMALL, f"output.path='{path}'")


@pytest.mark.parametrize("path", [".", "..", "../", "x/.."])
def test_an_output_folder_with_the_config_in_it_is_refused(refused, path):
    """A build replaces its whole folder, so the folder must not contain the config."""
    assert "this one contains the config" in refused(SMALL, f"output.path={path}")


def test_the_license_other_needs_a_name(refused):
    """`license: other` requires `license_name`, and the reverse."""
    assert "set license_name, and license_link" in refused(SMALL, "card.license=other")
    assert "need `license: other`" in refused(SMALL, "card={license_name: mine}")


# --- as JSON


def test_a_config_is_read_back_from_its_json(write):
    """The JSON in the manifest has the complete config."""
    write(OWN, "my_stages.py")
    path = write(
        f"""{SMALL}
        as_of: 2023-05-22
        stages: [deduplicate, {{use: 'my_stages:DropShort', words: [a]}}, split]
        """.replace("\n        ", "\n")
    )
    config = load_config(path)
    again = write(json.dumps(config.to_json()), "again.yaml")

    assert json.loads(json.dumps(config.to_json())) == config.to_json()
    assert load_config(again).to_json() == config.to_json()
    assert load_config(again).stages == config.stages


def test_every_setting_has_a_description():
    """Each setting has a description in the JSON Schema."""
    schema = Config.model_json_schema()
    settings = [schema, *schema["$defs"].values()]
    undescribed = [
        f"{part['title']}.{name}"
        for part in settings
        for name, field in part.get("properties", {}).items()
        if name != "stage" and not field.get("description")
    ]

    assert undescribed == []


def test_the_schema_agrees_with_the_config(write):
    """The JSON Schema accepts valid configs and rejects wrong ones."""
    schema = Config.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = yaml.safe_load(
        """
        name: news
        sources: [{path: x, constants: {publisher: y}}]
        stages:
          - deduplicate
          - {stage: split, test: 0.1}
          - {use: "my_stages:DropShort", least: 3}
        output: {shard_size: 1GiB}
        card: {license: cc-by-4.0}
        """
    )
    jsonschema.validate(valid, schema)
    jsonschema.validate(load_config(write(SMALL)).to_json(), schema)

    for invalid in ({"seeed": 1}, {"stages": ["dedupe"]}, {"stages": [{"stage": "dedupe"}]}):
        with pytest.raises(jsonschema.ValidationError, match=r"."):
            jsonschema.validate(valid | invalid, schema)


def test_shipped_configs_match_the_schema():
    """The JSON Schema accepts every config that is shipped with the package."""
    schema = Config.model_json_schema()
    root = Path(__file__).parents[2]
    paths = [*root.glob("configs/*.yaml"), *root.glob("corpus/cli/starter/*.yaml")]

    assert paths
    for path in paths:
        node, mistakes = read(path.read_text(encoding="utf-8"), path.name)
        assert mistakes == []
        jsonschema.validate(node.plain(), schema)


def test_a_config_can_be_made_in_python():
    """A config can be made from models, without YAML."""
    config = Config(name="news", sources=[{"path": "x.txt"}], stages=[Deduplicate(threshold=0.7)])

    assert config.stages[0].threshold == 0.7
    assert config.output.path == "build/news"
    assert config.path is None


def test_a_stage_does_not_accept_text_for_a_number():
    """Settings are validated strictly."""
    with pytest.raises(ValueError, match="threshold"):
        make_stage({"stage": "deduplicate", "threshold": "0.8"}, Path())


def test_the_config_is_light_to_import():
    """Reading a config imports none of the heavy libraries."""
    heavy_modules = [
        "datasets",
        "langdetect",
        "numba",
        "pyarrow.parquet",
        "scipy",
        "sklearn",
        "trafilatura",
    ]
    script = f"""
import sys
import corpus, corpus.stages, corpus.config.model
print([name for name in {heavy_modules} if name in sys.modules])
"""
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert process.stdout.strip() == b"[]"


def test_an_own_stage_is_set_by_its_name_or_its_class(tmp_path):
    """`--set` takes the name that the ledger shows; a stage that cannot be loaded, its class."""
    (tmp_path / "mine.py").write_text(
        "from typing import Literal\n"
        "from corpus.stages import DocumentStage\n\n"
        "class Shorten(DocumentStage):\n"
        "    stage: Literal['shorten_texts'] = 'shorten_texts'\n"
        "    limit: int = 1\n\n"
        "    def apply(self, documents):\n"
        "        return documents\n"
    )
    path = tmp_path / "c.yaml"
    path.write_text("name: c\nsources: [{path: a}]\nstages: [{use: 'mine:Shorten'}]\n")
    for name in ("shorten_texts", "Shorten", "0"):
        (stage,) = load_config(path, [f"stages.{name}.limit=7"]).stages
        assert stage.limit == 7
    with pytest.raises(ConfigError, match="did you mean 'shorten_texts'"):
        load_config(path, ["stages.shorten_text.limit=7"])
    path.write_text("name: c\nsources: [{path: a}]\nstages: [{use: 'missing:Shorten'}]\n")
    with pytest.raises(ConfigError, match="missing") as raised:
        load_config(path, ["stages.Shorten.limit=7"])
    assert "no 'Shorten'" not in str(raised.value)


@pytest.mark.parametrize(
    ("stages", "is_refused"),
    [("[redact, clean]", True), ("[clean, redact, clean]", True), ("[clean, redact]", False),
     ("[redact, deduplicate]", False)],
)  # fmt: skip
def test_redact_stands_after_clean(tmp_path, stages, is_refused):
    """In markup, an address may be escaped: what `redact` has not seen must not be published."""
    path = tmp_path / "c.yaml"
    path.write_text(f"name: c\nsources: [{{path: a}}]\nstages: {stages}\n")
    if not is_refused:
        assert load_config(path).stages
        return
    with pytest.raises(ConfigError, match="redact must come after clean"):
        load_config(path)
