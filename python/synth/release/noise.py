"""The noise that a cell of n rows gets in a perturbed release: a table of maximum entropy.

References
----------
.. [1] Fraser & Wooton (2005), A proposed method for confidentialising tabular output to protect
   against differencing, UNECE work session on statistical data confidentiality.
.. [2] Giessing (2016), Computational issues in the design of transition probabilities and
   disclosure risk estimation for additive noise, Privacy in Statistical Databases, section 3.
"""

import numpy as np
from numpy.typing import NDArray

from synth.errors import BadInput

BOUND = 7
VARIANCE = 5.0
_DIGITS = 12
_STEPS = 200
_HALVINGS = 40

Floats = NDArray[np.float64]


def probabilities(n_rows: int, bound: int = BOUND, variance: float = VARIANCE) -> Floats:
    """Return the distribution of the noise of a cell of `n_rows` rows.

    The noise is an integer in [-bound, bound] that leaves no cell negative, has mean 0 and the
    given variance, and of all such distributions the one of largest entropy:
    exp(a + b x + c x^2) on the support, with b and c by Newton's method on the convex dual.
    Mean 0 on [-n, bound] allows variances below n * bound. Where more is asked for, the
    nearest variance is n * bound itself, which only the two ends of the support have.

    Returns the probability of -bound, ..., bound. `n_rows` above `bound` are as `bound`; a cell
    of none gets no noise. Raises BadInput for negative rows, bound or variance out of range.
    """
    if n_rows < 0 or bound < 1 or not 0 < variance < bound**2:
        raise BadInput(f"expected 0 < variance < bound^2, got {variance} and {bound}")
    noise = np.arange(-bound, bound + 1, dtype=np.float64)
    least = min(n_rows, bound)
    support = noise >= -least
    found = np.zeros(noise.size)
    if least == 0:
        found[bound] = 1.0
    elif variance >= least * bound:
        found[bound - least], found[-1] = bound / (least + bound), least / (least + bound)
    else:
        found[support] = _largest_entropy(noise[support], variance)
    return found


def _largest_entropy(noise: Floats, variance: float) -> Floats:
    scale = noise[-1]
    features = np.stack([noise / scale, (noise**2 - variance) / scale**2])
    tilt = np.zeros(2)
    chances = _tilted(features, tilt)
    for _ in range(_STEPS):
        excess = features @ chances
        centred = features - excess[:, None]
        step = np.linalg.solve((centred * chances) @ centred.T, excess)
        # Newton's step shortens the gradient; halved until it does.
        for length in 0.5 ** np.arange(_HALVINGS):
            chances = _tilted(features, tilt - length * step)
            if np.linalg.norm(features @ chances) < np.linalg.norm(excess):
                tilt = tilt - length * step
                break
        else:
            break
    return _tilted(features, tilt)


def _tilted(features: Floats, tilt: Floats) -> Floats:
    exponents = tilt @ features
    weights = np.exp(exponents - exponents.max())
    return weights / weights.sum()


def seed(bound: int = BOUND, variance: float = VARIANCE) -> str:
    """Return the text of ``seeds/noise_table.csv``.

    One line for each number of rows 0, ..., bound and each noise that a cell of so many rows can
    get; `cumulative` is the probability of that noise or less. A cell's noise is the smallest
    whose `cumulative` exceeds a uniform draw from [0, 1).
    """
    lines = ["n_rows,noise,cumulative"]
    for n_rows in range(bound + 1):
        total = np.cumsum(probabilities(n_rows, bound, variance))
        total[-1] = 1.0
        lines += [
            f"{n_rows},{noise},{total[noise + bound]:.{_DIGITS}f}"
            for noise in range(-n_rows, bound + 1 if n_rows else 1)
        ]
    return "\n".join(lines) + "\n"
