"""The small drawing in each row of the checks: effect, margin and noise floor on one scale."""

from dataclasses import dataclass

_WIDTH = 150
# The margin stands at two fifths, so that twice and more than twice the margin still fit.
_MARGIN_AT = 0.4 * _WIDTH


@dataclass(frozen=True)
class Bullet:
    """Positions in a drawing 150 wide.

    Attributes
    ----------
    size, margin, noise : float
        Where effect, margin and noise floor lie; ``size`` is capped at the right end.
    is_capped : bool
    lower, upper : float or None
        Confidence bounds of the effect.
    label : str
        The same in words.
    """

    size: float
    margin: float
    noise: float
    is_capped: bool
    lower: float | None
    upper: float | None
    label: str


def bullet(check, amount):
    """Place a check's figures.

    Parameters
    ----------
    check : synth.report.evidence.Check
    amount : callable
        Words of a figure of the check.

    Returns
    -------
    Bullet or None
        None where nothing was measured.
    """
    if check.ratio is None:
        return None

    def place(value):
        return round(min(max(value / check.margin * _MARGIN_AT, 0), _WIDTH), 1)

    words = f"effect {amount(check, check.effect)}, margin {amount(check, check.margin)}"
    if check.noise:
        words += f", noise floor {amount(check, check.noise)}"
    return Bullet(
        size=max(place(check.effect), 1.5),
        margin=_MARGIN_AT,
        noise=place(check.noise or 0),
        is_capped=check.effect / check.margin * _MARGIN_AT > _WIDTH,
        lower=None if check.lower is None else place(check.lower),
        upper=None if check.upper is None else place(check.upper),
        label=words,
    )
