"""Noise floors against simulation, and how often the equivalence rule errs."""

from pathlib import Path

import jinja2
import numpy as np
import pytest

from synth import db

SQL = Path(__file__).parents[1] / "sql"
N_DRAWS = 400


def _row(metric, value, n_rows, **where):
    edges = where.get("edges", (None, None))
    kind = "scalar" if where.get("kind") is None else where["kind"]
    entity = where.get("entity", "messages")
    return (
        entity, metric, "all", kind, where.get("label"), *edges, value, "ratio", n_rows, None,
        False,
    )  # fmt: skip


def _chat_minutes(rng, n_sessions, pace):
    """Messages of busy minutes: sessions of several minutes, each with a pace of its own."""
    n_minutes = rng.geometric(0.25, n_sessions)
    paces = np.repeat(rng.gamma(0.7, pace, n_sessions), n_minutes)
    return 1 + rng.poisson(paces), n_minutes


def _session_rows(sizes):
    values, counts = np.unique(sizes, return_counts=True)
    return [
        _row("session_size", n / len(sizes), int(n), kind="bucket", edges=(float(v), float(v + 1)))
        for v, n in zip(values, counts, strict=True)
    ]


def _burst(minutes):
    return np.percentile(minutes, 95) / minutes.mean()


@pytest.mark.parametrize(("n_sessions", "pace"), [(400, 1.5), (4000, 1.5), (60_000, 6.0)])
def test_floor_of_the_burst_coefficient(harness, n_sessions, pace):
    rng = np.random.default_rng(n_sessions)
    draws = [_chat_minutes(rng, n_sessions, pace)[0] for _ in range(2 * N_DRAWS)]
    values = np.array([_burst(minutes) for minutes in draws])
    errors = np.abs(values[1::2] / values[::2] - 1)

    def side(minutes, per_session):
        owner = np.repeat(np.arange(n_sessions), per_session)
        sizes = np.bincount(owner, weights=minutes).astype(int)
        total = int(minutes.sum())
        return [
            _row("total_count", float(total), total, kind="total"),
            _row("burst_coefficient", _burst(minutes), len(minutes)),
            *_session_rows(sizes),
        ]

    one = side(*_chat_minutes(rng, n_sessions, pace))
    checks, _ = harness.judge(one, one)
    floor = checks["burst_coefficient"]["noise_floor"]
    # 99 of 100 pairs of samples stay below it, and it is not three times as wide as need be.
    assert (errors > floor).mean() <= 0.01 + 2.33 * np.sqrt(0.01 * 0.99 / N_DRAWS)
    step = 1 / np.percentile(draws[0], 95)
    assert floor < 3 * np.quantile(errors, 0.99) + step


@pytest.mark.parametrize(("n_rows", "noise"), [(900, 1.0), (30_000, 1.0), (30_000, 0.2)])
def test_floor_of_the_heap_correlation(harness, n_rows, noise):
    """PostgreSQL correlates the ranks of a sample; tables are larger than it here."""
    rng = np.random.default_rng(n_rows)

    def correlation():
        place = rng.uniform(size=n_rows)
        ranks = np.argsort(np.argsort(place + noise * rng.uniform(size=n_rows)))
        return np.corrcoef(np.argsort(np.argsort(place)), ranks)[0, 1]

    values = np.array([correlation() for _ in range(2 * N_DRAWS)])
    errors = np.abs(values[1::2] - values[::2])
    # A table has as many rows as the sample, or more that do not make it better known.
    n_table = n_rows if n_rows < 30_000 else 5_000_000
    total = _row("total_count", float(n_table), n_table, kind="total")
    pair = [
        _row("heap_correlation", values.mean(), n_table, label=label)
        for label in ("sent_at", "message_id")
    ]
    checks, _ = harness.judge([total, *pair], [total, *pair])
    floor = checks["messages_heap_correlation"]["noise_floor"]
    assert (errors > floor).mean() <= 0.01 + 2.33 * np.sqrt(0.01 * 0.99 / N_DRAWS)
    assert floor < 3 * np.quantile(errors, 0.99)


@pytest.mark.parametrize("lifetime", [0.3, 3.0])
def test_floor_of_the_correlation_of_rooms(harness, lifetime):
    """Rooms are numbered by their start and last for a while; senders are numbered by chance."""
    rng = np.random.default_rng(int(10 * lifetime))

    def draw():
        sizes = np.minimum(1 + np.exp(rng.normal(2, 1.3, 300)), 1000).astype(int)
        starts = np.sort(rng.uniform(size=len(sizes)))
        room = np.repeat(np.arange(len(sizes)), sizes)
        times = starts[room] + lifetime * np.repeat(rng.exponential(size=len(sizes)), sizes) * (
            rng.uniform(size=len(room))
        )
        sender = rng.integers(0, 50, len(sizes))[room]
        order = np.argsort(times)
        ranks = np.arange(len(room))
        return (
            sizes,
            np.corrcoef(ranks, room[order])[0, 1],
            np.corrcoef(ranks, np.argsort(np.argsort(sender[order], kind="stable")))[0, 1],
        )

    draws = [draw() for _ in range(2 * N_DRAWS)]

    def side(sizes, of_rooms, of_senders):
        values, counts = np.unique(sizes, return_counts=True)
        total = int(sizes.sum())
        return [
            _row("total_count", float(total), total, kind="total"),
            _row("heap_correlation", of_rooms, total, label="conversation_id"),
            _row("heap_correlation", of_senders, total, label="sender_id"),
            *(
                _row("messages_per_conversation", n / len(sizes), int(n), kind="bucket",
                     edges=(float(v), float(v + 1)), entity="conversations")
                for v, n in zip(values, counts, strict=True)
            ),
        ]  # fmt: skip

    for number, name in ((1, "messages_room_correlation"), (2, "messages_sender_correlation")):
        values = np.array([one[number] for one in draws])
        errors = np.abs(values[1::2] - values[::2])
        middle = draws[int(np.argsort(values)[N_DRAWS])]
        checks, _ = harness.judge(side(*middle), side(*middle))
        floor = checks[name]["noise_floor"]
        assert (errors > floor).mean() <= 0.01 + 2.33 * np.sqrt(0.01 * 0.99 / N_DRAWS), name
        assert floor < 4 * np.quantile(errors, 0.99), name


def test_a_share_of_nothing_leaves_nothing_to_chance(harness):
    rows = [
        _row("total_count", 1e4, 10_000, kind="total"),
        _row("media_ratio", 0.0, 10_000),
    ]
    checks, _ = harness.judge(rows, rows)
    assert (checks["media_ratio"]["noise_floor"], checks["media_ratio"]["verdict"]) == (0, "PASS")
    some = [rows[0], _row("media_ratio", 0.01, 10_000)]
    checks, _ = harness.judge(rows, some)
    assert checks["media_ratio"]["verdict"] == "FAIL"


def test_a_heap_in_order_leaves_nothing_to_chance(harness):
    rows = [
        _row("total_count", 1e6, 1_000_000, kind="total"),
        _row("heap_correlation", 1.0, 1_000_000, label="sent_at"),
    ]
    checks, _ = harness.judge(rows, rows)
    assert checks["messages_heap_correlation"]["noise_floor"] < 1e-6
    # Exactly as many messages are written as were asked for.
    assert checks["messages_total"]["noise_floor"] == 0


def _standings(connection, project_dir, effects, floor, threshold, widest):
    """What the rule says of each effect, by the macro's own SQL."""
    source = (project_dir / "macros" / "fidelity" / "fid_equivalence.sql").read_text()
    call = "{{ fid_standing('given.effect', 'bounds.floor', 'bounds.threshold', 'bounds.widest') }}"
    environment = jinja2.Environment(autoescape=False)
    rule = environment.from_string(source + call).render().strip()
    statement = (SQL / "fid_standings.sql").read_text().replace("{rule}", rule)
    bounds = {"floor": floor, "threshold": threshold, "widest": widest}
    rows = connection.execute(statement, {"effects": list(effects), **bounds}).fetchall()
    return np.array([row[0] for row in rows])


@pytest.mark.parametrize(
    "floor_in_margins",
    # Far inside the margin; where it is widened; beyond the widest one (3 thresholds).
    [0.1, 0.6, 1.5, 2.5, 4.0],
)
def test_a_pass_is_wrong_in_one_of_twenty_at_most(databases, project_dir, floor_in_margins):
    threshold, widest, n = 0.05, 0.15, 20_000
    floor = floor_in_margins * threshold
    margin = min(max(threshold, 1.64 * floor), widest)
    rng = np.random.default_rng(7)
    error = rng.normal(0, floor / 2.576, n)
    with db.connect(databases.dev) as connection:
        at_margin, honest, far = (
            _standings(connection, project_dir, np.abs(true + error), floor, threshold, widest)
            for true in (margin, 0.0, margin + 3 * floor)
        )
    # One that truly lies at the margin passes in one of twenty cases, and fails in as many.
    assert (at_margin == 1).mean() <= 0.055
    assert (at_margin == 3).mean() <= 0.055
    assert (far == 3).mean() >= 0.99
    assert not (far == 1).any()
    # Honest samples pass where their size can decide, and are never failed.
    assert (honest == 3).mean() <= 0.01
    if 1.64 * floor <= widest:
        assert (honest == 1).mean() >= 0.985
    else:
        assert (honest == 1).mean() < 0.985
        assert ((honest == 0) | (honest == 1)).mean() >= 0.985
