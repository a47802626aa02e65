"""The manifest: its JSON, reading it again, and faults in it."""

from __future__ import annotations

import copy
import json

import pytest

from corpus.builds.manifest import Manifest, StageEntry, is_unchanged
from corpus.builds.parse_manifest import parse_manifest
from corpus.builds.reader import MANIFEST, find_manifest, load_manifest, manifest_of
from corpus.errors import InputError


@pytest.fixture
def manifest(tiny_build):
    """Return the JSON of a manifest."""
    _, manifest, audit = tiny_build
    for split in manifest["splits"]:
        assert manifest["splits"][split]["characters"] == audit["splits"][split]["characters"]
    return manifest


def test_json_is_read_and_written_without_a_change(manifest):
    """Keys keep their order; missing optional keys stay missing, except `reasons`."""
    for stage in manifest["stages"]:
        stage["reasons"] = {"near_duplicate": "nearly the same words"}
    written = parse_manifest(copy.deepcopy(manifest)).to_json()
    assert json.dumps(written) == json.dumps(manifest)


def test_unknown_keys_are_kept(manifest):
    """A manifest of a later version loses nothing when it is read."""
    manifest["later"] = {"x": [1, None]}
    manifest["files"]["croissant.json"] = {"bytes": 1, "sha256": "0", "later": True}
    assert parse_manifest(manifest).to_json()["later"] == {"x": [1, None]}
    assert parse_manifest(manifest).to_json()["files"]["croissant.json"]["later"] is True


def test_settings_stand_between_the_name_and_the_metrics_of_a_stage():
    """In JSON, a stage is one flat object."""
    entry = StageEntry.model_validate(
        {"stage": "filter", "min": 3, "metrics": {"n": 1}, "reasons": {"short": "too short"}}
    )
    assert entry.settings == {"min": 3}
    assert list(entry.to_json()) == ["stage", "min", "metrics", "reasons"]


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("identity", None, "'identity' is missing or has the wrong type"),
        ("identity", 12, "'identity' is missing or has the wrong type"),
        ("seed", True, "'seed' is missing or has the wrong type"),
        ("seed", "17", "'seed' is missing or has the wrong type"),
        ("counts", {"read": 1}, "'counts.kept' is missing or has the wrong type"),
        ("stages", [{}], r"'stages\[0\].stage' is missing or has the wrong type"),
        ("config", {"sources": []}, "'config.stages' is missing or has the wrong type"),
        (
            "stages",
            [{"stage": "split", "metrics": {"overlap": "many"}}],
            r"'stages\[0\].metrics.overlap' is missing or has the wrong type",
        ),
        (
            "files",
            {"README.md": {"bytes": 1, "sha256": "0"}},
            "'files.README.md.generated' is missing or has the wrong type",
        ),
        ("files", {}, "it has no hash of 'data/test-00000-of-00001.parquet'"),
    ],
)
def test_a_fault_is_named_by_its_place(manifest, key, value, fault):
    """The message gives the first key that is missing or has the wrong type."""
    if value is None:
        del manifest[key]
    else:
        manifest[key] = value
    with pytest.raises(InputError, match=f"^not a corpus manifest: {fault}$"):
        parse_manifest(manifest)


@pytest.mark.parametrize("value", [[], None, "text", 3])
def test_a_manifest_is_a_json_object(value):
    """Any other JSON value is not a manifest."""
    with pytest.raises(InputError, match=r"^not a corpus manifest: it is not a JSON object$"):
        parse_manifest(value)


@pytest.mark.parametrize("name", ["../outside.parquet", "/etc/hostname", "data/../../x", "", "a\0"])
def test_a_manifest_names_no_file_outside_of_its_build(manifest, name):
    """Neither a file nor a shard may be outside of the folder of the build."""
    manifest["files"][name] = {"bytes": 1, "sha256": "0"}
    with pytest.raises(InputError, match="names a file outside of the build"):
        parse_manifest(manifest)
    del manifest["files"][name]
    manifest["splits"]["train"]["shards"].append(name)
    with pytest.raises(InputError, match="names a file outside of the build"):
        parse_manifest(manifest)


def test_an_older_manifest_is_read(manifest):
    """Up to version 0.1, metrics were called `facts`, and stages had other names and no reasons."""
    entry = manifest["stages"][0]
    metrics = entry.pop("metrics")
    manifest["stages"] = [entry | {"facts": metrics}, {"stage": "furniture", "facts": {}}]
    read = parse_manifest(manifest)
    assert read.stages[0].metrics == metrics
    assert read.stages[0].reasons == {}
    assert "facts" not in read.to_json()["stages"][0]
    assert read.stages[1].stage == "furniture"


def test_a_manifest_that_is_nested_too_deeply_is_damaged(tmp_path, manifest):
    """However deep its values are, an unreadable manifest is an input error."""
    for depth in (300, 900, 100_000):
        text = json.dumps(manifest).replace('"versions": {', '"versions": {"x": ' + "[" * depth, 1)
        text = text.replace('"python"', "]" * depth + ', "python"', 1)
        (tmp_path / MANIFEST).write_text(text)
        for read in (load_manifest, manifest_of):
            try:
                read(tmp_path)
            except InputError as error:
                assert str(tmp_path / MANIFEST) in str(error)  # noqa: PT017  it may be readable


def test_a_build_is_unchanged_if_identity_and_files_are(tiny_build):
    """Another identity, format or file is a change; an edited card is not."""
    from corpus.card.generated_region import generated_hash

    folder, manifest, _ = tiny_build
    (folder / "README.md").write_text("# My notes\n")
    generated = generated_hash("# My notes\n")
    manifest["files"]["README.md"] = {"bytes": 1, "sha256": "0", "generated": generated}
    manifest["stages"] = []
    read = parse_manifest(manifest)
    identity = manifest["identity"]

    assert is_unchanged(folder, read, identity)
    assert not is_unchanged(folder, read, "another")
    assert not is_unchanged(folder, read.model_copy(update={"format": 0}), identity)
    shard = folder / read.shards[0]
    data = shard.read_bytes()
    shard.write_bytes(data + b"x")
    assert not is_unchanged(folder, read, identity)
    shard.write_bytes(data)
    (folder / "README.md").unlink()
    assert not is_unchanged(folder, read, identity)


def test_a_folder_without_a_manifest_has_none(tmp_path):
    """`find_manifest` returns None where `load_manifest` raises."""
    assert find_manifest(tmp_path) is None
    with pytest.raises(InputError, match="not a build of corpus"):
        load_manifest(tmp_path)


def test_every_model_keeps_unknown_keys():
    """Reading and writing a manifest loses nothing at any level."""
    assert Manifest.model_config["extra"] == "allow"
