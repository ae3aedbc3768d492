"""How long the shape takes, in units of one plain scan of the messages.

The source is a generated database: five million messages with four million receipts come faster
that way than from the stand-in, and the extraction reads either through the same views. Seconds
depend on the machine and on who else uses it; the ratios to the scan, taken in the same minute,
are what counts.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from bench.generate import generate, judge, load, say, text
from synth import db, server_files, settings, targets
from synth.commands.generate import bands

MAX_BUILD_SECONDS = 40.0
MAX_SCANS = 12.0
MAX_GROWTH = 11.0
MAX_VALIDATION_SECONDS = 60.0
SCANS = 3
# One database for both sides, so that nothing is generated twice.
PLACE = {"PRODSHAPE_PROD_DBNAME": "dev", "PRODSHAPE_PROD_SCHEMA": "bench_shape"}
_STATUS = re.compile(r"(\d\d):(\d\d):(\d\d\.\d+) .*SQL status: .* in ([\d.]+) seconds$")
DBT = Path(sys.executable).with_name("dbt")
# A calm foreground: what a user of the application would feel.
FOREGROUND_RATE = 100
FOREGROUND_SECONDS = 10
PGBENCH_SCALE = 10


def main():
    """Run every measurement; gives the exit code, 1 when a target was missed."""
    n_messages = int(os.environ.get("MESSAGES") or bands()[os.environ.get("BAND") or "dev"])
    jobs = int(os.environ.get("JOBS") or os.cpu_count())
    os.environ.update(PLACE)
    target = targets.load("prod_shape")
    small = measured(target, n_messages // 10, jobs)
    whole = measured(target, n_messages, jobs)
    # Below the dev band, what is fixed weighs most.
    share = max(1.0, n_messages / 5_000_000)
    met = [
        judge("dbt build --target prod_shape", whole["wall"], MAX_BUILD_SECONDS * share, "s"),
        judge("its SQL in plain scans", whole["sql"] / whole["scan"], MAX_SCANS, "x"),
        judge("SQL for ten times the messages", whole["sql"] / small["sql"], MAX_GROWTH, "x"),
        judge("validation", validation(), MAX_VALIDATION_SECONDS * share, "s"),
    ]
    foreground(target)
    with db.connect(target) as connection:
        connection.execute(text("drop_bench"))
    return 0 if all(met) else 1


def measured(target, n_messages, jobs):
    """Wall seconds of one build, of its SQL and of the plain scan around it."""
    # Nothing is generated in production's database, which this one is only for the build.
    for name in PLACE:
        os.environ.pop(name)
    generate(n_messages, jobs)
    os.environ.update(PLACE)
    with db.connect(target) as connection:
        connection.execute(text("app_views"))
    before = plain_scans(target)
    worked = server_seconds()
    with tempfile.TemporaryDirectory() as directory:
        wall, code = dbt("build", "prod_shape", directory)
        worked = server_seconds() - worked
        results = json.loads((Path(directory) / "run_results.json").read_text())["results"]
        spans = list(statements(Path(directory) / "dbt.log"))
    if code:
        raise SystemExit("the shape could not be built")
    if not spans:
        raise SystemExit("dbt's log tells no statement and its seconds: see _STATUS")
    scanned = server_seconds()
    after = plain_scans(target)
    scanned = (server_seconds() - scanned) / SCANS
    scan = statistics.median(before + after)
    sql, added = covered(spans), sum(end - start for start, end in spans)
    say(
        f"build of {n_messages:,} messages: {wall:.1f} s, SQL {sql:.1f} s "
        f"({added:.1f} s added up over two threads), plain scan {scan:.2f} s: "
        f"{sql / scan:.1f} scans ({added / scan:.1f} added up), {load()}"
    )
    # Others on the machine lengthen the wall time of two busy processors more than that of a scan.
    say(
        f"  processor time of the server: {worked:.1f} s, plain scan {scanned:.2f} s: "
        f"{worked / scanned:.1f} scans"
    )
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:8]
    for result in slowest:
        name = result["unique_id"].split(".")[2]
        say(f"  {name:<32} {result['execution_time']:8.2f} s")
    return {"wall": wall, "sql": sql, "scan": scan}


def server_seconds():
    """Processor time of the embedded server's sessions and workers that have ended."""
    time.sleep(0.5)  # One that ended a moment ago may not be waited for yet.
    (pid, *_) = (server_files.data_dir() / "postmaster.pid").read_text().split("\n", 1)
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    # Fields 16 and 17 of proc(5), after the name: user and system time of waited-for children.
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def plain_scans(target):
    """Seconds of the scan, several times."""
    seconds = []
    with db.connect(target) as connection:
        for _ in range(SCANS):
            begin = time.monotonic()
            connection.execute(text("plain_scan")).fetchall()
            seconds.append(time.monotonic() - begin)
    return seconds


def dbt(verb, target_name, directory, variables=None):
    """Wall seconds and exit code of one dbt command, everything from its start counted."""
    command = [str(DBT), verb, "--target", target_name, "--target-path", directory]
    # As users have it: a log in JSON takes time of its own from the server's processors.
    command += ["--log-path", directory, "--log-level-file", "debug", "--log-format-file", "debug"]
    command += ["--vars", json.dumps(variables or {"window_days": "all"})]
    begin = time.monotonic()
    finished = subprocess.run(
        command, cwd=settings.project_dir(), capture_output=True, text=True, check=False
    )
    if finished.returncode > 1:
        say(finished.stdout[-2000:])
    return time.monotonic() - begin, finished.returncode


def statements(log):
    """When the server worked on each statement of a run, in seconds since midnight."""
    for line in log.read_text().splitlines():
        if found := _STATUS.match(line):
            hours, minutes, seconds, elapsed = map(float, found.groups())
            end = 3600 * hours + 60 * minutes + seconds
            yield end - elapsed, end


def covered(spans):
    """Seconds in which the server worked on at least one statement."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def validation():
    """Seconds of `dbt build` and `dbt test` on the synthetic side, whatever the gates say."""
    with tempfile.TemporaryDirectory() as directory:
        pack = Path(directory) / "pack"
        synth = [sys.executable, "-m", "synth"]
        extracted = [*synth, "extract", "--window-days", "all", "--output", str(pack)]
        subprocess.run(extracted, check=True, capture_output=True)
        found = next(pack.glob("shape-metrics-????????.json"))
        imported = [*synth, "import", str(found), "--allow-unsigned"]
        subprocess.run(imported, check=True, capture_output=True)
        built, _ = dbt("build", "dev_synth", directory)
        tested, _ = dbt("test", "dev_synth", directory)
    say(f"dbt build --target dev_synth: {built:.1f} s, dbt test: {tested:.1f} s, {load()}")
    return built + tested


def foreground(target):
    """Print what a small load feels alone and beside a build."""
    place = target.connection_parameters()
    options = ["-h", place["host"], "-p", str(place["port"]), "-U", place["user"], place["dbname"]]
    pgbench = str(server_files.binaries() / "pgbench")
    prepare = [pgbench, "-i", "-q", "-s", str(PGBENCH_SCALE), *options]
    subprocess.run(prepare, check=True, capture_output=True)

    def latencies(seconds, directory):
        command = [pgbench, "-n", "-c", "2", "-R", str(FOREGROUND_RATE), "-T", str(seconds)]
        command += ["-l", "--log-prefix", str(Path(directory) / "beside"), *options]
        subprocess.run(command, check=True, capture_output=True)
        # Third column: microseconds from when the transaction was due.
        rows = [line.split()[2] for path in Path(directory).glob("beside*") for line in path.open()]
        return np.array(rows, dtype=float) / 1000

    with tempfile.TemporaryDirectory() as directory:
        alone = latencies(FOREGROUND_SECONDS, directory)
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as dbt_directory:
        build = threading.Thread(target=dbt, args=("build", "prod_shape", dbt_directory))
        build.start()
        # Past dbt's own start, when nothing is asked of the server yet.
        time.sleep(FOREGROUND_SECONDS / 2)
        beside = latencies(FOREGROUND_SECONDS, directory)
        build.join()
    for name, found in (("alone", alone), ("beside a build", beside)):
        median, high, highest = np.quantile(found, [0.5, 0.95, 0.99])
        say(
            f"{FOREGROUND_RATE} transactions/s of pgbench {name}: p50 {median:.1f} ms, "
            f"p95 {high:.1f} ms, p99 {highest:.1f} ms, {load()}"
        )


if __name__ == "__main__":
    sys.exit(main())
