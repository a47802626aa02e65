"""The config: what it takes, and what it says of every mistake."""

from __future__ import annotations

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
from corpus.errors import ConfigError
from corpus.settings import parse_size
from corpus.stages import STAGES, make_stage
from corpus.stages.deduplicate import Deduplicate

SMALL = """
name: news
sources:
  - path: pages/*.txt
"""

OWN = '''
"""A stage of one's own."""

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
    """The fewest characters to keep."""

    words: tuple[str, ...] = ()
    """Nothing; it is here to be a list."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Mark the short ones."""
        short = pc.less(pc.utf8_length(documents.column(TEXT)), self.least)
        return remove(documents, short, because="short")


class Unfinished(DocumentStage):
    """Forgot what to do."""

    stage: Literal["unfinished"] = "unfinished"


class Nameless(DropShort):
    """Has no name of its own."""

    stage: str


class Usurper(DropShort):
    """Takes the name of another."""

    stage: Literal["split"] = "split"


NOT_ONE = 3
'''


@pytest.fixture
def write(tmp_path):
    """Write a config into a folder of its own, and return its path."""

    def written(text: str, name: str = "news.yaml") -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return written


@pytest.fixture
def refused(write):
    """Return what is said of a config that cannot be used, without the folder it is in."""

    def said(text: str, *overrides: str) -> str:
        path = write(text)
        with pytest.raises(ConfigError, match=r".") as error:
            load_config(path, overrides)
        return str(error.value).replace(f"{path.parent}/", "")

    return said


def test_a_small_config_takes_the_defaults(write):
    """What is not said is filled in: stages, place, seed."""
    config = load_config(write(SMALL))

    assert [stage.stage for stage in config.stages] == [
        "clean", "site_boilerplate", "language", "deduplicate", "split",
    ]  # fmt: skip
    assert (config.seed, config.as_of, config.on_error, config.cache) == (0, None, 0.001, True)
    assert config.output.path == "build/news"
    assert config.output.shard_size == 256_000_000
    assert config.destination == config.folder / "build/news"


def test_paths_are_relative_to_the_file(write, monkeypatch):
    """A config means the same wherever it is called from."""
    path = write(SMALL)
    monkeypatch.chdir(path.parent)

    assert load_config("news.yaml").folder == path.parent
    assert load_config("news.yaml").path == path


def test_every_mistake_is_told_at_once_with_place_and_hint(refused):
    """A config with many mistakes is mended in one go."""
    said = refused(
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

    assert said.splitlines() == [
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
            "or settings with names, not 'oldst'"
        ),
        "news.yaml:11:12: stages[1]: no stage 'dedupe'; did you mean 'deduplicate'?",
        "news.yaml:12:5: stages[2]: no stage 'splitt'; did you mean 'split'?",
        "news.yaml:13:5: stages[3]: must say which stage: `stage: clean`, or `use: module:Class`",
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


def test_what_is_missing_is_told_with_what_it_is(refused):
    """A missing setting is explained where it should stand."""
    said = refused("seed: 3\nsources: []\n")

    assert "news.yaml:1:1: name: missing: name of the corpus" in said
    assert "news.yaml:2:10: sources: must not be empty" in said


def test_a_key_given_twice_is_a_mistake(refused):
    """Of two values nobody can know which is meant."""
    said = refused(SMALL + "output:\n  path: a\n  path: b\nname: other\n")

    assert "news.yaml:7:3: output.path: duplicate key, first in line 6; keep one" in said
    assert "news.yaml:8:1: name: duplicate key, first in line 2; keep one" in said


def test_a_wrong_setting_inside_a_union_is_told_once(refused):
    """Of the kinds of a union, those that do not fit anyway are not listed."""
    said = refused(SMALL + "stages: [{stage: deduplicate, keep: {highst: score}}]")

    assert said == (
        "news.yaml:5:38: stages[0].deduplicate.keep.highst: no such setting; "
        "did you mean 'highest'?"
    )


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "y", "N", "NO"])
def test_only_true_and_false_are_booleans(write, refused, word):
    """Norwegian is a language: `no` is text, and no boolean."""
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
def test_scalars_mean_what_yaml_1_2_says(written, value):
    """Nothing of YAML 1.1 is left: no dates, no base 60, no octal, no infinities."""
    node, mistakes = read(f"x: {written}", "x.yaml")

    assert mistakes == []
    assert node.plain() == {"x": value}
    assert type(node.plain()["x"]) is type(value)


@pytest.mark.parametrize(
    ("text", "said"),
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
def test_what_is_no_yaml_is_told_with_its_place(refused, text, said):
    """A file that cannot be read as YAML says where, and what to do."""
    assert said in refused(text)


def test_aliases_work(write):
    """What is named once can be used twice."""
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


def test_aliases_that_unfold_to_too_much_are_refused(refused):
    """A billion laughs are not laughed."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]

    assert f"more than {MAX_VALUES:,} values, aliases expanded" in refused("\n".join(lines))


def test_aliases_that_unfold_too_deep_are_refused(refused):
    """Depth counts through aliases: nothing recurses without end."""
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60))]

    assert f"more than {MAX_DEPTH} levels deep, aliases expanded" in refused("\n".join(lines))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text):
    """No text makes the reader fail in any other way than with its mistakes."""
    try:
        node, _ = read(text, "x.yaml")
    except Mistakes as error:
        found = error.mistakes
    else:
        found = ()
        assert node is None or json.dumps(node.plain())
    assert all(mistake.place.line > 0 for mistake in found)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text("abc: -#'\n", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc-"), inner, max_size=3),
    max_leaves=12,
)


@given(plain)
@settings(max_examples=150, deadline=None)
def test_what_was_dumped_is_read_again(value):
    """Lists, mappings, text, numbers and nothing come back as they were written."""
    node, mistakes = read(json.dumps({"x": value}), "x.yaml")

    assert mistakes == []
    assert node.plain() == {"x": value}


def test_a_file_that_is_not_there_is_told(tmp_path):
    """A wrong name is no traceback."""
    with pytest.raises(ConfigError, match=r"none.yaml: no such file; `corpus init` writes"):
        load_config(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="a folder, not a config"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: embedded null byte"):
        load_config("a\0b")


def test_a_file_that_is_not_utf_8_is_told_with_the_place(tmp_path):
    """The first byte that is no UTF-8 is named; a byte order mark does no harm."""
    path = tmp_path / "news.yaml"
    path.write_bytes("name: a\ncard:\n  description: caf\xe9\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"news.yaml:3:19: not UTF-8 from here on"):
        load_config(path)

    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_config(path).name == "news"


def test_the_caret_stands_under_the_place(write):
    """On a terminal the line is shown; wide characters and tabs do not move the caret."""
    path = write("name: news\nsources: [{path: '新聞', pth: x}]\n")
    with pytest.raises(Mistakes, match="pth: no such setting") as error:
        load_config(path)

    _, line, caret = error.value.with_carets().splitlines()
    assert line == "    sources: [{path: '新聞', pth: x}]"
    assert caret == " " * 4 + " " * len("sources: [{path: 'xxxx', ") + "^"


def test_a_message_cannot_command_the_terminal(refused):
    """What a config holds is spelled out, never sent to the terminal."""
    said = refused(f'{SMALL}"\\e[2J": 1\ncard: {{license: "\\e]0;x\\a\\u202e"}}\n')

    assert "\x1b" not in said
    assert "\u202e" not in said
    assert r"\x1b[2J: no such setting" in said


def test_a_long_line_is_shown_around_the_place(write):
    """A line of a megabyte is not printed whole."""
    path = write(f"{SMALL}card: {{tags: [{'x, ' * 20_000}], licence: mit}}\n")
    with pytest.raises(Mistakes, match="more than 10,000 values") as error:
        load_config(path)

    assert len(error.value.with_carets()) < 400


# --- stages


def test_a_bare_name_is_a_stage(write):
    """`- split` is `- stage: split`."""
    config = load_config(write(f"{SMALL}stages: [deduplicate, {{stage: split, test: 0.1}}]"))

    assert config.stages == (Deduplicate(), STAGES["split"](test=0.1))


def test_a_second_split_is_refused(refused):
    """Other stages may come twice; a document is split once."""
    said = refused(
        f"{SMALL}stages:\n  - deduplicate\n  - deduplicate\n  - split\n  - stage: split\n"
    )

    assert said == "news.yaml:9:5: stages[3].split: a second split; keep one"


def test_no_stage_changes_texts_behind_a_split(refused):
    """What the split knows of its leaks holds for the texts that it saw."""
    said = refused(f"{SMALL}stages:\n  - deduplicate\n  - split\n  - language\n  - clean\n")

    assert said == (
        "news.yaml:9:5: stages[3].clean: changes texts after split has searched them for leaks; "
        "move it before split"
    )


def test_a_stage_of_ones_own_is_found_beside_the_config(write):
    """Its settings are checked as ours are, and it travels to a worker that never heard of it."""
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
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(stage), capture_output=True, check=True
    )
    assert done.stdout.strip() == b"9"


def test_a_changed_stage_of_ones_own_is_another(write):
    """A module that has changed is imported again."""
    write(OWN, "my_stages.py")
    path = write(f"{SMALL}stages: [{{use: 'my_stages:DropShort'}}]")
    assert load_config(path).stages[0].least == 200

    write(OWN.replace("least: int = 200", "least: int = 300"), "my_stages.py")
    assert load_config(path).stages[0].least == 300


@pytest.mark.parametrize(
    ("use", "said"),
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
def test_what_is_wrong_with_a_stage_of_ones_own_is_told(write, refused, use, said):
    """Module, class or kind: the message names what is wrong, at its place."""
    write(OWN, "my_stages.py")
    write("def", "broken.py")
    write("\nx = 1 / 0\n", "raises.py")
    write("import no_such_package_at_all\n", "needs.py")

    found = refused(f"{SMALL}stages:\n  - use: {use}\n")

    assert found.startswith("news.yaml:6:10: stages[0]: ")
    assert said in found


def test_settings_of_a_stage_of_ones_own_are_checked(write, refused):
    """A typo in them is told as in any other."""
    write(OWN, "my_stages.py")

    said = refused(f"{SMALL}stages: [{{use: 'my_stages:DropShort', leest: 9}}]")

    assert "stages[0].drop_short.leest: no such setting; did you mean 'least'?" in said


# --- overrides


def test_overrides_change_settings(write):
    """A setting is addressed by its way, a stage by its name, and the value is YAML."""
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


def test_overrides_reach_the_stages_nobody_wrote_down(write):
    """The default stages have names as well."""
    config = load_config(write(SMALL), ["stages.split.test=0.1"])

    assert config.stages[-1].test == 0.1


@pytest.mark.parametrize(
    ("override", "said"),
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
def test_a_mistake_in_an_override_names_it(refused, override, said):
    """The place of an override is the option itself."""
    found = refused(f"{SMALL}stages: [deduplicate, split, split]", override)

    assert f"--set {override}: {said}" in found


# --- values


@pytest.mark.parametrize(
    ("written", "bytes"),
    [("256MB", 256_000_000), ("1GiB", 1 << 30), ("1.5 kB", 1500), ("10b", 10), ("2TiB", 2 << 40)],
)
def test_sizes_are_numbers_with_units(written, bytes):
    """A size is a number of bytes, or a number and its unit."""
    assert parse_size(written) == bytes


@pytest.mark.parametrize("written", ["", "MB", "-1MB", "1 XB", "1e3MB", "one", "1" * 99 + "MB"])
def test_what_is_no_size_is_refused(written):
    """A size without number or unit is a mistake."""
    with pytest.raises(ValueError, match="must be a size such as 256MB or 1GiB"):
        parse_size(written)


@pytest.mark.parametrize("name", ["news", "n", "news-2023", "a.b_c", "x" * 96])
def test_names_are_slugs(write, name):
    """A name can be a folder and a repository."""
    assert load_config(write(SMALL), [f"name='{name}'"]).name == name


@pytest.mark.parametrize("name", ["", "News", "-a", "a-", "a b", "a/b", "..", "x" * 97, "näws"])
def test_what_is_no_slug_is_refused(refused, name):
    """A name that could not be a folder or a repository is a mistake."""
    assert "name: must be lower-case letters" in refused(SMALL, f"name='{name}'")


@pytest.mark.parametrize("path", ["a[1]", "a*", "a?b", "a]b"])
def test_output_paths_that_cannot_be_loaded_are_refused(refused, path):
    """`datasets` takes such a path for a pattern, and finds nothing."""
    assert "output.path: must not contain" in refused(SMALL, f"output.path='{path}'")


@pytest.mark.parametrize("path", [".", "..", "../", "x/.."])
def test_the_output_may_not_replace_the_config(refused, path):
    """A build replaces its folder whole: never one that holds the config."""
    assert "this one contains the config" in refused(SMALL, f"output.path={path}")


def test_a_license_of_ones_own_has_a_name(refused):
    """`other` says nothing without a name."""
    assert "set license_name, and license_link" in refused(SMALL, "card.license=other")
    assert "need `license: other`" in refused(SMALL, "card={license_name: mine}")


# --- as JSON


def test_the_config_is_read_again_from_its_json(write):
    """What the manifest keeps is the whole config."""
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


def test_every_setting_is_described():
    """The schema is what editors show: no setting without a sentence."""
    schema = Config.model_json_schema()
    settings = [schema, *schema["$defs"].values()]
    silent = [
        f"{part['title']}.{name}"
        for part in settings
        for name, told in part.get("properties", {}).items()
        if name != "stage" and not told.get("description")
    ]

    assert silent == []


def test_the_schema_takes_what_the_config_takes(write):
    """What is right by the one is right by the other, and what is wrong, wrong."""
    schema = Config.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    right = yaml.safe_load(
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
    jsonschema.validate(right, schema)
    jsonschema.validate(load_config(write(SMALL)).to_json(), schema)

    for wrong in ({"seeed": 1}, {"stages": ["dedupe"]}, {"stages": [{"stage": "dedupe"}]}):
        with pytest.raises(jsonschema.ValidationError, match=r"."):
            jsonschema.validate(right | wrong, schema)


def test_ready_configs_are_right_by_the_schema():
    """Every config that comes with the package is one that `corpus schema` would take."""
    schema = Config.model_json_schema()
    root = Path(__file__).parents[2]
    found = [*root.glob("configs/*.yaml"), *root.glob("corpus/cli/starter/*.yaml")]

    assert found
    for path in found:
        node, mistakes = read(path.read_text(encoding="utf-8"), path.name)
        assert mistakes == []
        jsonschema.validate(node.plain(), schema)


def test_a_config_can_be_made_in_python():
    """The models are the config; YAML is one way to write them."""
    config = Config(name="news", sources=[{"path": "x.txt"}], stages=[Deduplicate(threshold=0.7)])

    assert config.stages[0].threshold == 0.7
    assert config.output.path == "build/news"
    assert config.path is None


def test_a_stage_keeps_the_order_of_its_settings():
    """Strictness takes lists for tuples, and text for no number."""
    with pytest.raises(ValueError, match="threshold"):
        make_stage({"stage": "deduplicate", "threshold": "0.8"}, Path())


def test_the_config_is_light_to_import():
    """Nothing that computes is imported to read a config: start-up time is a promise."""
    heavy = [
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
print([name for name in {heavy} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert done.stdout.strip() == b"[]"
