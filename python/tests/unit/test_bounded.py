"""What a hostile document costs is bounded: by its size, whatever stands in it."""

import json

import pytest
from test_inputs import at_once

from synth import scan
from synth.audit import check, log
from synth.errors import BadInput
from synth.pack import manifest, reader, strict
from synth.scan import detectors, walk
from synth.spec import model

N = 300_000
SECONDS = 30


def _json(document):
    return json.dumps(document)


HISTOGRAM = {"unit": "characters"}
HOSTILE = {
    "one long key": lambda: _json({"a" * N: 1}),
    "a key that is nearly an address": lambda: _json({"a." * (N // 2) + "@": 1}),
    "a long key of a section": lambda: _json({"users": {"total_coun" + "t" * N: 1}}),
    "keys of the longest typo": lambda: _json(
        {"users": {"t" * 60 + f"{i:04}": 1 for i in range(4000)}}
    ),
    "many keys": lambda: _json({f"k{i:06}": 1 for i in range(N // 12)}),
    "a long text": lambda: _json(["4111" * (N // 4)]),
    "many cards": lambda: _json([4111111111111111 + i for i in range(N // 18)]),
    "many telephones": lambda: _json([f"+1415555{i:04}" for i in range(N // 18)]),
    "many words": lambda: _json([f"{'a' * 490}{i}" for i in range(N // 500)]),
    "encoded thrice": lambda: _json(["%252541" * 60 + str(i) for i in range(N // 500)]),
    "many tokens": lambda: _json([f"tok_{i:016x}" for i in range(N // 24)]),
    "many classes": lambda: _json(
        {
            "conversations": {
                "members_by_size": {f"CHANNEL.size_{i}_{i + 1}": None for i in range(12_000)}
            }
        }
    ),
    "many suppressed": lambda: _json(
        {"privacy": {"suppressed": [f"users.silent_share.size_{i}_{i + 1}" for i in range(8000)]}}
    ),
    "many bins": lambda: _json(
        {"users": {"username_length_histogram": {str(i): 1 for i in range(N // 12)}}}
    ),
    "many bad buckets": lambda: _json(
        {"users": {"username_length_histogram": {**HISTOGRAM, "buckets": [[0, 0, -1]] * (N // 12)}}}
    ),
    "many splits": lambda: _json(
        {f"x{i}": {f"y{j}": "ab" for j in range(30)} for i in range(N // 400)}
    ),
    "empty lists": lambda: "[" + "[]," * (N // 3) + "[]]",
    "huge integers": lambda: "[" + ",".join(["9" * 4000] * (N // 4000)) + "]",
    "a huge total": lambda: _json(
        {
            name: {
                "total_count": 10**4000,
                "receipts_per_message_histogram": {"buckets": [[0, 1, 10**4000]]},
                "delay_histogram_minutes": {"buckets": [[0, 1, 10**4000]]},
            }
            for name in ("messages", "read_receipts")
        }
    ),
    "an integer without end": lambda: "9" * N,
    "a fraction without end": lambda: "[0." + "1" * N + "]",
    "infinite numbers": lambda: '{"users": {"total_count": 1e400, "silent_share": -1e400}}',
    "one key often": lambda: "{" + ",".join(['"a":1'] * (N // 6)) + "}",
    "deep lists": lambda: "[" * N,
    "deep objects": lambda: '{"a":' * (N // 5),
    "half characters": lambda: '["' + "\\ud800" * (N // 6) + '"]',
    "half keys": lambda: "{" + ",".join(f'"\\ud800{i}":1' for i in range(N // 18)) + "}",
    "references": lambda: _json({"$ref": "#", "$schema": "urn:x", "users": {"$ref": "#/users"}}),
    "escapes": lambda: '["' + "\\u0041" * (N // 6) + '"]',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_in_one_line_and_bounded_time(name):
    content = HOSTILE[name]().encode()
    with at_once(SECONDS):
        try:
            document = strict.parse(content, where="pack")
        except BadInput as error:
            assert len(str(error)) < 300
            return
        for check in (lambda: reader.check(document), lambda: manifest.check(document)):
            with pytest.raises(BadInput) as caught:
                check()
            assert len(str(caught.value)) < 600
            assert "\n" not in str(caught.value)
        scan.scan(document)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_spec_is_refused_in_one_line_and_bounded_time(tmp_path, name):
    path = tmp_path / "spec.json"
    content = HOSTILE[name]()
    head = '{"schema_version": "1.0", ' if content.startswith('{"') else ""
    path.write_text(head + content.removeprefix("{") if head else content)
    with at_once(SECONDS), pytest.raises(BadInput) as caught:
        model.load(path)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", [5_000, 20_000, 1_000_000])
def test_an_unknown_key_of_any_length_is_refused_at_once(length):
    for document in ({"x" * length: 1}, {"users": {"total_count" * (length // 11): 1}}):
        with at_once(2), pytest.raises(BadInput, match="unknown key") as caught:
            reader.check(document)
        assert len(str(caught.value)) < 100


def test_a_misspelt_key_still_gets_its_suggestion():
    with pytest.raises(BadInput, match="did you mean 'total_count'"):
        reader.check({"users": {"total_cuont": 1}})


def test_what_a_scan_looks_at_does_not_grow_with_the_document(monkeypatch):
    """Operations, not seconds: characters that the patterns are given."""
    seen = []
    monkeypatch.setattr(detectors, "kinds", lambda text: seen.append(len(text)) or set())
    found = []
    for n in (5_000, 10_000, 20_000):
        seen.clear()
        result = scan.scan({f"{'k' * 30}{i}": f"{'v' * 30}{i}" for i in range(n)})
        assert [one.kind for one in result.findings] == [walk.TOO_MUCH]
        found.append(sum(seen))
    assert max(found) <= walk._MOST_LOOKED_AT + walk._LONGEST
    assert max(found) - min(found) <= walk._LONGEST


def test_what_was_not_looked_at_is_a_finding_and_so_is_a_long_text():
    assert {one.kind for one in scan.scan(["a" * 501]).findings} == {walk.LONG_TEXT}
    assert scan.scan(["ab " * 160]).findings == ()
    many = scan.scan([f"w{i}" for i in range(20_000)]).findings
    assert walk.TOO_MUCH in {one.kind for one in many}


def test_the_findings_of_a_document_are_bounded_in_number():
    found = scan.scan([f"a{i}@example.com" for i in range(20_000)]).findings
    assert walk._MOST_LOOKED_AT / 500 < len(found) < walk._MOST_LOOKED_AT / 10


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"n":' * 100_000, "9" * 100_000, '{"a":1,"a":2}', "\ud800", "{}"]
)
def test_a_hostile_line_of_the_audit_log_is_counted_and_no_more(tmp_path, monkeypatch, line):
    path = tmp_path / "audit.jsonl"
    monkeypatch.setenv(log.FILE_VARIABLE, str(path))
    path.write_bytes(line.encode("utf-8", "surrogatepass") + b"\n")
    with at_once():
        assert log.records() == []
        n_lines, problems = check.verify()
    assert n_lines == 1
    assert problems
    assert all(len(problem) < 200 for problem in problems)
