"""``synth status``: how far a run is, from another terminal."""

from datetime import timedelta

import click

from synth import console, db, server, settings, targets
from synth.cli import common_options
from synth.errors import BadInput
from synth.generate import told

# Made anew by every process, so nothing keeps what an earlier one did.
UNLEDGERED = ("checksums",)
LIVE = ("units_per_second", "stage_eta_seconds", "run_eta_seconds")


@click.command("status")
@click.option("--schema", help="Look at this schema's run; default the newest run of all.")
@common_options(target=settings.DEV_TARGET)
def command(schema, target, as_json, verbose):
    """Show the running or the last generation run: stage, chunks, rate, time left."""
    place = targets.load(target)
    run, stages = _look(place, schema) if server.is_made(place) else (None, [])
    if run is None:
        where = f" in schema {schema!r}" if schema else ""
        raise BadInput(f"no run{where} on target {target!r}", hint="begin one: synth generate")
    found = _summary(run, stages, target)
    if as_json:
        console.document(found)
        return
    _show(found)


def _look(place, schema):
    """The run to show, and its stages."""
    with server.ensure(place), db.connect(place, application_name="synth status") as connection:
        has_runs = db.fetch_one(connection, "run_exists")["has_runs"]
        wanted = {"target_schema": schema}
        runs = db.fetch_all(connection, "run_list", wanted) if has_runs else []
        run = next((row for row in runs if row["state"] != "removed"), None)
        return run, db.fetch_all(connection, "run_stages", {"run_id": run["run_id"]}) if run else []


def _summary(run, stages, target):
    state = run["state"]
    progress = run["progress"] or {}
    totals = progress.pop("chunk_totals", {})
    result = run["result"] or {}
    _catch_up(progress, stages)
    if progress and state != "running":
        # What it said last is true no more.
        progress |= {"running": [], **dict.fromkeys(LIVE)}
    resumable = state in ("stopped", "failed", "interrupted")
    return {
        "run_id": run["run_id"],
        "schema": run["target_schema"],
        "state": state,
        "seed": run["seed"],
        "n_messages": run["n_messages"],
        "started_at": run["started_at"],
        "updated_at": run["updated_at"],
        "silent_seconds": round(run["silent_seconds"], 1) if state == "running" else None,
        "progress": progress if state != "done" else None,
        "stages": [
            {
                "stage": row["stage"],
                "chunks_done": row["n_chunks"],
                "chunks_total": totals.get(row["stage"], row["n_chunks"]),
                "rows": row["n_rows"],
            }
            for row in stages
        ],
        "cut_conversations": result.get("cut_conversations"),
        "people": result.get("people"),
        "spilled_bytes": run["spilled_bytes"],
        "resume": told.resume_command(run["run_id"], target) if resumable else None,
    }


def _catch_up(progress, stages):
    """Let the ledger say what is done: the run itself tells once a second, and dies in between."""
    if progress.get("stage") in (None, *UNLEDGERED):
        return
    nothing = {"n_chunks": 0, "n_units": 0, "n_rows": 0}
    found = next((row for row in stages if row["stage"] == progress["stage"]), nothing)
    # A record of an earlier version knows no units.
    if found["n_units"] is not None:
        progress["chunks_done"] = found["n_chunks"]
        progress["units_done"] = found["n_units"]
        progress["rows_written"] = found["n_rows"]


def _show(found):
    console.result(
        f"run {found['run_id']}, schema {found['schema']}, seed {found['seed']}, "
        f"{found['n_messages']:,} messages: {found['state']}"
    )
    now = found["progress"]
    if now:
        console.result(
            f"stage {now['stage_no']} of {now['n_stages']}, {now['label']}: "
            f"{now['chunks_done']} of {now['chunks_total']} chunks, "
            f"{now['units_done']:,} of {now['units_total']:,} {now['unit']}"
        )
    if now and found["state"] == "running":
        if now["units_per_second"]:
            digits = 0 if now["units_per_second"] >= 10 else 1
            console.result(f"{now['units_per_second']:,.{digits}f} {now['unit']}/s")
        console.result(
            f"time left: {_span(now['stage_eta_seconds'])} in this stage, "
            f"{_span(now['run_eta_seconds'])} in all"
        )
        if now["running"]:
            console.result(f"at work: {', '.join(now['running'])}")
    if found["stages"]:
        console.table(
            ["stage", ">chunks", ">of", ">rows written"],
            [
                (row["stage"], row["chunks_done"], row["chunks_total"], f"{row['rows']:,}")
                for row in found["stages"]
            ],
        )
    for line in told.lines(found):
        console.result(line)
    if found["resume"]:
        console.result(f"go on with: {found['resume']}")


def _span(seconds):
    return "not known yet" if seconds is None else f"about {timedelta(seconds=round(seconds))}"
