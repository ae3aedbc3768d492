"""The scanner finds what identifies, wherever and however it is written; clean packs pass."""

import base64
import json

import pack_rows
import pytest

from synth import scan
from synth.commands import scan as scan_command
from synth.pack import manifest, tokens, writer
from synth.pack.model import PackMeta
from synth.scan import detectors, numbers
from synth.targets import Target

TOKENIZER = tokens.Tokenizer("0123456789abcdefghijklmnopqrstuvwxyz")
PLANTED = {
    "email": ["john.doe@example.com", "j.o'hara+x@mail.example.co.uk", "john\uff20example.com"],
    "phone": ["+1 212 555 2368", "+14155550100", "(212) 736-5000", "020 7946 0958", "030 901820"],
    "card": ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"],
    "iban": ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"],
    "ssn": ["078-05-1120", "123 45 6789"],
    "national_id": ["12345678Z", "X1234567L", "AB 12 34 56 C", "AB123456C"],
    "coordinates": ["40.416775, -3.703790"],
    "ipv4": ["192.168.1.17", "from 8.8.8.8 to"],
    "ipv6": ["2001:db8::ff00:42:8329", "fe80::1"],
    "mac": ["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b7", "001b.4411.3ab7"],
    "uuid": ["550e8400-e29b-41d4-a716-446655440000"],
    "jwt": ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"],
    "url": ["https://example.com/u/1", "postgresql://u@h/db", "www.example.com/x"],
    "date_of_birth": ["1985-03-12", "12.03.1985", "March 12th, 1985", "3/12/85", "19850312"],
    "name": ["James Smith", "SMITH, James", "james_smith42", "from Mary K. Johnson to", "Jennifer"],
    "address": ["12 Garden Road, Springfield", "Hauptstraße 12", "221b Baker Street"],
    "secret": ["AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9, "9f8Kq2LmZ07xYw4Rt6Vb1Nc"],
}
CASES = [(kind, text) for kind, texts in PLANTED.items() for text in texts]
ENCODINGS = {
    "plain": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "twice": lambda text: base64.b64encode(text.encode().hex().encode()).decode(),
    "zero width": lambda text: "\u200b".join(text),
}


def _pack(seed=1):
    return json.loads(writer.dumps(writer.document(pack_rows.make(seed), pack_rows.META)))


def _manifest():
    target = Target("prod_shape", "db.internal.example", 5432, "u", "", "chat_production", "shape")
    meta = PackMeta(**{**pack_rows.META.__dict__, "n_suppressed": 3})
    return manifest.build(
        meta,
        pack_name="shape-metrics-20260201.json",
        pack_bytes=1000,
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        target=target,
        tokenizer=TOKENIZER,
        whole_history=False,
        n_strings=10,
        gates=manifest.gates_facts(["shape_is_not_empty"], 1),
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("kind", "text"), CASES)
def test_planted_text_is_found(kind, text, encoding):
    assert kind in detectors.kinds(ENCODINGS[encoding](text))


def test_every_kind_is_planted():
    assert set(PLANTED) == set(detectors.KINDS)


@pytest.mark.parametrize(
    "text",
    [
        "GROUP_CHAT",
        "messages_per_conversation_percentiles",
        "ANONYMIZED_SHAPE_ONLY",
        "1.11.16",
        "hello world",
        "4111 1111 1111 1112",
        "000-12-3456",
        "12:34:56",
        "",
    ],
)
def test_harmless_text_is_not(text):
    assert detectors.kinds(text) == set()


def test_checksums_are_checked():
    assert "iban" not in detectors.kinds("DE00 3704 0044 0532 0130 00")
    assert "card" not in detectors.kinds("4111 1111 1111 1112")


@pytest.mark.parametrize("seed", range(8))
def test_clean_packs_are_clean(seed):
    result = scan.scan(_pack(seed))
    assert result.findings == ()
    assert result.n_numbers > 500


def test_clean_manifest_is_clean():
    document = _manifest()
    manifest.check(document)
    assert scan.scan(document, digests=manifest.digests(document)).findings == ()


def test_thousand_tokens_are_clean():
    found = scan.scan([TOKENIZER.token("label", str(number)) for number in range(1000)])
    assert found.findings == ()


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_findings_name_the_place_and_never_the_text(kind, text):
    document = _pack()
    document["messages"][text] = 1
    document["users"]["device_mix"]["ios"] = [text]
    found = scan.scan(document).findings
    places = {(finding.path, finding.place) for finding in found if finding.kind == kind}
    assert (f"$.messages.(key {len(document['messages'])})", "key") in places
    assert ("$.users.device_mix.ios[0]", "value") in places
    assert text not in str(found)


def test_text_in_the_digits_of_a_token_is_found():
    hidden = "tok_" + b"zyx wvut".hex()
    assert scan.scan([hidden]).findings == ()
    assert scan.scan(["tok_" + b"jo@ex.io".hex()]).findings[0].kind == "email"


def test_numbers_that_are_cards_are_found_and_bins_that_are_phones():
    assert scan.scan({"a": 4111111111111111}).findings[0].kind == "card"
    assert scan.scan({"2127365000": 1}).findings[0].kind == "phone"
    assert scan.scan({"1000000000+": 1, "1048576-2097151": 1, "16": 2}).findings == ()


def test_a_total_beyond_the_histograms_is_a_phone_unless_a_sample_stands_for_it():
    def pack(total):
        return {
            "messages": {
                "total_count": 1_200_000_000,
                "content_length_histogram": {"buckets": [[1, 2, 1_200_000_000]]},
            },
            "read_receipts": {
                "total_count": total,
                "receipts_per_message_histogram": {"buckets": [[0, 1, 400_000], [1, 9, 600_000]]},
                "delay_histogram_minutes": {"buckets": [[0, 1, 1_700_000]]},
            },
        }

    # 1.7 receipts a message looked at.
    assert numbers.largest_total(pack(2_039_500_123)) == 2_039_500_123
    assert numbers.largest_total(pack(2_127_365_000)) == 1_200_000_000
    assert not numbers.is_strange(1_127_365_000, 1_200_000_000)
    assert numbers.is_strange(2_127_365_000, 1_200_000_000)
    assert numbers.kinds(2_127_365_000) == {"phone"}


def _run(run_synth, tmp_path, document, *options):
    path = tmp_path / "pack.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return run_synth("scan", path, *options)


def test_command_says_clean(run_synth, tmp_path):
    done = _run(run_synth, tmp_path, _pack())
    assert done.returncode == 0
    assert "is clean" in done.stdout


def test_command_takes_a_manifest(run_synth, tmp_path):
    done = _run(run_synth, tmp_path, _manifest(), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["kind"] == "manifest"


def test_command_finds_and_hides(run_synth, tmp_path):
    document = _pack()
    document["users"]["john.doe@example.com"] = "+1 212 555 2368"
    done = _run(run_synth, tmp_path, document, "--json")
    assert done.returncode == 1
    shown = json.loads(done.stdout)
    assert set(shown) == {
        "schema_version",
        "file",
        "sha256",
        "kind",
        "is_valid",
        "problem",
        "n_strings",
        "n_numbers",
        "findings",
    }
    assert not shown["is_valid"]
    assert {finding["kind"] for finding in shown["findings"]} == {"email", "phone"}
    assert set(shown["findings"][0]) == {"path", "place", "kind"}
    assert "john" not in done.stdout + done.stderr
    assert "2368" not in done.stdout + done.stderr


@pytest.mark.parametrize("content", ["{", '{"users": {"zzyzx": 1}}', "[1]"])
def test_command_refuses_what_is_no_pack(run_synth, tmp_path, content):
    done = _run(run_synth, tmp_path, content)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "zzyzx" not in done.stderr


def test_json_contract_is_documented():
    for word in ("file", "sha256", "kind", "is_valid", "problem", "n_strings", "findings"):
        assert word in scan_command.command.help
