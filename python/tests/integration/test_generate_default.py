"""Generate from the spec that ships and measure every figure of its decision record."""

import numpy as np
import pytest

from synth.generate import plan, reference, run
from synth.spec import model

# 1,900 conversations; sizes are drawn at even steps, so their percentiles hold at any size.
N_MESSAGES = 200_000


def test_default_spec_gives_its_figures_on_the_server(databases, run_sql):
    asked = run.Request(model.load_default(), N_MESSAGES, 7, None, "perf_synthetic", 2)
    run.execute(databases.dev, asked, quiet=True)
    (row,) = run_sql(databases.dev, "generated_default_figures")
    assert row["pairs"] and row["groups"] and row["channels"]
    assert sorted(map(int, row["busiest_hours"])) == [9, 10, 11, 18, 19, 20]
    assert row["delays"] == pytest.approx([35, 245, 3420, 21600], rel=0.1)
    # Figure, wanted, relative tolerance: conversations are few at this size, messages many.
    wanted = {
        "one_to_one": (0.68, 0.01),
        "small_group": (0.27, 0.01),
        "large_group": (0.05, 0.02),
        "size_p50": (15, 0.15),
        "size_p95": (500, 0.08),
        "below_50": (0.7, 0.03),
        "top_2": (0.33, 0.15),
        "media_ratio": (0.16, 0.03),
        "length_mean": (150, 0.02),
        # Of a log-normal with mu 4.5 and sigma 1.2, cut at 1,030 characters.
        "length_p50": (86.5, 0.03),
        "peak_trough": (2.5, 0.15),
        "weekday_weekend": (1.4, 0.1),
        "burst": (2.5, 0.15),
        "n_messages": (N_MESSAGES, 1e-9),
        "n_read": (0.82 * N_MESSAGES, 0.01),
        # 4 M receipts and 0.75 M attachments for the 5 M messages of the dev band.
        "n_receipts": (0.8 * N_MESSAGES, 0.05),
        "n_attachments": (0.15 * N_MESSAGES, 0.05),
        "image": (0.67, 0.03),
        "video": (0.14, 0.05),
        "document": (0.13, 0.05),
        "audio": (0.06, 0.1),
    }
    for name, (value, tolerance) in wanted.items():
        assert float(row[name]) == pytest.approx(value, rel=tolerance), name


def test_heavy_rooms_of_the_dev_band():
    # Sizes as the server draws them (test_generate.py compares both, value by value).
    _, size = reference.sizes(plan.build(model.load_default(), 5_000_000, 7))
    size = np.sort(size[size > 0])
    assert np.median(size) == pytest.approx(15, rel=0.15)
    assert np.percentile(size, 95) == pytest.approx(500, rel=0.08)
    assert 0.28 < size[-len(size) // 50 :].sum() / size.sum() < 0.42
    assert 0.01 < np.mean(size[size >= 850] >= 10_000) < 0.05
