"""The seed of checks against the metric catalogue."""

import csv

import pytest

HEADLINE = {"conversation_types", "messages_per_conversation", "message_types", "content_length"}


def seed(project_dir, name):
    with (project_dir / "seeds" / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def checks(project_dir):
    return seed(project_dir, "tolerances")


def key(row):
    return row["entity"], row["metric"], row["kind"]


def test_every_metric_has_a_check(project_dir, checks):
    catalogue = {key(row) for row in seed(project_dir, "metric_catalogue")}
    assert {key(row) for row in checks} == catalogue


def test_metrics_by_segment_have_a_check_by_segment(project_dir, checks):
    kept = {(row["entity"], row["metric"], row["segment"]) for row in checks}
    for row in seed(project_dir, "metric_catalogue"):
        if row["segments"] != "none":
            assert (row["entity"], row["metric"], row["segments"]) in kept


def test_every_check_has_a_reason_and_a_margin(checks):
    for row in checks:
        assert len(row["reason"]) > 15, row["check_name"]
        assert row["threshold"] or row["is_headline"] == "true", row["check_name"]
        assert row["subject"], row["check_name"]
        # Rows are written in order of time, and anybody writes at any time, whatever the spec.
        is_free = row["metric"] != "heap_correlation" or row["labels"] == "conversation_id"
        assert row["parameter"].count(".") == is_free, row["check_name"]


def test_every_noise_floor_has_a_formula_and_a_reason(checks):
    for row in checks:
        is_single = row["statistic"] in ("relative_error", "absolute_error", "tail_ratio")
        assert bool(row["noise"]) == is_single, row["check_name"]
        assert len(row["noise_reason"]) > 15, row["check_name"]
        assert (f" {row['noise_factor']} times " in row["noise_reason"]) == (
            float(row["noise_factor"]) != 1
        ), row["check_name"]


def test_exceptions_are_delivered_empty(project_dir):
    assert seed(project_dir, "exceptions") == []


def test_the_four_headline_tests_are_critical(checks):
    headline = {row["check_name"] for row in checks if row["is_headline"] == "true"}
    assert headline == HEADLINE
    assert all(row["is_critical"] == "true" for row in checks if row["check_name"] in HEADLINE)


def test_names_are_unique(checks):
    names = [row["check_name"] for row in checks]
    assert len(names) == len(set(names))
