"""What a guarantee costs: exact rationals, and OpenDP's conversion between rho and epsilon.

References
----------
.. [1] Bun & Steinke (2016), Concentrated differential privacy, section 1.1 (zCDP).
.. [2] Canonne, Kamath & Steinke (2020), The discrete Gaussian for differential privacy,
   theorem 4 (rho = sensitivity^2 / (2 sigma^2)) and corollary 13 (conversion).
"""

import math
import sys
from fractions import Fraction
from functools import lru_cache

from synth.errors import BadInput

DELTA = Fraction(1, 1_000_000)
# Grain of rho: what a search finds is rounded down to a multiple of it.
_GRAIN = 10**9
_LARGEST_EPSILON, _LARGEST_DELTA = 100, Fraction(1, 1000)
# Figures of text beyond which a number is refused rather than computed.
_LONGEST = 64


def exact(value: object, what: str) -> Fraction:
    """Read a spend as an exact rational: text such as ``0.5``, ``1e-6``, ``1/3``, or a number.

    A float counts as it is written. Raises BadInput naming `what` for anything that is not a
    number, not finite, zero, negative, or subnormal as a float: sums of such stay at nothing.
    """
    text = str(value)
    try:
        if len(text) > _LONGEST:
            raise ValueError
        # A float first: 1e999999999 as a rational would be computed digit by digit.
        above, *below = (float(part) for part in text.split("/"))
        if not sys.float_info.min <= above / math.prod(below) < math.inf:
            raise ValueError
        return Fraction(text)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise BadInput(
            f"expected a positive number for {what}", hint="write it as 0.5, 1e-6 or 1/3"
        ) from None


def epsilon_of(rho: Fraction, delta: Fraction) -> float:
    """Return the epsilon that `rho` guarantees at `delta`, as OpenDP converts it."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.atom_domain(T="i64"), dp.absolute_distance(T="f64")
    scale = math.sqrt(1 / (2 * float(rho)))
    measurement = dp.m.make_gaussian(*space, scale=scale)
    return dp.c.make_zCDP_to_approxDP(measurement).map(1.0).epsilon(float(delta))


@lru_cache(maxsize=64)
def rho_of(epsilon: Fraction, delta: Fraction = DELTA) -> Fraction:
    """Return the largest rho, in steps of 1e-9, that guarantees (epsilon, delta).

    Raises BadInput for an epsilon above 100 or below every step, and a delta above 1/1000.
    """
    if epsilon > _LARGEST_EPSILON or delta > _LARGEST_DELTA:
        raise BadInput(f"expected epsilon up to {_LARGEST_EPSILON}, delta up to {_LARGEST_DELTA}")
    # The mean privacy loss is rho, so at a small delta epsilon exceeds it.
    low, high = 0, int(epsilon * _GRAIN) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if epsilon_of(Fraction(middle, _GRAIN), delta) <= epsilon:
            low = middle
        else:
            high = middle
    if not low:
        raise BadInput("expected an epsilon that some noise can give", hint="raise epsilon")
    return Fraction(low, _GRAIN)
