"""A stored validation for tests of the report: every metric of the catalogue on both sides."""

import copy
import json
import math
import random
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib import resources

import pack_rows

from synth.report.evidence import Validation

HOSTILE = "</script><img src=x onerror=alert(1)>&\"'\u2028${x}{{ y }}"
_VOID = {"meta", "img", "input", "br", "link", "hr"}


def cells(seed=3):
    """Cells of both sides, as the query gives them; the synthetic side is the pack, shaken."""
    rng = random.Random(seed)
    found = []
    for side in ("baseline", "synthetic"):
        for row in pack_rows.make(seed):
            if "size_" in row.segment:
                continue
            upper = row.bucket_upper
            value = row.value
            if side == "synthetic" and value is not None:
                value *= rng.uniform(0.9, 1.1)
            found.append(
                {
                    "side": side,
                    "entity": row.entity,
                    "metric": row.metric,
                    "segment": row.segment,
                    "kind": row.kind,
                    "label": row.label,
                    "bucket_lower": row.bucket_lower,
                    "bucket_upper": None if upper is None or math.isinf(upper) else upper,
                    "value": value,
                    "n_rows": row.n_rows,
                    "unit": row.unit,
                    "is_suppressed": row.is_suppressed,
                }
            )
    return found


def check(name="hour_of_day", verdict="PASS", **more):
    """One check of a report."""
    return {
        "check_name": name,
        "entity": "messages",
        "metric": name,
        "segment": "all",
        "is_headline": False,
        "is_critical": False,
        "is_blocking": False,
        "statistic_name": "chi_square",
        "statistic": 12.0,
        "effect_name": "tvd",
        "effect_size": 0.02,
        "threshold": 0.05,
        "noise_floor": 0.03,
        "p_value": 0.4,
        "n_expected": 900,
        "n_actual": 1000,
        "verdict": verdict,
        "recommendation": "",
        **more,
    }


CHECKS = (
    check(),
    check("content_length", effect_name="relative_error", effect_size=0.01, is_headline=True,
          is_critical=True),
    check("inter_arrival", effect_name="ks", effect_size=0.2, verdict="FAIL",
          recommendation="cut the tail of messages.activity_gap"),
    check("message_types", metric="type_distribution", effect_name="cramers_v", effect_size=0.4,
          verdict="FAIL", is_critical=True, is_headline=True, is_blocking=True,
          recommendation="raise TEXT in messages.type"),
    check("burst_coefficient", verdict="SKIP", effect_size=None, threshold=0.1, noise_floor=None,
          p_value=None, n_expected=None, recommendation="not compared: the pack lacks it"),
    check("read_rate", verdict="WARN", entity="read_receipts", effect_size=0.07,
          recommendation="lower read_receipts.read_rate"),
)  # fmt: skip


def report(checks=CHECKS, **more):
    """A report document with counts that fit its checks."""
    verdicts = [one["verdict"] for one in checks]
    headline = [one for one in checks if one["is_headline"]]
    critical = sum(one["is_blocking"] for one in checks)
    passed = sum(one["verdict"] == "PASS" for one in headline)
    names = ("pass", "warn", "fail", "skip", "excepted")
    return {
        "schema_version": "1.0",
        "created_at": "2026-02-03T04:05:06+00:00",
        "tool": {"name": "prodshape", "version": "0"},
        "pack": {
            "name": "shape-metrics-20260201.json",
            "sha256": "a" * 64,
            "as_of": "2026-01-31",
            "window_days": 30,
            "k": 20,
            "is_unsigned": True,
            "trust": "unsigned",
        },
        "target": "dev_synth",
        "schema": "perf_synthetic",
        "tolerance": 0.15,
        "verdict": "NO-GO" if critical else "GO",
        "headline": {
            "verdict": "PASS" if passed == len(headline) else "FAIL",
            "passed": passed,
            "total": len(headline),
        },
        "counts": {name: verdicts.count(name.upper()) for name in names}
        | {"critical_fail": critical},
        "samples": [
            {"sample_unit": "effective_sessions", "n_expected": 300.0, "n_actual": 310.0},
            {"sample_unit": "effective_conversations", "n_expected": 80.0, "n_actual": None},
        ],
        "exceptions": [],
        "checks": list(checks),
        **more,
    }


def run(spec=None):
    """A run record as the database gives it."""
    if spec is None:
        spec = json.loads((resources.files("synth.spec") / "default-spec.json").read_text())
    return {
        "run_id": "20260203-040506-abcdef",
        "target_schema": "perf_synthetic",
        "state": "done",
        "seed": 7,
        "n_messages": 40_000,
        "band": None,
        "options": {"id_type": "bigint", "as_of": None},
        "spec": spec,
        "spec_sha256": "b" * 64,
        "plan": {"notes": ["a note"]},
        "result": {"rows": {"users": 12}, "seconds": {"people": 0.5}, "checksums": {"users": "c"}},
        "started_at": datetime(2026, 2, 3, 4, tzinfo=UTC),
        "finished_at": None,
    }


def validation(name="20260203-040506-abcdef", **more):
    """A whole validation; `more` replaces its parts."""
    parts = {
        "report": report(),
        "cells": cells(),
        "manifest": {"pack": {"file": "x"}, "sign_off": None, "scan": {"n_findings": 0}},
        "run": run(),
    }
    return Validation(name=name, **copy.deepcopy(parts | more))


class Page(HTMLParser):
    """The structure of a page, and what is wrong with it."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text, self.elements, self.wrong, self.words = text, [], [], []
        self._open = []
        self.feed(text)
        self.close()
        self.wrong += [f"{tag} is not closed" for tag in self._open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"{tag} closes another element")

    def handle_data(self, data):
        if not self._open or self._open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def shown(self):
        """Text of the page."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag, **attributes):
        """Elements of a tag with these attributes; `class_` stands for class."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            found
            for name, found in self.elements
            if name == tag and wanted.items() <= found.items()
        ]
