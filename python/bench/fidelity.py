"""How close the synthetic rows are to real ones, beside the distance of two halves of these.

For each folder of real chat data the whole way is gone: stand-in, pack, spec, generation of as
many messages. Then both databases are read row by row, and neither the shape models nor the
checks have a say.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from psycopg import sql

from bench import distances
from synth import console, db, server, targets

SQL_DIR = Path(__file__).parent / "sql"
SETS = ("slack_devchat", "zulip_2018_2020", "collegemsg")
MAX_RATIO = 1.5
# Differences smaller than this are rounding, whatever the floor.
LEAST = 1e-3


def main(arguments=None):
    """Measure every folder; gives the exit code, 1 when a ratio is above `MAX_RATIO`."""
    options = _options().parse_args(arguments)
    folders = options.folders or _known()
    results = {}
    for folder in folders:
        if not (folder / "messages.csv.gz").exists() and not (folder / "messages.csv").exists():
            console.note(f"error: {folder} holds no messages.csv or messages.csv.gz")
            return 2
    for folder in folders:
        results[folder.name] = measure(folder, seed=options.seed, splits=options.splits)
        if not options.as_json:
            show(folder.name, results[folder.name])
    met = all(not one["is_missed"] for rows in results.values() for one in rows)
    if options.as_json:
        limits = {"max_ratio": MAX_RATIO, "seed": options.seed, "splits": options.splits}
        console.document({**limits, "is_met": met, "sets": results})
    else:
        ratios = [
            one["ratio"]
            for rows in results.values()
            for one in rows
            if one["ratio"] is not None and one["metric"] not in distances.UNJUDGED
        ]
        below, missed = sum(r < 1 for r in ratios), sum(r > MAX_RATIO for r in ratios)
        console.result(
            f"{len(ratios)} figures: {below} below their floor, {missed} above {MAX_RATIO} times"
        )
    return 0 if met else 1


def _options():
    parser = argparse.ArgumentParser(prog="scripts/bench fidelity", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="folders with CSV files")
    parser.add_argument("--seed", type=int, default=1, help="of the generation")
    parser.add_argument("--splits", type=int, default=20, help="random halves behind each floor")
    parser.add_argument("--json", action="store_true", dest="as_json")
    return parser


def _known():
    place = Path(os.environ.get("PRODSHAPE_REAL_DATA") or "../shared/real")
    found = [place / name for name in SETS if (place / name).is_dir()]
    if not found:
        console.note(f"error: no real data in {place}; name a folder, or set PRODSHAPE_REAL_DATA")
        raise SystemExit(2)
    return found


def measure(folder, *, seed, splits):
    """Go the whole way with one folder.

    Parameters
    ----------
    folder : pathlib.Path
    seed : int
        Of the generation.
    splits : int
        Random halves behind each floor.

    Returns
    -------
    list of dict
        One per metric: ``metric``, ``measure``, ``distance``, ``floor``, ``ratio`` and
        ``synthetic_floor``, the distance of two halves of the synthetic conversations: how much
        that side clusters.
    """
    _synth("standin", "--from", str(folder), "--replace")
    with tempfile.TemporaryDirectory() as place:
        _synth("extract", "--window-days", "all", "--output", place)
        pack = next(Path(place).glob("shape-metrics-????????.json"))
        spec = str(Path(place) / "spec.json")
        _synth("import", str(pack), "--allow-unsigned")
        _synth("calibrate", "--shape", str(pack), "--output", spec, "--allow-unsigned")
        real = read("prod_shape", "app")
        wanted = ("--messages", str(real.sent_at.size), "--seed", str(seed), "--replace")
        _synth("generate", "--config", spec, *wanted)
    return compare(real, read("dev_synth", "perf_synthetic"), splits=splits)


def compare(real, synthetic, *, splits):
    """Distance, floor and ratio of every metric.

    Parameters
    ----------
    real, synthetic : bench.distances.Side
    splits : int

    Returns
    -------
    list of dict
        As of `measure`.
    """
    sides = distances.values(real), distances.values(synthetic)
    floors = distances.floors(real, splits=splits)
    clusters = distances.floors(synthetic, splits=splits)
    found = []
    for name in distances.METRICS:
        gap, floor = distances.distance(name, *sides), floors.get(name)
        # A quantity without any spread has no floor, and none is needed where it is met.
        ratio = gap / floor if gap is not None and floor and max(gap, floor) > LEAST else None
        found.append(
            {
                "metric": name,
                "measure": distances.measure_of(name),
                "distance": gap,
                "floor": floor,
                "ratio": ratio,
                "synthetic_floor": clusters.get(name),
                "is_missed": name not in distances.UNJUDGED
                and gap is not None
                and gap > LEAST
                and (ratio is None or ratio > MAX_RATIO),
            }
        )
    return found


def read(target_name, schema):
    """Rows of the application's tables.

    Parameters
    ----------
    target_name, schema : str

    Returns
    -------
    bench.distances.Side
    """
    target = targets.load(target_name)
    with server.ensure(target), db.connect(target) as connection:
        messages, members, conversations = (
            connection.execute(_text(f"fidelity_{name}", schema)).fetchall()
            for name in ("messages", "members", "conversations")
        )
    conversation, sender, sent_at, kind, length = zip(*messages, strict=True)
    member = np.array(members, dtype=np.int64)
    return distances.Side(
        conversation=np.array(conversation, dtype=np.int64),
        sender=np.array(sender, dtype=np.int64),
        sent_at=np.array(sent_at),
        kind=np.array(kind),
        length=np.array(length, dtype=float),
        member_conversation=member[:, 0],
        member_user=member[:, 1],
        conversation_kind=dict(conversations),
    )


def _text(name, schema):
    text = (SQL_DIR / f"{name}.sql").read_text()
    return sql.SQL(text).format(schema=sql.Identifier(schema))


def _synth(*command):
    finished = subprocess.run(
        [sys.executable, "-m", "synth", *command], stdout=subprocess.DEVNULL, check=False
    )
    if finished.returncode:
        raise SystemExit(finished.returncode)


def show(name, rows):
    """Print the table of one folder."""
    console.table(
        ["metric", "measure", ">distance", ">floor", ">ratio", ">floor, synthetic", ""],
        [
            (
                row["metric"],
                row["measure"],
                _number(row["distance"]),
                _number(row["floor"]),
                None if row["ratio"] is None else f"{row['ratio']:.2f}",
                _number(row["synthetic_floor"]),
                "MISSED" if row["is_missed"] else "",
            )
            for row in rows
            if row["distance"] is not None
        ],
        title=f"{name}, load {os.getloadavg()[0]:.1f}",
    )


def _number(value):
    return None if value is None else f"{value:.4f}"


if __name__ == "__main__":
    sys.exit(main())
