"""Numbers that are no counts: cards, and telephone numbers larger than anything counted.

Where a pack may hold a number, any number could stand. What gives a telephone number away is
its size: a count of a thousand million rows is larger than the pack's own totals, unless the
histograms of a section add up to it.
"""

import math

from synth.scan import detectors

_SMALLEST_PHONE = 10**9
_SMALLEST_CARD = 10**12
_LARGEST = 10**19


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
    return max(
        (_confirmed(section) for section in sections if isinstance(section, dict)), default=0
    )


def kinds(number, largest):
    """Kinds of identifying number, for a number where a pack may hold one.

    Parameters
    ----------
    number : int or float
    largest : int
        Largest count that is plausible, of `largest_total`.

    Returns
    -------
    set of str
    """
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if not isinstance(number, int) or not _SMALLEST_PHONE <= number < _LARGEST:
        return set()
    if number <= largest or is_edge(number):
        return set()
    found = set()
    if number >= _SMALLEST_CARD and number % 1000 and detectors.is_card(str(number)):
        found.add("card")
    if detectors.is_phone(str(number)):
        found.add("phone")
    return found


def _confirmed(section):
    total = section.get("total_count")
    if not isinstance(total, int):
        return 0
    sums = (_rows(value) for value in section.values() if isinstance(value, dict))
    return total if any(rows == total for rows in sums) else 0


def _rows(histogram):
    buckets = histogram.get("buckets")
    if not isinstance(buckets, list):
        return None
    counts = [bucket[2] for bucket in buckets if isinstance(bucket, list) and len(bucket) == 3]
    return sum(count for count in counts if isinstance(count, int))


def is_edge(number):
    """Whether a number is an edge of a grid: a power of 10^(1/8) or of 2, rounded."""
    step = round(8 * math.log10(number))
    return number == round(10 ** (step / 8)) or number & (number - 1) == 0
