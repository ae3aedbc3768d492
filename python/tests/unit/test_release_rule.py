"""By which rule a pack was released: what may be said, where it is held, what old packs say."""

import copy
import json
from dataclasses import replace
from fractions import Fraction

import pack_rows
import pytest
import signed_pack

from synth import scan
from synth.audit import log
from synth.custody import explain, facts, sign
from synth.errors import BadInput
from synth.pack import bill, extracted, keys, manifest, reader, rule, writer
from synth.release import budget, noise

RULES = {
    "perturbed": rule.perturbed(),
    "dp": rule.private(Fraction(1)),
    "third": rule.private(Fraction(1, 3)),
    "small": rule.private(Fraction(1, 1000)),
    "large": rule.private(Fraction(999_999, 10_000)),
    "other delta": rule.private(Fraction(2), Fraction(1, 10**9)),
}


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(tmp_path / "trusted"))
    monkeypatch.setenv(log.FILE_VARIABLE, str(tmp_path / "log" / "audit.jsonl"))
    monkeypatch.delenv(keys.PASSPHRASE_VARIABLE, raising=False)


def written(release):
    meta = replace(pack_rows.META, release=release)
    return json.loads(writer.dumps(writer.document(pack_rows.make(3), meta)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("0.25", Fraction(1, 4)),
        ("0.10", Fraction(1, 10)),
        ("2/6", Fraction(1, 3)),
        ("0.001", Fraction(1, 1000)),
        (100, 100),
        # A number of YAML is its digits, not the double next to them.
        (0.1, Fraction(1, 10)),
    ],
)
def test_an_epsilon_is_read_exactly(text, value):
    assert rule.as_epsilon(text, "--epsilon") == value


@pytest.mark.parametrize(
    "text",
    [
        *("0", "0.0", "-1", "-0", "5e-324", "1e-3", "1e400", "nan", "inf", "-inf", "", " 1"),
        *("1_0", "0x1", "1/0", "0/1", "1/-2", "1/3/3", "1.5/2", "\u0661", "0.0009", "100.0001"),
        *("1/10001", "0.12345", "9" * 500, True, None, [1], float("nan"), 5e-324),
    ],
)
def test_what_is_no_epsilon_is_refused_in_one_line_that_does_not_quote_it(text):
    with pytest.raises(BadInput) as caught:
        rule.as_epsilon(text, "--epsilon")
    assert caught.value.message == (
        "--epsilon: expected a decimal or a fraction from 1/1000 to 100 whose denominator is at "
        "most 10000, such as 1, 0.25 or 1/3"
    )


def test_the_noise_of_a_rule_is_that_of_the_table():
    assert (rule.LARGEST_NOISE, rule.VARIANCE) == (noise.BOUND, noise.VARIANCE)


@pytest.mark.parametrize("epsilon", ["1/1000", "1/3", "1", "100"])
def test_rho_is_what_the_noise_is_drawn_by(epsilon):
    found = rule.private(Fraction(epsilon))
    assert Fraction(found["rho"]) == budget.rho_of(Fraction(epsilon), budget.DELTA)
    assert Fraction(found["delta"]) == budget.DELTA


@pytest.mark.parametrize("name", sorted(RULES))
def test_pack_and_manifest_hold_a_rule_and_give_it_back(name, tmp_path):
    release = RULES[name]
    document = written(release)
    assert document["privacy"]["release"] == release
    extracted.check(document)
    assert not scan.scan(document).findings
    assert reader.from_document(document, sha256="0" * 64).meta.release == release
    pack = signed_pack.make(tmp_path, release=release)
    described = manifest.load(manifest.path_of(pack))
    assert described["privacy"]["release"] == release
    assert not scan.scan(described, digests=manifest.digests(described)).findings
    # The bill, which stays inside, has all that the manifest says.
    made = bill.load(
        manifest.bill_path_of(pack), described["bill"]["sha256"], described["pack"]["sha256"]
    )
    assert made["manifest"]["privacy"]["release"] == release
    key = signed_pack.officer_key(tmp_path, trusted=True)
    sign.sign(pack, key, signed_pack.OFFICER, signed_pack.no_passphrase)
    points = {point.name: point for point in sign.verify(pack)[0]}
    assert {point.result for point in points.values()} <= {sign.PASSED, sign.NOT_CHECKED}
    assert points["rule"].text == rule.words(release)
    assert explain.explain(pack)["release"] == release


def test_a_pack_of_before_there_were_rules_is_exact_and_stays_usable(tmp_path):
    document = written(None)
    assert "release" not in document["privacy"]
    extracted.check(document)
    pack = signed_pack.make(tmp_path)
    key = signed_pack.officer_key(tmp_path, trusted=True)
    sign.sign(pack, key, signed_pack.OFFICER, signed_pack.no_passphrase)
    points = {point.name: point for point in sign.verify(pack)[0]}
    assert points["rule"].result == points["facts"].result == points["form"].result == sign.PASSED
    assert points["rule"].text.startswith("exact: counts without noise")
    assert explain.explain(pack)["release"] == {"rule": "exact"}
    (tmp_path / "new").mkdir()
    new = signed_pack.make(tmp_path / "new", release=rule.perturbed())
    found = explain.compare(explain.explain(new), explain.explain(pack))
    assert found["releases"] == [{"rule": "exact"}, rule.perturbed()]
    assert found["changed"] == []


def of(base, **changes):
    return {name: value for name, value in {**RULES[base], **changes}.items() if value is not ...}


UNLIKE = {
    "exact": {"rule": "exact"},
    "none": {},
    "null": None,
    "text": "perturbed",
    "no noise": of("perturbed", largest_noise=0),
    "negative noise": of("perturbed", variance=-5),
    "half": of("perturbed", variance=...),
    "fraction": of("perturbed", variance=5.5),
    "both": {**RULES["dp"], **RULES["perturbed"]},
    "more": of("perturbed", note="x"),
    "number": of("dp", epsilon=1),
    "negative": of("dp", epsilon="-1/1"),
    "zero": of("dp", epsilon="0/1"),
    "endless": of("dp", epsilon="inf"),
    "decimal": of("dp", epsilon="1.0"),
    "delta": of("dp", delta="1/2"),
    "sure": of("dp", delta="0/1"),
    "whom": of("dp", unit="message"),
}
# What the schema takes, and no writer wrote.
UNWRITTEN = {
    "float": of("perturbed", variance=5.0),
    "terms": of("dp", epsilon="2/2"),
    "fine": of("dp", epsilon="4111111/1000000"),
    "small": of("dp", epsilon="1/1000000"),
    "subnormal": of("dp", epsilon="1/1000000000000000"),
    "large": of("dp", epsilon="411111/1"),
    "rho": of("dp", rho="4111111111/1"),
    "rho of another": of("dp", rho=RULES["third"]["rho"]),
}


@pytest.mark.parametrize("name", sorted(UNLIKE | UNWRITTEN))
def test_a_rule_that_is_none_is_refused_and_has_no_room(name):
    release = (UNLIKE | UNWRITTEN)[name]
    assert not rule.is_written(release)
    document = written(rule.perturbed())
    document["privacy"]["release"] = release
    with pytest.raises(BadInput, match=r"privacy\.release") as caught:
        reader.from_document(document, sha256="0" * 64)
        extracted.check(document)
    assert "4111" not in str(caught.value)
    assert name in UNLIKE or rule.words(release)


def test_what_a_fraction_could_hide_is_found_where_no_writer_wrote_it():
    for changed in ({"epsilon": "4111111111111111/1"}, {"rho": "4111111111111111/1000000"}):
        document = written(of("dp", **changed))
        assert "$.privacy.release" in {one.path[:17] for one in scan.scan(document).findings}


def test_the_order_of_its_keys_says_nothing(tmp_path):
    turned = dict(reversed(RULES["dp"].items()))
    assert list(written(turned)["privacy"]["release"]) == list(RULES["dp"])
    pack = signed_pack.make(tmp_path, release=RULES["dp"])
    described = manifest.load(manifest.path_of(pack))
    other = copy.deepcopy(described)
    other["privacy"]["release"] = turned
    assert manifest.dumps(other) == manifest.dumps(described)
    document = json.loads(pack.read_bytes())
    document["privacy"]["release"] = turned
    sha256 = signed_pack.strict.digest(writer.dumps(document))
    assert "order of keys" in facts.form_problem(pack, document, sha256)


def test_the_manifest_must_say_the_rule_of_the_pack(tmp_path):
    pack = signed_pack.make(tmp_path, release=RULES["dp"])
    document = json.loads(pack.read_bytes())
    described = manifest.load(manifest.path_of(pack))
    sha256 = described["pack"]["sha256"]
    assert facts.edited_of_pack(pack, document, sha256, described) == []
    for other in (RULES["perturbed"], RULES["third"], None):
        told = copy.deepcopy(described)
        told["privacy"]["release"] = other
        if other is None:
            del told["privacy"]["release"]
        assert facts.edited_of_pack(pack, document, sha256, told) == ["privacy.release"]


def test_the_published_schemas_have_the_form_of_a_rule():
    for schema in (manifest.schema(), reader.pack_schema.build()):
        assert schema["properties"]["privacy"]["properties"]["release"] == rule.schema()
