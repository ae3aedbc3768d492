"""Macros that guard the boundary, rendered without dbt."""

import datetime
import re
from types import SimpleNamespace

import jinja2
import pytest
import pytz


class Refused(Exception):
    """What raise_compiler_error raises."""


def _refuse(message):
    raise Refused(message)


def _clock(hour):
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            noon = datetime.datetime(2026, 1, 15, hour, 30, tzinfo=datetime.UTC)
            return noon.astimezone(tz)

    return SimpleNamespace(datetime=Clock)


def _macro(project_dir, name, hour=12, **more):
    warned = []
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    environment.globals.update(
        modules=SimpleNamespace(re=re, pytz=pytz, datetime=_clock(hour)),
        exceptions=SimpleNamespace(raise_compiler_error=_refuse, warn=warned.append),
        **more,
    )
    text = (project_dir / "macros" / f"{name}.sql").read_text()
    return getattr(environment.from_string(text).module, name), warned


@pytest.mark.parametrize(
    ("allowed", "zone", "hour", "is_allowed"),
    [
        (None, "UTC", 12, True),
        ("22-6", "UTC", 22, True),
        ("22-6", "UTC", 5, True),
        ("22-6", "UTC", 6, False),
        ("22-6", "UTC", 21, False),
        ("1-5", "UTC", 4, True),
        ("1-5", "UTC", 5, False),
        ("1-5", "UTC", 0, False),
        # 12:30 UTC is 21:30 in Tokyo.
        ("21-22", "Asia/Tokyo", 12, True),
        ("12-13", "Asia/Tokyo", 12, False),
    ],
)
def test_hours(project_dir, allowed, zone, hour, is_allowed):
    check, warned = _macro(project_dir, "assert_allowed_hour", hour)
    check(allowed, zone, "warn")
    assert bool(warned) == (not is_allowed)
    check, warned = _macro(project_dir, "assert_allowed_hour", hour)
    if is_allowed:
        check(allowed, zone, "refuse")
    else:
        with pytest.raises(Refused, match="may be read in the hours"):
            check(allowed, zone, "refuse")
    assert not warned


def test_hours_are_warned_of_once(project_dir):
    check, warned = _macro(project_dir, "assert_allowed_hour")
    check("1-5", "UTC", "warn", True)
    assert not warned
    with pytest.raises(Refused):
        check("1-5", "UTC", "refuse", True)


@pytest.mark.parametrize(
    ("allowed", "zone", "outside", "complaint"),
    [
        ("night", "UTC", "warn", "whole hours"),
        ("22-22", "UTC", "warn", "whole hours"),
        ("22-25", "UTC", "warn", "whole hours"),
        ("22-6", "Mars/Olympus", "warn", "IANA"),
        ("22-6", "UTC", "maybe", "warn or refuse"),
    ],
)
def test_hours_that_are_none(project_dir, allowed, zone, outside, complaint):
    check, _ = _macro(project_dir, "assert_allowed_hour")
    with pytest.raises(Refused, match=complaint):
        check(allowed, zone, outside)


def _settings(project_dir, settings, target="prod_shape"):
    variables = {"boundary_targets": ["prod_shape"], "session_settings": settings}
    render, _ = _macro(
        project_dir,
        "session_settings",
        var=variables.get,
        target=SimpleNamespace(name=target),
    )
    return render().strip()


def test_session_settings_are_set_inside_the_boundary_only(project_dir):
    settings = {"statement_timeout": "30min", "max_parallel_workers_per_gather": 2}
    shown = _settings(project_dir, settings)
    assert "set_config('statement_timeout', '30min', false)" in shown
    assert "set_config('max_parallel_workers_per_gather', '2', false)" in shown
    elsewhere = _settings(project_dir, settings, "dev_synth")
    assert "set_config('jit', 'off', false)" in elsewhere
    assert "statement_timeout" not in elsewhere
    for target in ("prod_shape", "dev_synth"):
        assert "set_config('search_path', 'pg_catalog', false)" in _settings(
            project_dir, {}, target
        )


@pytest.mark.parametrize("settings", [{"a b": "1"}, {"work_mem": "1'; x"}, {"Work": "1"}])
def test_session_settings_that_are_none(project_dir, settings):
    with pytest.raises(Refused, match="session_settings"):
        _settings(project_dir, settings)
