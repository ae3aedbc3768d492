"""`synth validate` as a user calls it: exit codes, report, refusals."""

import json

import jsonschema
import pytest

from synth import targets
from synth.spec import model

# With fewer conversations a mix of types shows nothing, and the check is left out.
GENERATE = ("generate", "--messages", 60_000, "--seed", 3)


@pytest.fixture
def honest_pack(tmp_path):
    """A hand-written pack that holds what the default spec generates."""
    spec = model.load_default()
    document = {}
    for section in ("conversations", "messages"):
        mix = getattr(spec, section).type
        shares = dict(zip(mix.labels, mix.weights, strict=True))
        document[section] = {"type_distribution": shares}
    path = tmp_path / "pack.json"
    path.write_text(json.dumps(document))
    return path


def test_go_and_no_go(databases, run_synth, run_sql, honest_pack, tmp_path, project_dir):
    report = tmp_path / "report.json"
    call = ("validate", "--shape", honest_pack, "--output", report, "--allow-unsigned")

    early = run_synth(*call)
    assert early.returncode == 2
    assert "synth generate" in early.stderr
    assert not report.exists()

    assert run_synth(*GENERATE).returncode == 0
    schema = json.loads(
        (project_dir / "python" / "synth" / "schemas" / "report.schema.json").read_text()
    )

    good = run_synth(*call, "--json")
    assert good.returncode == 0, good.stderr
    body = json.loads(report.read_text())
    jsonschema.Draft202012Validator(schema).validate(body)
    assert json.loads(good.stdout) == body
    assert body["verdict"] == "GO"
    assert body["headline"] == {"verdict": "PASS", "passed": 2, "total": 2}

    # Another mix: the new pack becomes the baseline by itself, and the verdict turns.
    document = json.loads(honest_pack.read_text())
    shares = document["conversations"]["type_distribution"]
    labels = list(shares)
    document["conversations"]["type_distribution"] = dict(
        zip(labels, [shares[label] for label in [*labels[1:], labels[0]]], strict=True)
    )
    honest_pack.write_text(json.dumps(document))
    # Nor is the verdict another where dbt's flags stand in the environment.
    bad = run_synth(*call, env={"DBT_EXCLUDE_RESOURCE_TYPES": "test", "DBT_WARN_ERROR": "true"})
    assert bad.returncode == 1, bad.stderr
    assert "Traceback" not in bad.stderr
    body = json.loads(report.read_text())
    jsonschema.Draft202012Validator(schema).validate(body)
    assert body["verdict"] == "NO-GO"
    assert body["checks"][0]["check_name"] == "conversation_types"
    assert "conversations.type" in body["checks"][0]["recommendation"]
    # The headline block first, then what missed, then the verdict.
    order = [bad.stdout.index(word) for word in ("headline test", "missed", "verdict  NO-GO")]
    assert order == sorted(order)
    assert "allows 2 of the 4 headline tests" in bad.stdout

    # Nobody signed the pack, and everybody is told.
    assert "pack.json, NOT TRUSTED (no_manifest): accepted with --allow-unsigned" in bad.stdout

    # A verdict must not outlive a validation that came to none.
    assert run_synth(*call, "--schema", "nothing_there").returncode == 2
    assert not report.exists()
    assert run_synth(*call, "--junit", report).returncode == 2

    # A table that was dropped since is named, and what is advised helps.
    run_sql(databases.dev, "fid_lose_table")
    lost = run_synth(*call)
    assert lost.returncode == 2
    assert "lacks attachments" in lost.stderr
    assert "synth generate --replace" in lost.stderr
    again = run_synth("generate", "--messages", 3000, "--seed", 1, "--replace")
    assert again.returncode == 0, again.stderr
    assert run_synth(*call).returncode in (0, 1)


def test_dbt_alone_says_what_is_missing(
    databases, run_synth, run_dbt, run_sql, honest_pack, project_dir, tmp_path
):
    """Without tables, baseline or checks it stops with one line, before any model fails."""

    def said(verb):
        command = [verb, "--target", "dev_synth"]
        for name, folder in (
            ("project-dir", project_dir),
            ("profiles-dir", targets.profiles_dir()),
            ("target-path", tmp_path / "target"),
            ("log-path", tmp_path / "logs"),
        ):
            command += [f"--{name}", str(folder)]
        done = run_dbt(*command)
        assert done.returncode != 0
        assert "Database Error" not in done.stdout
        return done.stdout

    assert "holds no synthetic tables; run `synth generate` first" in said("build")
    assert run_synth("generate", "--messages", 3000).returncode == 0
    assert "no baseline to compare with; run `synth import PACK` first" in said("build")
    assert "no checks to test; run `dbt build --target dev_synth` first" in said("test")
    assert run_synth("import", honest_pack, "--allow-unsigned").returncode == 0
    run_sql(databases.dev, "fid_lose_table")
    assert "lacks attachments, which every run makes" in said("build")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"--tolerance": "2"}, "tolerance"),
        ({"--output": "no/such/directory/report.json"}, "does not exist"),
        ({"--shape": "no-such-pack.json"}, "no-such-pack.json"),
        ({"--target": "prod_shape"}, "boundary"),
        ({"--target": "nowhere"}, "unknown target"),
    ],
)
def test_bad_input_is_one_line(pg_server, run_synth, honest_pack, tmp_path, change, reason):
    options = {"--shape": honest_pack, "--output": tmp_path / "report.json", **change}
    flat = [part for pair in options.items() for part in pair]
    done = run_synth("validate", *flat, "--allow-unsigned")
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "report.json").exists()
