"""A build end to end: what goes in comes out in exactly one place, whatever the way there."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import corpus
from corpus.builds.verify import verify
from corpus.card.generated_region import BEGIN, END
from corpus.config.load import load_config
from corpus.errors import ConfigError, EnvironmentFault, InputError
from corpus.pipeline.build import build, read_manifest
from corpus.pipeline.engine import Local, Serial

WORDS = [
    "the",
    "a",
    "council",
    "mayor",
    "river",
    "bridge",
    "vote",
    "budget",
    "harbour",
    "school",
    "teacher",
    "strike",
    "train",
    "market",
    "price",
    "grain",
    "winter",
    "storm",
    "flood",
    "relief",
    "minister",
    "letter",
    "court",
    "judge",
    "museum",
    "concert",
    "film",
    "festival",
    "doctor",
    "clinic",
    "vaccine",
    "trial",
    "engineer",
    "factory",
    "export",
    "wine",
    "cheese",
    "orchard",
    "village",
    "road",
    "forest",
    "wolf",
    "farmer",
    "tractor",
    "fuel",
    "tax",
    "bank",
    "loan",
    "interest",
    "growth",
    "report",
    "survey",
    "students",
    "exam",
    "island",
    "ferry",
]


def article(seed: int, sentences: int = 8) -> str:
    """Return some paragraphs in English words, different for each seed."""
    choose = random.Random(seed)
    lines = [
        " ".join(choose.choices(WORDS, k=choose.randrange(8, 18))).capitalize() + "."
        for _ in range(sentences)
    ]
    return "\n\n".join(" ".join(lines[i : i + 3]) for i in range(0, sentences, 3))


def records(n: int) -> list[dict[str, object]]:
    """Return articles; each seventh copies the one before, each tenth all but copies it."""
    found: list[dict[str, object]] = []
    for i in range(n):
        text = article(i, 20)
        if i % 10 == 9:
            text = str(found[-1]["text"]) + " One more sentence ends it."
        elif i % 7 == 6:
            text = str(found[-1]["text"])
        found.append(
            {"id": f"a{i}", "text": text, "section": "news" if i % 3 else None, "views": i}
        )
    return found


STAGES = """
  - stage: language
  - stage: deduplicate
  - stage: split
    test: 0.2
"""


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    """Write rows as JSONL."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def config_of(folder: Path, *, stages: str = STAGES, more: str = "", sources: str = "in/*.jsonl"):
    """Write a config and return it."""
    (folder / "news.yaml").write_text(
        f"name: news\nsources:\n  - path: {sources}\nstages:{stages}"
        f"output:\n  path: out/news\n{more}",
        encoding="utf-8",
    )
    return load_config(folder / "news.yaml")


def made(folder: Path, rows=None, **options):
    """Write rows as JSONL, build them here and now, and return the build."""
    if rows is not None:
        write(folder / "in", "a.jsonl", rows)
    engine = options.pop("engine", Serial())
    force = options.pop("force", False)
    return build(config_of(folder, **options), engine=engine, force=force)


def table(built, split: str):
    """Return the rows of a split, in the order of its shards."""
    return [
        row
        for shard in built.manifest["splits"][split]["shards"]
        for row in pq.read_table(built.path / shard).to_pylist()
    ]


def ledger(built, name: str = "removed"):
    """Return the rows of a ledger."""
    return pq.read_table(built.path / "ledger" / f"{name}.parquet").to_pylist()


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file that is part of a build's identity."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def shards(folder: Path) -> dict[str, bytes]:
    """Return what does not name the inputs: shards, ledger, audit."""
    return {
        name: data
        for name, data in contents(folder).items()
        if name.startswith(("data/", "ledger/", "audit/audit.json"))
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a build that the tests only read."""
    return made(tmp_path_factory.mktemp("built"), records(120))


def test_every_record_is_in_exactly_one_place(built):
    """Splits and ledgers together are the input, each record once."""
    kept = [row["id"] for split in built.manifest["splits"] for row in table(built, split)]
    removed = [row["id"] for row in ledger(built)]

    assert sorted(kept + removed) == sorted(f"a{i}" for i in range(120))
    assert built.manifest["counts"]["read"] == 120


def test_copies_are_removed_and_the_ledger_says_for_which(built):
    """Each removal names the document that stayed and how alike the two are."""
    gone = {row["id"]: row for row in ledger(built) if row["stage"] == "deduplicate"}
    kept = {row["id"] for split in built.manifest["splits"] for row in table(built, split)}

    assert {row["reason"] for row in gone.values()} == {"exact_duplicate", "near_duplicate"}
    assert all(row["score"] >= 0.8 for row in gone.values())
    leaks = {row["id"] for row in ledger(built) if row["stage"] == "split"}
    assert {row["evidence"] for row in gone.values()} <= kept | leaks


def test_datasets_loads_it(built, tmp_path):
    """`load_dataset` takes the folder as it is, also streaming, with columns and filters."""
    from datasets import load_dataset

    where = str(built.path)
    whole = load_dataset(where, cache_dir=str(tmp_path))
    counts = built.manifest["counts"]["splits"]

    assert {name: split.num_rows for name, split in whole.items()} == counts
    assert whole["train"].column_names[:2] == ["id", "text"]
    stream = load_dataset(where, split="test", streaming=True)
    assert sum(1 for _ in stream) == counts["test"]
    some = load_dataset(where, split="train", columns=["text"], streaming=True)
    assert list(next(iter(some))) == ["text"]
    few = load_dataset(
        where, split="train", filters=[("views", "<", 10)], cache_dir=str(tmp_path / "few")
    )
    assert max(few["views"]) < 10


def test_columns_of_the_source_survive(built):
    """Every other column of a record stands beside its text, in one type."""
    rows = {row["id"]: row for split in built.manifest["splits"] for row in table(built, split)}

    assert rows["a1"]["section"] == "news"
    assert rows["a3"]["section"] is None
    assert rows["a3"]["views"] == 3
    assert "publisher" not in rows["a1"]  # all null: left out


def test_the_split_of_a_document_does_not_depend_on_the_others(built, tmp_path):
    """A document stays in its split when half of the corpus goes."""
    few = made(tmp_path, records(120)[:60])
    split = {row["id"]: s for s in built.manifest["splits"] for row in table(built, s)}
    again = {row["id"]: s for s in few.manifest["splits"] for row in table(few, s)}

    assert all(split.get(id, s) == s for id, s in again.items())


def test_lines_and_files_in_another_order_give_the_same_bytes(built, tmp_path):
    """Neither the order of lines nor that of files reaches the shards, the ledger or the audit."""
    rows = records(120)
    write(tmp_path / "in", "a.jsonl", [rows[i] for i in random.Random(1).sample(range(120), 120)])
    assert shards(made(tmp_path).path) == shards(built.path)


WORKED = """
import sys
from corpus.build import build
from corpus.config.load import load_config
from corpus.pipeline.engine import Local

if __name__ == "__main__":
    with Local(int(sys.argv[2])) as engine:
        build(load_config(sys.argv[1]), engine=engine)
"""


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_workers_do_not_change_the_bytes(tmp_path, jobs):
    """Many pieces and shards, one worker or three, another hash seed: every byte is the same."""
    rows = records(120)
    for k in range(6):
        write(tmp_path / "in", f"{k}.jsonl", rows[20 * k : 20 * k + 20])
    config = config_of(tmp_path)
    text = config.path.read_text().replace("path: out/news", "path: out/news\n  shard_size: 20kB")
    config.path.write_text(text)
    alone = build(load_config(config.path), engine=Serial())
    assert len(alone.manifest["splits"]["train"]["shards"]) > 3
    before = contents(alone.path)
    shutil.rmtree(tmp_path / "out")

    (tmp_path / "worked.py").write_text(WORKED)
    call = [sys.executable, str(tmp_path / "worked.py"), str(config.path), str(jobs)]
    subprocess.run(call, check=True, env=os.environ | {"PYTHONHASHSEED": str(jobs)})
    assert contents(alone.path) == before


def test_small_pieces_give_the_same_bytes(built, tmp_path, monkeypatch):
    """However the input is cut into pieces, and the pieces into batches, the build is the same."""
    from corpus.pipeline import sorted_runs
    from corpus.sources import json_lines

    monkeypatch.setattr(sorted_runs, "BATCH_BYTES", 3000)
    monkeypatch.setattr(json_lines, "PIECE", 20_000)
    monkeypatch.setattr(json_lines, "SMALL_PACKED", 0)
    again = made(tmp_path, records(120))

    assert len(list((tmp_path / "out" / ".news" / "cache").iterdir())) > 3
    assert contents(again.path) == contents(built.path)


def test_small_shards_hold_the_same_documents(built, tmp_path):
    """Many shards hold what one holds, in the same order; `datasets` loads them."""
    from datasets import load_dataset

    write(tmp_path / "in", "a.jsonl", records(120))
    config = config_of(tmp_path)
    small = config.model_copy(
        update={"output": config.output.model_copy(update={"shard_size": 20_000})}
    )
    cut = build(small, engine=Serial())

    assert len(cut.manifest["splits"]["train"]["shards"]) > 3
    for split in ("train", "test"):
        assert table(cut, split) == table(built, split)
    loaded = load_dataset(str(cut.path), cache_dir=str(tmp_path / "cache"))
    assert {name: rows.num_rows for name, rows in loaded.items()} == cut.manifest["counts"][
        "splits"
    ]
    assert verify(cut.path).differences == ()


def test_an_unchanged_build_is_left_alone(tmp_path):
    """A second build of the same config and inputs does nothing and says so."""
    first = made(tmp_path, records(30))
    before = (first.path / "manifest.json").stat().st_mtime_ns
    second = made(tmp_path)

    assert second.unchanged
    assert not first.unchanged
    assert (first.path / "manifest.json").stat().st_mtime_ns == before
    assert not made(tmp_path, force=True).unchanged


def test_a_changed_file_is_noticed_though_size_and_time_are_the_same(tmp_path):
    """A file is known by its bytes."""
    made(tmp_path, records(30))
    path = tmp_path / "in" / "a.jsonl"
    then = path.stat()
    path.write_text(
        path.read_text().replace("Council", "Counsel", 1).replace("council", "counsel", 1)
    )
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    again = made(tmp_path)

    assert path.stat().st_size == then.st_size
    assert not again.unchanged
    assert any("ounsel" in row["text"] for s in again.manifest["splits"] for row in table(again, s))


def test_an_added_file_redoes_only_itself_and_equals_a_fresh_build(tmp_path, monkeypatch):
    """The other files' pieces are taken from the cache; the bytes are a fresh build's."""
    from corpus.pipeline import first_pass

    rows = records(60)
    made(tmp_path / "grown", rows[:40])
    write(tmp_path / "grown" / "in", "b.jsonl", rows[40:])
    done = []
    real = first_pass.first
    monkeypatch.setattr(first_pass, "first", lambda task: done.append(task) or real(task))
    grown = made(tmp_path / "grown")
    assert [task.piece.file.name for task in done] == ["b.jsonl"]

    write(tmp_path / "fresh" / "in", "a.jsonl", rows[:40])
    write(tmp_path / "fresh" / "in", "b.jsonl", rows[40:])
    assert contents(grown.path) == contents(made(tmp_path / "fresh").path)


def test_a_killed_build_leaves_the_old_one_and_goes_on_where_it_was(tmp_path, monkeypatch):
    """Whatever ends a build, the old one stands; the next try equals one never ended."""
    from corpus.pipeline import publish

    old = made(tmp_path, records(30))
    before = contents(old.path)
    write(tmp_path / "in", "a.jsonl", records(50))
    with monkeypatch.context() as patch:
        patch.setattr(publish, "_describe", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            made(tmp_path)
    assert contents(old.path) == before

    resumed = made(tmp_path)
    assert contents(resumed.path) == contents(made(tmp_path / "fresh", records(50)).path)


def test_nothing_left_is_no_build(tmp_path):
    """Where every document goes there is no build, and the error says why they went."""
    with pytest.raises(InputError, match=r"nothing is left of 3 records.*\n.*read: empty: 3"):
        made(tmp_path, [{"text": " "}, {"text": ""}, {"text": "\n"}])

    assert not (tmp_path / "out" / "news").exists()


def test_damage_past_the_budget_stops_the_build(tmp_path):
    """More bad records than `on_error` allows end the build; each is named with file and record."""
    write(tmp_path / "in", "a.jsonl", records(20))
    with (tmp_path / "in" / "a.jsonl").open("a") as out:
        out.write('{"id": "bad", "text": 12}\nnot json\n')
    with pytest.raises(
        InputError, match=r"2 of 22 records .* 9\.09% (.|\n)*a\.jsonl, record 21(.|\n)*record 22"
    ):
        made(tmp_path)

    assert not (tmp_path / "out" / "news").exists()
    rejected = pq.read_table(tmp_path / "out" / ".news" / "rejected.parquet").to_pylist()
    assert [row["record"] for row in rejected] == [21, 22]


def test_damage_within_the_budget_is_in_the_ledger(tmp_path):
    """What may be lost is lost by name: file, record, reason; the rest is built."""
    write(tmp_path / "in", "a.jsonl", records(20))
    with (tmp_path / "in" / "a.jsonl").open("a") as out:
        out.write("[1, 2]\n")
    built = made(tmp_path, more="on_error: 0.1\n")

    (reject,) = ledger(built, "rejected")
    assert (reject["source"], reject["record"]) == ("a.jsonl", 21)
    assert built.manifest["counts"]["rejected"] == 1
    assert verify(built.path).differences == ()


def test_a_repeated_id_is_rejected_but_once(tmp_path):
    """Of several records with one id the same one stays in any order; the others are rejects."""
    rows = records(20)
    rows[3] = {**rows[3], "id": "a5"}
    first = made(tmp_path / "one", rows, more="on_error: 0.1\n")
    second = made(tmp_path / "two", rows[::-1], more="on_error: 0.1\n")

    kept = [row for s in first.manifest["splits"] for row in table(first, s) if row["id"] == "a5"]
    assert len(kept) == 1
    assert [row["reason"] for row in ledger(first, "rejected")] == [
        "the id 'a5' is given more than once; the record whose hash is smallest keeps it"
    ]
    assert {k: v for k, v in shards(first.path).items() if "rejected" not in k} == {
        k: v for k, v in shards(second.path).items() if "rejected" not in k
    }


def test_equal_records_without_ids_are_numbered(tmp_path):
    """Three equal records are three documents with three ids, which no other record changes."""
    same = {"text": article(1)}
    built = made(
        tmp_path, [same, {"text": article(2)}, same, same], stages="\n  - stage: language\n"
    )

    ids = sorted(row["id"] for row in table(built, "train"))
    base = min(id for id in ids if f"{id}-2" in ids)
    assert {f"{base}-2", f"{base}-3"} < set(ids)
    assert len(set(ids)) == 4


POISON = '''
import os, signal
from typing import ClassVar, Literal
import pyarrow as pa
from corpus.stages import DocumentStage

class Fragile(DocumentStage):
    """Fails on a text that holds the word POISON."""
    stage: Literal["fragile"] = "fragile"
    dies: bool = False
    """Die instead of raising."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        for text in documents.column("text").to_pylist():
            if "POISON" in text:
                if self.dies:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise ValueError("poisoned")
        return documents
'''


@pytest.mark.parametrize("dies", ["false", "true"])
def test_a_poison_document_is_named_and_the_rest_is_built(tmp_path, dies):
    """A record that a stage fails on, or that kills its worker, is rejected and remembered."""
    (tmp_path / "fragile.py").write_text(POISON)
    rows = records(30)
    rows[17]["text"] = "POISON " + str(rows[17]["text"])
    stages = f"\n  - use: fragile:Fragile\n    dies: {dies}\n  - stage: language\n"
    with Local(1) as engine:
        built = made(tmp_path, rows, stages=stages, more="on_error: 0.1\n", engine=engine)
        again = made(tmp_path, stages=stages, more="on_error: 0.1\n", engine=engine, force=True)

    (reject,) = ledger(built, "rejected")
    assert (reject["source"], reject["record"]) == ("a.jsonl", 18)
    assert "SIGKILL" in reject["reason"] if dies == "true" else "poisoned" in reject["reason"]
    assert built.manifest["counts"]["kept"] == 29
    assert contents(again.path) == contents(built.path)


def test_stages_between_corpus_stages_take_one_more_pass(tmp_path):
    """A document stage behind a corpus stage sees what that left; nothing is lost."""
    stages = """
  - stage: deduplicate
  - stage: language
  - stage: split
    test: 0.2
  - stage: language
"""
    built = made(tmp_path, records(60), stages=stages)
    plain = made(tmp_path / "plain", records(60))

    assert table(built, "train") == table(plain, "train")
    assert ledger(built) == ledger(plain)


FRENCH = {f"f{i}" for i in range(10)}


@pytest.fixture(scope="module")
def in_languages(tmp_path_factory):
    """Return a build with a config for each language, which the tests only read."""
    folder = tmp_path_factory.mktemp("languages")
    french = [
        {
            "id": f"f{i}",
            "text": "Le conseil municipal se réunira jeudi soir à la mairie. " * (i + 1),
        }
        for i in range(10)
    ]
    odd = [
        {"id": "d1", "text": "Der Gemeinderat tagt am Donnerstag im Rathaus über die Brücke. " * 4}
    ]
    rows = [*records(200), *french, *odd]
    write(folder / "in", "a.jsonl", rows)
    config = config_of(folder, stages="\n  - stage: language\n  - stage: split\n    test: 0.3\n")
    output = config.output.model_copy(update={"configs": "language", "shard_size": 30_000})
    return build(config.model_copy(update={"output": output}), engine=Serial())


def test_languages_have_configs_of_their_own(in_languages):
    """With `configs: language` each language loads by itself, small ones together, and all."""
    from datasets import load_dataset

    built = in_languages
    where = str(built.path)
    every = {row["id"] for split in load_dataset(where, "all").values() for row in split}
    alone = {
        name: {row["id"] for split in load_dataset(where, name).values() for row in split}
        for name in ("en", "fr", "other")
    }
    assert len(every) == built.manifest["counts"]["kept"]
    assert sum(len(ids) for ids in alone.values()) == len(every)
    assert alone["fr"] <= FRENCH
    assert alone["other"] == {"d1"}
    assert len(load_dataset(where)["train"]) == built.manifest["counts"]["splits"]["train"]
    assert verify(built.path).differences == ()


@pytest.mark.parametrize("streaming", [True, False])
def test_each_language_loads_by_columns_and_filters(in_languages, tmp_path, streaming):
    """Every config, all of them and each alone, streaming or not, has its columns and filters."""
    from datasets import load_dataset

    how = {"streaming": streaming, "cache_dir": str(tmp_path)}
    for name in ("all", "en", "fr", "other"):
        for split, rows in load_dataset(str(in_languages.path), name, **how).items():
            lengths = {row["id"]: len(row["text"]) for row in rows}
            middle = sorted(lengths)[len(lengths) // 2]
            few = load_dataset(
                str(in_languages.path),
                name,
                split=split,
                columns=["id", "text", "language"],
                filters=[("id", "<=", middle)],
                **how,
            )
            found = list(few)
            assert {tuple(row) for row in found} == {("id", "text", "language")}
            assert sorted(row["id"] for row in found) == sorted(i for i in lengths if i <= middle)
            assert all(len(row["text"]) == lengths[row["id"]] for row in found)


def test_without_a_split_all_is_train(tmp_path):
    """A config without a split stage makes one split."""
    built = made(tmp_path, records(10), stages="\n  - stage: language\n")

    assert list(built.manifest["splits"]) == ["train"]


def test_a_limit_reads_no_more(tmp_path):
    """A trial build of some records is whole, and another build than the full one."""
    write(tmp_path / "in", "a.jsonl", records(50))
    config = config_of(tmp_path)
    few = build(config, limit=20, engine=Serial())
    assert few.manifest["counts"]["read"] == 20
    assert build(config, engine=Serial()).manifest["counts"]["read"] == 50


def test_a_folder_with_something_else_is_refused(tmp_path):
    """An output path that holds no build of ours is never touched."""
    (tmp_path / "out" / "news").mkdir(parents=True)
    (tmp_path / "out" / "news" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="holds something that is no build"):
        made(tmp_path, records(5))

    assert (tmp_path / "out" / "news" / "thesis.txt").read_text() == "mine"


def test_a_second_writer_is_told(tmp_path):
    """Two builds into one place: the second is refused and nothing is mixed."""
    from corpus import storage

    (tmp_path / "out" / ".news").mkdir(parents=True)
    with (
        storage.lock(tmp_path / "out" / ".news" / "lock", "out/news"),
        pytest.raises(EnvironmentFault, match="another build is writing here"),
    ):
        made(tmp_path, records(5))


def test_verify_finds_every_difference(tmp_path):
    """A changed byte, a missing file, a foreign file and a changed input are each told."""
    built = made(tmp_path, records(40))
    assert verify(built.path).differences == ()
    shard = built.path / built.manifest["splits"]["train"]["shards"][0]
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    (built.path / "data" / "train-2.parquet.tmp").write_text("half")
    (built.path / "croissant.json").unlink()
    with (tmp_path / "in" / "a.jsonl").open("a") as out:
        out.write("\n")
    found = "\n".join(verify(built.path, config_of(tmp_path)).differences)

    assert f"{shard.relative_to(built.path)}: its bytes are not those that were built" in found
    assert "train-2.parquet.tmp: not part of the build" in found
    assert "croissant.json: missing" in found
    assert "input a.jsonl: changed since the build" in found


def test_an_older_region_pasted_into_the_card_outlives_the_next_build(tmp_path):
    """A note in a longer copy of our region is people's: a build knows its own by the hash."""
    first = made(tmp_path, records(10))
    card = first.path / "README.md"
    ours = card.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    pasted = f"{BEGIN}{ours}\nMy note.\n{END}\n"
    card.write_text(f"{card.read_text(encoding='utf-8')}\n{pasted}", encoding="utf-8")
    assert verify(first.path).differences == ()
    assert build(config_of(tmp_path), engine=Serial()).unchanged

    again = build(config_of(tmp_path, more="seed: 5\n"), engine=Serial())

    assert not again.unchanged
    assert (again.path / "README.md").read_text(encoding="utf-8").endswith(pasted)
    assert verify(again.path).differences == ()


def test_verify_wants_a_build(tmp_path):
    """A folder that holds no build is nothing to verify, as it is nothing to explain."""
    with pytest.raises(InputError, match="there is no build here"):
        verify(tmp_path)


def test_the_package_builds_by_its_name(tmp_path):
    """`corpus.build(corpus.load_config(path))` is the whole of the Python interface."""
    write(tmp_path / "in", "a.jsonl", records(10))
    config_of(tmp_path)
    built = corpus.build(corpus.load_config(tmp_path / "news.yaml"), engine=Serial())

    assert read_manifest(built.path) == built.manifest
    assert corpus.verify(built.path).differences == ()


def test_without_a_cache_nothing_is_left_beside_the_build(tmp_path):
    """`cache: false` forgoes the cache; the build is the same."""
    built = made(tmp_path, records(20), more="cache: false\n")

    assert [p.name for p in (tmp_path / "out" / ".news").iterdir()] == ["lock"]
    kept = made(tmp_path / "kept", records(20))
    assert shards(kept.path) == shards(built.path)
    shutil.rmtree(tmp_path / "out")


def test_what_a_batch_holds_beside_it_does_not_change_a_record(tmp_path):
    """A value that stands among others is filtered, and typed, as it would be alone."""
    mixed = [{"id": f"m{i}", "text": article(i), "x": "abc" if i % 2 else i} for i in range(40)]
    stages = "\n  - stage: filter\n    columns: {x: [abc, 2, 4]}\n"
    first = made(tmp_path / "one", mixed, stages=stages)
    sorted_ = sorted(mixed, key=lambda row: str(type(row["x"])))
    second = made(tmp_path / "two", sorted_, stages=stages)

    assert first.manifest["counts"]["kept"] == 22
    assert shards(first.path) == shards(second.path)
    numbers = made(
        tmp_path / "three", mixed, stages="\n  - stage: filter\n    without: {x: [abc]}\n"
    )
    assert {"name": "x", "type": "int64"} in numbers.manifest["columns"]


def test_a_damaged_cache_is_not_used(tmp_path):
    """A piece that was cut off, changed or emptied is made again; the build is the same."""
    before = contents(made(tmp_path, records(40)).path)
    (piece,) = (tmp_path / "out" / ".news" / "cache").iterdir()
    for name in ("documents.arrow", "observed.arrow", "summary.json"):
        data = (piece / name).read_bytes()
        for damaged in (data[: len(data) // 2], b"", data[:-9] + b"x" + data[-8:]):
            (piece / name).write_bytes(damaged)
            assert contents(made(tmp_path, force=True).path) == before
    (piece / "summary.json").unlink()
    assert contents(made(tmp_path, force=True).path) == before


def test_a_late_poison_record_in_a_large_piece_is_cornered(tmp_path):
    """However often a piece has to be halved, the names of its parts stay short."""
    (tmp_path / "fragile.py").write_text(POISON)
    rows = [{"text": f"text {i}"} for i in range(3000)]
    rows[2990]["text"] = "POISON"
    stages = "\n  - use: fragile:Fragile\n"
    built = made(tmp_path, rows, stages=stages, more="on_error: 0.1\n")

    assert [row["record"] for row in ledger(built, "rejected")] == [2991]
    names = [path.name for path in (tmp_path / "out" / ".news" / "cache").iterdir()]
    assert max(map(len, names)) < 60


def test_ids_are_one_space_over_all_sources(tmp_path):
    """An id that we gave and somebody else gives again is repeated like any other."""
    first = made(tmp_path / "one", [{"text": article(i)} for i in range(5)])
    ids = [row["id"] for split in first.manifest["splits"] for row in table(first, split)]
    write(tmp_path / "in", "a.jsonl", [{"text": article(i)} for i in range(5)])
    write(tmp_path / "in", "b.jsonl", [{"id": ids[0], "text": article(99)}])
    built = made(tmp_path, more="on_error: 0.5\n")

    assert built.manifest["counts"]["rejected"] == 1
    assert verify(built.path).differences == ()


def test_files_of_one_name_in_two_sources_are_told_apart(tmp_path):
    """Counts and hashes in the manifest are those of the file of that source."""
    write(tmp_path / "p", "x.jsonl", records(2))
    write(tmp_path / "q", "x.jsonl", records(3)[2:])
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: p/x.jsonl}, {path: q/x.jsonl}]\nstages: [language]\n"
    )
    built = build(load_config(tmp_path / "c.yaml"), engine=Serial())

    assert [told["records"] for told in built.manifest["inputs"]] == [2, 1]


def test_a_column_may_have_any_name(tmp_path):
    """A name that we use inside is nobody's mistake."""
    odd = {"_place": 1, "_key": 2, "split": "x", "_reason": "r", "0/reason": "s", "": 3}
    built = made(tmp_path, [{"text": article(i), **odd} for i in range(3)])

    names = {told["name"] for told in built.manifest["columns"]}
    assert {"_place_source", "_key_source", "split_source", "0/reason"} < names


def test_an_input_that_changes_while_it_is_read_stops_the_build(tmp_path, monkeypatch):
    """What was read is not what was hashed: nothing is built of it, nothing of it is remembered."""
    from corpus.pipeline import first_pass

    write(tmp_path / "in", "a.jsonl", records(5))
    real = first_pass.first

    def grow(task):
        write(tmp_path / "in", "a.jsonl", records(6))
        return real(task)

    with monkeypatch.context() as patch:
        patch.setattr(first_pass, "first", grow)
        with pytest.raises(InputError, match=r"a\.jsonl: changed while it was read"):
            made(tmp_path)
    write(tmp_path / "in", "a.jsonl", records(5))
    assert made(tmp_path).manifest["counts"]["read"] == 5


def test_the_configs_day_is_the_stages_day(tmp_path):
    """What is dated after `as_of` is dated wrongly: the config says so once, for all stages."""
    write(tmp_path / "in", "a.jsonl", records(2))
    config = config_of(tmp_path, stages=" [clean]\n", more="as_of: 2024-01-01\n")

    assert str(config.stages[0].as_of) == "2024-01-01"


@pytest.mark.parametrize("what", ["link", "foreign", "dot"])
def test_what_is_not_ours_is_not_touched(tmp_path, what):
    """A link, a stranger's file in the build and a stranger's dot-folder each stop the build."""
    out = tmp_path / "out"
    if what == "link":
        (tmp_path / "elsewhere").mkdir()
        out.mkdir()
        (out / "news").symlink_to(tmp_path / "elsewhere")
    elif what == "foreign":
        (made(tmp_path, records(3)).path / "notes.txt").write_text("mine")
    else:
        (out / ".news" / "cache").mkdir(parents=True)
        (out / ".news" / "cache" / "precious").write_text("mine")
    said = {"link": "is a link", "foreign": "notes.txt", "dot": "something else"}[what]
    with pytest.raises(ConfigError, match=said):
        made(tmp_path, records(4))


def test_verify_follows_nothing_that_a_build_names(tmp_path):
    """A build is data: no config that it points to is read, and no code is run."""
    built = made(tmp_path, records(3))
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
    (tmp_path / "evil.yaml").write_text(
        "name: e\nsources: [{path: in/a.jsonl}]\nstages: [{use: 'evil:Evil'}]\n"
    )
    run = json.loads((built.path / "run.json").read_text())
    (built.path / "run.json").write_text(json.dumps(run | {"config": str(tmp_path / "evil.yaml")}))

    assert verify(built.path).differences == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["counts"].update(kept=m["counts"]["kept"] + 1), "do not add up"),
        (lambda m: m["funnel"].clear(), "funnel"),
        (lambda m: m["splits"].pop("test"), "splits"),
        (lambda m: m["files"].pop("croissant.json"), "not part of the build"),
    ],
)
def test_verify_does_not_believe_the_manifest(tmp_path, change, said):
    """A manifest that was changed contradicts the files or itself."""
    built = made(tmp_path, records(40))
    manifest = json.loads((built.path / "manifest.json").read_text())
    change(manifest)
    (built.path / "manifest.json").write_text(json.dumps(manifest))

    assert said in "\n".join(verify(built.path).differences)


def test_a_manifest_without_its_splits_is_none_to_verify_by(tmp_path):
    """What is missing in the manifest is named, and what to do."""
    built = made(tmp_path, records(3))
    manifest = json.loads((built.path / "manifest.json").read_text())
    del manifest["splits"]
    (built.path / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(InputError, match=r"manifest\.json: .*'splits' is missing.*build again"):
        verify(built.path)
