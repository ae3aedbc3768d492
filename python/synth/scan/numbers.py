"""Numbers that are no counts: cards, and telephone numbers larger than anything counted.

Where a pack may hold a number, any number could stand. What gives a telephone number away is
its size: a count of a thousand million rows is larger than the pack's own totals, unless the
histograms of a section add up to it, or it is what receipts of a sample of messages stand for.
"""

import math

from synth.scan import detectors

_SMALLEST = 10**9
_SMALLEST_CARD = 10**12
_LARGEST = 10**19
# How far an estimate of all receipts may miss what the pack's own histograms give.
_ESTIMATE = 0.02


def largest_total(document):
    """Largest total of a pack that one of its own histograms adds up to.

    Parameters
    ----------
    document : object
        Parsed JSON.

    Returns
    -------
    int
        0 where there is none.
    """
    sections = document.values() if isinstance(document, dict) else ()
    confirmed = [_confirmed(section) for section in sections if isinstance(section, dict)]
    return max([*confirmed, _estimated(document)], default=0)


def is_strange(number: float, largest: int) -> bool:
    """Whether a number of a pack is neither a count nor an edge, so that it may identify.

    Parameters
    ----------
    number
    largest
        Largest count that is plausible, of `largest_total`.
    """
    is_whole = isinstance(number, int) or number.is_integer()
    return (
        is_whole and max(_SMALLEST, largest + 1) <= number < _LARGEST and not is_edge(int(number))
    )


def kinds(number: int) -> set[str]:
    """Kinds of identifying number that a strange one is."""
    found = set()
    if number >= _SMALLEST_CARD and number % 1000 and detectors.is_card(str(number)):
        found.add("card")
    if detectors.is_phone(str(number)):
        found.add("phone")
    return found


def _confirmed(section):
    total = _count(section.get("total_count"))
    sums = (_rows(value) for value in section.values() if isinstance(value, dict))
    return total if any(rows == total for rows in sums) else 0


def _estimated(document):
    """Total of receipts, where those of the messages looked at stand for it."""
    messages, receipts = (
        document.get(name) if isinstance(document, dict) else None
        for name in ("messages", "read_receipts")
    )
    if not isinstance(messages, dict) or not isinstance(receipts, dict):
        return 0
    n_messages, total = _confirmed(messages), _count(receipts.get("total_count"))
    n_looked_at = _rows(receipts.get("receipts_per_message_histogram"))
    n_receipts = _rows(receipts.get("delay_histogram_minutes"))
    if not total or not n_messages or not n_looked_at or not n_receipts:
        return 0
    expected = n_messages * n_receipts / n_looked_at
    return total if abs(total - expected) <= _ESTIMATE * expected else 0


def _rows(histogram):
    buckets = histogram.get("buckets") if isinstance(histogram, dict) else None
    if not isinstance(buckets, list):
        return None
    counts = [bucket[2] for bucket in buckets if isinstance(bucket, list) and len(bucket) == 3]
    return sum(map(_count, counts))


def _count(value: object) -> int:
    """A number of rows, or 0 where it is none that a table can have."""
    return value if isinstance(value, int) and 0 <= value < _LARGEST else 0


def is_edge(number):
    """Whether a number is an edge of a grid: a power of 10^(1/8) or of 2, rounded."""
    step = round(8 * math.log10(number))
    return number == round(10 ** (step / 8)) or number & (number - 1) == 0
