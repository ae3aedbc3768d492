"""How often the gates refuse an honest database: one more draw of the very population.

A population is a spec. One draw of it plays production: it is extracted with the privacy rules,
and its pack becomes the baseline. Others are generated with other seeds and judged against that
pack, each by the statements dbt compiled, run in dbt's order without dbt. Nothing is simulated and
nothing is taken from the baseline, so a refusal is a false alarm.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from bench import compiled
from synth import db, server, targets

SQL_DIR = Path(__file__).parent / "sql"
DATABASE = "redraw_{}"
SALT = "a-salt-for-benchmarks-that-protects-nothing"
MAX_REFUSED = 0.02


def main():
    """Draw, judge and count; gives the exit code, 1 where more than 2 % are refused."""
    n_draws = int(os.environ.get("DRAWS") or 200)
    n_baselines = int(os.environ.get("BASELINES") or 10)
    n_messages = int(os.environ.get("MESSAGES") or 20_000)
    spec = ["--config", os.environ["SPEC"]] if os.environ.get("SPEC") else []
    refused, missed, spread, seed = [], Counter(), defaultdict(list), 1
    for number in range(n_baselines):
        with tempfile.TemporaryDirectory(prefix="synth-redraw-") as folder:
            import_baseline(DATABASE.format(number), Path(folder), n_messages, seed, spec)
        seed += 1
        for draw in range(number, n_draws, n_baselines):
            generate(n_messages, seed, spec)
            verdict, checks = judge(is_first=draw == 0)
            for row in checks:
                if row["effect_size"] is not None and row["noise_floor"]:
                    spread[row["check_name"]].append(row["effect_size"] / row["noise_floor"])
            misses = [row for row in checks if row["verdict"] in ("WARN", "FAIL")]
            missed.update(row["check_name"] for row in misses)
            if not verdict["is_go"]:
                refused.append(seed)
                say(f"seed {seed} refused, headline {verdict['headline_verdict']}")
            for row in misses:
                say(
                    f"  {row['verdict']} {row['check_name']} {row['segment']}: "
                    f"{row['effect_name']} {row['effect_size']:.4g}, margin {row['margin']:.4g}, "
                    f"floor {row['noise_floor']:.4g}"
                )
            seed += 1
        say(f"baseline {number + 1} of {n_baselines}: {len(refused)} refused so far")
    for name, count in missed.most_common():
        say(f"  {name:<40} {count:4d} of {n_draws} draws warn or fail")
    for name, ratios in sorted(spread.items(), key=lambda item: -max(item[1])):
        if max(ratios) > 0.8:
            above = sum(ratio > 1 for ratio in ratios)
            say(f"  {name:<40} up to {max(ratios):.2f} noise floors, {above} above one")
    say(f"{len(refused)} of {n_draws} honest draws of {n_messages:,} messages refused")
    return 0 if len(refused) <= MAX_REFUSED * n_draws else 1


def import_baseline(database, folder, n_messages, seed, spec):
    """Generate a database of its own, extract its pack, import it into dev."""
    production = {
        "PRODSHAPE_DEV_DBNAME": database,
        "PRODSHAPE_PROD_DBNAME": database,
        "ANONYMIZATION_SALT": SALT,
    }
    with db.connect(server.maintenance_target()) as connection:
        db.execute(connection, "server_create_database", database=database)
    try:
        generate(n_messages, seed, spec, production)
        with db.connect(target_of(database)) as connection:
            connection.execute(text("redraw_rename"))
        extract = ["extract", "--window-days", "all", "--output", str(folder), "--json"]
        answer = json.loads(synth(*extract, environment=production))
        synth("import", answer["pack"], "--allow-unsigned")
    finally:
        with db.connect(server.maintenance_target()) as connection:
            db.execute(connection, "server_drop_database", database=database)


def target_of(database):
    """The dev target, but in another database."""
    before = os.environ.get("PRODSHAPE_DEV_DBNAME")
    os.environ["PRODSHAPE_DEV_DBNAME"] = database
    try:
        return targets.load("dev_synth")
    finally:
        if before is None:
            del os.environ["PRODSHAPE_DEV_DBNAME"]
        else:
            os.environ["PRODSHAPE_DEV_DBNAME"] = before


def generate(n_messages, seed, spec, environment=None):
    """One run of the generator, in place of the one before."""
    size = ("--messages", str(n_messages), "--seed", str(seed), "--replace", *spec)
    synth("generate", *size, environment=environment)


def judge(*, is_first):
    """Rebuild shape and checks; gives the verdict and the checks that warn or fail."""
    target = targets.load("dev_synth")
    if is_first:
        compiled.build(target, compiled_folder())
    with db.connect(target) as connection:
        for statement in compiled.statements(compiled_folder()):
            connection.execute(statement)
        checks = db.fetch_all(connection, "fid_check_rows", schema=target.schema)
        verdict = db.fetch_one(connection, "fid_verdict_row", schema=target.schema)
    return verdict, checks


def compiled_folder():
    """Where dbt compiles what is run here; `extract` compiles into the one above."""
    return Path(os.environ["DBT_TARGET_PATH"]) / "redraws"


def synth(*arguments, environment=None):
    """Run a command as a user does; its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "synth", *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"synth {arguments[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def text(name):
    """Text of one of the benchmark's SQL files."""
    return (SQL_DIR / f"{name}.sql").read_text()


def say(line):
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
