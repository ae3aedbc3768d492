"""Looking ahead: a small sample, made with the server's draws, corrects what was spoilt."""

from dataclasses import replace

import numpy as np
import pytest

from synth.calibrate import rhythm
from synth.generate import plan, reference
from synth.pack import reader
from synth.spec import model
from synth.spec.compile import quantile_table

N = 30_000
EDGES = np.array([0.0, *(10 ** (j / 8) for j in range(57)), 1e9])


def simulate(spec, n_messages, seed):
    return reference.sample(plan.build(spec, n_messages, seed))


@pytest.fixture(scope="module")
def spec():
    default = model.load_default()
    return model.replaced(default, totals=replace(default.totals, messages=N * 2))


@pytest.fixture(scope="module")
def pack(spec):
    """What a pack of data like the spec's would say, from another seed."""
    drawn = simulate(spec, 2 * N, 99)
    gaps = np.diff(drawn.sent_ms)[np.diff(drawn.conversation) == 0] / 1000
    counts, _ = np.histogram(gaps, EDGES)
    buckets = [
        [float(low), float(high), int(count)]
        for low, high, count in zip(EDGES[:-1], EDGES[1:], counts, strict=True)
        if count
    ]
    whole = rhythm.of_sample(drawn, rhythm.Rhythm())
    document = {
        "messages": {
            "total_count": 2 * N,
            "inter_arrival_histogram": {"unit": "seconds", "buckets": buckets},
            "burstiness": whole.burstiness,
            "memory_coefficient": whole.memory,
            "hour_of_week_distribution": whole.hour_of_week.tolist(),
        }
    }
    return reader.from_document(document, sha256="0" * 64)


def slowed(spec):
    """Long gaps twice as likely as they are."""

    def moved(quantity):
        cdf, x = quantile_table(quantity)
        mass = np.diff(cdf) * np.where(x[1:] > 3000, 2.0, 1.0)
        share = np.append(0.0, np.cumsum(mass) / mass.sum())
        share[-1] = 1.0
        return replace(quantity, parameters={"x": x.tolist(), "cdf": share.tolist()})

    gaps = {key: moved(one) for key, one in spec.messages.activity_gap.items()}
    return model.replaced(spec, messages=replace(spec.messages, activity_gap=gaps))


def test_statistics_of_a_sample_are_those_of_its_definitions(spec):
    drawn = simulate(spec, 5000, 3)
    found = rhythm.of_sample(drawn, rhythm.Rhythm())
    gaps, before, after = [], [], []
    for room in np.unique(drawn.conversation):
        one = np.diff(drawn.sent_ms[drawn.conversation == room]) / 1000
        gaps.extend(one)
        before.extend(np.log1p(one[:-1]))
        after.extend(np.log1p(one[1:]))
    gaps = np.array(gaps)
    assert found.burstiness == pytest.approx(
        (gaps.std() - gaps.mean()) / (gaps.std() + gaps.mean())
    )
    assert found.memory == pytest.approx(np.corrcoef(before, after)[0, 1])
    rooms = np.unique(drawn.conversation).size
    assert found.session_size == pytest.approx(5000 / (rooms + np.sum(gaps > 3600)))
    assert found.hour_of_week.sum() == pytest.approx(1)


def test_spoilt_gaps_are_corrected_on_draws_never_seen(spec, pack):
    spoilt = slowed(spec)
    found = rhythm.correct(spoilt, pack, simulate)
    wanted = found.wanted

    def off(one, seed):
        sample = rhythm.of_sample(simulate(one, N, seed), wanted)
        return rhythm.distance(sample.gaps, wanted.gaps)

    for seed in (1, 2):
        assert off(found.spec, seed) < 0.6 * off(spoilt, seed)
    # As near as the spec that made the data, but for sampling.
    assert off(found.spec, 1) < off(spec, 1) + 0.03
    model.from_document(model.to_document(found.spec))


def test_memory_is_corrected(spec, pack):
    spoilt = model.replaced(spec, messages=replace(spec.messages, gap_memory=0.4))
    found = rhythm.correct(spoilt, pack, simulate)
    wanted = found.wanted.memory
    assert abs(found.before.memory - wanted) > 0.05
    assert abs(found.after.memory - wanted) < 0.5 * abs(found.before.memory - wanted)


def test_nothing_is_done_where_the_pack_is_silent(spec):
    silent = reader.from_document({"messages": {"media_ratio": 0.2}}, sha256="0" * 64)
    assert rhythm.correct(spec, silent, None) is None
