"""What is known about one quantity: a histogram, percentiles, a mean, in any combination."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from synth.errors import BadInput
from synth.fit.distribution import LARGEST

# Where the grids of the pack end: an upper edge there says that the last bucket is open.
_GRID_END = 1e9
# Relative width of a value that several percentiles of a measure share.
_TIE = 1e-6
# Nothing measured here is smaller and not 0; quotients of such numbers overflow.
_SMALLEST = 1e-9


@dataclass(frozen=True)
class Evidence:
    """Aggregates of one quantity, cleaned.

    Attributes
    ----------
    edges : ndarray, shape (m + 1,), or None
        Increasing, adjacent, trimmed to the buckets that hold something; the last may be
        infinite. Whole numbers where `discrete`.
    counts : ndarray, shape (m,), or None
        Observations, or shares where the sample size is unknown.
    quantiles : dict
        Probability in (0, 1) to value, non-decreasing.
    top : float or None
        Published, top-coded maximum.
    mean : float or None
        Mean known from elsewhere, which the fit has to keep.
    n : float or None
        Observations; None where unknown.
    discrete : bool
    lower, most : float
        Smallest and largest value the quantity can have.
    """

    edges: np.ndarray | None = None
    counts: np.ndarray | None = None
    quantiles: dict = field(default_factory=dict)
    top: float | None = None
    mean: float | None = None
    n: float | None = None
    discrete: bool = False
    lower: float = 0.0
    most: float = LARGEST

    @property
    def is_empty(self):
        """Whether there is nothing to fit."""
        return self.edges is None and not self.quantiles

    @property
    def has_hints(self):
        """Whether a mean or a maximum is known where there is nothing to fit."""
        return self.is_empty and (self.mean is not None or self.top is not None)

    @property
    def cells(self):
        """Histogram and percentiles as one set of buckets: ``(edges, shares)``.

        A percentile inside of a bucket wider than one value cuts it in two. Percentiles alone
        are the edges themselves, from the smallest value to the maximum or to infinity.
        """
        if self.edges is not None:
            below = np.concatenate(([0.0], np.cumsum(self.counts))) / self.counts.sum()
            edges, below = with_percentiles(self.edges.astype(float), below, self)
            return edges, np.diff(below)
        x, share = percentile_edges(self)
        end = np.inf
        if self.top is not None and self.top >= x[-1]:
            end = self.top + (1.0 if self.discrete else 0.0)
        keep = np.concatenate(([True], np.diff(x) > 0)) & (x > self.lower) & (x < end)
        x, share = x[keep], share[keep]
        edges = np.concatenate(([self.lower], x, [end]))
        return edges, np.diff(np.concatenate(([0.0], share, [1.0])))

    def with_mean(self, mean):
        """The same evidence with another mean, or with none."""
        return replace(self, mean=mean)

    def with_top(self, top):
        """The same evidence with another maximum."""
        return replace(self, top=top)

    @property
    def known_share(self):
        """CDF at the finite edges or at the percentiles: ``(x, share below x)``."""
        if self.edges is not None:
            share = np.concatenate(([0.0], np.cumsum(self.counts))) / self.counts.sum()
            finite = np.isfinite(self.edges)
            return self.edges[finite], share[finite]
        return percentile_edges(self)


def percentile_edges(evidence):
    """Percentiles as points of the CDF.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    x, share : ndarray
        A whole number k holds the values of ``[k, k + 1)``, so its percentile stands in the
        middle of them; a fractional one was interpolated between two neighbours. Percentiles
        that tie stand at both ends of their value, which then holds what is between them.
    """
    x = np.array(list(evidence.quantiles.values()), dtype=float)
    share = np.array(list(evidence.quantiles), dtype=float)
    if not x.size:
        return x, share
    before = np.concatenate(([False], x[1:] == x[:-1]))
    after = np.concatenate((x[1:] == x[:-1], [False]))
    if evidence.discrete:
        whole = x == np.floor(x)
        place = np.floor(x) + np.where(whole, 0.5, 1.0)
        place = np.where(whole & after & ~before, x, place)
        place = np.where(whole & before & ~after, x + 1.0, place)
    else:
        place = np.where(after & ~before, x - _TIE * np.abs(x), x)
    # Those between the first and the last of a tie say nothing more.
    keep = ~(before & after)
    return place[keep], share[keep]


def with_percentiles(x, cdf, evidence):
    """Insert percentiles that fall inside a bucket wider than one value.

    Parameters
    ----------
    x, cdf : ndarray
        Edges of a histogram and the share below each.
    evidence : Evidence

    Returns
    -------
    x, cdf : ndarray
    """
    values, shares = percentile_edges(evidence)
    for value, share in zip(values, shares, strict=True):
        place = int(np.searchsorted(x, value, side="right")) - 1
        if not 0 <= place < x.size - 1:
            continue
        narrow = evidence.discrete and x[place + 1] - x[place] <= 1
        between = cdf[place] < share < cdf[place + 1] and x[place] < value < x[place + 1]
        # A percentile that contradicts the histogram says less than the histogram does.
        if between and not narrow:
            x = np.insert(x, place + 1, value)
            cdf = np.insert(cdf, place + 1, share)
    return x, cdf


def collect(
    name,
    *,
    histogram=None,
    quantiles=None,
    mean=None,
    n=None,
    discrete=False,
    lower=0.0,
    scale=1.0,
    most=LARGEST,
):
    """Check and clean the aggregates of one quantity.

    Parameters
    ----------
    name : str
        Path in the pack, for messages.
    histogram : tuple of (edges, counts), optional
    quantiles : dict, optional
        Probability to value; probability 1 is the top-coded maximum.
    mean : float, optional
    n : float, optional
        Sample size, where the counts do not say it.
    discrete : bool
    lower : float
        Smallest possible value; buckets below it are left out.
    scale : float
        Factor from the pack's unit to the spec's.
    most : float
        Largest possible value.

    Returns
    -------
    Evidence
        Empty where nothing usable was given.

    Raises
    ------
    BadInput
        Absurd values, or percentiles that decrease.
    """
    edges, counts = _histogram(name, histogram, lower, discrete, scale)
    found, top = _quantiles(name, quantiles or {}, scale, lower, most)
    if edges is not None and edges[-2] >= most:
        raise BadInput(
            f"{name}: the last bucket begins at {edges[-2]:g}, expected at most {most:g}",
            hint="correct the pack, or leave the histogram out",
        )
    if edges is not None and np.isfinite(edges[-1]):
        edges[-1] = min(edges[-1], most + (1.0 if discrete else 0.0))
    if mean is not None and not (math.isfinite(mean) and lower <= mean <= most):
        mean = None
    if counts is not None:
        whole = counts.sum()
        # Counts that sum to 1 are shares of an unknown number of rows.
        n = whole if whole > 1.5 else n
    return Evidence(edges, counts, found, top, mean, n, discrete, float(lower), most)


def _histogram(name, histogram, lower, discrete, scale):
    if histogram is None:
        return None, None
    edges = np.asarray(histogram[0], dtype=float) * scale
    edges = np.where(np.abs(edges) < _SMALLEST, 0.0, edges)
    counts = np.asarray(histogram[1], dtype=float)
    finite = edges[np.isfinite(edges)]
    if np.any(np.isnan(edges)) or np.any(np.abs(finite) > LARGEST):
        raise BadInput(
            f"{name}: bucket edges must be numbers of at most {LARGEST:g}",
            hint="correct the pack, or leave the histogram out",
        )
    if np.any(np.diff(edges) <= 0) or not np.all(np.isfinite(counts)) or np.any(counts < 0):
        raise BadInput(
            f"{name}: buckets must be adjacent, with increasing edges and counts of 0 or more",
            hint="correct the pack, or leave the histogram out",
        )
    if discrete:
        edges, counts = _on_whole_numbers(edges, counts)
    above = edges[1:] > lower
    edges = np.concatenate((np.maximum(edges[:-1][above], lower), edges[-1:]))
    counts = counts[above]
    filled = np.flatnonzero(counts > 0)
    if not filled.size:
        return None, None
    first, last = filled[0], filled[-1]
    if edges[last + 1] >= _GRID_END * scale:
        # A bucket up to the end of its grid says where values begin, not where they end.
        edges[last + 1] = np.inf
    return edges[first : last + 2], counts[first : last + 1]


def _on_whole_numbers(edges, counts):
    """Move edges up to the next whole number; a bucket left without one joins its neighbour."""
    moved = np.where(np.isfinite(edges), np.ceil(edges - 1e-9), edges)
    below = np.concatenate(([0.0], np.cumsum(counts)))
    kept, index = np.unique(moved[::-1], return_index=True)
    share = below[::-1][index]
    share[0] = 0.0
    if kept.size == 1:
        return np.array([kept[0], kept[0] + 1.0]), np.array([counts.sum()])
    return kept, np.diff(share)


def _quantiles(name, quantiles, scale, lower, most):
    found, top, before = {}, None, -math.inf
    for p, value in sorted(quantiles.items()):
        if value is None:
            continue
        value = float(value) * scale
        if not abs(value) <= most:
            raise BadInput(
                f"{name}: percentiles must be numbers of at most {most:g}",
                hint="correct the pack, or leave them out",
            )
        if value < before:
            raise BadInput(
                f"{name}: percentiles must not decrease",
                hint="correct the pack, or leave them out",
            )
        before = value
        # Written over rows that the quantity leaves out, such as empty conversations.
        value = max(0.0 if abs(value) < _SMALLEST else value, lower)
        if p >= 1:
            top = value
        elif p > 0:
            found[p] = value
    return found, top
