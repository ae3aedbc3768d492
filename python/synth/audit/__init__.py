"""The audit log: one line per command, chained, so that a changed or missing line shows."""

from synth.audit.record import REQUIRED, note, recorded

__all__ = ["REQUIRED", "note", "recorded"]
