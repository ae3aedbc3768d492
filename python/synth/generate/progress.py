"""How far a run is: bars for people, events for machines, its record for `synth status`."""

import json
import time
from dataclasses import dataclass, field

from synth import console, db

# Share of a whole run's time by stage, measured at 5 million messages: for the ETA only.
SHARES = {
    "sizes": 0.005,
    "conversations": 0.03,
    "numbers": 0.005,
    "people": 0.005,
    "memberships": 0.06,
    "timeline": 0.065,
    "slices": 0.001,
    "messages": 0.29,
    "indexes": 0.175,
    "references": 0.001,
    "foreign_keys": 0.09,
    "analyze": 0.01,
    "checks": 0.165,
    "checksums": 0.05,
    "export": 0.1,
}
INTERVAL_SECONDS = 1.0


@dataclass
class _Stage:
    name: str
    label: str
    number: int
    chunks_total: int = 0
    chunks_done: int = 0
    units_total: int = 0
    units_done: int = 0
    units_before: int = 0
    unit: str = "steps"
    rows: int = 0
    began: float = field(default_factory=time.monotonic)

    def rate(self, now):
        """Units a second since the stage began; those of an earlier process do not count."""
        seconds = now - self.began
        done = self.units_done - self.units_before
        return done / seconds if done and seconds > 0 else None

    def eta(self, now):
        """Seconds left, once there is a rate."""
        rate = self.rate(now)
        return (self.units_total - self.units_done) / rate if rate else None

    def share(self):
        """Part of the stage that is done."""
        return self.units_done / self.units_total if self.units_total else 0.0


class Progress:
    """Follows one run.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the run's own session; used between the steps only.
    run_id : str
    bars : rich.progress.Progress
    events : callable or None
        Called with a dictionary for each event.
    names : sequence of str
        Stages of the run, in order.
    """

    def __init__(self, connection, run_id, bars, events, names):
        self.connection = connection
        self.run_id = run_id
        self.bars = bars
        self.events = events
        self.names = list(names)
        self.began = time.monotonic()
        self.totals = {}
        self._stage = None
        self._task = None
        self._told = 0.0
        self._share_at_begin = 0.0

    def started(self, name, label, chunks, done, unit):
        """Begin a stage.

        Parameters
        ----------
        name, label : str
        chunks : sequence of synth.generate.runner.Chunk
        done : set of int
            Chunks that an earlier process finished.
        unit : str
            What the weights of the chunks count.
        """
        before = sum(chunk.weight for chunk in chunks if chunk.number in done)
        self._stage = _Stage(
            name=name,
            label=label,
            number=self.names.index(name) + 1,
            chunks_total=len(chunks),
            chunks_done=sum(chunk.number in done for chunk in chunks),
            units_total=sum(chunk.weight for chunk in chunks),
            units_done=before,
            units_before=before,
            unit=unit,
        )
        if not self.totals:
            self._share_at_begin = self._share()
        self.totals[name] = len(chunks)
        self._task = self.bars.add_task(
            label, total=self._stage.units_total or None, completed=before
        )
        self._tell("stage_started", ())

    def advanced(self, chunk, n_rows, running):
        """Note a finished chunk."""
        stage = self._stage
        stage.chunks_done += 1
        stage.units_done += chunk.weight
        stage.rows += n_rows
        self.bars.update(self._task, completed=stage.units_done)
        self.beat(running)

    def beat(self, running=()):
        """Tell how far the stage is, at most once a second.

        Parameters
        ----------
        running : sequence of str
            What the workers are at.
        """
        if time.monotonic() - self._told >= INTERVAL_SECONDS:
            self._tell("stage_advanced", running)

    def finished(self):
        """End the stage.

        Returns
        -------
        float
            Seconds it took.
        """
        self._tell("stage_finished", ())
        self.bars.update(self._task, total=self._stage.units_total or 1)
        return time.monotonic() - self._stage.began

    def _share(self):
        total = sum(SHARES[name] for name in self.names)
        before = sum(SHARES[name] for name in self.names[: self._stage.number - 1])
        return (before + SHARES[self._stage.name] * self._stage.share()) / total

    def _run_eta(self, now):
        share = self._share()
        gained = share - self._share_at_begin
        # Less says nothing yet.
        return (now - self.began) * (1 - share) / gained if gained > 0.02 else None

    def _tell(self, kind, running):
        now = time.monotonic()
        stage = self._stage
        state = {
            "stage": stage.name,
            "label": stage.label,
            "stage_no": stage.number,
            "n_stages": len(self.names),
            "chunks_done": stage.chunks_done,
            "chunks_total": stage.chunks_total,
            "unit": stage.unit,
            "units_done": stage.units_done,
            "units_total": stage.units_total,
            "rows_written": stage.rows,
            "units_per_second": _rounded(stage.rate(now)),
            "stage_eta_seconds": _rounded(stage.eta(now)),
            "run_share": round(self._share(), 4),
            "run_eta_seconds": _rounded(self._run_eta(now)),
            "elapsed_seconds": _rounded(now - self.began),
            "running": list(running),
        }
        self._told = now
        body = {**state, "chunk_totals": self.totals}
        db.execute(
            self.connection,
            "run_progress",
            {"run_id": self.run_id, "progress": json.dumps(body)},
        )
        if self.events:
            self.events({"event": kind, "run_id": self.run_id, **state})


def write_event(body):
    """Write one event as a JSON line to stderr."""
    console.note(json.dumps({"schema_version": console.SCHEMA_VERSION, **body}))


def _rounded(value):
    return None if value is None else round(value, 1)
