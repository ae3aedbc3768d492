"""`synth import`: a pack becomes the baseline, whole, or nothing changes."""

import json

import pack_rows
import pytest

from synth.pack import reader, writer


@pytest.fixture
def pack(tmp_path):
    path = tmp_path / "shape-metrics-20260201.json"
    rows = pack_rows.make(4, suppressed={("conversations", "heavy_share")})
    path.write_bytes(writer.dumps(writer.document(rows, pack_rows.META)))
    return path


def test_pack_becomes_the_baseline_and_replaces_the_last(run_synth, run_sql, databases, pack):
    done = run_synth("import", pack, "--json", "--allow-unsigned")
    assert done.returncode == 0, done.stderr
    loaded = reader.load(pack)
    shown = json.loads(done.stdout)
    assert shown == {
        "schema_version": "1.0",
        "target": "dev_synth",
        "schema": "shape_baseline",
        "sha256": loaded.sha256,
        "n_rows": len(loaded.rows),
        "as_of": "2026-01-31",
        "window_days": 30,
        "k": 20,
        "is_unsigned": True,
        "trust": "no_manifest",
        "retention_until": None,
    }
    (found,) = run_sql(databases.dev, "import_baseline")
    assert found["sha256"] == loaded.sha256
    assert found["n_rows"] == len(loaded.rows)
    assert found["n_suppressed"] == 1
    assert found["as_of"] == "2026-01-31"
    assert found["sum_of_shares"] == pytest.approx(1)
    assert run_sql(databases.dev, "import_functions")[0]["n"] > 0

    pack.write_text('{"users": {"total_count": 7}}')
    again = run_synth("import", pack, "--allow-unsigned")
    assert again.returncode == 0, again.stderr
    assert again.stderr == ""
    (found,) = run_sql(databases.dev, "import_baseline")
    assert found["n_rows"] == 1
    assert found["k"] is None


def test_bad_pack_changes_nothing(run_synth, run_sql, databases, pack):
    assert run_synth("import", pack, "--allow-unsigned").returncode == 0
    before = run_sql(databases.dev, "import_baseline")
    pack.write_text('{"users": {"total_count": -7}}')
    done = run_synth("import", pack, "--allow-unsigned")
    assert done.returncode == 2
    assert "$.users.total_count" in done.stderr
    assert run_sql(databases.dev, "import_baseline") == before


def test_schema_of_somebody_else_is_left_alone(run_synth, run_sql, databases, pack):
    run_sql(databases.dev, "import_foreign_schema")
    done = run_synth("import", pack, "--allow-unsigned")
    assert done.returncode == 2
    assert "was not made by synth" in done.stderr
    assert run_sql(databases.dev, "import_foreign_rows") == [{"precious": "keep me"}]


def test_no_pack_goes_into_the_boundary(run_synth, databases, pack):
    done = run_synth("import", pack, "--target", "prod_shape")
    assert done.returncode == 2
    assert "inside the boundary" in done.stderr


def test_database_that_is_not_there_is_code_3(run_synth, databases, pack):
    done = run_synth(
        "import",
        pack,
        "--allow-unsigned",
        env={"PRODSHAPE_DEV_HOST": "127.0.0.1", "PRODSHAPE_DEV_PORT": "1"},
    )
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
