"""Choice between a parametric family and the empirical distribution."""

from dataclasses import dataclass

import numpy as np

from synth.fit import binned, empirical

# A parametric fit must also reproduce what people read: percentiles and the mean.
MAX_PERCENTILE_ERROR = 0.05
MAX_MEAN_ERROR = 0.03
# Percentiles beyond this are too noisy to refuse a fit for.
_LAST_PERCENTILE = 0.995
_RICH = (
    "double_pareto_lognormal",
    "tempered_power_law",
    "log_normal_mixture",
    "geometric_mixture",
    "hurdle_log_normal",
    "hurdle_negative_binomial",
)


@dataclass(frozen=True)
class Choice:
    """The distribution chosen for a quantity.

    Attributes
    ----------
    fit : Fit
        The one to use; of an empirical distribution only the form, the distance and n are known.
    alternatives : tuple of Fit
        Best parametric fits that were not chosen, best first.
    reason : str
        Why; for people.
    """

    fit: binned.Fit
    alternatives: tuple
    reason: str


def choose(evidence, families, *, max_ks=0.02):
    """Fit families to one quantity and choose.

    Parameters
    ----------
    evidence : Evidence
        Not empty.
    families : sequence of str
        Parametric families to try; none for the empirical distribution at once.
    max_ks : float
        A parametric fit must be at least this close.

    Returns
    -------
    Choice
    """
    fits, accepted, reason = [], [], "no parametric fit tried"
    plain = [name for name in families if name not in _RICH]
    # A family of many parameters is slow, and wanted only where the simple ones fail.
    for stage in (plain, [name for name in families if name in _RICH]):
        tried = [binned.fit(name, evidence, max_ks=max_ks) for name in stage]
        fits = sorted((one for one in (*fits, *tried) if one), key=lambda one: one.ks)
        objections = [_objection(one, evidence, max_ks) for one in fits]
        accepted = [one for one, no in zip(fits, objections, strict=True) if no is None]
        if accepted:
            break
        if fits:
            reason = f"{fits[0].name}: {objections[0]}"
        elif families:
            reason = "no parametric family applies"
    if not accepted:
        return _empirical(evidence, _worth_reporting(fits), reason)
    # By information where there is a likelihood; percentiles alone have a distance only.
    best = min(accepted, key=lambda one: (one.aic is None, one.ks if one.aic is None else one.aic))
    rivals = [one for one in fits if one is not best]
    return Choice(best, _worth_reporting(rivals), _why(best, accepted, max_ks))


def _why(best, accepted, max_ks):
    """In words, why this family."""
    reason = f"KS {best.ks:.3g} within {max_ks:g}"
    others = len(accepted) - 1
    if others and best.aic is not None:
        reason += f", smallest AIC of {others + 1} such families"
    if best.constrained:
        reason += "; fitted to the known mean"
    return reason


def _worth_reporting(fits):
    """The best fit whatever it is, others only if they are near, and always a power law."""
    fits = tuple(fits)
    return fits[:1] + tuple(
        one
        for place, one in enumerate(fits[1:], start=1)
        if (place < 3 and one.ks < 0.1) or one.name == "power_law"
    )


def _objection(one, evidence, max_ks):
    """Why a fit is not good enough; None if it is."""
    if one.ks > max_ks:
        return f"KS {one.ks:.3g} > {max_ks:g}"
    made = one.made
    values = np.array([x for p, x in evidence.quantiles.items() if p < _LAST_PERCENTILE])
    shares = np.array([p for p in evidence.quantiles if p < _LAST_PERCENTILE])
    if values.size:
        fitted = made.ppf(shares)
        fitted = np.floor(fitted) if one.discrete else fitted
        # One unit is the resolution of a count: 3 instead of 2 is no 50 % error.
        error = np.abs(fitted - values) / np.maximum(np.abs(values), 1.0)
        allowed = np.maximum(
            MAX_PERCENTILE_ERROR, (1.0 if one.discrete else 0.0) / np.maximum(np.abs(values), 1.0)
        )
        if np.any(error > allowed):
            worst = int(np.argmax(error - allowed))
            return f"p{100 * shares[worst]:g} off by {100 * error[worst]:.0f} %"
    if evidence.mean:
        error = abs(binned.mean_of(made) - evidence.mean) / abs(evidence.mean)
        if not error <= MAX_MEAN_ERROR:
            return f"mean off by {min(100 * error, 999):.0f} %"
    return None


def _empirical(evidence, alternatives, reason):
    x, cdf = empirical.spline(evidence)
    known_x, known_share = evidence.known_share
    found = np.interp(known_x, x, cdf)
    distance = float(np.max(np.abs(found - known_share))) if known_x.size else 0.0
    fit = binned.Fit(
        name="empirical",
        parameters={"knots": len(x)},
        lower=None,
        upper=None,
        discrete=evidence.discrete,
        ks=distance,
        form=("empirical", {"x": x.tolist(), "cdf": cdf.tolist()}),
        n=evidence.n,
    )
    return Choice(fit, alternatives, reason)
