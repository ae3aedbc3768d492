"""How often the gates refuse an honest database: one more draw of the very population.

A population is a spec. Some draws of it play production: each is extracted with the privacy rules
into a pack. Others are generated with other seeds, reduced to their shape, and judged against each
pack, all by the statements dbt compiled, run in dbt's order without dbt. Nothing is simulated and
nothing is taken from a baseline, so a refusal is a false alarm.
"""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from bench import compiled
from synth import db, server, targets
from synth.pack import baseline, reader, trust

SQL_DIR = Path(__file__).parent / "sql"
DATABASE = "redraw_source"
SALT = "a-salt-for-benchmarks-that-protects-nothing"
MAX_REFUSED = 0.02


def main():
    """Draw, judge and count; gives the exit code, 1 where more than 2 % are refused."""
    n_draws = int(os.environ.get("DRAWS") or 40)
    n_packs = int(os.environ.get("PACKS") or 5)
    n_messages = int(os.environ.get("MESSAGES") or 30_000)
    first_seed = int(os.environ.get("SEED") or 1)
    spec = ["--config", os.environ["SPEC"]] if os.environ.get("SPEC") else []
    folder = Path(os.environ["DBT_TARGET_PATH"]) / "redraws"
    target, tally = targets.load("dev_synth"), Tally()
    with tempfile.TemporaryDirectory(prefix="synth-redraw-") as name:
        packs = [
            make_pack(Path(name) / str(number), n_messages, first_seed + number, spec)
            for number in range(n_packs)
        ]
        say(f"{n_packs} packs made")
        for draw in range(n_draws):
            seed = first_seed + 1000 + draw
            synth("generate", *size(n_messages, seed, spec))
            with db.connect(target) as connection:
                if draw == 0:
                    replace_baseline(connection, packs[0])
                    connection.commit()
                    compiled.build(target, folder)
                rebuild(connection, compiled.statements(folder, without="models/fidelity"))
                for number, pack in enumerate(packs):
                    replace_baseline(connection, pack)
                    rebuild(connection, compiled.statements(folder, only="models/fidelity"))
                    checks = db.fetch_all(connection, "fid_check_rows", schema=target.schema)
                    verdict = db.fetch_one(connection, "fid_verdict_row", schema=target.schema)
                    tally.add(f"pack {1 + number}, seed {seed}", checks, verdict)
    return tally.report(n_messages)


class Tally:
    """What was refused, what missed, and how far draws lie apart in noise floors."""

    def __init__(self):
        self.n_judged = 0
        self.refused = []
        self.missed = Counter()
        self.spread = defaultdict(list)

    def add(self, name, checks, verdict):
        """Count one comparison."""
        self.n_judged += 1
        misses = [row for row in checks if row["verdict"] in ("WARN", "FAIL")]
        self.missed.update(row["check_name"] for row in misses)
        for row in checks:
            if row["effect_size"] is not None and row["noise_floor"] and row["verdict"] != "SKIP":
                self.spread[row["check_name"]].append(row["effect_size"] / row["noise_floor"])
        if not verdict["is_go"]:
            self.refused.append(name)
            names = ", ".join(f"{row['check_name']} {row['verdict']}" for row in misses)
            say(f"refused, headline {verdict['headline_verdict']}: {name}: {names}")

        if self.n_judged % 20 == 0:
            say(f"{len(self.refused)} of {self.n_judged} refused so far")

    def report(self, n_messages):
        """Print the figures; gives the exit code."""
        for name, count in self.missed.most_common():
            ratios = self.spread[name] or [0]
            say(f"  {name:<40} misses {count:3d}, up to {max(ratios):.2f} noise floors")
        say(
            f"{len(self.refused)} of {self.n_judged} honest comparisons of {n_messages:,} "
            "messages refused"
        )
        return 0 if len(self.refused) <= MAX_REFUSED * self.n_judged else 1


def make_pack(folder, n_messages, seed, spec):
    """Generate a database of its own and extract it; gives the pack as read."""
    generation = {"PRODSHAPE_DEV_DBNAME": DATABASE}
    extraction = {"PRODSHAPE_PROD_DBNAME": DATABASE, "ANONYMIZATION_SALT": SALT}
    with db.connect(server.maintenance_target()) as connection:
        db.execute(connection, "server_create_database", database=DATABASE)
    try:
        synth("generate", *size(n_messages, seed, spec), environment=generation)
        with db.connect(
            dataclasses.replace(targets.load("dev_synth"), dbname=DATABASE)
        ) as connection:
            connection.execute((SQL_DIR / "redraw_rename.sql").read_text())
        extract = ["extract", "--window-days", "all", "--output", str(folder), "--json"]
        answer = json.loads(synth(*extract, environment=extraction))
        path = Path(answer["pack"])
        return reader.load(path), trust.check(path, True)
    finally:
        with db.connect(server.maintenance_target()) as connection:
            connection.execute((SQL_DIR / "redraw_drop.sql").read_text())


def replace_baseline(connection, pack):
    """Make a pack the one that is compared with."""
    db.install_functions(connection)
    baseline.replace(connection, *pack)


def rebuild(connection, statements):
    """Run statements of dbt's."""
    for statement in statements:
        connection.execute(statement)


def size(n_messages, seed, spec):
    """Options of the generator."""
    return ["--messages", str(n_messages), "--seed", str(seed), "--replace", *spec]


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


def say(line):
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
