"""A build from end to end: every record ends in exactly one place, however the build runs."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest

import corpus
from corpus.builds.reader import read_manifest
from corpus.builds.verify import verify
from corpus.card.generated_region import BEGIN, END
from corpus.config.load import load_config
from corpus.errors import ConfigError, EnvironmentFault, InputError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Local, Serial
from corpus.sources import splitting

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
    """Return paragraphs of random English words, different for each seed."""
    choose = random.Random(seed)
    lines = [
        " ".join(choose.choices(WORDS, k=choose.randrange(8, 18))).capitalize() + "."
        for _ in range(sentences)
    ]
    return "\n\n".join(" ".join(lines[i : i + 3]) for i in range(0, sentences, 3))


def records(n: int) -> list[dict[str, object]]:
    """Return articles; every seventh is a copy of the one before, every tenth a near copy."""
    rows: list[dict[str, object]] = []
    for i in range(n):
        text = article(i, 20)
        if i % 10 == 9:
            text = str(rows[-1]["text"]) + " One more sentence ends it."
        elif i % 7 == 6:
            text = str(rows[-1]["text"])
        rows.append({"id": f"a{i}", "text": text, "section": "news" if i % 3 else None, "views": i})
    return rows


def results_of(folder: Path) -> list[Path]:
    """Return the folders of the results in the cache."""
    cache = folder / "out" / ".corpus-cache"
    return sorted(path for path in cache.iterdir() if (path / "summary.json").exists())


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
    """Write rows as JSONL, build them in this process, and return the build."""
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
    """Return the bytes of every file that must be equal in equal builds."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def shards(folder: Path) -> dict[str, bytes]:
    """Return the files that do not name the inputs: shards, ledgers, audit."""
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
    """Every record of the input is in one split or in one ledger."""
    kept = [row["id"] for split in built.manifest["splits"] for row in table(built, split)]
    removed = [row["id"] for row in ledger(built)]

    assert sorted(kept + removed) == sorted(f"a{i}" for i in range(120))
    assert built.manifest["counts"]["read"] == 120


def test_removed_duplicates_name_the_document_that_is_kept(built):
    """Each removal names the kept document and its similarity."""
    removed = {row["id"]: row for row in ledger(built) if row["stage"] == "deduplicate"}
    kept = {row["id"] for split in built.manifest["splits"] for row in table(built, split)}

    assert {row["reason"] for row in removed.values()} == {"exact_duplicate", "near_duplicate"}
    assert all(row["score"] >= 0.8 for row in removed.values())
    leaks = {row["id"] for row in ledger(built) if row["stage"] == "split"}
    assert {row["evidence"] for row in removed.values()} <= kept | leaks


def test_load_dataset_loads_a_build(built, tmp_path):
    """`load_dataset` loads the folder as it is: streaming, with columns and with filters."""
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


def test_columns_of_the_source_are_kept(built):
    """Every other column of the source is published, in one type; all-null columns are not."""
    rows = {row["id"]: row for split in built.manifest["splits"] for row in table(built, split)}

    assert rows["a1"]["section"] == "news"
    assert rows["a3"]["section"] is None
    assert rows["a3"]["views"] == 3
    assert "publisher" not in rows["a1"]  # all null: left out


def test_the_split_of_a_document_does_not_depend_on_the_others(built, tmp_path):
    """A document keeps its split when half of the corpus is left out."""
    few = made(tmp_path, records(120)[:60])
    split = {row["id"]: s for s in built.manifest["splits"] for row in table(built, s)}
    again = {row["id"]: s for s in few.manifest["splits"] for row in table(few, s)}

    assert all(split.get(id, s) == s for id, s in again.items())


def test_the_order_of_the_input_does_not_change_the_output(built, tmp_path):
    """Lines in another order give the same shards, ledgers and audit."""
    rows = records(120)
    write(tmp_path / "in", "a.jsonl", [rows[i] for i in random.Random(1).sample(range(120), 120)])
    assert shards(made(tmp_path).path) == shards(built.path)


WORKED = """
import sys
from corpus.pipeline.build import build
from corpus.config.load import load_config
from corpus.pipeline.engine import Local

if __name__ == "__main__":
    with Local(int(sys.argv[2])) as engine:
        build(load_config(sys.argv[1]), engine=engine)
"""


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_the_number_of_workers_does_not_change_the_output(tmp_path, jobs):
    """One worker or three, and another hash seed, give the same bytes."""
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


def test_chunk_and_batch_sizes_do_not_change_the_output(built, tmp_path, monkeypatch):
    """Smaller chunks and batches give the same bytes."""
    from corpus.pipeline import sorted_runs
    from corpus.sources.json import lines as json_lines

    monkeypatch.setattr(sorted_runs, "MAX_BATCH_BYTES", 3000)
    monkeypatch.setattr(json_lines, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr(json_lines, "SMALL_COMPRESSED_BYTES", 0)
    again = made(tmp_path, records(120))

    assert len(results_of(tmp_path)) > 3
    assert contents(again.path) == contents(built.path)


def test_small_shards_contain_the_same_documents(built, tmp_path):
    """Many shards contain the documents of one large shard, in the same order."""
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


def test_an_unchanged_build_is_not_built_again(tmp_path):
    """A second build of the same config and inputs does nothing, unless it is forced."""
    first = made(tmp_path, records(30))
    before = (first.path / "manifest.json").stat().st_mtime_ns
    second = made(tmp_path)

    assert second.unchanged
    assert not first.unchanged
    assert (first.path / "manifest.json").stat().st_mtime_ns == before
    assert not made(tmp_path, force=True).unchanged


def test_a_changed_file_of_the_same_size_and_time_is_noticed(tmp_path):
    """Inputs are compared by their bytes, not by size or time."""
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


def test_only_an_added_file_is_read_again(tmp_path, monkeypatch):
    """The runs of the other files come from the cache; the result equals a fresh build."""
    from corpus.pipeline import isolate_poison

    monkeypatch.setattr(splitting, "MAX_GROUPED_BYTES", 0)  # as if the files were large
    rows = records(60)
    made(tmp_path / "grown", rows[:40])
    write(tmp_path / "grown" / "in", "b.jsonl", rows[40:])
    done = []
    real = isolate_poison.run_first_pass
    monkeypatch.setattr(
        isolate_poison, "run_first_pass", lambda task: done.append(task) or real(task)
    )
    grown = made(tmp_path / "grown")
    assert [task.chunk.file.name for task in done] == ["b.jsonl"]

    write(tmp_path / "fresh" / "in", "a.jsonl", rows[:40])
    write(tmp_path / "fresh" / "in", "b.jsonl", rows[40:])
    assert contents(grown.path) == contents(made(tmp_path / "fresh").path)


def test_a_killed_build_keeps_the_old_one_and_can_be_resumed(tmp_path, monkeypatch):
    """After an interruption the old build is untouched; the next build equals a fresh one."""
    from corpus.pipeline import publish

    old = made(tmp_path, records(30))
    before = contents(old.path)
    write(tmp_path / "in", "a.jsonl", records(50))
    with monkeypatch.context() as patch:
        patch.setattr(publish, "describe", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            made(tmp_path)
    assert contents(old.path) == before

    resumed = made(tmp_path)
    assert contents(resumed.path) == contents(made(tmp_path / "fresh", records(50)).path)


def test_a_corpus_without_documents_is_not_built(tmp_path):
    """If every document is removed, nothing is built, and the error lists the reasons."""
    with pytest.raises(InputError, match=r"nothing is left of 3 records.*\n.*read: empty: 3"):
        made(tmp_path, [{"text": " "}, {"text": ""}, {"text": "\n"}])

    assert not (tmp_path / "out" / "news").exists()


def test_more_rejects_than_on_error_allows_stop_the_build(tmp_path):
    """The error names the file, record and reason of the rejects; a ledger lists all of them."""
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


def test_rejects_that_on_error_allows_are_in_the_ledger(tmp_path):
    """Each allowed reject is listed with file, record and reason; the rest is built."""
    write(tmp_path / "in", "a.jsonl", records(20))
    with (tmp_path / "in" / "a.jsonl").open("a") as out:
        out.write("[1, 2]\n")
    built = made(tmp_path, more="on_error: 0.1\n")

    (reject,) = ledger(built, "rejected")
    assert (reject["source"], reject["record"]) == ("a.jsonl", 21)
    assert built.manifest["counts"]["rejected"] == 1
    assert verify(built.path).differences == ()


def test_equal_records_without_ids_are_numbered(tmp_path):
    """Three equal records are three documents with different ids."""
    repeated = {"text": article(1)}
    built = made(
        tmp_path,
        [repeated, {"text": article(2)}, repeated, repeated],
        stages="\n  - stage: language\n",
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
    """Fails on a text that contains the word POISON."""
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


def test_a_poison_record_is_rejected_and_the_rest_is_built(tmp_path):
    """A record on which a stage kills its worker is rejected; the next build tries it again."""
    (tmp_path / "fragile.py").write_text(POISON)
    rows = records(30)
    rows[17]["text"] = "POISON " + str(rows[17]["text"])
    stages = "\n  - use: fragile:Fragile\n    dies: true\n  - stage: language\n"
    with Local(1) as engine:
        built = made(tmp_path, rows, stages=stages, more="on_error: 0.1\n", engine=engine)
        first = contents(built.path)
        again = made(tmp_path, stages=stages, more="on_error: 0.1\n", engine=engine)

    assert not again.unchanged
    (reject,) = ledger(built, "rejected")
    assert (reject["source"], reject["record"]) == ("a.jsonl", 18)
    assert "this time: its worker died (signal SIGKILL)" in reject["reason"]
    assert built.manifest["counts"]["kept"] == 29
    assert contents(again.path) == first


def test_a_record_on_which_a_stage_of_ours_raises_is_rejected(tmp_path, monkeypatch):
    """It is isolated, the other records are built, and the next build does not try it again."""
    poison_language(monkeypatch)
    rows = records(30)
    rows[17]["text"] = "POISON " + str(rows[17]["text"])
    stages = "\n  - stage: language\n"
    built = made(tmp_path, rows, stages=stages, more="on_error: 0.1\n")
    (reject,) = ledger(built, "rejected")
    assert (reject["source"], reject["record"]) == ("a.jsonl", 18)
    assert reject["reason"].endswith("through the stages: ValueError: poisoned")
    assert built.manifest["counts"]["kept"] == 29
    first = contents(built.path)
    shutil.rmtree(built.path)
    monkeypatch.undo()  # the cached reject is used, although the stage would not fail any more
    again = made(tmp_path, stages=stages, more="on_error: 0.1\n")

    assert contents(again.path) == first


def poison_language(monkeypatch):
    """Make the stage `language` raise on a text with the word POISON."""
    from corpus.languages.observations import LikeliestLanguage

    real = LikeliestLanguage.columns

    def columns(self, documents):
        if any("POISON" in text for text in documents.column("text").to_pylist()):
            raise ValueError("poisoned")
        return real(self, documents)

    monkeypatch.setattr(LikeliestLanguage, "columns", columns)


def test_a_document_stage_between_corpus_stages_loses_nothing(tmp_path):
    """A second pass gives the same documents and the same ledger."""
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


def test_each_language_is_a_config_of_its_own(in_languages):
    """With `configs: language`, each large language, the others together, and all can be loaded."""
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
def test_each_language_config_loads_with_columns_and_filters(in_languages, tmp_path, streaming):
    """Every config loads with columns and filters, streaming or not."""
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
            loaded = list(few)
            assert {tuple(row) for row in loaded} == {("id", "text", "language")}
            assert sorted(row["id"] for row in loaded) == sorted(i for i in lengths if i <= middle)
            assert all(len(row["text"]) == lengths[row["id"]] for row in loaded)


def test_without_a_split_stage_everything_is_train(tmp_path):
    """A config without a split stage makes one split."""
    built = made(tmp_path, records(10), stages="\n  - stage: language\n")

    assert list(built.manifest["splits"]) == ["train"]


def test_a_limited_build_reads_only_so_many_records(tmp_path):
    """A trial build reads the limit; the full build after it reads everything."""
    write(tmp_path / "in", "a.jsonl", records(50))
    config = config_of(tmp_path)
    few = build(config, limit=20, engine=Serial())
    assert few.manifest["counts"]["read"] == 20
    assert build(config, engine=Serial()).manifest["counts"]["read"] == 50


def test_an_output_folder_that_is_not_a_build_is_refused(tmp_path):
    """Nothing in such a folder is changed."""
    (tmp_path / "out" / "news").mkdir(parents=True)
    (tmp_path / "out" / "news" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not a build of corpus"):
        made(tmp_path, records(5))

    assert (tmp_path / "out" / "news" / "thesis.txt").read_text() == "mine"


def test_a_second_build_into_the_same_folder_is_refused(tmp_path):
    """Only one build can write at a time."""
    from corpus import storage

    (tmp_path / "out" / ".news").mkdir(parents=True)
    with (
        storage.lock(tmp_path / "out" / ".news" / "lock", "out/news"),
        pytest.raises(EnvironmentFault, match="another build is writing here"),
    ):
        made(tmp_path, records(5))


def test_verify_reports_every_difference(tmp_path):
    """A changed, missing or foreign file and a changed input are each reported."""
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
    differences = "\n".join(verify(built.path, config_of(tmp_path)).differences)

    assert f"{shard.relative_to(built.path)}: changed since it was built" in differences
    assert "train-2.parquet.tmp: not part of the build" in differences
    assert "croissant.json: missing" in differences
    assert "input a.jsonl: changed since the build" in differences


def test_a_pasted_copy_of_the_generated_region_is_kept(tmp_path):
    """An older generated region, pasted into the card by the user, is the user's text."""
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


def test_verify_refuses_a_folder_that_is_not_a_build(tmp_path):
    """A folder without a build cannot be verified."""
    with pytest.raises(InputError, match="not a build of corpus"):
        verify(tmp_path)


def test_the_package_exports_build_and_verify(tmp_path):
    """`corpus.build(corpus.load_config(path))` builds, and returns the manifest."""
    write(tmp_path / "in", "a.jsonl", records(10))
    config_of(tmp_path)
    built = corpus.build(corpus.load_config(tmp_path / "news.yaml"), engine=Serial())

    assert read_manifest(built.path) == built.manifest
    assert corpus.verify(built.path).differences == ()


def test_without_a_cache_only_the_lock_is_left(tmp_path):
    """`cache: false` deletes the cache; the build is the same."""
    built = made(tmp_path, records(20), more="cache: false\n")

    assert [p.name for p in (tmp_path / "out" / ".news").iterdir()] == ["lock"]
    kept = made(tmp_path / "kept", records(20))
    assert shards(kept.path) == shards(built.path)
    shutil.rmtree(tmp_path / "out")


def test_other_values_of_a_batch_do_not_change_a_record(tmp_path):
    """A value of a mixed column is filtered and typed as it would be alone."""
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


def test_a_damaged_run_in_the_cache_is_made_again(tmp_path):
    """A truncated, changed or empty file of a run is not used; the build is the same."""
    built = made(tmp_path, records(40))
    before = contents(built.path)
    (piece,) = (each for each in results_of(tmp_path) if (each / "documents.arrow").exists())
    for name in ("documents.arrow", "observed.arrow", "summary.json"):
        data = (piece / name).read_bytes()
        for damaged in (data[: len(data) // 2], b"", data[:-9] + b"x" + data[-8:], None):
            shutil.rmtree(built.path)
            (piece / name).unlink()
            if damaged is not None:
                (piece / name).write_bytes(damaged)
            assert contents(made(tmp_path).path) == before


def test_parts_of_a_chunk_have_short_names(tmp_path, monkeypatch):
    """However often a chunk is halved, the names of its parts stay short."""
    poison_language(monkeypatch)
    rows = [{"text": f"text {i}"} for i in range(3000)]
    rows[2990]["text"] = "POISON"
    stages = "\n  - stage: language\n"
    built = made(tmp_path, rows, stages=stages, more="on_error: 0.1\n")

    assert [row["record"] for row in ledger(built, "rejected")] == [2991]
    names = [path.name for path in (tmp_path / "out" / ".corpus-cache").iterdir()]
    assert max(map(len, names)) < 60


def test_two_sources_may_have_files_of_the_same_name(tmp_path):
    """The manifest counts the records of each of them separately."""
    write(tmp_path / "p", "x.jsonl", records(2))
    write(tmp_path / "q", "x.jsonl", records(3)[2:])
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: p/x.jsonl}, {path: q/x.jsonl}]\nstages: [language]\n"
    )
    built = build(load_config(tmp_path / "c.yaml"), engine=Serial())

    assert [entry["records"] for entry in built.manifest["inputs"]] == [2, 1]


def test_a_source_column_may_have_any_name(tmp_path):
    """A column whose name is reserved gets a suffix."""
    odd = {"_place": 1, "_key": 2, "split": "x", "_reason": "r", "0/reason": "s", "": 3}
    built = made(tmp_path, [{"text": article(i), **odd} for i in range(3)])

    names = {column["name"] for column in built.manifest["columns"]}
    assert {"_place_source", "_key_source", "split_source", "0/reason"} < names


def test_an_input_that_changes_while_it_is_read_stops_the_build(tmp_path, monkeypatch):
    """Nothing is built from it, and nothing from it is left in the cache."""
    from corpus.pipeline import isolate_poison

    write(tmp_path / "in", "a.jsonl", records(5))
    real = isolate_poison.run_first_pass

    def grow(task):
        write(tmp_path / "in", "a.jsonl", records(6))
        return real(task)

    with monkeypatch.context() as patch:
        patch.setattr(isolate_poison, "run_first_pass", grow)
        with pytest.raises(InputError, match=r"a\.jsonl: changed while it was read"):
            made(tmp_path)
    write(tmp_path / "in", "a.jsonl", records(5))
    assert made(tmp_path).manifest["counts"]["read"] == 5


def test_as_of_of_the_config_reaches_its_stages(tmp_path):
    """`as_of` of the config is the default of every stage."""
    write(tmp_path / "in", "a.jsonl", records(2))
    config = config_of(tmp_path, stages=" [clean]\n", more="as_of: 2024-01-01\n")

    assert str(config.stages[0].as_of) == "2024-01-01"


@pytest.mark.parametrize("what", ["link", "foreign", "dot"])
def test_foreign_files_stop_the_build(tmp_path, what):
    """A link, a foreign file in the build and a foreign hidden folder each stop the build."""
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
    message = {"link": "is a link", "foreign": "notes.txt", "dot": "something else"}[what]
    with pytest.raises(ConfigError, match=message):
        made(tmp_path, records(4))


def test_verify_runs_no_code_that_a_build_names(tmp_path):
    """A config that `run.json` names is not read."""
    built = made(tmp_path, records(3))
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
    (tmp_path / "evil.yaml").write_text(
        "name: e\nsources: [{path: in/a.jsonl}]\nstages: [{use: 'evil:Evil'}]\n"
    )
    run = json.loads((built.path / "run.json").read_text())
    (built.path / "run.json").write_text(json.dumps(run | {"config": str(tmp_path / "evil.yaml")}))

    assert verify(built.path).differences == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["counts"].update(kept=m["counts"]["kept"] + 1), "do not add up"),
        (lambda m: m["funnel"].clear(), "funnel"),
        (lambda m: m["splits"].pop("test"), "splits"),
        (lambda m: m["files"].pop("croissant.json"), "not part of the build"),
    ],
)
def test_verify_reports_a_changed_manifest(tmp_path, change, message):
    """A changed manifest contradicts the files or itself."""
    built = made(tmp_path, records(40))
    manifest = json.loads((built.path / "manifest.json").read_text())
    change(manifest)
    (built.path / "manifest.json").write_text(json.dumps(manifest))

    assert message in "\n".join(verify(built.path).differences)


def test_an_incomplete_manifest_is_an_input_error(tmp_path):
    """The error names the missing key and a remedy."""
    built = made(tmp_path, records(3))
    manifest = json.loads((built.path / "manifest.json").read_text())
    del manifest["splits"]
    (built.path / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(InputError, match=r"manifest\.json: .*'splits' is missing.*build again"):
        verify(built.path)
