"""By which rule the figures of a pack were released, and with which parameters.

A pack, its manifest and the ledger of past packs hold the same words: `perturbed` with the largest
noise of a cell and its variance, or `dp` with its guarantee in exact fractions. Packs of before
there were rules hold none: their counts are exact.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from synth.errors import BadInput
from synth.release import budget

EXACT, PERTURBED, DP = "exact", "perturbed", "dp"
# What a release may be made by; exact counts leave no more.
RULES = (PERTURBED, DP)
LARGEST_NOISE = 7
VARIANCE = 5
UNIT = "person"
_KEYS = ("rule", "largest_noise", "variance", "epsilon", "delta", "rho", "unit")

_NUMBER = re.compile(r"[0-9]{1,12}(?:[.][0-9]{1,12})?|[0-9]{1,12}/[0-9]{1,12}")
# Whoever writes a larger one wants no guarantee; a smaller one leaves no figure.
_LEAST, _MOST = Fraction(1, 1000), Fraction(100)
# So that a fraction in a pack has no room for anything else.
_LARGEST_DENOMINATOR = 10**4
# Another version of the formula may give another last digit.
_RHO_TOLERANCE = Fraction(1, 100)
_RATIO = "^[1-9][0-9]{0,15}/[1-9][0-9]{0,15}$"


def perturbed() -> dict:
    """The rule of a pack whose cells have noise of limited size."""
    return {"rule": PERTURBED, "largest_noise": LARGEST_NOISE, "variance": VARIANCE}


def private(epsilon: Fraction, delta: Fraction = budget.DELTA) -> dict:
    """The rule of a pack that is differentially private.

    Parameters
    ----------
    epsilon
        What one person, added or removed, changes at most.
    delta
        Chance that it changes more.

    Returns
    -------
    dict
        ``rho`` is the zero-concentrated form of the guarantee, which the noise is drawn by.
    """
    return {
        "rule": DP,
        "epsilon": told(epsilon),
        "delta": told(delta),
        "rho": told(budget.rho_of(epsilon, delta)),
        "unit": UNIT,
    }


def told(value: Fraction) -> str:
    """An exact fraction as text, numerator and denominator: ``1/1``."""
    return f"{value.numerator}/{value.denominator}"


def as_epsilon(text: object, name: str, *, most: Fraction = _MOST) -> Fraction:
    """Read an epsilon exactly, as people write it: ``1``, ``0.25`` or ``1/3``.

    Parameters
    ----------
    text : object
        As given; a number of YAML counts as its digits.
    name : str
        Starts the error message.
    most : fractions.Fraction, optional

    Raises
    ------
    BadInput
        Nothing of that kind: negative, zero, subnormal, infinite, no number, or too fine.
    """
    found = str(text)
    try:
        value = Fraction(found) if found.isascii() and _NUMBER.fullmatch(found) else None
    except ZeroDivisionError:
        value = None
    if value is None or not _LEAST <= value <= most or value.denominator > _LARGEST_DENOMINATOR:
        raise BadInput(
            f"{name}: expected a decimal or a fraction from {_LEAST} to {most} whose denominator "
            f"is at most {_LARGEST_DENOMINATOR}, such as 1, 0.25 or 1/3"
        )
    return value


def of(privacy: dict | None) -> dict:
    """The rule in the ``privacy`` of a pack or manifest; exact counts where there is none."""
    return (privacy or {}).get("release") or {"rule": EXACT}


def ordered(release: Mapping) -> dict:
    """A rule with its keys as they are written, so that their order says nothing."""
    return {name: release[name] for name in _KEYS if name in release}


def words(release: dict) -> str:
    """A rule as people read it."""
    if release["rule"] == PERTURBED:
        return (
            f"perturbed: noise of at most {release['largest_noise']} in every cell, "
            f"variance {release['variance']}"
        )
    if release["rule"] == DP:
        return (
            f"dp: epsilon {Fraction(release['epsilon'])}, delta {release['delta']}, "
            f"for one {release['unit']} added or removed"
        )
    return "exact: counts without noise, of a version before there were release rules"


def has_form(release: object) -> bool:
    """Whether a rule is of the form that `synth extract` writes: fractions in lowest terms.

    The ledger asks no more: its rows outlive the formula that gave their rho.
    """
    if not isinstance(release, dict) or not _validator().is_valid(release):
        return False
    if release["rule"] == PERTURBED:
        return type(release["variance"]) is int and type(release["largest_noise"]) is int
    try:
        as_epsilon(release["epsilon"], "epsilon")
    except BadInput:
        return False
    ratios = [release[name] for name in ("epsilon", "delta", "rho")]
    return all(told(Fraction(ratio)) == ratio for ratio in ratios)


def is_written(release: object) -> bool:
    """Whether a rule is one that `synth extract` writes: its rho follows from the guarantee."""
    if not has_form(release):
        return False
    if release["rule"] == PERTURBED:
        return True
    rho = Fraction(release["rho"])
    try:
        expected = budget.rho_of(Fraction(release["epsilon"]), Fraction(release["delta"]))
    except BadInput:
        return False
    return abs(rho - expected) <= _RHO_TOLERANCE * expected


def texts(document: object) -> frozenset[str]:
    """Fractions that a pack or manifest holds on purpose: a scan takes them as declared."""
    privacy = document.get("privacy") if isinstance(document, dict) else None
    release = privacy.get("release") if isinstance(privacy, dict) else None
    if not is_written(release):
        return frozenset()
    return frozenset(value for value in release.values() if isinstance(value, str))


def schema() -> dict:
    """JSON Schema of a rule, for the schemas of pack and manifest."""
    count = {"type": "integer", "minimum": 1, "maximum": 1000}
    ratio = {"type": "string", "pattern": _RATIO}
    noisy = {"rule": {"const": PERTURBED}, "largest_noise": count, "variance": count}
    private_one = {
        "rule": {"const": DP},
        "epsilon": ratio,
        "delta": {"type": "string", "pattern": "^1/10{2,12}$"},
        "rho": ratio,
        "unit": {"const": UNIT},
    }
    return {
        "description": "By which rule the figures were released; packs without it are exact.",
        "type": "object",
        "additionalProperties": False,
        # In the order in which they are written.
        "properties": {name: {} for name in _KEYS},
        "if": {"required": ["epsilon"]},
        "then": _closed(private_one),
        "else": _closed(noisy),
    }


def _closed(properties: dict) -> dict:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


@lru_cache(maxsize=1)
def _validator() -> object:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema())
