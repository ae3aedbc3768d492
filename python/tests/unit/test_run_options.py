"""Options of a run, the calendar of a zone, the disk estimate's parts: no database."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from synth.errors import BadInput
from synth.generate import calendar, guard, layout, plan, reference
from synth.generate.options import Options, check, from_record, windowed
from synth.spec import model
from synth.targets import Target

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def spec():
    return model.load_default()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"as_of": "2024-13-01"}, "--as-of"),
        ({"as_of": "yesterday"}, "--as-of"),
        ({"as_of": "20240101"}, "--as-of"),
        ({"as_of": "1066-10-14"}, "--as-of"),
        ({"window_days": 0}, "--window-days"),
        ({"window_days": 100_000}, "--window-days"),
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"time_zone": "../etc/passwd"}, "time zone"),
        ({"time_zone": "Europe"}, "time zone"),
        ({"time_zone": ""}, "time zone"),
        ({"tablespace": "pg_global"}, "--tablespace"),
        ({"export": "csv"}, "--export-dir"),
        ({"export_dir": "here"}, "--export"),
        ({"export": "csv", "export_dir": ""}, "--export-dir is empty"),
        ({"unlogged": True, "partition_by": "month"}, "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, words):
    with pytest.raises(BadInput, match=words):
        check(Options(**changes))


def test_options_survive_the_record_and_older_records_are_read():
    chosen = check(Options(as_of="2024-02-29", id_type="uuid7", export="csv", export_dir="x"))
    assert from_record({"jobs": 2, **chosen.to_record()}) == chosen
    assert chosen.export_dir.startswith("/")
    assert from_record({"jobs": 2}) == Options()


def test_a_window_replaces_the_specs(spec):
    made = windowed(spec, Options(as_of="2024-02-29", window_days=3))
    assert (made.window.end, made.window.days) == ("2024-02-29", 3)
    assert windowed(spec, Options(window_days=3)).window.end == spec.window.end
    assert windowed(spec, Options()) is spec


@pytest.mark.parametrize("resolution", [7, 2345.678, 3599])
def test_steps_that_are_no_part_of_a_day_begin_with_the_window(spec, resolution):
    coarse = replace(
        spec,
        window=model.Window(days=31, end="2026-01-31"),
        messages=replace(spec.messages, time_resolution=resolution),
    )
    made = plan.build(coarse, 50_000, 1)
    drawn = reference.sample(made)
    assert drawn.sent_ms.min() >= made.calendar.start_ms
    assert np.all((drawn.sent_ms - made.calendar.start_ms) % round(1000 * resolution) == 0)
    assert np.all(drawn.created_ms <= drawn.first_ms)


def test_more_months_than_can_be_dropped_at_once_are_refused(spec):
    ages = replace(spec, window=model.Window(days=3661, end="2024-02-29"))
    months = Options(partition_by="month")
    with pytest.raises(BadInput, match="at most 3660 days, the spec's has 3661"):
        windowed(ages, months)
    assert windowed(ages, Options()) is ages
    assert windowed(ages, replace(months, window_days=3660)).window.days == 3660


def test_the_rhythm_follows_the_clocks_of_the_zone(spec):
    # The clocks of Berlin changed on 2024-03-31. Nearly all is said from 9 to 10 local time.
    rates = [0.02] * 168
    for day in range(7):
        rates[day * 24 + 9] = 1e6
    busy = replace(
        spec,
        window=model.Window(days=20, end="2024-04-09"),
        messages=replace(spec.messages, weekly_profile=rates, activity_exponent=1.0),
    )
    made = plan.build(busy, 4000, 3, "Europe/Berlin")
    sent = reference.sample(made).sent_ms
    local = [datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(BERLIN) for ms in sent.tolist()]
    assert np.mean([moment.hour == 9 for moment in local]) > 0.99
    utc = {datetime.fromtimestamp(ms / 1000, tz=UTC).hour for ms in sent.tolist()}
    assert {7, 8} <= utc


@pytest.mark.parametrize(
    ("zone", "end", "days"),
    [
        ("Europe/Berlin", "2024-04-10", 30),
        ("Europe/Berlin", "2024-11-10", 30),
        ("Australia/Adelaide", "2024-04-20", 30),
        ("Asia/Kolkata", "2024-04-20", 9),
        ("America/New_York", "2024-12-31", 365),
        ("UTC", "2024-04-20", 30),
    ],
)
def test_activity_time_covers_the_window_and_never_goes_back(zone, end, days):
    rates = (1 + 0.9 * np.sin(np.arange(168))).tolist()
    made = calendar.build(model.Window(days=days, end=end), rates, 0.75, time_zone=zone)
    steps = np.linspace(0, made.window_activity_ms, 5000).astype(int)
    walls = [made.wall_ms(made.origin_activity_ms + step) for step in steps.tolist()]
    assert all(np.diff(walls) >= 0)
    assert walls[0] == pytest.approx(made.start_ms, abs=20)
    assert walls[-1] == pytest.approx(made.end_ms, abs=20)
    # A week of activity is a week of time.
    assert made.window_activity_ms == pytest.approx(days * 86_400_000, rel=0.12)


def test_partitions_cover_the_window_and_its_end():
    start = datetime(2023, 11, 30, tzinfo=UTC)
    end = datetime(2024, 2, 1, tzinfo=UTC)
    made = layout.months(int(start.timestamp() * 1000), int(end.timestamp() * 1000))
    assert [name for name, _, _ in made] == [
        "messages_2023_11",
        "messages_2023_12",
        "messages_2024_01",
        "messages_2024_02",
    ]
    assert all(upper == made[n + 1][1] for n, (_, _, upper) in enumerate(made[:-1]))


def test_constraints_depend_on_the_layout():
    def names(options):
        return [
            name
            for foreign in (False, True)
            for name, _ in layout.constraints(options, foreign=foreign)
        ]

    plain, partitioned = names(Options()), names(Options(partition_by="month"))
    assert len(plain) == len(set(plain)) == 20
    assert set(plain) - set(partitioned) == {
        "attachments_messageId_fkey",
        "message_reads_messageId_fkey",
    }
    keys = dict(layout.constraints(Options(partition_by="month"), foreign=False))
    assert '(id, "createdAt")' in keys["messages_pkey"]
    assert names(Options(indexes=False)) == []


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [
        ("prod_shape", True),
        ("Production", True),
        ("eu-prod-2", True),
        ("shape.prd", True),
        ("live", True),
        ("dev_synth", False),
        ("reproduction", False),
        ("delivery", False),
    ],
)
def test_a_target_or_environment_named_after_production_is_refused(name, is_refused, monkeypatch):
    for variable in ("SYNTH_ENV", "NODE_ENV"):
        monkeypatch.delenv(variable, raising=False)
    dev = Target("dev_synth", "/nowhere", 5432, "nobody", "", "dev", "shape")
    named = Target(name, "/nowhere", 5432, "nobody", "", "dev", "shape")
    environments = [(named, {}), (dev, {"SYNTH_ENV": name}), (dev, {"NODE_ENV": name})]
    for target, environment in environments:
        with monkeypatch.context() as patch:
            for variable, value in environment.items():
                patch.setenv(variable, value)
            if is_refused:
                with pytest.raises(BadInput, match="production"):
                    guard.check_place(target, "perf_synthetic")
            else:
                guard.check_place(target, "perf_synthetic")


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({"dbname": "production"}, True),
        ({"dbname": "chat_prod"}, True),
        ({"dbname": "production_2"}, True),
        ({"host": "prod-2.db.example.com"}, True),
        ({"host": "db.live.example.com"}, True),
        ({"dbname": "prodshape_dev"}, False),
        ({"dbname": "products"}, False),
        ({"host": "/tmp/prod/sock"}, False),
    ],
)
def test_a_database_named_after_production_is_refused(changes, is_refused, monkeypatch, tmp_path):
    # Nobody's profile: the names alone.
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    place = replace(Target("dev_synth", "/nowhere", 5432, "nobody", "", "dev", "shape"), **changes)
    if not is_refused:
        guard.check_place(place, "perf_synthetic")
        return
    with pytest.raises(BadInput, match="named after production"):
        guard.check_place(place, "perf_synthetic")


def test_the_schema_that_is_extracted_from_is_refused(monkeypatch):
    place = Target("dev_synth", "/nowhere", 5432, "nobody", "", "dev", "shape")
    guard.check_place(place, "chat")
    monkeypatch.setattr("synth.dbt.variable", lambda *_: "chat")
    with pytest.raises(BadInput, match="not for synthetic tables"):
        guard.check_place(place, "Chat")


@pytest.mark.parametrize("schema", ["app", "App", "PUBLIC", "pg_mine", "Shape", "", "a%b"])
def test_the_schema_of_somebody_else_is_refused_however_it_is_written(schema):
    place = Target("dev_synth", "/nowhere", 5432, "nobody", "", "dev", "shape")
    with pytest.raises(BadInput, match="schema"):
        guard.check_place(place, schema)
