"""How fast the generator is beside a plain copy, pgbench and a loader with faker.

Wall times depend on the machine and on who else uses it, so the figures that count are ratios
within one run; the load average stands beside each figure.
"""

import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from faker import Faker
from psycopg import sql

from synth import db, server, server_files, targets
from synth.commands.generate import bands

SQL_DIR = Path(__file__).parent / "sql"
COPY_PIECES = 16
# Turns of a complete run and a copy, then of a run without indexes, which writes the same rows.
COMPLETE_ROUNDS = 3
WRITING_ROUNDS = 6
FAKER_ROWS = 20_000
PGBENCH_SCALE = 20
PGBENCH_ROWS = 100_000
WRITING = ("timeline", "messages")
MAX_COPY_RATIO = 2.0
MAX_GROWTH = 11.0
MAX_SECONDS = 60.0
MAX_MEGABYTES = 200.0


def main():
    """Run every measurement; gives the exit code, 1 when a target was missed."""
    n_messages = int(os.environ.get("MESSAGES") or bands()[os.environ.get("BAND") or "dev"])
    jobs = int(os.environ.get("JOBS") or os.cpu_count())
    target = targets.load("dev_synth")
    small, _ = generate(n_messages // 10, jobs)
    # The disk is quicker at one time than at another, so writing and copying take turns.
    runs, times, copies = [], [], []
    for turn in range(COMPLETE_ROUNDS + WRITING_ROUNDS):
        options = () if turn < COMPLETE_ROUNDS else ("--no-indexes",)
        settle(target)
        runs.append(generate(n_messages, jobs, *options))
        times.append(sum(runs[-1][0]["seconds"][name] for name in WRITING))
        settle(target)
        copies.append(copy_tables(target, jobs))
        say(f"  written in {times[-1]:.2f} s, copied in {copies[-1]:.2f} s")
    complete = sorted(runs[:COMPLETE_ROUNDS], key=lambda run: run[0]["wall"])
    whole, megabytes = complete[COMPLETE_ROUNDS // 2]
    for stage, seconds in whole["seconds"].items():
        say(f"  {stage:<14} {seconds:8.2f} s")
    rows = sum(whole["rows"].values())
    met = [
        judge("complete run", whole["wall"], MAX_SECONDS * n_messages / 5_000_000, "s"),
        judge("peak memory of Python", megabytes, MAX_MEGABYTES, "MB"),
        judge("time for ten times the messages", whole["wall"] / small["wall"], MAX_GROWTH, "x"),
    ]
    written, copied = statistics.median(times), statistics.median(copies)
    say(f"copy of the same {rows:,} rows, {jobs} connections: {spread(copies)}, {load()}")
    say(f"rows written by the runs ({', '.join(WRITING)}): {spread(times)}")
    met.append(judge("written against copied", written / copied, MAX_COPY_RATIO, "x"))
    generated = rows / whole["wall"]
    say(f"the generator: {rows / written:,.0f} rows/s written, {generated:,.0f} in all")
    for name, steps in (("client-side", "dtg"), ("server-side", "dtG")):
        compare(f"pgbench -i {name}", pgbench(target, steps), generated)
    compare("faker and COPY", faker_and_copy(target), generated)
    with db.connect(target) as connection:
        connection.execute(text("drop_all"))
    return 0 if all(met) else 1


def generate(n_messages, jobs, *options):
    """One run of the command: its JSON document with the wall time, and peak megabytes."""
    command = [sys.executable, "-m", "synth", "generate", "--messages", str(n_messages)]
    command += ["--jobs", str(jobs), "--seed", "1", "--replace", "--json", *options]
    before = load()
    # Its own answer, not the output of a pipe: the peak is of this child alone.
    with tempfile.TemporaryFile() as answer:
        begin = time.monotonic()
        child = subprocess.Popen(command, stdout=answer)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begin
        if child.returncode:
            raise SystemExit(child.returncode)
        answer.seek(0)
        document = json.load(answer)
    # Kilobytes on Linux, bytes on macOS.
    megabytes = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    say(f"generate {n_messages:,} messages: {seconds:.1f} s, {megabytes:.0f} MB, {before}")
    return {**document, "wall": seconds}, megabytes


def copy_tables(target, jobs):
    """Seconds that `insert ... select` takes for the six tables."""
    with db.connect(target) as connection:
        connection.execute(text("copy_prepare"))
        parameters = {"schema": "perf_synthetic"}
        tables = connection.execute(text("table_blocks"), parameters).fetchall()
    return in_pieces(target, jobs, "copy_blocks", tables)


def in_pieces(target, jobs, name, tables):
    """Seconds that a statement takes for all blocks of some tables, given as (name, blocks)."""
    todo, failures = queue.SimpleQueue(), []
    for table, n_blocks in tables:
        step = max(1, -(-n_blocks // COPY_PIECES))
        for first in range(0, n_blocks, step):
            todo.put((table, first, first + step))

    def work():
        try:
            with db.connect(target, jit="off", work_mem="128MB") as connection:
                while True:
                    try:
                        table, first, last = todo.get_nowait()
                    except queue.Empty:
                        return
                    statement = sql.SQL(text(name)).format(table=sql.Identifier(table))
                    span = {"first_tid": f"({first},0)", "last_tid": f"({last},0)"}
                    connection.execute(statement, span)
        except Exception as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(jobs)]
    begin = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
    return time.monotonic() - begin


def settle(target):
    """Write what is dirty to the disk, so that neither pays for what came before it."""
    with db.connect(target) as connection:
        connection.execute(text("settle"))
    # The embedded server does not ask for that: the kernel would write beside what is measured.
    os.sync()


def spread(seconds):
    """Median and range of several times, for people."""
    low, high = min(seconds), max(seconds)
    return f"{statistics.median(seconds):.2f} s ({low:.2f} to {high:.2f}, {len(seconds)} times)"


def pgbench(target, steps):
    """Rows a second of `pgbench -i` with the given initialisation steps."""
    place = target.connection_parameters()
    command = [str(server_files.binaries() / "pgbench"), "-i", "-q", "-I", steps]
    command += ["-s", str(PGBENCH_SCALE), "-h", place["host"], "-p", str(place["port"])]
    command += ["-U", place["user"], server.DATABASES[0]]
    begin = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return PGBENCH_SCALE * PGBENCH_ROWS / (time.monotonic() - begin)


def faker_and_copy(target):
    """Rows a second of messages that faker makes and COPY loads, one process as usual."""
    fake, rng = Faker(), np.random.default_rng(1)
    Faker.seed(1)
    start = datetime(2025, 1, 1, tzinfo=UTC)

    def rows():
        for number in range(1, FAKER_ROWS + 1):
            sent_at = start + timedelta(seconds=number)
            body = fake.text(max_nb_chars=120)
            yield number, int(rng.integers(1000)), int(rng.integers(500)), "TEXT", body, sent_at

    columns = ("id", "conversationId", "senderId", "type", "content", "createdAt")
    with db.connect(target) as connection:
        connection.execute(text("faker_prepare"))
        begin = time.monotonic()
        db.copy_rows(connection, ("bench_faker", "messages"), columns, rows())
        return FAKER_ROWS / (time.monotonic() - begin)


def text(name):
    """Text of one of the benchmark's SQL files."""
    return (SQL_DIR / f"{name}.sql").read_text()


def judge(what, value, limit, unit):
    """Print a figure beside its target; gives whether it was met."""
    met = value <= limit
    say(f"{'ok' if met else 'MISSED'}: {what}: {value:.2f} {unit} of {limit:.2f}, {load()}")
    return met


def compare(what, rate, reference):
    """Print rows a second, and how the generator compares."""
    say(f"{what}: {rate:,.0f} rows/s, the generator in all {reference / rate:.2f} x that, {load()}")


def load():
    """Load average of the last minute, as the figures depend on it."""
    return f"load {os.getloadavg()[0]:.1f}"


def say(line):
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
