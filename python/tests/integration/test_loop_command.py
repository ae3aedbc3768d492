"""`synth loop` on a real server: a spoilt spec is repaired, the record is kept."""

import json
from dataclasses import replace
from pathlib import Path

from synth import db, targets
from synth.spec import model

SQL = Path(__file__).parents[1] / "sql"


def test_a_spoilt_spec_is_repaired(databases, run_synth, tmp_path):
    spec = model.load_default()
    mixes = {name: getattr(spec, name).type for name in ("conversations", "messages")}
    pack = tmp_path / "pack.json"
    document = {name: {"type_distribution": mix.shares} for name, mix in mixes.items()}
    pack.write_text(json.dumps(document))
    labels = list(mixes["messages"].labels)
    weights = [mixes["messages"].shares[name] for name in (*labels[1:], labels[0])]
    swapped = replace(mixes["messages"], weights=tuple(weights))
    spoilt = tmp_path / "spoilt.json"
    model.save(model.replaced(spec, messages=replace(spec.messages, type=swapped)), spoilt)
    best = tmp_path / "best.json"
    call = ("loop", "--shape", pack, "--messages", 6000, "--output", best, "--allow-unsigned")

    found = run_synth(*call, "--config", spoilt, "--json", "--max-rounds", 5)
    assert found.returncode == 0, found.stderr
    body = json.loads(found.stdout)
    assert body["stopped"] == "go"
    assert body["rounds"][0]["verdict"] == "NO-GO"
    assert body["rounds"][1]["changes"][0]["parameter"] == "messages.type"
    assert body["best_round"] == len(body["rounds"])
    assert model.load(best).messages.type.shares["TEXT"] > 0.7
    with db.connect(targets.load("dev_synth")) as connection:
        rows = connection.execute((SQL / "loop_rounds.sql").read_text()).fetchall()
    assert len(rows) == len(body["rounds"])
    assert rows[-1][1]

    # A page can be made of any round.
    page = tmp_path / "report.html"
    for one in body["rounds"]:
        drawn = run_synth("report", one["run_id"], "--output", page)
        assert drawn.returncode == 0, drawn.stderr
        assert one["run_id"] in page.read_text()
        page.unlink()

    # The tables of the last round stay, so the next loop must be told to replace them.
    again = run_synth(*call, "--config", best)
    assert again.returncode == 2
    assert "--replace" in again.stderr
    assert run_synth(*call, "--config", pack).returncode == 2
