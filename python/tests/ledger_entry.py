"""Rows of the ledger for tests."""

from dataclasses import replace
from datetime import UTC, datetime

from synth.extract import ledger

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 1, UTC)


def make(number, **changes):
    """A row, told from others by a number."""
    entry = ledger.Entry(
        at=MOMENT,
        who="tok_0123456789abcdef",
        source="app",
        reads={"app": number},
        window_start=MOMENT,
        window_end=MOMENT,
        cut={"k": 20, "dominance_limit": 0.8, "withheld_marginals": ["tempo"], "views": None},
        mechanism=ledger.EXACT,
        pack_sha256=f"{number:064x}",
        content_sha256="cd" * 32,
        is_overlapping=False,
        log_first=None,
        log_head=None,
    )
    return replace(entry, **changes)
