"""Runs the chunks of a stage on several connections, each in a transaction with its ledger row.

A chunk either is in the ledger and its rows are there, or neither: that is all resuming needs.
"""

import contextlib
import queue
import threading
from dataclasses import dataclass, field

from synth import db, place
from synth.errors import BadInput
from synth.generate import spill

SESSION = {
    "jit": "off",
    "work_mem": "128MB",
    # Arrays as constants: what a parameter switches off is left out of the plan.
    "plan_cache_mode": "force_custom_plan",
    # A killed client's statements end soon, instead of working on for nobody.
    "client_connection_check_interval": "1s",
    # An export reads the same whatever the role prefers.
    "datestyle": "ISO",
    "default_transaction_isolation": "read committed",
    # A function of somebody else's on the path may fit a call better than the server's own.
    "search_path": "pg_catalog",
}
ALONE = {"max_parallel_maintenance_workers": "0"}
HEARTBEAT_SECONDS = 1.0


@dataclass(frozen=True)
class Limits:
    """What a connection may take of the server; no part of the data, so resuming may change it.

    Attributes
    ----------
    sort_memory_mb : int
        Memory to sort an index in; what does not fit is sorted through files.
    spill_mb : int or None
        Temporary files at one time; beyond it the statement fails. None is the server's own limit.
    """

    sort_memory_mb: int = 512
    spill_mb: int | None = None


def default_sort_memory(jobs, memory_mb):
    """Memory to sort an index in, where nobody said how much.

    Parameters
    ----------
    jobs : int
        Connections that may sort at the same time.
    memory_mb : int or None
        Memory of the server's machine, of which they take a fourth at most; None is not known.

    Returns
    -------
    int
        Megabytes for each connection.
    """
    if memory_mb is None:
        return Limits.sort_memory_mb
    return max(1, min(Limits.sort_memory_mb, memory_mb // (4 * jobs)))


@dataclass(frozen=True)
class Chunk:
    """One unit of work.

    Attributes
    ----------
    number : int
        Unique within its stage.
    statement : str or callable
        Name of a query file, or a function of the connection that returns the rows it wrote.
    parameters : dict
        Added to those of the run.
    identifiers : dict
        Added to the run's schema names.
    weight : int
        Units of work expected, for the progress.
    n_rows : int
        Rows that the statement writes besides those it reports.
    label : str or None
        What is running, for people; default the number.
    is_counted : bool
        The statement counts by places in a large object, made and removed in its transaction; the
        second of them counts rows that it writes besides.
    """

    number: int
    statement: object
    parameters: dict = field(default_factory=dict)
    identifiers: dict = field(default_factory=dict)
    weight: int = 1
    n_rows: int = 0
    label: str | None = None
    is_counted: bool = False


class Runner:
    """Connections of one run and what they share.

    Parameters
    ----------
    target : synth.targets.Target
    run_id : str
    jobs : int
        Connections that work at the same time.
    names : dict
        Identifiers of every statement: ``schema`` and ``work``.
    parameters : dict
        Parameters of every statement.
    limits : Limits
    tablespace : str, optional
        Where the sessions make things.
    """

    def __init__(self, target, run_id, jobs, names, parameters, limits, tablespace=None):
        self.target = target
        self.run_id = run_id
        self.jobs = jobs
        self.names = names
        self.parameters = db.written_out(parameters)
        self.limits = limits
        self.tablespace = tablespace
        self._active = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self, stage, chunks, done, *, advance, beat, jobs=None):
        """Run the chunks of a stage that the ledger does not have.

        Parameters
        ----------
        stage : str
        chunks : sequence of Chunk
        done : set of int
            Chunk numbers that are finished.
        advance : callable
            Called with a finished chunk, the rows it wrote and what is running, from the calling
            thread.
        beat : callable
            Called with what is running at least every `HEARTBEAT_SECONDS`.
        jobs : int, optional
            Fewer connections than the run has.

        Raises
        ------
        DatabaseError
            A chunk failed; the others were stopped.
        KeyboardInterrupt
            Ctrl-C; running statements were cancelled, finished chunks stay.
        """
        pending, finished = queue.SimpleQueue(), queue.SimpleQueue()
        todo = [chunk for chunk in chunks if chunk.number not in done]
        for chunk in todo:
            pending.put(chunk)
        workers = [
            threading.Thread(target=self._work, args=(stage, pending, finished), daemon=True)
            for _ in range(min(jobs or self.jobs, len(todo)))
        ]
        for worker in workers:
            worker.start()
        failure = None
        try:
            waiting = len(workers)
            while waiting and failure is None:
                try:
                    event = finished.get(timeout=HEARTBEAT_SECONDS)
                except queue.Empty:
                    beat(self.running())
                    continue
                if event is None:
                    waiting -= 1
                elif isinstance(event, BaseException):
                    failure = event
                else:
                    advance(*event, self.running())
        # Whatever it was: nobody may go on writing once the run has given up its lock.
        except BaseException:
            self.stop(workers)
            raise
        if failure is not None:
            self.stop(workers)
            raise failure

    def running(self):
        """Labels of the chunks at work."""
        with self._lock:
            return sorted(label for label in self._active.values() if label)

    def stop(self, workers):
        """Cancel what is running and wait until every worker has ended; nothing new is begun."""
        self._stopping.set()
        while any(worker.is_alive() for worker in workers):
            # Again and again: a worker may have been between two statements.
            with self._lock:
                active = list(self._active)
            for connection in active:
                with contextlib.suppress(Exception):
                    connection.cancel_safe(timeout=5)
            for worker in workers:
                worker.join(timeout=0.2)

    def _work(self, stage, pending, finished):
        try:
            # Connections build indexes beside each other: workers of their own would only
            # sort through files what a connection sorts in memory.
            session = SESSION | (ALONE if self.jobs > 1 else {})
            with db.connect(
                self.target, application_name="synth generate", **session
            ) as connection:
                found = db.fetch_one(connection, "lock_worker", {"schema": self.names["schema"]})
                if not found["is_of_run"]:
                    raise place.elsewhere(self.target)
                prepare_session(connection, self.limits, self.tablespace)
                try:
                    while not self._stopping.is_set():
                        try:
                            chunk = pending.get_nowait()
                        except queue.Empty:
                            break
                        with self._lock:
                            self._active[connection] = f"{stage} {chunk.label or chunk.number}"
                        finished.put((chunk, self.execute(connection, stage, chunk)))
                finally:
                    with self._lock:
                        self._active.pop(connection, None)
                    # What stopped the worker is the news.
                    with contextlib.suppress(db.Error):
                        spill.flush(connection)
        # The thread has nobody to raise to: the caller of `run` gets whatever it was.
        except BaseException as error:
            finished.put(error)
        finished.put(None)

    def execute(self, connection, stage, chunk):
        """Run one chunk and note it in the ledger, in one transaction; gives the rows written."""
        with connection.transaction():
            if callable(chunk.statement):
                n_rows = chunk.statement(connection) or 0
            else:
                counters = db.fetch_one(connection, "open_counters") if chunk.is_counted else {}
                cursor = db.execute(
                    connection,
                    chunk.statement,
                    {**self.parameters, **chunk.parameters, **counters},
                    **self.names,
                    **chunk.identifiers,
                )
                n_rows = chunk.n_rows + max(cursor.rowcount, 0)
                if chunk.is_counted:
                    n_rows += db.fetch_one(connection, "close_counters", counters)["n_counted"]
            db.execute(
                connection,
                "chunk_insert",
                {
                    "run_id": self.run_id,
                    "stage": stage,
                    "chunk_no": chunk.number,
                    "n_rows": n_rows,
                    "n_units": chunk.weight,
                },
            )
        return n_rows


def prepare_session(connection, limits, tablespace):
    """Settings of a session that depend on the server's version and on what was asked.

    Parameters
    ----------
    connection : psycopg.Connection
    limits : Limits
    tablespace : str or None

    Raises
    ------
    BadInput
        The role may not limit what it spills.
    """
    db.execute(connection, "session_unlimited")
    db.execute(connection, "session_sort_memory", {"megabytes": limits.sort_memory_mb})
    if limits.spill_mb is not None:
        try:
            db.execute(connection, "session_spill", {"megabytes": limits.spill_mb})
        except db.NotPermitted:
            raise BadInput(
                "--spill-limit: the role may not set temp_file_limit",
                hint="ask for `grant set on parameter temp_file_limit` (PostgreSQL 15 and later), "
                "or have it set for the role",
            ) from None
    if tablespace:
        db.execute(connection, "session_tablespace", {"tablespace": tablespace})
