"""What a schema cannot say about a pack: order, sums, dates."""

import itertools
import math
from datetime import date, datetime

from synth.errors import BadInput

# Hand-written shares are rounded; so many of them may miss 1 by this much.
_SLACK, _SLACK_PER_CELL, _MOST_SLACK = 0.02, 0.0025, 0.1
# As many shares of a mix or a week as there can be, each rounded to six significant digits.
ROUNDING = 1e-5
# A number between 1 and this may be a share that is wrong or a percentage that is small.
_LEAST_PERCENT = 2


class Place:
    """A place in a document, for messages: ``place / "key"`` goes one step down."""

    def __init__(self, where, path="$"):
        self.where = where
        self.path = path

    def __truediv__(self, step):
        suffix = f"[{step}]" if isinstance(step, int) else f".{step}"
        return Place(self.where, self.path + suffix)

    def error(self, text):
        """BadInput that names this place."""
        return BadInput(f"{self.where}: {self.path}: {text}", path=self.path)


def check_increasing(values, place):
    """Quantiles by p must not decrease.

    Parameters
    ----------
    values : sequence of (str, float)
        Label and value in order of p, nulls left out.
    place : Place
    """
    for (before, low), (label, high) in itertools.pairwise(values):
        if high < low:
            raise (place / label).error(f"is smaller than {before}")


def check_mean(mean, largest, place):
    """A mean must not exceed the largest value.

    Parameters
    ----------
    mean, largest : float or None
        None where it is not known.
    place : Place
    """
    if None not in (mean, largest) and mean > largest:
        raise (place / "mean").error("is larger than max")


def check_buckets(buckets, place):
    """Edges must go up and must not overlap; the counts must not all be 0.

    Parameters
    ----------
    buckets : sequence of (float, float, float)
        Lower, upper (``inf`` where open), cell.
    place : Place
    """
    end = -math.inf
    for index, (lower, upper, _) in enumerate(buckets):
        if lower < end:
            raise (place / index).error("the bucket overlaps the one before, or goes backwards")
        if upper <= lower:
            raise (place / index).error("the bucket's upper edge is not above its lower edge")
        end = upper
    if not any(cell for *_, cell in buckets):
        raise place.error("all counts are 0")


def shares_and_counts(cells, place):
    """Tell shares, percentages and counts apart.

    Parameters
    ----------
    cells : sequence of float
        One of the three, as a person or the writer put it down.
    place : Place

    Returns
    -------
    shares : list of float
        Summing to 1.
    counts : list of int or None
        None where the cells are no counts.

    Raises
    ------
    BadInput
        All 0, or fractions that sum neither to 1 nor to 100 (beyond rounding).
    """
    total = math.fsum(cells)
    if total <= 0:
        raise place.error("all entries are 0")
    # What the writer wrote misses 1 by a rounding only, and stays as it is.
    divisor = 1 if abs(total - 1) < ROUNDING else total
    shares = [cell / divisor for cell in cells]
    slack = min(_SLACK + _SLACK_PER_CELL * len(cells), _MOST_SLACK)
    if abs(total - 1) <= slack or abs(total - 100) <= 100 * slack:
        return shares, None
    if all(float(cell).is_integer() for cell in cells):
        return shares, [int(cell) for cell in cells]
    raise place.error("shares must sum to 1, percentages to 100, and counts are whole numbers")


def percent(value, place):
    """Divisor of a share written as a percentage.

    Parameters
    ----------
    value : float
        Above 1.
    place : Place

    Returns
    -------
    int
        100.

    Raises
    ------
    BadInput
        Below 2 or above 100: 1.5 is as likely a wrong share as 1.5 %.
    """
    if not _LEAST_PERCENT <= value <= 100:
        raise place.error(
            f"must be a share (0 to 1) or a percentage ({_LEAST_PERCENT} to 100), got {value:g}; "
            "write a smaller percentage as a share"
        )
    return 100


def check_times(document, where):
    """``as_of`` and ``extracted_at`` must exist in the calendar."""
    for key, parse in (("as_of", date.fromisoformat), ("extracted_at", datetime.fromisoformat)):
        if document.get(key) is not None:
            try:
                parse(document[key])
            except ValueError:
                raise Place(where, f"$.{key}").error("no such date or time") from None
