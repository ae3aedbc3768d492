"""Rows to pack to rows loses nothing but support counts and digits beyond the sixth."""

import copy
import json

import pack_rows
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth import catalogue
from synth.errors import BadInput, GateFailed
from synth.pack import reader, strict, writer
from synth.pack.model import ShapeRow

METRICS = sorted({(line.entity, line.metric) for line in catalogue.metrics()})
seeds = st.integers(0, 2**32)


def _document(rows):
    return json.loads(writer.dumps(writer.document(rows, pack_rows.META)))


def _read(document):
    return reader.from_document(document, sha256="0" * 64)


@settings(max_examples=25, deadline=None)
@given(
    seed=seeds,
    without=st.sets(st.sampled_from(["users", "read_receipts", "attachments"])),
    suppressed=st.sets(st.sampled_from(METRICS), max_size=10),
)
def test_rows_survive_the_pack(seed, without, suppressed):
    rows = pack_rows.make(seed, without=without, suppressed=suppressed)
    pack = _read(_document(rows))
    expected = {pack_rows.key(row): row for row in rows}
    found = {pack_rows.key(row): row for row in pack.rows}
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        again = found[key]
        assert again.is_suppressed == row.is_suppressed
        assert again.unit == row.unit
        assert (again.bucket_lower, again.bucket_upper) == (row.bucket_lower, row.bucket_upper)
        if row.is_suppressed:
            assert again.value is None
            continue
        assert again.value == pytest.approx(row.value, rel=1e-5, abs=1e-9)
        if row.kind in ("bucket", "total"):
            assert again.n_rows == row.n_rows
        elif row.kind == "hour" and row.segment != "all":
            # How many messages a type has follows from the mix, which is drawn apart here.
            continue
        elif row.kind in ("category", "hour", "weekday") and again.n_rows is not None:
            assert again.n_rows == pytest.approx(row.n_rows, rel=1e-5, abs=2)
        elif row.kind in ("category", "hour", "weekday"):
            # A share says how many only where the whole was published.
            assert "total_count" in {metric for _, metric in suppressed}
    assert pack.meta.n_suppressed == sum(row.is_suppressed for row in rows)


@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_writing_what_was_read_gives_the_same_document(seed):
    document = _document(pack_rows.make(seed))
    assert _document(_read(document).rows) == document


@settings(max_examples=20, deadline=None)
@given(seed=seeds, chosen=st.integers(0, 10**6))
def test_a_suppressed_cell_takes_its_whole_with_it(seed, chosen):
    rows = pack_rows.make(seed)
    cells = [row for row in rows if row.kind in ("bucket", "category", "hour", "weekday")]
    victim = cells[chosen % len(cells)]
    hidden = ShapeRow(
        **{
            **{name: getattr(victim, name) for name in ShapeRow.__slots__},
            "value": None,
            "n_rows": None,
            "is_suppressed": True,
        }
    )
    pack = _read(_document([hidden if row is victim else row for row in rows]))
    left = [
        row
        for row in pack.rows
        if (row.entity, row.metric, row.kind, row.segment)
        == (victim.entity, victim.metric, victim.kind, victim.segment)
    ]
    assert all(row.is_suppressed for row in left)


def test_rows_outside_the_catalogue_stop_the_export():
    rows = pack_rows.make(1)
    rows.append(ShapeRow("users", "names", "all", "scalar", "j", None, None, 1.0, "share", 1))
    with pytest.raises(GateFailed, match="1 rows that the metric catalogue does not list"):
        writer.document(rows, pack_rows.META)


JUNK = st.sampled_from(
    ["john.doe@example.com", "", -1, 1e300, -0.5, None, [], {}, {"john": 1}, ["john"], True, 10**30]
)


def _leaves(node, path=()):
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in children:
        yield (*path, key)
        if isinstance(child, dict | list):
            yield from _leaves(child, (*path, key))


FULL = _document(pack_rows.make(11))
PLACES = list(_leaves(FULL))


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), junk=JUNK)
def test_no_damage_gets_past_the_reader_as_anything_but_one_line(place, junk):
    document = copy.deepcopy(FULL)
    node = document
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = junk
    try:
        pack = reader.from_document(
            strict.parse(json.dumps(document).encode(), where="pack"), sha256="0" * 64
        )
    except BadInput as error:
        assert "\n" not in str(error)
        assert "john" not in str(error)
    else:
        # What is accepted holds no text of its own.
        assert not any("john" in str(row) for row in pack.rows)
