"""The rule of release on a simulated chat: what noise is, where it agrees, and where it is none.

What is drawn is drawn a second time here, from the secret, the window and the key of the cell.
"""

import csv
import hashlib
import math
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from synth import catalogue
from synth.pack import grids

SALT = "a-salt-of-more-than-32-characters-for-tests"
K = 20
LIMIT = 0.8
LARGEST_NOISE = 7
# What sweeps over the margins leave: where counts were cut off at zero a row or so, elsewhere none.
AGREED, CLOSELY_AGREED = 2, 0.1
HISTOGRAMS_OF_ACTIVE = {
    "distinct_senders",
    "lifetime",
    "messages_per_conversation",
    "recency",
    "sender_dominance",
    "start_position",
}


@pytest.fixture
def run_dbt(project_dir, tmp_path, monkeypatch):
    """Call dbt on a target; every message is measured."""
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)

    def run(*arguments):
        done = subprocess.run(
            [
                Path(sys.executable).with_name("dbt"),
                *arguments,
                *("--vars", "{source_schema: app, window_days: all}"),
                *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
            ],
            cwd=project_dir,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]

    return run


def _seed(project_dir, name):
    with (project_dir / "seeds" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _drawn(cell, secret, table):
    """The noise of a cell, from its key alone: looked up by the first 52 bits of a hash."""
    text = f"{secret['window_text']} {cell['cell_key']}"
    draw = int(hashlib.sha256(bytes(secret["secret"]) + text.encode()).hexdigest()[:13], 16)
    steps = table[min(cell["n_rows"], max(table))]
    return min(noise for noise, cumulative in steps if cumulative > draw / 2**52)


def _margins(cells, rows):
    """Name of a margin to table to its cells; all margins of ``seeds/margins.csv``.

    The cells of all segments together are one table, those of segments another.
    """
    by_metric = defaultdict(list)
    for row in rows:
        by_metric[row["entity"], row["metric"]].append(row)
    found = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        is_all = cell["segment"] == "all"
        hour = int(cell["label"]) if cell["metric"] == "hour_of_week" else 0
        for row in by_metric[cell["entity"], cell["metric"]]:
            is_other = row["segments"] and (row["segments"] == "all") != is_all
            if is_other or row["label"] not in ("", cell["label"]):
                continue
            for slot in "abcd":
                name = row[f"margin_{slot}"]
                for key, value in (
                    ("hour", hour % 24),
                    ("day", hour // 24 + 1),
                    ("segment", cell["segment"]),
                    ("type", cell["segment"].split(".")[0]),
                    ("label", cell["label"]),
                    ("bucket", cell["bucket_index"]),
                ):
                    name = name.replace(f"{{{key}}}", str(value))
                if name:
                    found[name][cell["entity"], cell["metric"], is_all].append(cell)
    return found


def _sum(cells, column):
    return sum(cell[column] for cell in cells)


def _n_people(cells):
    sketch = 0
    for cell in cells:
        sketch |= cell["people_sketch"] & (2**64 - 1)
    return sketch.bit_count()


def test_counts_are_moved_once_and_agree(databases, run_dbt, run_synth, run_sql, project_dir):
    loaded = run_synth("standin", "--simulate", 20000)
    assert loaded.returncode == 0, loaded.stderr
    # One noise for every run of the tests.
    run_dbt("run", "--target", "prod_shape", "--select", "int_secret")
    run_sql(databases.prod, "released_secret_keep")
    run_dbt("build", "--target", "prod_shape")
    cells = run_sql(databases.prod, "released_cells")
    published = [row for row in run_sql(databases.prod, "shape_rows") if not row["is_suppressed"]]
    margins = _margins(cells, _seed(project_dir, "margins"))

    _is_noise_of_the_key(cells, margins, *run_sql(databases.prod, "released_secret"), project_dir)
    _do_margins_agree(margins)
    _is_supported(published, cells)
    _do_published_sums_agree(published, cells)
    _are_shares_of_what_is_released(published, cells)
    _are_quantiles_at_moved_ranks(published, run_sql(databases.prod, "exact_values"))


def _is_noise_of_the_key(cells, margins, secret, project_dir):
    table = defaultdict(list)
    for row in _seed(project_dir, "noise_table"):
        table[int(row["n_rows"])].append((int(row["noise"]), float(row["cumulative"])))
    assert min(cell["n_rows"] for cell in cells) > 0, "where nobody is, there is no cell"
    tied = {
        cell["cell_number"]
        for metrics in margins.values()
        for found in metrics.values()
        for cell in found
    }
    alone = [cell for cell in cells if cell["cell_number"] not in tied]
    assert {cell["metric"] for cell in alone} >= {"session_size", "device_mix", "username_length"}
    # Equal keys have equal noise: one draw.
    noises = {}
    for cell in cells:
        noise = _drawn(cell, secret, table)
        assert abs(noise) <= LARGEST_NOISE
        assert cell["n_rows"] + noise >= 0
        if cell["cell_number"] not in tied:
            assert cell["rows_released"] == cell["n_rows"] + noise
        if cell["n_rows"] >= LARGEST_NOISE:
            noises[cell["cell_key"]] = noise
    n = len(noises)
    assert n > 700
    assert abs(sum(noises.values()) / n) < 5 * (5 / n) ** 0.5
    assert 4 < sum(noise**2 for noise in noises.values()) / n < 6
    # Consistency moves a count by no more than noise does, give or take.
    moved = [abs(cell["rows_released"] - cell["n_rows"]) for cell in cells]
    assert 0 < max(moved) <= 2 * LARGEST_NOISE
    assert min(cell["rows_released"] for cell in cells) >= 0


def _do_margins_agree(margins):
    differences = []
    for name, metrics in margins.items():
        if len(metrics) < 2:
            continue
        # What is tied is tied by what the rows are: cells of the same rows have the same key.
        assert len({_sum(found, "n_rows") for found in metrics.values()}) == 1, name
        if not name.startswith(("receipts", "files")):
            assert len({_sum(found, "cell_key") for found in metrics.values()}) == 1, name
        sums = [_sum(found, "rows_released") for found in metrics.values()]
        differences.append(max(sums) - min(sums))
        assert differences[-1] < AGREED, name
    assert len(differences) > 50
    assert sum(one < CLOSELY_AGREED for one in differences) >= 0.9 * len(differences)
    # One record set, two tables: the lone cell of one and the lone cell of the other.
    same = [
        [found[0]["cell_key"] for found in metrics.values() if len(found) == 1]
        for metrics in margins.values()
    ]
    assert any(len(keys) > 1 and len(set(keys)) == 1 for keys in same)


def _is_supported(published, cells):
    """Exact cells behind every published bucket and label: people, and the largest one's part."""
    by_metric = defaultdict(list)
    for cell in cells:
        by_metric[cell["entity"], cell["metric"]].append(cell)
    checked = 0
    for row in published:
        assert row["n_people"] >= K, row["metric"]
        behind = [
            cell
            for cell in by_metric[row["entity"], row["metric"]]
            if row["segment"] == cell["segment"]
        ]
        if row["kind"] == "bucket":
            behind = [
                cell
                for cell in behind
                if cell["bucket_index"] is not None
                and row["bucket_lower"] <= cell["bucket_lower"] < row["bucket_upper"]
            ]
        elif row["kind"] == "hour" and row["metric"] == "hour_of_week" and row["n_rows"]:
            # Hours that were taken together are shared out, so that each has all their people.
            assert row["n_people"] >= _n_people(
                [cell for cell in behind if cell["label"] == row["label"]]
            )
            continue
        else:
            continue
        checked += 1
        assert _n_people(behind) == row["n_people"] >= K, (row["metric"], row["bucket_lower"])
        share = _sum(behind, "top_rows") / _sum(behind, "n_rows")
        assert share <= LIMIT, (row["metric"], row["bucket_lower"])
        assert row["top_share"] == (pytest.approx(share) if share else None)
        # Buckets taken together have noise of their own, whose difference all of a series share.
        moved = abs(row["n_rows"] - _sum(behind, "rows_released"))
        assert moved <= LARGEST_NOISE * (len(behind) + 3)
    assert checked > 300


def _do_published_sums_agree(published, cells):
    sums, typed, withheld = defaultdict(int), defaultdict(int), set()
    ends = defaultdict(list)
    for row in published:
        if row["kind"] == "bucket":
            whole = sums if row["segment"] == "all" else typed
            whole[row["metric"]] += row["n_rows"]
            ends[row["metric"], row["segment"]].append((row["bucket_lower"], row["bucket_upper"]))
    for cell in cells:
        if cell["bucket_index"] is not None:
            pairs = ends.get((cell["metric"], cell["segment"]), [])
            if not any(lower <= cell["bucket_lower"] < upper for lower, upper in pairs):
                withheld.add((cell["metric"], cell["segment"]))
    whole = {metric for metric in HISTOGRAMS_OF_ACTIVE if (metric, "all") not in withheld}
    assert len(whole) >= 4
    of_active = {sums[metric] for metric in whole}
    assert max(of_active) - min(of_active) <= 1
    totals = {row["entity"]: row["n_rows"] for row in published if row["kind"] == "total"}
    assert abs(sums["member_count"] - totals["conversations"]) <= 1
    # Rounded by type, of three types.
    for metric in {"member_count", "messages_per_conversation"} - {one for one, _ in withheld}:
        assert abs(typed[metric] - sums[metric]) <= 3
    hours = [row["n_rows"] for row in published if row["metric"] == "hour_of_day"]
    assert abs(sum(hours) - totals["messages"]) <= 24


def _are_shares_of_what_is_released(published, cells):
    for metric, label in (
        ("silent_share", "silent"),
        ("unattached_share", "unattached"),
        ("empty_share", "empty"),
    ):
        whole = [cell for cell in cells if (cell["metric"], cell["segment"]) == (metric, "all")]
        part = _sum([cell for cell in whole if cell["label"] == label], "rows_released")
        found = [
            row["value"] for row in published if row["metric"] == metric and row["segment"] == "all"
        ]
        # Where the part is of too few people, there is no share.
        assert found in ([], [pytest.approx(part / _sum(whole, "rows_released"))])
    assert sum(row["metric"] in ("silent_share", "empty_share") for row in published) >= 2


def _are_quantiles_at_moved_ranks(published, values):
    """Between the values so many ranks below and above the exact one, to three digits."""
    by_series = defaultdict(list)
    for row in values:
        by_series[row["metric"], row["segment"]] += [row["value"]] * row["n_rows"]
    last, moved, compared = {}, 0, 0
    order = sorted(
        (row for row in published if row["kind"] == "quantile" and row["label"] != "max"),
        key=lambda row: int(row["label"][1:]),
    )
    for row in order:
        series = by_series[row["metric"], row["segment"]]
        rank = int(row["label"][1:]) / 100 * (len(series) - 1)
        lowest = series[max(0, math.floor(rank - LARGEST_NOISE))]
        highest = series[min(len(series) - 1, math.ceil(rank + LARGEST_NOISE))]
        place = (row["metric"], row["segment"])
        assert lowest * 0.995 <= row["value"] <= max(highest, last.get(place, 0)) * 1.005
        assert row["value"] >= last.get(place, 0)
        last[place] = row["value"]
        exact = series[round(rank)]
        moved += abs(row["value"] - exact) > 0.006 * exact
        compared += 1
    assert compared > 30
    assert moved > 0


def _published(run_sql, target):
    return sorted(run_sql(target, "shape_rows"), key=str)


def test_a_build_says_the_same_again_until_the_secret_is_another(
    databases, run_dbt, run_synth, run_sql
):
    loaded = run_synth("standin", "--simulate", 20000)
    assert loaded.returncode == 0, loaded.stderr
    # The planner draws rows by chance.
    run_sql(databases.prod, "keep_statistics")
    run_dbt("build", "--target", "prod_shape")
    first = _published(run_sql, databases.prod)
    (secret,) = run_sql(databases.prod, "released_secret")

    # Neither a rebuild from nothing nor a server that writes its dates in another way is new.
    run_sql(databases.prod, "released_elsewhere")
    run_dbt("run", "--full-refresh", "--target", "prod_shape")
    assert run_sql(databases.prod, "released_secret") == [secret]
    assert _published(run_sql, databases.prod) == first

    run_sql(databases.prod, "released_secret_forget")
    run_dbt("run", "--target", "prod_shape", "--select", "int_secret", "int_released+")
    (other,) = run_sql(databases.prod, "released_secret")
    assert other["secret"] != secret["secret"]
    again = _published(run_sql, databases.prod)
    assert len(again) > 1000
    assert [row for row in again if row["kind"] == "bucket"] != [
        row for row in first if row["kind"] == "bucket"
    ]


def test_outside_the_boundary_nothing_is_moved(databases, run_dbt, run_synth, run_sql):
    loaded = run_synth("standin", "--simulate", 20000, "--target", "dev_synth")
    assert loaded.returncode == 0, loaded.stderr
    run_dbt("build", "--target", "dev_synth", "--select", "+shape_metrics")
    cells = run_sql(databases.dev, "released_cells")
    assert len(cells) > 1000
    assert all(cell["rows_released"] == cell["n_rows"] for cell in cells)
    rows = run_sql(databases.dev, "shape_rows")
    # Cells of one row are there, and every bucket is a native one.
    edges = {
        (cell["bucket_lower"], cell["bucket_upper"])
        for cell in cells
        if cell["bucket_index"] is not None
    }
    buckets = [row for row in rows if row["kind"] == "bucket" and not row["is_suppressed"]]
    assert min(row["n_rows"] for row in buckets) == 1
    assert {(row["bucket_lower"], row["bucket_upper"]) for row in buckets} <= edges
    _has_every_metric_its_grid(cells)


def _has_every_metric_its_grid(cells):
    found = defaultdict(set)
    for cell in cells:
        if cell["bucket_index"] is not None:
            found[cell["entity"], cell["metric"]] |= {cell["bucket_lower"], cell["bucket_upper"]}
    metrics = [line for line in catalogue.metrics() if line.kind == "bucket"]
    assert len(metrics) > 20
    for line in metrics:
        edges = grids.edges(grids.of_metric(line.entity, line.metric, line.unit))
        assert found[line.entity, line.metric], line.metric
        assert found[line.entity, line.metric] <= set(edges), line.metric
