"""The audit log: one chained line per command; what is changed or missing shows."""

import json
import os
import signal
import subprocess
import sys

import pytest
import signed_pack

from synth import audit
from synth.audit import check, log
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
    assert check.verify() == (4, [])


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


def test_nobody_else_gets_at_the_log_whatever_the_umask_says(place):
    before = os.umask(0)
    try:
        write(1)
        place.with_name(".audit.jsonl.head.part").touch()
        write(1)
    finally:
        os.umask(before)
    assert head_file(place).exists()
    assert os.stat(place.parent).st_mode & 0o022 == 0
    for path in place.parent.iterdir():
        assert os.stat(path).st_mode & 0o077 == 0, path.name


def damaged(place, change):
    lines = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join(change(lines)))
    return check.verify()[1]


def test_a_whole_log_passes_and_an_empty_one(place):
    assert check.verify() == (0, [])
    write(5)
    assert check.verify() == (5, [])


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
        (lambda lines: [lines[0].replace(b'"n":1', b'"n":"1"'), *lines[1:]], "line 1"),
        (lambda lines: [*lines[:-1], lines[-1][:20]], "line 5"),
    ],
)
def test_every_damage_is_found(place, change, named):
    write(5)
    problems = damaged(place, change)
    assert any(named in problem for problem in problems), problems


def test_a_missing_line_is_one_problem(place):
    write(9)
    assert damaged(place, lambda lines: lines[:2] + lines[3:]) == [
        "line 3: says it is line 4, expected 3"
    ]


def test_a_chain_that_was_written_anew_is_found_by_an_anchor_only(place):
    write(3)
    anchor = log.head()
    place.unlink()
    place.with_name("audit.jsonl.head").unlink()
    write(5, first=10)
    # All of it is consistent with itself: that is what a chain alone cannot show.
    assert check.verify() == (5, [])
    assert check.verify([anchor])[1]


def test_a_missing_head_file_is_found(place):
    write(2)
    place.with_name("audit.jsonl.head").unlink()
    assert check.verify()[1]


def head_file(place):
    return place.with_name("audit.jsonl.head")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-4], "4 lines were missing at its end, after line 5"),
        (lambda lines: lines[:-1], "1 lines were missing at its end, after line 8"),
        (lambda lines: [], "9 lines were missing at its end, after line 0"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "line 9 was not the one its head knew"),
        (lambda lines: [*lines[:-1], b"{}\n"], "line 9 was not the one its head knew"),
        (
            lambda lines: [*lines[:-1], lines[-1].replace(b'"exit_code":0', b'"exit_code":1')],
            "line 9 was not the one its head knew",
        ),
    ],
)
@pytest.mark.parametrize("command", ["scan", "extract"])
def test_what_was_cut_off_is_said_for_ever(place, capsys, change, said, command):
    write(9)
    damaged(place, change)
    capsys.readouterr()
    # Whatever runs next goes on, and keeps in its line what it found.
    with audit.recorded(command):
        pass
    assert said in capsys.readouterr().err
    write(3)
    assert capsys.readouterr().err == "", "once is enough"
    n_lines, problems = check.verify()
    assert any(said in problem for problem in problems), problems
    assert [bool(record.get("mismatch")) for record in log.records()][-4:] == [True, *[False] * 3]
    assert n_lines == len(log.all_lines())


@pytest.mark.parametrize("content", [None, "", "nothing of that kind\n"])
def test_a_head_that_is_gone_is_said_for_ever(place, capsys, content):
    write(4)
    damaged(place, lambda lines: lines[:2])
    head_file(place).unlink() if content is None else head_file(place).write_text(content)
    write(2)
    assert "its head was gone or no head, after 2 lines" in capsys.readouterr().err
    assert check.verify() == (4, ["before line 3: its head was gone or no head, after 2 lines"])


def test_lines_that_the_head_does_not_know_yet_are_no_mismatch(place, capsys):
    write(2)
    old = head_file(place).read_text()
    write(2)
    # Two crashes in a row between line and head.
    head_file(place).write_text(old)
    write(1)
    assert check.verify() == (5, [])
    assert capsys.readouterr().err == ""


def test_an_old_copy_of_both_is_found_by_an_anchor_only(place):
    write(3)
    copy = place.read_bytes(), head_file(place).read_bytes()
    write(3)
    anchor = log.head()
    for path, content in zip((place, head_file(place)), copy, strict=True):
        path.write_bytes(content)
    write(1)
    assert check.verify() == (4, [])
    assert not log.holds(anchor)
    assert check.verify([anchor])[1]
    # Another log of as many lines does not hold it either.
    write(4)
    assert not log.holds(anchor)


def test_what_a_ledger_missed_in_the_log_is_said_for_ever(place):
    write(1)
    with audit.recorded("extract"):
        audit.note(**{log.MISSED: f"9:{'9' * 64}"})
    write(1)
    said = "before line 2: a line that the ledger of a database knows was missing"
    assert check.verify() == (3, [said])


def test_lines_of_earlier_versions_stay_whole(place):
    write(1)
    (record,) = log.records()
    lines, previous = [], log.NO_LINE
    for number, version in enumerate(("1.0", "1.1"), start=1):
        record |= {"schema_version": version, "n": number, "previous": previous}
        kept = {key: value for key, value in record.items() if version != "1.0" or key != "id"}
        lines.append(log.as_line(kept))
        previous = log.digest(lines[-1])
    place.write_bytes(b"\n".join(lines) + b"\n")
    head_file(place).write_text(f"2:{previous}\n")
    write(1)
    assert check.verify() == (3, [])


def test_an_anchor_is_a_head_or_a_manifest(place, tmp_path):
    write(3)
    head = log.head()
    assert check.anchor(str(head)) == head
    pack = signed_pack.make(tmp_path, audit={"n_lines": 3, "head": head.digest})
    manifest = pack.with_name(f"{pack.stem}_mapping.json")
    assert check.anchor(str(manifest)) == head
    assert check.verify([head]) == (3, [])
    with pytest.raises(BadInput):
        check.anchor("nothing of that kind")
    other = tmp_path / "other"
    other.mkdir()
    bare = signed_pack.make(other)
    with pytest.raises(BadInput, match="names no line"):
        check.anchor(str(bare.with_name(f"{bare.stem}_mapping.json")))


def test_a_torn_line_shows_and_the_chain_goes_on(place):
    write(2)
    with place.open("ab") as stream:
        stream.write(b'{"half')
    write(2)
    n_lines, problems = check.verify()
    assert n_lines == 5
    assert problems == ["line 3: is no JSON"]


def test_long_lines_are_chained(place):
    for _ in range(2):
        with audit.recorded("expire"):
            audit.note(pack_sha256=["ab" * 32] * 3000)
    assert check.verify() == (2, [])


def test_commands_at_once_keep_one_chain(place):
    source = (
        "from synth import audit\n"
        "for _ in range(20):\n"
        "    with audit.recorded('import'):\n"
        "        pass\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", source]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    assert check.verify() == (80, [])
    assert len({record["who"] for record in log.records()}) == 1


KILLED = """
import os, signal
from synth import audit
from synth.audit import check, log
{patch}
with audit.recorded("generate"):
    audit.note(run_id="r")
    {act}
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"


def run_killed(act="pass", patch=""):
    source = KILLED.format(act=act, patch=patch.replace("KILL", KILL))
    ended = subprocess.run([sys.executable, "-c", source], check=False)
    assert ended.returncode == -signal.SIGKILL


def begun(place):
    return sorted(place.with_name("audit.jsonl.begun").glob("*"))


def test_a_killed_command_gets_its_line_from_the_next(place):
    write(1)
    run_killed(KILL)
    assert len(begun(place)) == 1
    assert len(log.records()) == 1
    write(1)
    told = [(one["command"], one["exit_code"], one["result"]) for one in log.records()]
    assert told == [("import", 0, "done"), ("generate", None, "unfinished"), ("import", 0, "done")]
    assert check.verify() == (3, [])
    assert begun(place) == []


@pytest.mark.parametrize(
    ("patch", "result"),
    [
        # Before the line, after it, and after a part of it.
        ("log.append = lambda *more: KILL", "unfinished"),
        ("log._add = lambda *more, kept=log._add: (kept(*more), KILL)", "done"),
        ("log._write_head = lambda *more: KILL", "done"),
    ],
)
def test_a_crash_between_the_two_writes_doubles_and_loses_nothing(place, patch, result):
    write(2)
    run_killed(patch=patch)
    for _ in range(2):
        log.settle()
        assert [one["result"] for one in log.records()] == ["done", "done", result]
        assert check.verify() == (3, [])
    assert begun(place) == []
    write(1)
    assert check.verify() == (4, [])


def test_half_a_line_stays_and_its_command_gets_a_whole_one(place):
    write(2)
    kept = "os.write = lambda handle, line, kept=os.write: (kept(handle, line[:30]), KILL)"
    patch = f"log._add = lambda *more, kept=log._add: (exec({kept!r}, globals()), kept(*more))"
    run_killed(patch=patch)
    write(1)
    assert check.verify() == (5, ["line 3: is no JSON"])
    assert [one["result"] for one in log.records()] == ["done", "done", "unfinished", "done"]


def test_a_command_that_runs_is_left_alone(place):
    with audit.recorded("generate"):
        write(1)
        log.settle()
        assert [one["command"] for one in log.records()] == ["import"]
        assert len(begun(place)) == 1
    assert [one["result"] for one in log.records()] == ["done", "done"]
    assert begun(place) == []


def test_many_that_are_killed_at_once_get_one_line_each(place):
    source = KILLED.format(patch="", act="print(flush=True); import time; time.sleep(60)")
    running = [
        subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) for _ in range(4)
    ]
    for process in running:
        process.stdout.readline()
        process.kill()
        process.wait()
        process.stdout.close()
    settle = [sys.executable, "-c", "from synth.audit import log; log.settle()"]
    running = [subprocess.Popen(settle) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0] * 3
    assert [one["result"] for one in log.records()] == ["unfinished"] * 4
    assert check.verify() == (4, [])


def test_what_lies_there_half_written_is_said_too(place):
    write(1)
    for name, content in (("ab" * 8, b'{"half'), ("cd" * 8, b"[]")):
        (place.with_name("audit.jsonl.begun") / f"{name}.json").write_bytes(content)
    write(1)
    assert [one["result"] for one in log.records()] == ["done", *["unfinished"] * 2, "done"]
    assert check.verify() == (4, [])


def test_a_line_that_holds_no_number_is_a_problem_and_no_traceback(place):
    write(2)
    found = damaged(place, lambda lines: [lines[0].replace(b'"exit_code":0', b'"exit_code":NaN')])
    assert "line 1: was not written by synth" in found


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


def test_verify_tells_of_a_killed_command(place, run_synth):
    run_killed(KILL)
    done = run_synth("audit", "verify", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_lines"] == 1
    shown = run_synth("audit", "show")
    assert "unfinished" in shown.stdout
