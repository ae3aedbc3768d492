"""How likely a single value of a hidden count is, given an estimate of it."""

import numpy as np

from bench.attack import release
from bench.attack.chats import Numbers

_STEPS = 32
# Noises of less weight, and beyond so many, are taken together as a normal one.
_LEAST_WEIGHT = 0.08
_MOST_NOISES = 24
_WHOLE = 1e-3
# Estimates rarer than this are not looked at.
_RAREST = 0.01


def largest(weights: Numbers) -> float:
    """Largest posterior chance of one value of a count, every whole number being as likely before.

    The error of the estimate is a sum of independent noises of cells of many rows times `weights`.
    Where all of them are one the chances are exact. Elsewhere the error has a distribution on a
    grid of 1/32, and an estimate fixes it up to whole numbers; the chance is the largest that an
    estimate gives, of those that are not rarer than one in a hundred.

    Parameters
    ----------
    weights
        Shape (n,), largest first, not negative.
    """
    steps, chances = release.noise_table()
    large = weights[weights > _LEAST_WEIGHT][:_MOST_NOISES]
    rest = np.sqrt(np.square(weights[large.size :]).sum() * release.variance())
    is_exact = bool(np.all(np.abs(large - 1) < _WHOLE)) and rest < _WHOLE
    grid = 1 if is_exact else _STEPS
    total = np.ones(1)
    for weight in np.rint(large * grid).astype(int).tolist():
        stretched = np.zeros((steps.size - 1) * weight + 1)
        stretched[::weight] = chances[-1]
        total = np.convolve(total, stretched)
    if is_exact:
        return float(total.max())
    reach = np.arange(-4 * _STEPS, 4 * _STEPS + 1) / _STEPS
    bell = np.exp(-0.5 * np.square(reach / max(rest, 1 / _STEPS)))
    total = np.convolve(total, bell / bell.sum())
    by_estimate = np.append(total, np.zeros(-total.size % grid)).reshape(-1, grid)
    seen = by_estimate.sum(axis=0)
    is_common = seen > _RAREST / grid
    return float((by_estimate.max(axis=0)[is_common] / seen[is_common]).max())


def of_values(observed: int, n_noises: int, least: int) -> Numbers:
    """Chances of the values `least`, `least` + 1, ... of a count that is at least so large.

    Parameters
    ----------
    observed
        The published figure, or difference of figures.
    n_noises
        Independent noises in it.
    least
        1 where who attacks knows that somebody is there.

    Returns
    -------
    Numbers
        Shape (observed + 7 * n_noises - least + 1,), or (1,) where that is less.
    """
    _, chances = release.noise_table()
    total = np.ones(1)
    for _ in range(n_noises):
        total = np.convolve(total, chances[-1])
    bound = (total.size - 1) // 2
    error = observed - np.arange(least, max(observed + bound, least) + 1) + bound
    inside = (error >= 0) & (error < total.size)
    found = np.where(inside, total[np.clip(error, 0, total.size - 1)], 0)
    return found / max(found.sum(), 1e-300)
