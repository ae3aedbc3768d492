"""Files that a user names: what is no file is refused at once, a byte order mark by name."""

import codecs
import contextlib
import gzip
import os
import signal
import socket

import pytest
import signed_pack

from synth import inputs, targets
from synth.audit import check
from synth.custody import seal
from synth.errors import BadInput
from synth.extract import mapping
from synth.pack import bill, keys, manifest, reader, trust
from synth.spec import model
from synth.standin import csv_source
from synth.validate import seeds


@contextlib.contextmanager
def at_once(seconds=5):
    """Fail instead of waiting for a pipe that nobody writes."""

    def ring(*_):
        raise AssertionError("it waits, or takes far too long")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _unseal(path):
    identity = path.with_name("age.key")
    seal.create_identity(identity)
    seal.unseal(path, identity, path.with_name("out"))


READERS = {
    "pack": reader.load,
    "trust": trust.check,
    "manifest": manifest.load,
    "anchor": lambda path: check.anchor(str(path)),
    "bill": lambda path: bill.load(path, "0" * 64, "0" * 64),
    "public key": keys.load_public,
    "private key": lambda path: keys.load_private(path, signed_pack.no_passphrase),
    "identity": lambda path: seal.unseal(path, path, path.with_name("out")),
    "sealed": _unseal,
    "recipients": lambda path: seal.recipients([str(path)]),
    "spec": model.load,
    "mapping": lambda path: mapping._read(path, {}),
    "seed": lambda path: inputs.read_table(path, "seed"),
    "configuration": lambda path: inputs.load_yaml(path, "project"),
}
TEXTS = ("pack", "manifest", "bill", "recipients", "spec", "mapping", "seed", "configuration")


def _make(kind, path):
    if kind == "pipe":
        os.mkfifo(path, 0o600)
    elif kind == "directory":
        path.mkdir(mode=0o700)
    elif kind == "socket":
        # The name of a socket has room for 107 bytes.
        with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
        path.chmod(0o600)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "link to a pipe":
        os.mkfifo(path.with_name("elsewhere"), 0o600)
        path.symlink_to("elsewhere")


@pytest.mark.parametrize("kind", ["pipe", "directory", "socket", "device", "link to a pipe"])
@pytest.mark.parametrize("name", READERS)
def test_what_is_no_file_is_refused_before_it_is_read(tmp_path, name, kind):
    path = tmp_path / "given"
    _make(kind, path)
    with at_once(), pytest.raises(BadInput) as caught:
        READERS[name](path)
    assert "expected a file" in str(caught.value)
    assert kind.removeprefix("link to ").removeprefix("a ") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pipe_that_takes_the_place_of_a_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "given"
    path.write_text("{}")
    looked_at = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(inputs.os, "stat", lambda _: looked_at)
    with at_once(), pytest.raises(BadInput, match="is a pipe, expected a file"):
        reader.load(path)


def test_a_pipe_as_a_files_neighbour_is_as_good_as_none(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(tmp_path / "trusted"))
    pack = signed_pack.make(tmp_path)
    for path in (manifest.path_of(pack), manifest.bill_path_of(pack)):
        path.unlink()
        os.mkfifo(path)
    with at_once(), pytest.raises(BadInput, match="has no manifest"):
        trust.check(pack)


@pytest.mark.parametrize("name", ["exceptions.csv", "tolerances.csv"])
def test_seeds_that_are_pipes_are_refused(tmp_path, project_dir, name):
    for one in ("exceptions.csv", "tolerances.csv"):
        (tmp_path / one).write_bytes((project_dir / "seeds" / one).read_bytes())
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with at_once(), pytest.raises(BadInput, match="is a pipe"):
        seeds.check(tmp_path)


def test_a_profile_that_is_a_pipe_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    os.mkfifo(tmp_path / "profiles.yml")
    with at_once(), pytest.raises(BadInput, match=r"no profiles\.yml"):
        targets.load("dev_synth")


@pytest.mark.parametrize("command", ["scan", "verify", "explain"])
def test_a_command_refuses_a_pipe_in_one_line(run_synth, tmp_path, command):
    os.mkfifo(tmp_path / "pack.json")
    done = run_synth(command, tmp_path / "pack.json", timeout=60)
    assert done.returncode == 2
    assert "is a pipe, expected a file" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
@pytest.mark.parametrize("name", TEXTS)
def test_a_byte_order_mark_is_named(tmp_path, name, mark):
    path = tmp_path / "given"
    path.write_bytes(mark + b"{}")
    with pytest.raises(BadInput, match="begins with a byte order mark; save it as UTF-8"):
        READERS[name](path)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_a_byte_order_mark_in_a_csv_is_named(tmp_path, suffix):
    opened = gzip.open if suffix == "csv.gz" else open
    with opened(tmp_path / f"conversations.{suffix}", "wb") as stream:
        stream.write(codecs.BOM_UTF8 + b"conversation_id,type,created_at\n")
    with pytest.raises(BadInput, match=rf"conversations\.{suffix} begins with a byte order mark"):
        csv_source.read(tmp_path)


def test_csv_lines_and_numbers_are_bounded(tmp_path):
    head = b"conversation_id,type,created_at\n"
    # A few kilobytes that unpack to 64 MiB without a line end.
    with gzip.open(tmp_path / "conversations.csv.gz", "wb") as stream:
        stream.write(head + b"7" * 2**24)
    with at_once(30), pytest.raises(BadInput, match="line 2 is longer than 65536 bytes"):
        csv_source.read(tmp_path)
    with gzip.open(tmp_path / "conversations.csv.gz", "wb") as stream:
        stream.write(head + b"7" * 5000 + b",GROUP_CHAT,2026-01-05T10:00:00Z\n")
    with pytest.raises(BadInput, match="line 2, column conversation_id: expected a whole number"):
        csv_source.read(tmp_path)


def test_a_csv_that_is_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "conversations.csv")
    with at_once(), pytest.raises(BadInput, match="is a pipe"):
        csv_source.read(tmp_path)


def _laughs(form):
    levels = [f"a0: &a0 {form.format('x')}"]
    for level in range(1, 40):
        levels.append(f"a{level}: &a{level} {form.format(', '.join([f'*a{level - 1}'] * 9))}")
    return "\n".join(levels)


@pytest.mark.parametrize(
    "text",
    [
        _laughs("[{0}]"),
        "a0: &a0 {k: v}\n"
        + "\n".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)),
        f"a: &a {'x' * 30_000}\nb: [{'*a, ' * 8_000}]",
        "a: &a [*a]",
        "a: &a {b: *a}",
        "[" * 1000,
        "- " * 2000,
        "a: " + "9" * 60_000,
        "a: 2026-99-99",
        "a: 1" + ":1" * 5_000,
        "? [a, b]\n: {}",
        "a: !!python/object/apply:os.system [true]",
        "a: &" + "x" * 60_000 + " b",
        "a" * 60_000,
        "{" + "a: b, " * 2_000 + "}",
        'a: "\\ud800"',
        "\0",
        "",
    ],
)
def test_hostile_yaml_is_one_line_in_bounded_time(tmp_path, text):
    path = tmp_path / "mapping.yml"
    path.write_text(text)
    with at_once(30), pytest.raises(BadInput) as caught:
        mapping._read(path, {})
        raise BadInput("read, as it may be")
    assert "\n" not in str(caught.value)


def test_yaml_is_bounded_in_size_and_may_have_anchors(tmp_path):
    path = tmp_path / "mapping.yml"
    path.write_text("a: &a {b: 1}\nc: *a\nd: {<<: *a, e: 2}\n")
    assert inputs.load_yaml(path, "mapping")["d"] == {"b": 1, "e": 2}
    path.write_text("a: " + "b" * 2**16)
    with pytest.raises(BadInput, match="larger than 64 KiB"):
        inputs.load_yaml(path, "mapping")


def test_a_sealed_archive_cannot_unpack_to_more_than_it_is(tmp_path):
    import io
    import tarfile

    import pyrage

    identity = tmp_path / "age.key"
    recipients = seal.recipients([seal.create_identity(identity)])
    entry = tarfile.TarInfo("shape-metrics-20260201.json")
    entry.size = 2**26
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(entry, io.BytesIO(bytes(entry.size)))
    sparse = tarfile.TarInfo(entry.name)
    sparse.type, sparse.size = tarfile.GNUTYPE_SPARSE, 2**50
    for content in (packed.getvalue(), sparse.tobuf() + bytes(1024)):
        (tmp_path / "x.age").write_bytes(pyrage.encrypt(content, recipients))
        with at_once(), pytest.raises(BadInput):
            seal.unseal(tmp_path / "x.age", identity, tmp_path / "out")
