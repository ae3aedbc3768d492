"""A lower bound on epsilon from what a release gave: what an attacker told apart, with confidence.

References
----------
.. [1] Jagielski, Ullman & Oprea (2020), Auditing differentially private machine learning,
   section 4.
.. [2] Nasr et al. (2021), Adversary instantiation, section III: both directions of the test.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
# Thresholds tried on one half of the runs; the other half judges the best.
_THRESHOLDS = 200


def evidence(
    released: Floats, absent: Floats, present: Floats, variance: float | Floats
) -> NDArray[np.float64]:
    """Return the log likelihood ratio of a person's presence, for Gaussian noise.

    For a known variance nothing tells the two neighbours apart better.

    Parameters
    ----------
    released
        Noisy cells of each run, shape (n_runs, n_cells).
    absent, present
        Exact cells without and with the person, shape (n_cells,).
    variance
        Of the noise, of all cells or of each.
    """
    return (released - (absent + present) / 2) @ ((present - absent) / variance)


def lower_bound(
    absent: Floats, present: Floats, delta: float, confidence: float = CONFIDENCE
) -> float:
    """Return the epsilon that a release exceeds, with the given confidence.

    (epsilon, delta) means P(guess | present) <= e^epsilon P(guess | absent) + delta for every
    guess, and the same the other way round. The guess is a side of a threshold on the statistic,
    chosen on every second run; its rates on the others are bounded by Clopper and Pearson.

    Parameters
    ----------
    absent, present
        Statistic of independent runs without and with the person, shape (n,), n >= 4.
    delta
        As promised.
    confidence
        Probability that a release which keeps its promise is not found to break it.

    Returns
    -------
    float
        In units of epsilon; 0 where the runs show nothing.
    """
    halves = [(np.asarray(runs)[0::2], np.asarray(runs)[1::2]) for runs in (absent, present)]
    (seen, judged), (seen_with, judged_with) = halves
    tried = np.quantile(np.concatenate([seen, seen_with]), np.linspace(0, 1, _THRESHOLDS))
    guess, at = np.unravel_index(
        _bounds(seen, seen_with, tried, delta, confidence).argmax(), (4, _THRESHOLDS)
    )
    found = _bounds(judged, judged_with, tried[[at]], delta, confidence)[guess, 0]
    return max(0.0, float(found))


def _bounds(
    absent: Floats, present: Floats, tried: Floats, delta: float, confidence: float
) -> Floats:
    """Bound by guess and threshold, shape (4, n): above or not, more with the person or without."""
    above = [(runs[:, None] > tried).sum(axis=0) for runs in (absent, present)]
    counts = [(above[0], above[1]), (absent.size - above[0], present.size - above[1])]
    return np.stack(
        [
            bound
            for without, with_person in counts
            for bound in (
                _bound(with_person, present.size, without, absent.size, delta, confidence),
                _bound(without, absent.size, with_person, present.size, delta, confidence),
            )
        ]
    )


def _bound(
    more: Floats, n_more: int, less: Floats, n_less: int, delta: float, confidence: float
) -> Floats:
    # Each of the two limits with half of what may go wrong.
    error = (1 - confidence) / 2
    least = np.where(more > 0, beta.ppf(error, np.maximum(more, 1), n_more - more + 1), 0.0)
    most = np.where(less < n_less, beta.ppf(1 - error, less + 1, np.maximum(n_less - less, 1)), 1.0)
    return np.log(np.maximum(least - delta, np.finfo(float).tiny) / most)
