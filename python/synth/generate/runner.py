"""Runs the chunks of a stage on several connections, each in a transaction with its ledger row.

A chunk either is in the ledger and its rows are there, or neither: that is all resuming needs.
"""

import contextlib
import queue
import threading
from dataclasses import dataclass, field

from synth import db

SESSION = {"jit": "off", "work_mem": "128MB", "maintenance_work_mem": "512MB"}


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
        Rows expected, for the progress bar.
    """

    number: int
    statement: object
    parameters: dict = field(default_factory=dict)
    identifiers: dict = field(default_factory=dict)
    weight: int = 1


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
    """

    def __init__(self, target, run_id, jobs, names, parameters):
        self.target = target
        self.run_id = run_id
        self.jobs = jobs
        self.names = names
        self.parameters = parameters
        self._active = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self, stage, chunks, done, *, advance, jobs=None):
        """Run the chunks of a stage that the ledger does not have.

        Parameters
        ----------
        stage : str
        chunks : sequence of Chunk
        done : set of int
            Chunk numbers that are finished.
        advance : callable
            Called with a chunk's weight when it is finished, from the calling thread.
        jobs : int, optional
            Fewer connections than the run has.

        Raises
        ------
        DatabaseError
            A chunk failed; the others were stopped.
        KeyboardInterrupt
            Ctrl-C; running statements were cancelled, finished chunks stay.
        """
        pending = queue.SimpleQueue()
        todo = [chunk for chunk in chunks if chunk.number not in done]
        for chunk in chunks:
            if chunk.number in done:
                advance(chunk.weight)
        for chunk in todo:
            pending.put(chunk)
        finished = queue.SimpleQueue()
        workers = [
            threading.Thread(target=self._work, args=(stage, pending, finished), daemon=True)
            for _ in range(min(jobs or self.jobs, len(todo)))
        ]
        for worker in workers:
            worker.start()
        failure = None
        try:
            waiting = len(workers)
            while waiting:
                event = finished.get()
                if isinstance(event, Chunk):
                    advance(event.weight)
                elif event is None:
                    waiting -= 1
                else:
                    failure = failure or event
                    self.stop()
        except KeyboardInterrupt:
            self.stop()
            for worker in workers:
                worker.join()
            raise
        if failure is not None:
            raise failure

    def stop(self):
        """Cancel what is running; nothing new is begun."""
        self._stopping.set()
        with self._lock:
            for connection in self._active:
                with contextlib.suppress(Exception):
                    connection.cancel_safe(timeout=5)

    def _work(self, stage, pending, finished):
        try:
            with db.connect(
                self.target, application_name="synth generate", **SESSION
            ) as connection:
                with self._lock:
                    self._active.add(connection)
                try:
                    while not self._stopping.is_set():
                        try:
                            chunk = pending.get_nowait()
                        except queue.Empty:
                            break
                        self.execute(connection, stage, chunk)
                        finished.put(chunk)
                finally:
                    with self._lock:
                        self._active.discard(connection)
        # The thread has nobody to raise to: the caller of `run` gets whatever it was.
        except BaseException as error:
            finished.put(error)
        finished.put(None)

    def execute(self, connection, stage, chunk):
        """Run one chunk and note it in the ledger, in one transaction."""
        with connection.transaction():
            if callable(chunk.statement):
                n_rows = chunk.statement(connection)
            else:
                cursor = db.execute(
                    connection,
                    chunk.statement,
                    {**self.parameters, **chunk.parameters},
                    **self.names,
                    **chunk.identifiers,
                )
                n_rows = max(cursor.rowcount, 0)
            db.execute(
                connection,
                "chunk_insert",
                {
                    "run_id": self.run_id,
                    "stage": stage,
                    "chunk_no": chunk.number,
                    "n_rows": n_rows or 0,
                },
            )
