"""Totals: what histograms should add up to, and what no application has."""

from synth.errors import BadInput
from synth.spec import validation

# Histogram, the entity whose total it adds up to, and whether rows may be left out of it.
_SUMS = (
    ("conversations", "member_count", "conversations", False),
    ("conversations", "messages_per_conversation", "conversations", True),
    ("conversations", "distinct_senders", "conversations", True),
    ("users", "username_length", "users", False),
    ("messages", "content_length", "messages", False),
    ("read_receipts", "receipts_per_message", "messages", True),
    ("read_receipts", "read_delay", "read_receipts", False),
    ("attachments", "size_bytes", "attachments", False),
)
# Suppression and rounding of small cells stay below this.
_TOLERANCE = 0.02


def compare(pack, ledger):
    """Note every histogram that does not add up to its total; its shares are used all the same.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    ledger : synth.calibrate.ledger.Ledger
    """
    for entity, metric, whole, may_leave_out in _SUMS:
        histogram, total = pack.histogram(entity, metric), pack.total(whole)
        if histogram is None or not total:
            continue
        known = sum(histogram.counts)
        # Shares of an unknown number of rows sum to 1.
        if known <= 1.5 or abs(known / total - 1) <= _TOLERANCE:
            continue
        if known < total and may_leave_out:
            continue
        ledger.notes.append(
            f"{entity}.{metric}: the histogram adds up to {known:,.0f}, {whole}.total_count says "
            f"{total:,}; its shares are used"
        )


def check(found):
    """Refuse totals that no spec may have.

    Parameters
    ----------
    found : synth.spec.model.Totals

    Raises
    ------
    BadInput
    """
    crowd = found.users / found.messages
    if crowd > validation.MOST_USERS_PER_MESSAGE:
        raise BadInput(
            f"pack: {crowd:,.0f} users for every message, expected at most "
            f"{validation.MOST_USERS_PER_MESSAGE:,}",
            hint="correct users.total_count or messages.total_count",
        )
