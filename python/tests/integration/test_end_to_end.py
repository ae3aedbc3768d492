"""The whole flow as people run it, on a stand-in full of planted personal data.

One flow for the module: simulate, `dbt build --target prod_shape` through `synth extract`,
scan, import, calibrate, generate, `dbt build` and `dbt test --target dev_synth`, validate.
"""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
import sql_files
from warm import Warm

from synth import db, server, targets
from synth.standin import invent, simulate

N_MESSAGES = 60_000
SEED = 3
SALT = "end-to-end-salt-0123456789-abcdefghijklmnop"


@dataclass(frozen=True)
class Flow:
    """Where a finished flow left its files, and what its commands said."""

    folder: Path
    environment: dict
    pack: Path
    spec: Path
    report: Path
    said: dict
    warm: Warm

    def dbt(self, *arguments):
        return self.warm.run("dbt", *arguments, env=self.environment)

    def synth(self, *arguments):
        return self.warm.run("synth", *arguments, env=self.environment)


def call(*arguments, environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment,
        cwd=environment["SYNTH_PROJECT_DIR"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def flow(pg_server, project_dir, warm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("flow")
    names = {"PROD": "production_flow", "DEV": "dev_flow"}
    environment = {
        **os.environ,
        "SYNTH_PROJECT_DIR": str(project_dir),
        "ANONYMIZATION_SALT": SALT,
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "PRODSHAPE_PROD_DBNAME": names["PROD"],
        "PRODSHAPE_DEV_DBNAME": names["DEV"],
        "SYNTH_TRUSTED_KEYS": str(folder / "trusted"),
        "SYNTH_AUDIT_FILE": str(folder / "audit.jsonl"),
    }
    with db.connect(server.maintenance_target()) as connection:
        for name in names.values():
            db.execute(connection, "server_create_database", database=name)
    said = {}

    def run(*arguments):
        finished = call("-m", "synth", *arguments, environment=environment)
        said[arguments[0]] = finished.stdout + finished.stderr
        assert finished.returncode == 0, (arguments[0], finished.stdout, finished.stderr)
        return finished

    out, spec, report = folder / "out", folder / "spec.json", folder / "report.json"
    run("standin", "--simulate", N_MESSAGES, "--seed", SEED)
    # One noise for every run of the tests: the verdict of a chat of this size may hang on it.
    secret = ("run", "--target", "prod_shape", "--select", "int_secret")
    assert warm.run("dbt", *secret, env=environment).returncode == 0
    with db.connect(server.maintenance_target(names["PROD"])) as connection:
        sql_files.execute(connection, "released_secret_keep")
    run("extract", "--window-days", "30", "--output", out)
    (pack,) = out.glob("shape-metrics-????????.json")
    run("scan", pack)
    run("key", "new", folder / "officer.key", "--officer", "officer-1")
    run("key", "trust", folder / "officer-1.pub")
    run("sign", pack, "--key", folder / "officer.key", "--officer", "officer-1")
    run("verify", pack)
    run("import", pack)
    run("calibrate", "--shape", pack, "--output", spec)
    total = json.loads(pack.read_text())["messages"]["total_count"]
    run("generate", "--messages", total, "--config", spec, "--seed", 1)
    run("validate", "--shape", pack, "--tolerance", "0.15", "--output", report)
    yield Flow(folder, environment, pack, spec, report, said, warm)
    with db.connect(server.maintenance_target()) as connection:
        for name in names.values():
            sql_files.execute(connection, "server_drop_database", database=name)


def test_an_unrelated_process_is_reproduced_and_passes(flow):
    report = json.loads(flow.report.read_text())
    assert report["headline"]["verdict"] == "PASS", report["headline"]
    missed = [check["check_name"] for check in report["checks"] if check["verdict"] == "FAIL"]
    assert report["verdict"] == "GO", missed


def test_the_flow_is_signed_from_pack_to_report(flow):
    report, spec = json.loads(flow.report.read_text()), json.loads(flow.spec.read_text())
    digest = report["pack"]["sha256"]
    assert report["pack"]["trust"] == "signed"
    assert not report["pack"]["is_unsigned"]
    assert spec["source"]["pack_sha256"] == digest
    assert not spec["source"]["allow_unsigned"]
    assert report["spec_source"] == {
        "pack_sha256": digest,
        "allow_unsigned": False,
        "retention_until": spec["source"]["retention_until"],
    }


def test_the_audit_log_tells_the_flow_and_is_whole(flow):
    shown = json.loads(flow.synth("audit", "show", "--json").stdout)["records"]
    told = [record["command"] for record in shown]
    wanted = ["standin", "extract", "scan", "key new", "key trust", "sign", "verify", "import"]
    assert told[: len(wanted)] == wanted
    assert [name for name in told if name in ("calibrate", "generate", "validate")][:3] == [
        "calibrate",
        "generate",
        "validate",
    ]
    digests = {record["details"].get("pack_sha256") for record in shown} - {None}
    assert digests == {json.loads(flow.report.read_text())["pack"]["sha256"]}
    mapping = flow.pack.with_name(f"{flow.pack.stem}_mapping.json")
    assert flow.synth("audit", "verify", "--anchor", mapping).returncode == 0


def test_every_number_of_the_pack_is_in_the_bill(flow):
    explained = json.loads(flow.synth("explain", flow.pack, "--json").stdout)
    assert explained["has_bill"]
    assert len(explained["figures"]) > 500
    for figure in explained["figures"]:
        assert figure["rule"], figure["path"]
        assert figure["model_sha256"] == explained["models"][figure["model"]]
        assert figure["n_people"] >= explained["k"] or figure["n_rows"] == 0, figure["path"]


def test_dbt_alone_builds_and_tests_the_dev_side(flow):
    build = ("-m", "dbt.cli.main", "build", "--target", "dev_synth")
    built = call(*build, environment=flow.environment)
    assert built.returncode == 0, built.stdout[-3000:]
    tested = flow.dbt("test", "--target", "dev_synth")
    assert tested.returncode == 0, tested.stdout[-3000:]


@pytest.mark.parametrize("target", ["prod_shape", "dev_synth"])
def test_the_models_do_what_their_unit_tests_say(flow, target):
    selection = ("--select", "test_type:unit", "--vars", "unit_tests: true")
    tested = flow.dbt("test", "--target", target, *selection)
    assert tested.returncode == 0, tested.stdout[-3000:]
    assert int(re.search(r"PASS=(\d+)", tested.stdout)[1]) >= 25


def test_no_planted_item_leaves_the_source_tables(flow, run_sql, monkeypatch):
    planted = list(invent.planted_items(simulate.simulate(N_MESSAGES, seed=SEED), SEED))
    kinds = {item.kind for item in planted}
    assert len(planted) >= 5000
    assert len(kinds) >= 12

    monkeypatch.setenv("PRODSHAPE_PROD_DBNAME", flow.environment["PRODSHAPE_PROD_DBNAME"])
    monkeypatch.setenv("PRODSHAPE_DEV_DBNAME", flow.environment["PRODSHAPE_DEV_DBNAME"])
    texts = {"output": "\n".join(flow.said.values())}
    for path in flow.folder.rglob("*"):
        if path.is_file():
            texts[path.name] = path.read_bytes().decode("utf-8", "replace")
    production, dev = targets.load("prod_shape"), targets.load("dev_synth")
    for target in (production, dev):
        for row in run_sql(target, "boundary_tables"):
            blocks = []
            with db.connect(target) as connection:
                db.copy_out(
                    connection,
                    "export_table",
                    lambda block, blocks=blocks: blocks.append(bytes(block)),
                    schema=row["schema_name"],
                    table=row["table_name"],
                )
            name = f"{target.name}.{row['schema_name']}.{row['table_name']}"
            texts[name] = b"".join(blocks).decode()
    assert any("shape_metrics" in name for name in texts)
    assert any(name.endswith("manifest.json") for name in texts), sorted(texts)

    found = defaultdict(set)
    windows = {name: gram_set(text) for name, text in texts.items()}
    for item in planted:
        if len(item.text) < GRAM:
            continue
        for name, grams in windows.items():
            if item.text[:GRAM] in grams and item.text in texts[name]:
                found[name].add(item.kind)
    assert not found, {name: sorted(kinds) for name, kinds in found.items()}
    # The salt is as secret as the data.
    assert not [name for name, text in texts.items() if SALT in text]


def test_the_search_for_planted_items_would_find_one(flow):
    item = next(
        item
        for item in invent.planted_items(simulate.simulate(N_MESSAGES, seed=SEED), SEED)
        if len(item.text) >= GRAM
    )
    text = flow.pack.read_text() + item.text
    assert item.text[:GRAM] in gram_set(text)
    assert item.text in text


def test_a_spoilt_database_fails_both_ways(flow, run_sql, monkeypatch):
    monkeypatch.setenv("PRODSHAPE_DEV_DBNAME", flow.environment["PRODSHAPE_DEV_DBNAME"])
    run_sql(targets.load("dev_synth"), "spoil_generated")
    report = flow.folder / "spoilt.json"
    finished = flow.synth("validate", "--shape", flow.pack, "--output", report)
    assert finished.returncode == 1, finished.stderr
    assert json.loads(report.read_text())["headline"]["verdict"] == "FAIL"
    assert flow.dbt("test", "--target", "dev_synth").returncode == 1


GRAM = 7


def gram_set(text):
    """Every run of `GRAM` characters, so that thousands of items are looked up at once."""
    return {text[start : start + GRAM] for start in range(max(len(text) - GRAM + 1, 0))}
