"""What became of each part of the spec, for the spec itself and for people."""

from dataclasses import dataclass, field

from synth.fit.choose import choose
from synth.fit.empirical import spline
from synth.spec.model import Categorical, Quantity

# Sub-knots of joint histograms: there are hundreds, and each is one class of many.
JOINT_RATIO = 1.6


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes
    ----------
    path : str
        Place in the spec.
    source : str
        ``fitted``, ``derived`` (it follows from other figures of the pack), ``default`` or
        ``absent`` (the pack says there are none).
    evidence : str
        What it was fitted from.
    choice : str
        Distribution.
    parameters : dict
    standard_errors, intervals : dict
        Per parameter, where known; intervals of 95 %.
    ks, n : float or None
    reason : str
    segment : str
        Of the place, where there are several.
    alternatives : tuple of Fit
        What else was fitted.
    """

    path: str
    source: str
    evidence: str = ""
    choice: str = ""
    parameters: dict = field(default_factory=dict)
    standard_errors: dict = field(default_factory=dict)
    intervals: dict = field(default_factory=dict)
    ks: float | None = None
    n: float | None = None
    reason: str = ""
    segment: str = ""
    alternatives: tuple = ()

    @property
    def name(self):
        """Path and segment."""
        return f"{self.path}.{self.segment}" if self.segment else self.path


class Ledger:
    """Fits quantities and keeps the book.

    Parameters
    ----------
    max_ks : float
        A parametric fit must be at least this close.
    """

    def __init__(self, max_ks):
        self.max_ks = max_ks
        self.lines = []
        self.notes = []
        # For the page of fits: name, evidence, what was chosen, what was not.
        self.fits = []

    def paths(self, *sources):
        """Paths of the spec with one of these sources, in order, without segments."""
        return tuple(dict.fromkeys(line.path for line in self.lines if line.source in sources))

    def default(self, path, value, reason="not in the pack"):
        """Take a value from the default spec."""
        self.lines.append(Line(path, "default", reason=reason))
        return value

    def derived(self, path, evidence, reason):
        """Take a distribution that follows from others."""
        self.lines.append(Line(path, "derived", evidence, "empirical", reason=reason))

    def absent(self, path, reason):
        """The pack says that there is nothing of this kind."""
        self.lines.append(Line(path, "absent", reason=reason))

    def figure(self, path, value, evidence, *, source="fitted"):
        """Take a plain number."""
        shown = {path.rpartition(".")[2]: value} if isinstance(value, int | float) else {}
        self.lines.append(Line(path, source, evidence, "number", shown))
        return value

    def mix(self, path, shares, evidence, *, n=None, source="fitted"):
        """Take shares of labels, scaled to sum to 1."""
        total = sum(shares.values())
        labels, weights = tuple(shares), tuple(value / total for value in shares.values())
        parameters = dict(zip(labels, weights, strict=True))
        self.lines.append(Line(path, source, evidence, "categorical", parameters, n=n))
        return Categorical(labels, weights, {"ks": None, "n": n} if n else None)

    def fit(self, path, evidence, families, *, segment=None):
        """Fit one quantity, parametric families first.

        Parameters
        ----------
        path : str
            Place in the spec.
        evidence : synth.fit.evidence.Evidence
            Not empty.
        families : sequence of str
        segment : str, optional
            Shown behind the path.

        Returns
        -------
        Quantity
        """
        choice = choose(evidence, families, max_ks=self.max_ks)
        fit = choice.fit
        self.lines.append(
            Line(
                path=path,
                source="fitted",
                evidence=described(evidence),
                choice=fit.name,
                parameters=fit.parameters,
                standard_errors=fit.standard_errors,
                intervals=fit.intervals,
                ks=fit.ks,
                n=fit.n,
                reason=choice.reason,
                segment="" if segment in (None, "all") else segment,
                alternatives=choice.alternatives,
            )
        )
        self.fits.append((self.lines[-1].name, evidence, fit, choice.alternatives))
        return _quantity(choice, evidence)

    def joint(self, path, evidences):
        """Fit many small histograms to knots; one line for all of them.

        Parameters
        ----------
        path : str
        evidences : dict
            Segment to evidence, none empty.

        Returns
        -------
        dict
            Segment to quantity.
        """
        found = {key: knots(evidence) for key, evidence in evidences.items()}
        n = sum(evidence.n or 0 for evidence in evidences.values())
        self.lines.append(
            Line(
                path=path,
                source="fitted",
                evidence="joint histograms",
                choice="empirical",
                parameters={"segments": len(found)},
                n=n or None,
            )
        )
        return found


def knots(evidence):
    """Empirical quantity without parametric attempts.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Quantity
    """
    x, cdf = spline(evidence, ratio=JOINT_RATIO)
    return Quantity(
        "empirical",
        {"x": x.tolist(), "cdf": cdf.tolist()},
        discrete=evidence.discrete,
        goodness_of_fit={"ks": 0.0, "n": evidence.n} if evidence.n else None,
    )


def described(evidence):
    """What there was to fit to, in words."""
    parts = []
    if evidence.edges is not None:
        parts.append(f"histogram of {evidence.counts.size}")
    if evidence.quantiles:
        parts.append(f"{len(evidence.quantiles)} percentiles")
    if evidence.mean is not None:
        parts.append("mean")
    return " + ".join(parts)


def _quantity(choice, evidence):
    from synth.fit.binned import ratio_alpha

    observed = {f"p{100 * p:g}": value for p, value in evidence.quantiles.items()}
    observed |= {"max": evidence.top, "mean": evidence.mean}
    observed["ratio_alpha"] = ratio_alpha(evidence.quantiles)
    fit = choice.fit
    name, parameters = fit.form
    return Quantity(
        distribution=name,
        parameters=parameters,
        lower=fit.lower,
        upper=fit.upper,
        discrete=fit.discrete,
        goodness_of_fit=goodness(fit),
        observed={key: value for key, value in observed.items() if value is not None},
        alternatives=[_alternative(one) for one in choice.alternatives],
        reason=choice.reason,
    )


def _alternative(fit):
    name, parameters = fit.form
    return {
        "distribution": name,
        "parameters": parameters,
        "lower": fit.lower,
        "upper": fit.upper,
        "goodness_of_fit": goodness(fit),
    }


def goodness(fit):
    """Goodness of fit as a spec has it.

    Parameters
    ----------
    fit : synth.fit.binned.Fit

    Returns
    -------
    dict
    """
    return {
        "ks": fit.ks,
        "n": fit.n,
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
        "standard_errors": fit.standard_errors,
        "intervals": fit.intervals,
    }
