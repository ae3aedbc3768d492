"""Rows of the ledger for tests."""

from dataclasses import replace
from datetime import UTC, datetime

from synth.extract import ledger
from synth.pack import rule

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 1, UTC)


def make(number, **changes):
    """A row of exact counts, told from others by a number; ``release`` gives it another rule."""
    release = changes.pop("release", {"rule": rule.EXACT})
    parameters = {name: value for name, value in release.items() if name != "rule"}
    entry = ledger.Entry(
        at=MOMENT,
        who="tok_0123456789abcdef",
        source="app",
        reads={"app": number},
        window_start=MOMENT,
        window_end=MOMENT,
        cut={"k": 20, "dominance_limit": 0.8, "withheld_marginals": ["tempo"], "views": None},
        mechanism=release["rule"],
        pack_sha256=f"{number:064x}",
        content_sha256="cd" * 32,
        is_overlapping=False,
        log_first=None,
        log_head=None,
        parameters=parameters or None,
    )
    return replace(entry, **changes)
