"""Any pack calibrates to a spec that can be read again, or ends in one clear error."""

import itertools
import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from synth.calibrate import calibrate, report, run
from synth.errors import BadInput
from synth.generate import plan, reference
from synth.pack import reader
from synth.spec import model

SHARE = st.floats(0, 1)
COUNT = st.integers(0, 10**12)
DEFAULT = model.load_default()


@st.composite
def percentiles(draw, names=("p50", "p75", "p90", "p95", "p99", "max")):
    values = draw(
        st.lists(
            st.floats(0, 1e9) | st.floats(0, 1e12) | st.just(1e300),
            min_size=len(names),
            max_size=len(names),
        )
    )
    if draw(st.integers(0, 9)):
        values.sort()
    kept = draw(st.sets(st.sampled_from(names), min_size=1))
    return {name: value for name, value in zip(names, values, strict=True) if name in kept}


@st.composite
def by_hand(draw):
    edges = sorted(draw(st.sets(st.integers(0, 10**7), min_size=1, max_size=8)))
    names = [f"{low}-{high - 1}" for low, high in itertools.pairwise(edges)]
    names.append(draw(st.sampled_from([f"{edges[-1]}+", str(edges[-1])])))
    return {name: draw(st.integers(0, 10**6)) for name in names}


@st.composite
def joint(draw, dimension):
    edges = sorted(draw(st.sets(st.integers(1, 500), min_size=2, max_size=6)))
    key = f"size_2_3.{dimension}_1_10" if dimension else "size_2_3"
    buckets = [[low, high, draw(st.integers(0, 1000))] for low, high in itertools.pairwise(edges)]
    return {key: {"unit": "seconds", "buckets": buckets}}


def section(**keys):
    return st.none() | st.fixed_dictionaries({}, optional=keys)


PACKS = st.fixed_dictionaries(
    {},
    optional={
        "sample_window_days": st.integers(1, 400),
        "as_of": st.dates().map(str),
        "users": section(
            total_count=COUNT,
            silent_share=SHARE,
            unattached_share=SHARE,
            conversations_per_user_percentiles=percentiles(),
            username_length_histogram=by_hand(),
        ),
        "conversations": section(
            total_count=COUNT,
            empty_share=SHARE,
            member_count_histogram=by_hand(),
            messages_per_conversation_percentiles=percentiles(),
            messages_per_conversation_histogram=by_hand(),
            tempo_by_size=joint(None),
        ),
        "messages": section(
            total_count=COUNT,
            media_ratio=SHARE,
            content_length_stats=percentiles(("mean", "median", "p75", "p95")),
            content_length_histogram=by_hand(),
            inter_arrival_percentiles=percentiles(),
            inter_arrival_histogram=by_hand(),
            memory_coefficient=st.floats(-1, 1),
            hour_of_week_distribution=st.lists(st.integers(0, 9), min_size=168, max_size=168),
            hourly_distribution=st.lists(st.integers(0, 99), min_size=24, max_size=24),
            day_of_week_distribution=st.lists(st.integers(0, 99), min_size=7, max_size=7),
            activity_gap_by_tempo=joint("tempo"),
        ),
        "read_receipts": section(
            total_count=COUNT,
            read_rate=SHARE,
            immediate_percentage=st.floats(0, 100),
            near_term_percentage=st.floats(0, 100),
            delayed_percentage=st.floats(0, 100),
            delay_percentiles=percentiles(),
            receipts_per_message_histogram=by_hand(),
        ),
        "attachments": section(total_count=COUNT, size_histogram=by_hand()),
    },
)


def draw_ahead(spec, n_messages, seed):
    return reference.sample(plan.build(spec, min(n_messages, 500), seed))


@settings(max_examples=60, deadline=None)
@given(PACKS)
def test_any_pack_gives_a_readable_spec_or_one_line(document):
    try:
        pack = reader.from_document(document, sha256="0" * 64)
        found = calibrate(
            pack,
            null_sections=run.null_sections(document),
            default=DEFAULT,
            simulate=draw_ahead if len(document) > 3 else None,
        )
    except BadInput as error:
        assert "\n" not in str(error)
        return
    # Written strictly: a NaN or an infinity would not pass.
    text = json.dumps(model.to_document(found.spec), allow_nan=False)
    again = model.from_document(json.loads(text))
    json.dumps(report.payload(found, "spec.json"), allow_nan=False)
    assert report.rows(found.lines)
    for name, evidence, fit, _ in found.fits:
        assert 0 <= fit.ks <= 1, name
        assert all(math.isfinite(value) for value in fit.parameters.values()), name
        assert evidence.cells[1].sum() > 0
    for name in ("messages", "conversations", "users"):
        assert getattr(again.totals, name) == getattr(found.spec.totals, name)
    assert set(again.source.fitted) & set(again.source.defaulted) == set()
