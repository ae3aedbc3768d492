"""The audit log: one chained line per command; what is changed or missing shows."""

import json
import os
import subprocess
import sys

import pytest
import signed_pack

from synth import audit
from synth.audit import log
from synth.errors import BadInput, DatabaseError, GateFailed
from synth.pack import tokens


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    path = tmp_path / "log" / "audit.jsonl"
    monkeypatch.setenv(log.FILE_VARIABLE, str(path))
    return path


def write(count, first=0):
    for number in range(first, first + count):
        with audit.recorded("import"):
            audit.note(pack_sha256=f"{number:064x}")


def test_a_line_says_who_when_what_and_how_it_ended(place):
    with audit.recorded("scan") as ended:
        audit.note(sha256="ab" * 32)
        ended(1)
    with pytest.raises(BadInput), audit.recorded("import"):
        raise BadInput("no")
    with pytest.raises(KeyboardInterrupt), audit.recorded("generate"):
        raise KeyboardInterrupt
    with pytest.raises(ZeroDivisionError), audit.recorded("generate"):
        _ = 1 / 0
    first, second, third, fourth = log.records()
    assert (first["command"], first["exit_code"], first["result"]) == ("scan", 1, "gate failed")
    assert first["details"] == {"sha256": "ab" * 32}
    assert (second["exit_code"], second["result"], second["details"]) == (2, "BadInput", {})
    assert (third["exit_code"], fourth["exit_code"]) == (130, 3)
    assert first["versions"].keys() == {"synth", "dbt", "python"}
    assert log.verify() == (4, [])


def test_people_and_hosts_are_tokens_under_the_salt_or_a_local_key(place, monkeypatch):
    import getpass
    import socket

    write(1)
    monkeypatch.setenv(tokens.SALT_VARIABLE, signed_pack.SALT)
    write(1)
    local, salted = log.records()
    assert local["tokens"] == "local"
    assert salted["tokens"] == f"salt {tokens.Tokenizer(signed_pack.SALT).fingerprint()}"
    for record in (local, salted):
        assert record["who"].startswith("tok_")
        assert record["host"].startswith("tok_")
    assert local["host"] != salted["host"]
    text = place.read_text()
    assert signed_pack.SALT not in text
    assert f"{getpass.getuser()}@{socket.gethostname()}" not in text
    for path in place.parent.iterdir():
        assert path.name.endswith(".head") or os.stat(path).st_mode & 0o077 == 0


def damaged(place, change):
    lines = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join(change(lines)))
    return log.verify()[1]


def test_a_whole_log_passes_and_an_empty_one(place):
    assert log.verify() == (0, [])
    write(5)
    assert log.verify() == (5, [])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda lines: lines[:2] + lines[3:], "line 3"),
        (lambda lines: lines[1:], "line 1"),
        (lambda lines: lines[:-1], "missing at the end"),
        (lambda lines: [], "missing at the end"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 1"),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], "line 3"),
        (
            lambda lines: [lines[0].replace(b'"exit_code":0', b'"exit_code":1'), *lines[1:]],
            "line 2",
        ),
        (lambda lines: [*lines[:-1], lines[-1].replace(b"import", b"imp0rt")], "line 5"),
        (lambda lines: [lines[0].replace(b":", b": ", 1), *lines[1:]], "line 1"),
        (lambda lines: [*lines[:3], b"not json\n", *lines[3:]], "line 4"),
        (lambda lines: [*lines[:3], b"{}\n", *lines[4:]], "line 4"),
        (lambda lines: [*lines[:-1], lines[-1][:20]], "line 5"),
    ],
)
def test_every_damage_is_found(place, change, named):
    write(5)
    problems = damaged(place, change)
    assert any(named in problem for problem in problems), problems


def test_a_chain_that_was_written_anew_is_found_by_an_anchor_only(place):
    write(3)
    anchor = log.head()
    place.unlink()
    place.with_name("audit.jsonl.head").unlink()
    write(5, first=10)
    # All of it is consistent with itself: that is what a chain alone cannot show.
    assert log.verify() == (5, [])
    assert log.verify([anchor])[1]


def test_a_missing_head_file_is_found(place):
    write(2)
    place.with_name("audit.jsonl.head").unlink()
    assert log.verify()[1]


def test_an_anchor_is_a_head_or_a_manifest(place, tmp_path):
    write(3)
    head = log.head()
    assert log.anchor(str(head)) == head
    pack = signed_pack.make(tmp_path, audit={"n_lines": 3, "head": head.digest})
    manifest = pack.with_name(f"{pack.stem}_mapping.json")
    assert log.anchor(str(manifest)) == head
    assert log.verify([head]) == (3, [])
    with pytest.raises(BadInput):
        log.anchor("nothing of that kind")
    other = tmp_path / "other"
    other.mkdir()
    bare = signed_pack.make(other)
    with pytest.raises(BadInput, match="names no line"):
        log.anchor(str(bare.with_name(f"{bare.stem}_mapping.json")))


def test_a_torn_line_shows_and_the_chain_goes_on(place):
    write(2)
    with place.open("ab") as stream:
        stream.write(b'{"half')
    write(2)
    n_lines, problems = log.verify()
    assert n_lines == 5
    assert problems == ["line 3: is no JSON"]


def test_long_lines_are_chained(place):
    for _ in range(2):
        with audit.recorded("expire"):
            audit.note(pack_sha256=["ab" * 32] * 3000)
    assert log.verify() == (2, [])


def test_commands_at_once_keep_one_chain(place):
    source = (
        "from synth import audit\n"
        "for _ in range(20):\n"
        "    with audit.recorded('import'):\n"
        "        pass\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", source]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    assert log.verify() == (80, [])
    assert len({record["who"] for record in log.records()}) == 1


@pytest.fixture
def unwritable(place, monkeypatch):
    """A log that cannot be written, for root too."""
    place.parent.mkdir()
    place.mkdir()


@pytest.mark.parametrize("command", sorted(audit.REQUIRED))
def test_what_must_be_recorded_does_not_begin_without_a_log(unwritable, command):
    began = []
    with pytest.raises(DatabaseError, match="audit log"), audit.recorded(command):
        began.append(1)
    assert not began


def test_other_commands_say_it(unwritable, capsys):
    with audit.recorded("scan"):
        pass
    assert "not in the audit log" in capsys.readouterr().err


def test_a_required_command_that_could_not_be_recorded_fails(place, monkeypatch):
    with pytest.raises(DatabaseError, match="done but not recorded"), audit.recorded("sign"):
        place.unlink()
        place.mkdir()


def test_the_log_of_a_failed_command_hides_no_error(unwritable):
    with pytest.raises(GateFailed), audit.recorded("scan"):
        raise GateFailed("no")


def test_audit_commands(place, run_synth, tmp_path):
    assert run_synth("scan", tmp_path / "missing.json").returncode == 2
    shown = json.loads(run_synth("audit", "show", "--json").stdout)
    (record,) = shown["records"]
    assert (record["command"], record["exit_code"]) == ("scan", 2)
    head = run_synth("audit", "head").stdout.strip()
    whole = run_synth("audit", "verify", "--anchor", head)
    assert whole.returncode == 0, whole.stdout
    place.write_bytes(place.read_bytes().replace(b"scan", b"skim"))
    broken = run_synth("audit", "verify", "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["problems"]
    assert run_synth("audit", "verify", "--anchor", "x").returncode == 2
    # Usage errors touch nothing and leave no line.
    assert run_synth("scan").returncode == 2
    assert len(log.records()) == 1
