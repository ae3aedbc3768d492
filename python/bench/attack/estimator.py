"""The best linear unbiased estimator of what few people did, from all published figures at once.

Published figures are sums of noisy cells; cells of equal profiles share their noise; the relations
of `ties` tie the true cells. Generalized least squares then gives the smallest standard deviation
that any linear unbiased estimator can have (Aitken 1936), for every cell of few people.
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse

from bench.attack import agreement, posterior, release, targets, ties
from bench.attack.cells import Cells
from bench.attack.chats import Numbers

# Weight of the relations, which hold exactly, against figures of variance about 1; and what is
# added to figures whose noise is the same, so that they can be inverted. Both cost .1 %.
_CERTAIN = 1e3
_JITTER = 1e-3
# Before anything is published a count may be anything: a standard deviation of 10^4. What is not
# better known than `_UNKNOWN` afterwards cannot be estimated.
_BEFORE = 1e-8
_UNKNOWN = 100.0
_NOTHING = 1e-6
_N_SHOWN = 5
LEAST_SD = 2.0
MOST_CERTAIN = 0.25


class Known(NamedTuple):
    """What is known of one group of few people.

    Attributes
    ----------
    what
        The cell, or which cells' difference.
    n_rows, n_people
        Its true rows, and the people certainly behind them.
    sd
        Of the best linear unbiased estimate of the rows; infinite where there is none.
    most_likely
        Largest posterior chance of a single value, any value being as likely before.
    weights
        Largest of those that independent noises have in the estimate's error.
    """

    what: str
    n_rows: int
    n_people: int
    sd: float
    most_likely: float
    weights: tuple[float, ...]


class Estimator:
    """All that linear combinations of published figures say."""

    def __init__(self, cells: Cells, figures: release.Figures, *, has_noise: bool = True) -> None:
        """Prepare the normal equations.

        Parameters
        ----------
        cells
        figures
            Published sums of cells, made to agree.
        has_noise
            Without noise a figure is as certain as a relation.
        """
        relations = ties.equalities(cells)
        self._noises = agreement.noises(figures, cells)
        scale = release.variance() if has_noise else 0.0
        covariance = scale * self._noises @ self._noises.T
        covariance[np.diag_indices_from(covariance)] += _JITTER
        # Cells that all figures and relations treat alike are known only together.
        both = sparse.vstack([figures.sums, relations]).toarray()
        _, first, self._together = np.unique(both, axis=1, return_index=True, return_inverse=True)
        self._together = self._together.ravel()
        self._size = np.bincount(self._together)
        said = both[:, first][: figures.sums.shape[0]]
        certain = both[:, first][figures.sums.shape[0] :]
        self._weighed = linalg.cho_solve(linalg.cho_factor(covariance), said)
        normal = said.T @ self._weighed + _CERTAIN * certain.T @ certain
        normal[np.diag_indices_from(normal)] += _BEFORE
        self._factor = linalg.cho_factor(normal, overwrite_a=True, check_finite=False)

    def deviations(self, wanted: sparse.csr_array) -> Numbers:
        """Standard deviation of every wanted sum of cells, infinite where none can be had."""
        table, is_known = self._merged(wanted)
        found = np.full(wanted.shape[0], np.inf)
        inside = table[is_known]
        solved = linalg.cho_solve(self._factor, inside.T, check_finite=False)
        spread = np.sqrt(np.einsum("tc,ct->t", inside, solved))
        found[is_known] = np.where(spread < _UNKNOWN, spread, np.inf)
        return found

    def weights(self, wanted: sparse.csr_array) -> Numbers:
        """How much of every independent noise the error of the estimates holds."""
        table, _ = self._merged(wanted)
        solved = linalg.cho_solve(self._factor, table.T, check_finite=False)
        return (self._weighed @ solved).T @ self._noises

    def _merged(self, wanted):
        """Wanted sums over what is known together, and which of them do not cut it."""
        table = wanted.tocsr()
        indicator = sparse.csr_array(
            (np.ones(self._together.size), (np.arange(self._together.size), self._together))
        )
        sums = (table @ indicator).toarray()
        squares = (table.multiply(table) @ indicator).toarray()
        # Constant within: the mean square is the square of the mean.
        mean = sums / self._size
        is_known = (np.abs(squares / self._size - mean**2) < _NOTHING).all(axis=1)
        return mean, is_known


def known(
    cells: Cells, figures: release.Figures, *, k: int = release.K, has_noise: bool = True
) -> list[Known]:
    """What all figures say of every group of fewer than k people, the best known first.

    Parameters
    ----------
    cells
        Exact, as of `cells.exact`.
    figures
        As of `release.groups`, or read from a pack.
    k
    has_noise
        Without it the figures are exact, as they were before there was noise.
    """
    names, wanted = targets.groups_of_few(cells, figures, k)
    if not names:
        return []
    estimator = Estimator(cells, figures, has_noise=has_noise)
    deviations = estimator.deviations(wanted)
    n_rows = np.rint(wanted @ cells.n_rows).astype(int)
    people = targets.people_of(cells, wanted)
    order = np.argsort(deviations, kind="stable")
    order = order[np.isfinite(deviations[order])]
    weights = estimator.weights(wanted[order]) if order.size else np.zeros((0, 0))
    found = []
    for place, number in enumerate(order.tolist()):
        share = np.sort(np.abs(weights[place]))[::-1]
        chance = posterior.largest(share) if has_noise else 1.0
        found.append(
            Known(
                names[number],
                int(n_rows[number]),
                int(people[number]),
                float(deviations[number]),
                chance,
                tuple(share[:_N_SHOWN].round(2).tolist()),
            )
        )
    return found


def disclosed(found: list[Known]) -> list[Known]:
    """Those that are known too well."""
    return [one for one in found if one.sd < LEAST_SD or one.most_likely > MOST_CERTAIN]
