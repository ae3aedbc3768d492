"""The parts of an extraction that need no database."""

import dataclasses

import pack_rows
import pytest

from synth import outputs
from synth.errors import BadInput, DatabaseError, GateFailed
from synth.extract import gate, preflight, run
from synth.pack import manifest, strict, tokens
from synth.targets import Target

TARGET = Target("prod_shape", "h", 5432, "u", "", "d", "shape")
META = dataclasses.replace(pack_rows.META, n_suppressed=0)


def _export(rows, directory, place=None, meta=META):
    return run._export(
        run._pack_path(directory, meta.extracted_at, replace=False),
        meta,
        [(row, None, gate.rule(row, meta.k)) for row in rows],
        {"models": {}, "model_of": {}, "gates": {}},
        {
            "target": TARGET,
            "tokenizer": tokens.Tokenizer("0123456789abcdefghijklmnopqrstuvwxyz"),
            "whole_history": True,
            "gates": manifest.gates_facts(["shape_is_not_empty"], 1),
        },
        place or Place(directory),
    )


class Place:
    """The pack's place among earlier ones, without a database."""

    def __init__(self, directory, refusal=None):
        self._directory, self._refusal = directory, refusal
        self.remembered = []

    def judge(self, content_sha256):
        return False

    def remember(self, pack_sha256, content_sha256):
        self.remembered.append((pack_sha256, content_sha256, sorted(self._directory.iterdir())))
        if self._refusal:
            raise self._refusal


def test_a_pack_is_remembered_before_it_is_there(tmp_path):
    place = Place(tmp_path)
    done = _export(pack_rows.make(2), tmp_path, place)
    ((sha256, content_sha256, there),) = place.remembered
    assert sha256 == done["sha256"]
    assert there == []
    # The same figures at another time are the same content, others are not.
    for number, (seed, at) in enumerate(((2, "2026-02-02T00:00:00Z"), (3, META.extracted_at))):
        folder = tmp_path / str(number)
        folder.mkdir()
        again = Place(folder)
        _export(pack_rows.make(seed), folder, again, dataclasses.replace(META, extracted_at=at))
        assert again.remembered[0][0] != sha256
        assert (again.remembered[0][1] == content_sha256) == (seed == 2)


def test_what_cannot_be_remembered_is_not_written(tmp_path):
    with pytest.raises(DatabaseError, match="no room"):
        _export(pack_rows.make(2), tmp_path, Place(tmp_path, DatabaseError("no room")))
    assert list(tmp_path.iterdir()) == []


def test_export_writes_a_pack_and_a_manifest_that_match(tmp_path):
    done = _export(pack_rows.make(2), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "shape-metrics-20260201.json",
        "shape-metrics-20260201_bill.json",
        "shape-metrics-20260201_mapping.json",
    ]
    described = manifest.load(done["manifest_path"])
    assert described["pack"]["sha256"] == done["sha256"]
    assert described["pack"]["bytes"] == done["pack_path"].stat().st_size
    assert described["bill"]["sha256"] == strict.digest(done["bill_path"].read_bytes())
    with pytest.raises(BadInput, match="--replace"):
        _export(pack_rows.make(2), tmp_path)
    assert described["window"]["whole_history"]


def _with(rows, **changed):
    position = next(i for i, row in enumerate(rows) if row.kind == "category")
    rows[position] = dataclasses.replace(rows[position], **changed)
    return rows


@pytest.mark.parametrize("label", ["john.doe@example.com", "John Doe", "tok_12"])
def test_a_label_outside_the_vocabulary_stops_the_export(tmp_path, label):
    with pytest.raises(GateFailed) as caught:
        _export(_with(pack_rows.make(2), label=label), tmp_path)
    assert label not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_support_is_counted_in_people():
    rows = pack_rows.make(3)
    gate.check(rows, 20)
    gate.check_shares(rows, [0.8 for _ in rows], 0.8)
    with pytest.raises(GateFailed, match="in 1 cells one person"):
        gate.check_shares(rows, [None, 0.81, *[0.8 for _ in rows[2:]]], 0.8)
    with pytest.raises(GateFailed, match="1 cells have fewer than 20 people"):
        gate.check(_with(rows, n_people=19, n_rows=10_000), 20)


def test_quantiles_need_rows_on_their_thin_side():
    quantiles = [row for row in pack_rows.make(3) if row.label == "p99"]
    gate.check([dataclasses.replace(row, n_rows=2_000) for row in quantiles], 20)
    with pytest.raises(GateFailed):
        gate.check([dataclasses.replace(row, n_rows=1_999) for row in quantiles], 20)


def test_k_may_only_be_tightened():
    assert preflight.required_people() == 20
    assert preflight.required_people(30) == 30
    with pytest.raises(BadInput, match="less than the project's"):
        preflight.required_people(5)


def test_output_must_be_a_directory_that_can_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="not a directory"):
        outputs.directory(tmp_path / "file")
    with pytest.raises(BadInput, match="not a directory"):
        outputs.directory(tmp_path / "file" / "below")
    with pytest.raises(DatabaseError, match="cannot make"):
        outputs.directory("/proc/none")
    assert outputs.directory(tmp_path / "new" / "one").is_dir()


@pytest.mark.parametrize(
    "options",
    [
        ("--window-days", "0"),
        ("--window-days", "x"),
        ("--as-of", "yesterday"),
        ("--as-of", "2026-W01"),
        ("--target", "dev_synth"),
        ("--target", "nowhere"),
        ("--k", "3"),
    ],
)
def test_bad_options_end_with_code_2_before_anything_runs(run_synth, tmp_path, options):
    salt = {"ANONYMIZATION_SALT": "0123456789abcdefghijklmnopqrstuvwxyz"}
    done = run_synth("extract", "--output", tmp_path / "out", *options, env=salt)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_salt_comes_first(run_synth, tmp_path):
    done = run_synth("extract", "--output", tmp_path / "out", "--target", "nowhere")
    assert done.returncode == 2
    done = run_synth("extract", "--output", tmp_path / "out")
    assert done.returncode == 2
    assert "ANONYMIZATION_SALT" in done.stderr
    assert not (tmp_path / "out").exists()


def test_json_of_extract_is_documented(run_synth):
    text = run_synth("extract", "--help").stdout
    for word in ("pack", "manifest", "sha256", "suppressed", "n_findings", "dbt"):
        assert word in text
