"""The audit log: one line per command, chained, so that a changed or missing line shows."""

from synth.audit.record import REQUIRED, local_token, note, recorded

__all__ = ["REQUIRED", "local_token", "note", "recorded"]
