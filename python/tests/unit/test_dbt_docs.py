"""What `dbt docs generate` would show: every model, column, seed, source and macro described."""

import json
import os
import subprocess
import sys

import pytest

NOT_SHOWN = ("test", "unit_test", "operation")
PII = {"none", "indirect", "direct"}


@pytest.fixture(scope="module")
def manifest(project_dir, tmp_path_factory):
    """dbt's reading of the project, on the target that has all of it."""
    folder = tmp_path_factory.mktemp("dbt")
    environment = {
        **os.environ,
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(folder),
    }
    (folder / "profiles.yml").write_text((project_dir / "profiles.example.yml").read_text())
    done = subprocess.run(
        [sys.executable, "-m", "synth.dbt", "parse", "--target", "dev_synth"],
        cwd=project_dir,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return json.loads((folder / "target" / "manifest.json").read_text())


def _shown(manifest):
    for part in ("nodes", "sources", "exposures", "macros"):
        for key, node in manifest[part].items():
            ours = node["package_name"] == "prodshape"
            if ours and node["resource_type"] not in NOT_SHOWN:
                yield key, node


def undescribed(manifest):
    """Whatever a reader of the site would find without a word."""
    for key, node in _shown(manifest):
        private = node["resource_type"] == "macro" and node["name"].startswith("_")
        if not node["description"].strip() and not private:
            yield key
        for name, column in node.get("columns", {}).items():
            if not column["description"].strip():
                yield f"{key}.{name}"
        if node["resource_type"] in ("model", "seed", "source") and not node["columns"]:
            yield f"{key} lists no columns"


def test_everything_is_described(manifest):
    assert list(undescribed(manifest)) == []
    kinds = [node["resource_type"] for _, node in _shown(manifest)]
    assert {"model", "seed", "source", "exposure", "macro"} <= set(kinds)
    assert kinds.count("model") > 40


def test_the_rule_itself_can_fail():
    node = {"package_name": "prodshape", "resource_type": "model", "name": "m", "description": " ",
            "columns": {"c": {"description": ""}}}  # fmt: skip
    bare = {"nodes": {"m": node}, "sources": {}, "exposures": {}, "macros": {}}
    assert list(undescribed(bare)) == ["m", "m.c"]


def test_what_leaves_is_an_exposure(manifest):
    found = {node["name"]: node for node in manifest["exposures"].values()}
    assert {"pack", "fidelity_report"} <= set(found)
    assert "model.prodshape.shape_metrics" in found["pack"]["depends_on"]["nodes"]
    assert "model.prodshape.fid_verdict" in found["fidelity_report"]["depends_on"]["nodes"]


def test_staging_and_sources_say_how_personal_a_column_is(manifest):
    tagged = 0
    for key, node in _shown(manifest):
        staging = node.get("original_file_path", "").startswith("models/staging")
        if staging and node["resource_type"] in ("model", "source"):
            if node.get("source_name", "chat") != "chat":
                continue
            for name, column in node["columns"].items():
                assert column["config"].get("meta", {}).get("pii") in PII, f"{key}.{name}"
                tagged += 1
    assert tagged > 50


def test_staging_lets_nothing_direct_through(manifest):
    for key, node in _shown(manifest):
        if node["resource_type"] == "model" and node["path"].startswith("staging"):
            for name, column in node["columns"].items():
                assert column["config"]["meta"]["pii"] != "direct", f"{key}.{name}"


def test_macro_descriptions_are_those_of_the_headers(project_dir):
    made = subprocess.run(
        [sys.executable, project_dir / "scripts" / "macro_docs"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    there = (project_dir / "macros" / "_macros.yml").read_text()
    assert there == made, "run: scripts/macro_docs > macros/_macros.yml"


def test_the_site_opens_with_an_overview(manifest):
    assert "doc.prodshape.__overview__" in manifest["docs"]
