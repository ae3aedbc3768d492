"""What an insider writes into pack, manifest, bill and log before the officer signs."""

import json
from fractions import Fraction

import pytest
import signed_pack
from pack_spellings import SPELLINGS

from synth import audit
from synth.audit import check, log
from synth.custody import facts, sign
from synth.errors import BadInput
from synth.pack import bill as bills
from synth.pack import keys, manifest, rule, strict, writer

LATE = "2099-01-01"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(tmp_path / "trusted"))
    monkeypatch.setenv(log.FILE_VARIABLE, str(tmp_path / "log" / "audit.jsonl"))
    monkeypatch.delenv(keys.PASSPHRASE_VARIABLE, raising=False)


@pytest.fixture
def key(tmp_path):
    return signed_pack.officer_key(tmp_path, trusted=True)


def do_sign(pack, key, **more):
    return sign.sign(pack, key, signed_pack.OFFICER, signed_pack.no_passphrase, **more)


def results(pack):
    return {point.name: point.result for point in sign.verify(pack)[0]}


def extract(folder, **more):
    """Write a pack as an extraction here would, with lines of the log before and after it."""
    with audit.recorded("scan"):
        pass
    head = log.head()
    anchor = {"n_lines": head.n_lines, "head": head.digest}
    pack = signed_pack.make(folder, audit=anchor, **{"release": rule.perturbed(), **more})
    note(pack)
    with audit.recorded("scan"):
        pass
    return pack


def note(pack):
    described = manifest.load(manifest.path_of(pack))
    with audit.recorded("extract"):
        audit.note(
            pack_sha256=described["pack"]["sha256"],
            bill_sha256=described["bill"]["sha256"],
            manifest_sha256=manifest.facts_digest(described),
            retention_until=described["retention_until"],
        )


def nothing(document):
    """Change nothing."""


def forge(pack, *, figures=nothing, described=nothing, bill=nothing, end=b""):
    """Edit all three files, each digest and each copy of a fact made to fit."""
    document = json.loads(pack.read_bytes())
    figures(document)
    content = writer.dumps(document) + end
    pack.write_bytes(content)
    beside, bill_path = manifest.path_of(pack), manifest.bill_path_of(pack)
    told, listed = json.loads(beside.read_text()), json.loads(bill_path.read_text())
    told["pack"] |= {"sha256": strict.digest(content), "bytes": len(content)}
    described(told)
    listed |= {
        "pack_sha256": told["pack"]["sha256"],
        "manifest": manifest.facts(told),
        "retention_until": told["retention_until"],
        "k": told["privacy"]["k"],
    }
    bill(listed)
    made = bills.dumps(listed) if isinstance(listed.get("figures"), list) else None
    bill_path.write_bytes(made or json.dumps(listed).encode())
    told["bill"] = {"sha256": strict.digest(bill_path.read_bytes())}
    beside.write_bytes(manifest.dumps(told))


def k(value):
    return lambda document: document["privacy"].update(k=value)


def people(value):
    def change(bill):
        for figure in bill["figures"]:
            figure["n_people"] = value

    return change


def one_more(document):
    document["users"]["total_count"] += 1


def one_more_told(bill):
    figure = next(one for one in bill["figures"] if one["path"] == "$.users.total_count")
    figure["value"] += 1


def in_a_bucket(document):
    document["users"]["messages_per_user_histogram"]["buckets"][0][2] += 1


def released(release):
    return lambda document: document["privacy"].update(release=release)


def days(document):
    document["window"]["days"] = 7


def everything(document):
    k(500)(document)
    days(document)
    document["retention_until"] = LATE


FORGERIES = {
    "the issue's own": ({"end": b" ", "described": everything}, "is not in the form"),
    "a blank": ({"end": b" "}, "is not in the form"),
    "k": ({"described": k(40)}, "privacy.k"),
    "window": ({"described": days}, "window.days"),
    "retention": (
        {"described": lambda told: told.update(retention_until=LATE)},
        "was never to be kept after",
    ),
    "k beyond what is counted": (
        {"figures": k(500), "described": k(500)},
        "bill: people behind a figure",
    ),
    "people beyond the sketch": (
        {"figures": k(500), "described": k(500), "bill": people(500)},
        "bill: people behind a figure",
    ),
    "nobody behind it": ({"bill": people(None)}, "bill: people behind a figure"),
    "one person's": (
        {
            "described": lambda told: told["privacy"].update(dominance_limit=0.8),
            "bill": lambda bill: bill["figures"][0].update(top_share=0.9),
        },
        "bill: people behind a figure",
    ),
    "a figure": ({"figures": one_more}, "bill: figures"),
    "a figure of the bill": ({"bill": one_more_told}, "bill: figures"),
    "a figure that is not listed": (
        {"bill": lambda bill: bill["figures"].pop(0)},
        "bill: figures",
    ),
    "no model": ({"bill": lambda bill: bill.update(models={})}, "bill: models"),
    "another model": (
        {"bill": lambda bill: bill["figures"][3].update(model="shape_other")},
        "bill: models",
    ),
    "another k in the bill": ({"bill": lambda bill: bill.update(k=9)}, "bill: k"),
    "rule of release": ({"described": released(rule.private(Fraction(1)))}, "privacy.release"),
    "no rule of release": (
        {"described": lambda told: told["privacy"].pop("release")},
        "privacy.release",
    ),
    "time of extraction": (
        {"described": lambda told: told["extracted"].update(at="2026-11-01T00:00:00Z")},
        "extracted.at",
    ),
    "time to come": (
        {
            "figures": lambda pack: pack.update(extracted_at="2090-01-01T00:00:00Z"),
            "described": lambda told: (
                told["extracted"].update(at="2090-01-01T00:00:00Z"),
                told.update(retention_until="2090-02-01"),
            ),
        },
        "extracted.at",
    ),
    "no day of a calendar": (
        {
            "described": lambda told: told["extracted"].update(at="2026-13-45T00:00:00Z"),
        },
        "no such date",
    ),
    "the last day of all": (
        {
            "figures": lambda pack: pack.update(extracted_at="9999-12-31T00:00:00Z"),
            "described": lambda told: told["extracted"].update(at="9999-12-31T00:00:00Z"),
        },
        "no such date",
    ),
    "what the scan saw": (
        {"described": lambda told: told["scan"].update(n_strings=8)},
        "scan.n_strings",
    ),
    "what is left out": (
        {
            "figures": lambda pack: pack["privacy"].update(n_suppressed=9),
            "described": lambda told: told["privacy"].update(n_suppressed=9),
        },
        "n_suppressed",
    ),
    "the file's name": (
        {"described": lambda told: told["pack"].update(file="shape-metrics-20200101.json")},
        "pack.file",
    ),
    "a whole number spelt otherwise": (
        {"described": lambda told: told["window"].update(days=30.0)},
        "window.days",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_that_agrees_with_itself_is_not_signed(tmp_path, key, name):
    changes, said = FORGERIES[name]
    pack = signed_pack.make(tmp_path, release=rule.perturbed())
    forge(pack, **changes)
    with pytest.raises(BadInput, match=said):
        do_sign(pack, key)
    assert json.loads(manifest.path_of(pack).read_text())["sign_off"] is None
    if said == "no such date":
        assert results(pack)["manifest"] == sign.FAILED
        return
    # Who signs elsewise does not get past `verify`.
    signed_pack.sign(pack, key)
    found = results(pack)
    assert found["signature"] == sign.PASSED
    assert sign.FAILED in (found["facts"], found["form"], found["bill"])


def test_what_only_the_log_knows_is_refused_there_and_said_elsewhere(tmp_path, key, monkeypatch):
    pack = extract(tmp_path)
    forge(pack, figures=one_more, bill=one_more_told)
    for anchor in ("as it was", None):
        forge(pack, described=lambda told, a=anchor: told.update({} if a else {"audit": None}))
        with pytest.raises(BadInput, match="has extractions and none of this pack"):
            do_sign(pack, key)
    # Elsewhere nobody can know; then the sign-off says so, for good.
    monkeypatch.setenv(log.FILE_VARIABLE, str(tmp_path / "officer" / "audit.jsonl"))
    with audit.recorded("key new"):
        pass
    signed = do_sign(pack, key)
    assert signed["sign_off"]["not_checked"] == [facts.LOG]
    points = {point.name: point for point in sign.verify(pack)[0]}
    assert points["sign-off"].result == points["log"].result == sign.NOT_CHECKED
    assert "the audit log of where it was extracted" in points["sign-off"].text
    told = json.loads(manifest.path_of(pack).read_text())
    del told["sign_off"]["not_checked"]
    manifest.path_of(pack).write_bytes(manifest.dumps(told))
    assert results(pack)["signature"] == sign.FAILED
    # Where it was extracted, the log knows better.
    monkeypatch.setenv(log.FILE_VARIABLE, str(tmp_path / "log" / "audit.jsonl"))
    assert results(pack)["log"] == sign.NOT_CHECKED


def test_verify_fails_where_the_log_reaches_the_anchor_and_has_no_extraction(tmp_path, key):
    pack = extract(tmp_path)
    forge(pack, figures=one_more, bill=one_more_told)
    signed_pack.sign(pack, key)
    assert results(pack)["log"] == sign.FAILED


def test_bill_or_log_will_do_and_what_is_missing_is_said(tmp_path, key):
    pack = extract(tmp_path)
    assert "not_checked" not in do_sign(pack, key)["sign_off"]
    assert results(pack)["log"] == sign.PASSED
    assert "sign-off" not in results(pack)
    manifest.bill_path_of(pack).unlink()
    assert do_sign(pack, key, replace=True)["sign_off"]["not_checked"] == [facts.BILL]


def test_two_extractions_of_one_digest_are_told_apart(tmp_path, key):
    pack = extract(tmp_path)
    beside = manifest.path_of(pack).read_bytes()
    forge(pack, described=lambda told: told["source"].update(host="tok_0000000000000000"))
    with pytest.raises(BadInput, match="edited since it was extracted: bill, its facts"):
        do_sign(pack, key)
    note(pack)
    do_sign(pack, key)
    # The manifest of the first is as good, once its bill is not asked.
    manifest.path_of(pack).write_bytes(beside)
    manifest.bill_path_of(pack).unlink()
    do_sign(pack, key)


def test_a_log_that_was_edited_is_no_witness(tmp_path, key):
    pack = extract(tmp_path)
    place = log.path()
    lines = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join([lines[0].replace(b'"scan"', b'"scam"'), *lines[1:]]))
    with pytest.raises(BadInput, match="is not whole"):
        do_sign(pack, key)
    place.write_bytes(b"".join(lines[:1]))
    with pytest.raises(BadInput, match="is not whole"):
        do_sign(pack, key)
    # Nor is it once another command has appended.
    with audit.recorded("scan"):
        pass
    note(pack)
    with pytest.raises(BadInput, match="is not whole"):
        do_sign(pack, key)


def test_half_a_line_of_a_full_disk_leaves_the_log_a_witness(tmp_path, key):
    with audit.recorded("scan"):
        pass
    with log.path().open("ab") as stream:
        stream.write(b'{"half')
    pack = extract(tmp_path)
    assert check.verify()[1] == ["line 2: is no JSON"]
    do_sign(pack, key)
    # In place of a line it is none.
    lines = log.path().read_bytes().splitlines(keepends=True)
    log.path().write_bytes(b"".join([*lines[:2], b'{"half\n', *lines[3:]]))
    with pytest.raises(BadInput, match="is not whole"):
        do_sign(pack, key, replace=True)


def test_a_log_that_was_written_anew_is_no_witness(tmp_path, key):
    pack = extract(tmp_path)
    for path in log.path().parent.glob("audit.jsonl*"):
        if path.is_file():
            path.unlink()
    note(pack)
    with pytest.raises(BadInput, match=r"line 1 of the audit log .* is not the one"):
        do_sign(pack, key)
    signed_pack.sign(pack, key)
    assert results(pack)["log"] == sign.FAILED


def test_an_extraction_before_its_own_anchor_is_no_witness(tmp_path, key):
    pack = extract(tmp_path)
    head = log.head()
    forge(pack, described=lambda told: told.update(audit={"n_lines": 3, "head": head.digest}))
    assert head.n_lines == 3
    with pytest.raises(BadInput, match="comes after the extraction"):
        do_sign(pack, key)


def test_what_was_left_beside_the_log_is_no_extraction(tmp_path, key):
    pack = extract(tmp_path)
    forge(pack, figures=one_more, bill=one_more_told)
    described = manifest.load(manifest.path_of(pack))
    planted = {name: one for name, one in log.records()[1].items() if name not in ("n", "previous")}
    planted["details"] = {
        "pack_sha256": described["pack"]["sha256"],
        "bill_sha256": described["bill"]["sha256"],
        "manifest_sha256": manifest.facts_digest(described),
        "retention_until": described["retention_until"],
    }
    assert (planted["command"], planted["exit_code"], planted["result"]) == ("extract", 0, "done")
    place = log.path().with_name("audit.jsonl.begun") / f"{'ab' * 8}.json"
    place.write_bytes(log.as_line({**planted, "id": "ab" * 8}))
    log.settle()
    line = log.records()[-1]
    assert line["command"] == "extract"
    assert (line["details"], line["seconds"]) == ({}, None)
    assert (line["exit_code"], line["result"]) == (None, log.UNFINISHED)
    with pytest.raises(BadInput, match="has extractions and none of this pack"):
        do_sign(pack, key)


def test_the_bill_of_another_pack_is_refused(tmp_path, key):
    (tmp_path / "other").mkdir()
    pack = signed_pack.make(tmp_path)
    other = signed_pack.make(tmp_path / "other", seed=2)
    content = manifest.bill_path_of(other).read_bytes()
    manifest.bill_path_of(pack).write_bytes(content)
    with pytest.raises(BadInput, match="is not the one the manifest names"):
        do_sign(pack, key)
    told = json.loads(manifest.path_of(pack).read_text())
    told["bill"]["sha256"] = strict.digest(content)
    manifest.path_of(pack).write_bytes(manifest.dumps(told))
    with pytest.raises(BadInput, match="is of another pack"):
        do_sign(pack, key)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"retention_until": []}, "names no retention date"),
        ({"retention_until": None}, "names no retention date"),
        ({"k": None}, "bill: k"),
        ({"manifest": None}, "is not in the form"),
    ],
)
def test_what_a_bill_leaves_out_is_refused(tmp_path, key, change, said):
    pack = signed_pack.make(tmp_path)
    forge(pack, bill=lambda bill: bill.update(change))
    with pytest.raises(BadInput, match=said):
        do_sign(pack, key)


@pytest.mark.parametrize("value", [None, 10**400, 0.5])
@pytest.mark.parametrize("name", ["value", "n_rows"])
def test_any_number_in_a_bill_is_only_another_figure(tmp_path, key, name, value):
    pack = signed_pack.make(tmp_path)

    def change(bill):
        for figure in bill["figures"]:
            figure[name] = value

    forge(pack, bill=change)
    with pytest.raises(BadInput, match="bill: figures"):
        do_sign(pack, key)


def test_a_line_of_the_log_that_says_little_is_no_witness(tmp_path, key):
    pack = extract(tmp_path)
    for details in ({}, {"retention_until": []}):
        with audit.recorded("extract"):
            audit.note(pack_sha256=strict.digest(pack.read_bytes()), **details)
    # The whole line counts, not the last.
    do_sign(pack, key)
    forge(pack, described=lambda told: told["source"].update(host="tok_0000000000000000"))
    with pytest.raises(BadInput, match="bill, its facts"):
        do_sign(pack, key, replace=True)


@pytest.mark.parametrize(
    "change",
    [
        {"figures": {}},
        {"figures": [[]]},
        {"figures": [{"path": 1}]},
        {"models": []},
        {"models": {"shape_any": "ab"}},
        {"manifest": []},
        {"figures": [dict.fromkeys(("path", "value", "model"), "x")]},
    ],
)
def test_a_bill_of_another_form_is_refused(tmp_path, key, change):
    pack = signed_pack.make(tmp_path)
    forge(pack, bill=lambda bill: bill.update(change))
    with pytest.raises(BadInput, match="is not in the form"):
        do_sign(pack, key)


def respelt(pack, change):
    content = change(pack.read_text()).encode()
    assert content != pack.read_bytes()
    pack.write_bytes(content)
    told = json.loads(manifest.path_of(pack).read_text())
    told["pack"] |= {"sha256": strict.digest(content), "bytes": len(content)}
    manifest.path_of(pack).write_bytes(manifest.dumps(told))
    manifest.bill_path_of(pack).unlink()


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_is_not_signed(tmp_path, key, name):
    pack = signed_pack.make(tmp_path)
    respelt(pack, SPELLINGS[name])
    with pytest.raises(BadInput, match=r"is not in the form|as (synth|it is) writ(es|ten)"):
        do_sign(pack, key)
    signed_pack.sign(pack, key)
    assert results(pack)["form"] == sign.FAILED


def test_a_manifest_hides_nothing_in_its_layout(tmp_path, key):
    pack = extract(tmp_path)
    beside = manifest.path_of(pack)
    told = json.loads(beside.read_text())
    told["window"] = dict(reversed(told["window"].items()))
    beside.write_text(json.dumps(dict(reversed(told.items()))) + " \t ")
    signed = do_sign(pack, key)
    assert beside.read_bytes() == manifest.dumps(dict(sorted(signed.items())))
    assert results(pack)["form"] == sign.PASSED
    beside.write_bytes(beside.read_bytes() + b" \t ")
    assert results(pack)["form"] == sign.FAILED


def test_sign_says_on_stdout_what_it_did_not_look_at(tmp_path, key, run_synth):
    pack = extract(tmp_path)
    place = {"SYNTH_AUDIT_FILE": str(tmp_path / "officer" / "audit.jsonl")}
    call = ("sign", pack, "--key", key, "--officer", signed_pack.OFFICER)
    done = run_synth(*call, env=place)
    assert done.returncode == 0, done.stderr
    assert "without  the audit log of where it was extracted" in done.stdout
    done = run_synth(*call, "--replace", "--json", env=place)
    assert json.loads(done.stdout)["not_checked"] == ["log"]
    done = run_synth(*call, "--replace", "--json")
    assert json.loads(done.stdout)["not_checked"] == []
    assert run_synth("verify", pack).returncode == 0
    assert run_synth("scan", manifest.path_of(pack)).returncode == 0
