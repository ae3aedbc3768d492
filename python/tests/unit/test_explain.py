"""Every exported number has its line in the bill; two packs are compared."""

import random

import pack_rows
import pytest
import signed_pack

from synth.custody import explain
from synth.errors import BadInput
from synth.pack import bill, keys, manifest, writer


@pytest.fixture(autouse=True)
def trusted(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(tmp_path / "trusted"))
    monkeypatch.delenv(keys.PASSPHRASE_VARIABLE, raising=False)


@pytest.fixture
def pack(tmp_path):
    return signed_pack.make(tmp_path)


@pytest.fixture
def key(tmp_path):
    return signed_pack.officer_key(tmp_path, trusted=True)


@pytest.mark.parametrize("seed", range(12))
def test_every_number_has_one_line_in_the_bill(seed):
    rng = random.Random(seed)
    names = [(line.entity, line.metric) for line in signed_pack.bill.catalogue.metrics()]
    hidden = set(rng.sample(names, 5)) - {name for name in names if name[1] == "total_count"}
    rows = pack_rows.make(seed, suppressed=hidden)
    document = writer.document(rows, pack_rows.META)
    numbers, paths = bill.numbers(document), bill.paths(rows)
    found = dict(paths)
    assert len(found) == len(paths)
    # A figure beyond the last edge is top-coded to nothing: the only row that has no number.
    assert numbers.keys() <= found.keys()
    for path in found.keys() - numbers.keys():
        assert found[path].value in (None, float("inf")), path
    for path, number in numbers.items():
        row = found[path]
        expected = row.n_rows if row.kind == "bucket" else row.value
        assert number == pytest.approx(expected, rel=1e-5), path


def test_explain_lists_support_and_rule(pack):
    found = explain.explain(pack)
    assert found["has_bill"]
    by_path = {figure["path"]: figure for figure in found["figures"]}
    total = by_path["$.users.total_count"]
    assert total["model"] == "shape_any"
    assert total["model_sha256"] == "ab" * 32
    assert total["top_share"] == 0.25
    assert explain.people(total) == "64+"
    assert explain.people({"n_people": 21}) == "21+"
    assert "at least 20 people" in total["rule"]


def test_without_its_bill_a_pack_is_listed_bare(pack):
    manifest.bill_path_of(pack).unlink()
    found = explain.explain(pack)
    assert not found["has_bill"]
    assert {figure["model"] for figure in found["figures"]} == {None}


def test_a_changed_bill_is_refused(pack):
    path = manifest.bill_path_of(pack)
    path.write_bytes(path.read_bytes().replace(b'"n_people": 64', b'"n_people": 65'))
    with pytest.raises(BadInput, match="not the one"):
        explain.explain(pack)


def test_two_packs_are_compared(tmp_path, pack):
    (tmp_path / "old").mkdir()
    old = explain.explain(signed_pack.make(tmp_path / "old"))
    same = explain.compare(explain.explain(pack), old)
    assert (same["added"], same["removed"], same["changed"], same["models"]) == ([], [], [], [])
    figures = [dict(figure) for figure in old["figures"]]
    gone = figures.pop(0)
    figures[0]["value"] *= 2
    new = {**old, "figures": figures, "models": {"shape_any": "cd" * 32, "shape_new": "ef" * 32}}
    found = explain.compare(new, old)
    assert [figure["path"] for figure in found["removed"]] == [gone["path"]]
    assert [figure["change"] for figure in found["changed"]] == [1.0]
    assert found["models"] == ["shape_any", "shape_new"]
    assert explain.compare(old, new)["added"] == [gone]
