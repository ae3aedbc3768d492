"""Only what `synth extract` can have written may be signed, and little else fits into it."""

import copy
import json
import math
from fractions import Fraction

import jinja2
import pack_rows
import pytest
import signed_pack

from synth import catalogue
from synth.custody import sign
from synth.errors import BadInput
from synth.pack import extracted, grids, keys, manifest, reader, rule, strict, writer

FULL = json.loads(writer.dumps(writer.document(pack_rows.make(3), pack_rows.META)))
CARD = 4111111111111111


@pytest.fixture
def document():
    return copy.deepcopy(FULL)


def put(document, path, value):
    *parents, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in parents:
        document = document[step]
    document[last] = value


def refused(document, words=""):
    """The reader or the narrower form refuses it, in one line without the payload."""
    with pytest.raises(BadInput, match=words) as caught:
        reader.from_document(document, sha256="0" * 64)
        extracted.check(document)
    assert "\n" not in str(caught.value)
    assert "4111" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("seed", range(30))
def test_what_the_writer_writes_is_accepted(seed):
    suppressed = {("users", "device_mix"), ("messages", "content_length")} if seed % 2 else ()
    without = ("attachments",) if seed % 3 else ()
    rows = pack_rows.make(seed, suppressed=suppressed, without=without)
    found = json.loads(writer.dumps(writer.document(rows, pack_rows.META)))
    reader.from_document(found, sha256="0" * 64)
    extracted.check(found)


def test_an_entity_without_its_total_is_named_line_by_line():
    lines = [line for line in catalogue.metrics() if line.entity == "attachments"]
    rows = pack_rows.make(2, suppressed={(line.entity, line.metric) for line in lines})
    found = json.loads(writer.dumps(writer.document(rows, pack_rows.META)))
    assert found["attachments"] is None
    extracted.check(found)
    found["privacy"]["n_suppressed"] -= 1
    refused(found, "n_suppressed: expected")


HISTOGRAM = "users/username_length_histogram/buckets/0"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        # Strings.
        (
            "privacy/suppressed",
            [f"users.device_mix.tok_{n:016x}" for n in range(300)],
            "suppressed",
        ),
        ("privacy/suppressed", ["users.device_mix"], "without a figure"),
        ("privacy/suppressed", ["conversations.member_count.CHANNEL"], "without a figure"),
        ("privacy/n_suppressed", 411111, "n_suppressed: expected"),
        ("privacy/sketch_bits", 65, "sketch_bits: expected 64"),
        ("extracted_at", "2026-02-01T10:11:12.411111Z", "whole seconds"),
        ("extracted_at", "2026-02-01T10:11:12+00:00", "whole seconds"),
        ("extracted_at", "2026-02-30T10:11:12Z", "no such date"),
        ("users/device_mix", {"tok_4111111111111111": 1}, "unknown key"),
        # Digits.
        ("users/silent_share", 0.4111111111111111, "6 significant digits"),
        ("users/silent_share", 0.41111111, "6 significant digits"),
        ("users/silent_share", 1.0, "as it is written"),
        ("users/silent_share", -0.0, "as it is written"),
        ("users/silent_share", 41, "share of at most 1"),
        ("messages/burst_coefficient", 41111.11, "6 significant digits"),
        ("messages/content_length_stats/mean", 4.1111111, "6 significant digits"),
        ("messages/content_length_stats/p99", 4111111111, "last edge of its grid"),
        ("messages/content_length_stats/p95", None, "got null"),
        ("users/messages_per_user_percentiles/max", 411111111111, "last edge of its grid"),
        ("users/profile_completeness/bio", None, "got null"),
        # Edges and counts.
        (f"{HISTOGRAM}/0", 0.4111111111111111, "not of the metric's grid"),
        (f"{HISTOGRAM}/0", 0.0, "written as synth writes it"),
        (f"{HISTOGRAM}/2", 0, "above 0"),
        (f"{HISTOGRAM}/2", 10**12, "more than the largest total"),
        ("users/username_length_histogram", {"4111-4112": 1}, "written by hand"),
        ("users/messages_per_user_histogram/buckets/0/0", 0.5, "not of the metric's grid"),
        # Classes.
        ("conversations/tempo_by_size", {"size_4111_4112": None}, "no class of the metric's grids"),
        ("conversations/tempo_by_size", {"size_4_4": None}, "no class"),
        ("conversations/tempo_by_size", {"size_4.0_6": None}, "no class"),
        ("conversations/tempo_by_size", {"size_4_6.tempo_0_1": None}, "no class"),
        ("conversations/tempo_by_size", {"CHANNEL.size_4_6": None}, "no class"),
        ("conversations/members_by_size", {"size_4_6": None}, "no class"),
        ("conversations/members_by_size", {"TEXT.size_4_6": None}, "no class"),
        ("conversations/tempo_by_size", {"size_4_6": None, "size_4_8": None}, "overlap"),
        ("conversations/tempo_by_size", {"size_4_6": None}, "a segment without any is left out"),
        ("conversations/tempo_by_size", {}, "object without entries"),
        ("messages/content_length_histogram_by_type", {"TEXT": None}, "left out"),
    ],
)
def test_a_payload_is_refused(document, path, value, words):
    put(document, path, value)
    refused(document, words)


@pytest.mark.parametrize(
    ("release", "excess", "is_accepted"),
    [
        # One segment is rounded by itself.
        (None, 1, True),
        (None, 2, False),
        # Five cells of a grid, merged.
        (rule.perturbed(), 1 + 5 * rule.LARGEST_NOISE, True),
        (rule.perturbed(), 2 + 5 * rule.LARGEST_NOISE, False),
        # This noise has no bound.
        (rule.private(Fraction(1)), 10_000, True),
    ],
)
def test_counts_exceed_the_totals_by_noise_alone(document, release, excess, is_accepted):
    largest = max(document[entity]["total_count"] for entity in catalogue.ENTITIES)
    document["users"]["username_length_histogram"] = {"buckets": [[3, 8, largest + excess]]}
    if release:
        document["privacy"]["release"] = release
    if is_accepted:
        extracted.check(document)
    else:
        refused(document, "more than the largest total")


def test_every_key_is_needed_so_that_none_can_be_a_bit(document):
    for section in (document, document["privacy"], document["users"], document["messages"]):
        for name in list(section):
            kept = section.pop(name)
            if section is not document or name in extracted._HEAD:
                with pytest.raises(BadInput, match="is missing"):
                    extracted.check(document)
            section[name] = kept


def test_shares_that_do_not_sum_to_one_are_refused(document):
    mix = document["users"]["device_mix"] = {"ios": 0.5, "android": 0.49}
    refused(document, "shares that sum to 1")
    mix["android"] = 0.5
    extracted.check(document)
    document["messages"]["hourly_distribution"] = [100] + [0] * 23
    refused(document, "share of at most 1")


def test_a_pack_written_by_hand_is_read_and_not_for_signing(run_synth, tmp_path):
    by_hand = {"conversations": {"member_count_histogram": {"5-9": 12, "10": 3, "11+": 4}}}
    assert reader.from_document(by_hand, sha256="0" * 64).rows
    path = tmp_path / "pack.json"
    path.write_text(json.dumps(by_hand))
    done = run_synth("scan", path)
    assert done.returncode == 2
    assert "is not for signing" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_pack_of_an_earlier_version_is_read_and_not_for_signing(document):
    document["users"]["silent_share"] = 0.123456789
    reader.from_document(document, sha256="0" * 64)
    assert "extracted again" in str(refused(document, "6 significant digits"))


def test_sign_asks_for_the_narrow_form(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(tmp_path / "trusted"))
    pack = signed_pack.make(tmp_path)
    key = signed_pack.officer_key(tmp_path, trusted=True)
    found = json.loads(pack.read_text())
    found["users"]["silent_share"] = 0.4111111111111111
    content = writer.dumps(found)
    pack.write_bytes(content)
    described = manifest.load(manifest.path_of(pack))
    described["pack"]["sha256"] = strict.digest(content)
    manifest.path_of(pack).write_bytes(manifest.dumps(described))
    with pytest.raises(BadInput, match="6 significant digits"):
        sign.sign(pack, key, signed_pack.OFFICER, signed_pack.no_passphrase)
    assert manifest.load(manifest.path_of(pack))["sign_off"] is None


# --- the grids are those of the models ---

GRIDS = (
    *("count", "size", "seconds", "minutes", "characters", "bytes", "share", "coefficient"),
    *("position", "size_class", "sender_class", "tempo_class"),
)


class _Returned(Exception):
    """Carries what a macro returns out of its template, as dbt does."""


def _macro_edges(project_dir, grid):
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])

    def give(value):
        raise _Returned(value)

    def called(name):
        try:
            environment.from_string(text).module.bucket_edges(name)
        except _Returned as found:
            return found.args[0]
        raise AssertionError(name)

    text = (project_dir / "macros" / "bucket_edges.sql").read_text()
    # A macro calls itself by its name, and what it returns is a list, not its text.
    text = text.replace(
        "(edges + bucket_edges('size_class')[:-1])", "(edges + called('size_class')[:-1])"
    )
    environment.globals.update({"return": give, "called": called})
    return called(grid)


@pytest.mark.parametrize("grid", GRIDS)
def test_grids_are_those_of_the_macro(project_dir, grid):
    assert list(grids.edges(grid)) == [float(edge) for edge in _macro_edges(project_dir, grid)]
    assert all(
        low < high for low, high in zip(grids.edges(grid), grids.edges(grid)[1:], strict=False)
    )


def test_joint_metrics_are_those_of_the_catalogue():
    joint = {(line.entity, line.metric) for line in catalogue.metrics() if line.segments == "joint"}
    assert grids.JOINT.keys() == joint


def test_edges_are_written_so_that_they_are_read_as_the_grids():
    for grid in GRIDS:
        for edge in grids.edges(grid):
            if math.isfinite(edge):
                assert json.loads(json.dumps(writer.edge(edge))) == edge
