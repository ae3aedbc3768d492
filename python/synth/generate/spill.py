"""What a run spilled to temporary files, by stage, for its record.

The server counts these bytes by database, not by session: what others spill there meanwhile
is counted as well.
"""

import contextlib

from synth import db

# Before, statistics went to a process of their own, which nobody can wait for.
_CAN_FLUSH = 150_000


class Spill:
    """Follows the counter of the database of one run.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the run's own session.
    run_id : str
    """

    def __init__(self, connection, run_id):
        self.connection = connection
        self.run_id = run_id
        self._seen = self._read()

    def note(self, stage):
        """Add what was spilled since the last call to the record.

        Parameters
        ----------
        stage : str
        """
        now = self._read()
        # Less than before: somebody has reset the counter.
        n_bytes = max(0, now - self._seen)
        self._seen = now
        if n_bytes:
            db.execute(
                self.connection,
                "run_spilled",
                {"run_id": self.run_id, "stage": stage, "n_bytes": n_bytes},
            )

    @contextlib.contextmanager
    def during(self, stage):
        """Note what a stage spilled, also one that fails or is stopped.

        Parameters
        ----------
        stage : str
        """
        try:
            yield
        except BaseException:
            # What stopped it is the news, even where the server is gone.
            with contextlib.suppress(db.Error):
                self.note(stage)
            raise
        self.note(stage)

    def by_stage(self):
        """Bytes that the run has spilled, by stage, earlier processes included.

        Returns
        -------
        dict of str to int
        """
        return db.fetch_one(self.connection, "run_spills", {"run_id": self.run_id})["spilled"]

    def _read(self):
        flush(self.connection)
        return db.fetch_one(self.connection, "database_spills")["n_bytes"]


def flush(connection):
    """Let others see what a session has counted; without, it may keep it for a second.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit, outside a transaction.
    """
    if connection.info.server_version >= _CAN_FLUSH:
        db.execute(connection, "flush_statistics")
