"""kill -9 of the client or of the server at random moments: always the same dataset."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from synth import db
from synth.errors import DatabaseError
from synth.generate import guard, run
from synth.spec import model

N_KILLS = 20
N_MESSAGES = 20_000
SEED = 20_240_229


def start(*options):
    return subprocess.Popen(
        [sys.executable, "-m", "synth", "generate", "--jobs", "2", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begin():
    return start("--messages", str(N_MESSAGES), "--seed", "5", "--schema", "killed")


def run_of(target):
    with db.connect(target) as connection:
        if not db.fetch_one(connection, "run_exists")["has_runs"]:
            return None
        return db.fetch_one(connection, "run_of_schema", {"target_schema": "killed"})


def forget(target):
    """Drop a finished run, so that the next begins anew."""
    with db.connect(target) as connection, connection.transaction():
        guard.drop_tables(connection, target, "killed")
        db.execute(connection, "run_mark_removed", {"target_schema": "killed"})


def start_again(pg_server):
    """Start the server anew; orphaned backends keep it from that until they notice."""
    deadline = time.monotonic() + 30
    while True:
        try:
            pg_server.start(shared_buffers_mb=128)
            return
        except DatabaseError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.mark.slow
def test_twenty_kills_change_nothing(databases, pg_server):
    draw = random.Random(SEED)
    asked = run.Request(model.load_default(), N_MESSAGES, 5, None, "whole", 2)
    wanted = run.execute(databases.dev, asked, quiet=True)["checksums"]
    began = time.monotonic()
    process = begin()
    assert json.loads(process.communicate()[0])["checksums"] == wanted
    # From the process's begin to its end, so that the kills fall into every stage.
    duration = time.monotonic() - began
    forget(databases.dev)

    process, n_finished, codes = begin(), 0, []
    for number in range(N_KILLS):
        # Each kill hits what the last one left, so together they reach the end again and again.
        time.sleep(draw.uniform(0.2, 0.7) * duration)
        if number % 4 == 3:
            os.kill(pg_server.status().pid, signal.SIGKILL)
            document, complaint = process.communicate(timeout=60)
            # It may also have lost the server on its way out, or been done before.
            assert process.returncode in (0, 3), complaint
            assert "Traceback" not in complaint, complaint
            codes.append(process.returncode)
            start_again(pg_server)
        else:
            process.kill()
            document, _ = process.communicate(timeout=60)
        record = run_of(databases.dev)
        if record is None:
            process = begin()
        elif record["state"] == "done":
            n_finished += 1
            with db.connect(databases.dev) as connection:
                assert sums(connection) == wanted
            forget(databases.dev)
            process = begin()
        else:
            process = start("--resume", record["run_id"])
    document, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    assert json.loads(document)["checksums"] == wanted
    assert 3 in codes, "no kill hit a running server"
    assert n_finished < N_KILLS * 3 / 4, "most kills came too late"


def sums(connection):
    return {
        table: db.fetch_one(connection, "checksum_table", schema="killed", table=table)["checksum"]
        for table in (
            "users",
            "conversations",
            "conversation_users",
            "messages",
            "attachments",
            "message_reads",
        )
    }
