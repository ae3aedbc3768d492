"""How much one source may still tell: packs of one time, and the budget of a guarantee.

Noise that is drawn anew for every window averages out, so packs of one time are counted. A
guarantee adds up over all packs that were made under it, whatever their windows: sequential
composition over the whole source is the coarsest sum, and holds without a word on who is in which.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from synth import dbt
from synth.errors import BadInput
from synth.extract import ledger
from synth.pack import rule

Window = tuple[datetime, datetime]

# What the build makes of a moment goes through a double.
_ROUNDING = timedelta(milliseconds=1)
# Nobody reads a longer list.
_SHOWN = 10
_MOST_BUDGET = Fraction(10_000)


def asked(target: str, name: str | None = None, epsilon: Fraction | None = None) -> dict:
    """The rule of a new release: what the command line says, else the project.

    Parameters
    ----------
    target : str
        Name of a boundary target.
    name : str, optional
        ``perturbed`` or ``dp``.
    epsilon : fractions.Fraction, optional
        Of ``dp``.

    Returns
    -------
    dict
        See `synth.pack.rule`.

    Raises
    ------
    BadInput
        No such rule, ``dp`` without an epsilon, or an epsilon without ``dp``.
    """
    name = name or dbt.variable("release", target) or rule.PERTURBED
    if name not in rule.RULES:
        raise BadInput(
            f"vars.release: expected {' or '.join(rule.RULES)}", hint="correct dbt_project.yml"
        )
    if name == rule.PERTURBED:
        if epsilon is not None:
            raise BadInput(
                "--epsilon belongs to a release by dp, and this one is perturbed",
                hint="add --release dp, or leave --epsilon out",
            )
        return rule.perturbed()
    if epsilon is None:
        found = dbt.variable("epsilon", target)
        if found is None:
            raise BadInput(
                "a release by dp needs an epsilon", hint="--epsilon, or vars.epsilon of the project"
            )
        epsilon = rule.as_epsilon(found, "vars.epsilon")
    return rule.private(epsilon)


def variables(release: dict) -> dict:
    """Vars of dbt that a rule is built by."""
    found = {"release": release["rule"]}
    return found | ({"epsilon": release["epsilon"]} if release["rule"] == rule.DP else {})


@dataclass(frozen=True)
class Budget:
    """The guarantee of a source: what all its packs may spend, have spent, and what one costs.

    Attributes
    ----------
    total, spent, cost : fractions.Fraction
        Epsilons.
    n_packs : int
        That spent.
    """

    total: Fraction
    spent: Fraction
    cost: Fraction
    n_packs: int

    @property
    def left(self) -> Fraction:
        """What is left before this pack."""
        return max(self.total - self.spent, Fraction(0))

    @property
    def is_enough(self) -> bool:
        """Whether this pack may be released; a budget may be spent to the end."""
        return self.spent + self.cost <= self.total

    def words(self) -> str:
        """One line: spent, cost, left."""
        after = f"{self.left - self.cost} would be left" if self.is_enough else "it is refused"
        return (
            f"of the budget of epsilon {self.total} of this source {self.n_packs} pack(s) by dp "
            f"spent {self.spent}, so {self.left} is left; this one costs {self.cost}: {after}"
        )


def budget(release: dict, earlier: Iterable[ledger.Entry]) -> Budget | None:
    """Where the budget of a source stands; None for a rule that has none.

    Parameters
    ----------
    release : dict
    earlier : iterable of synth.extract.ledger.Entry
        All packs of the source; one that was never finished was spent, too.

    Raises
    ------
    BadInput
        ``vars.dp_budget`` is not given, or is none.
    """
    if release["rule"] != rule.DP:
        return None
    total = dbt.variable("dp_budget")
    if total is None:
        raise BadInput(
            "a release by dp needs a budget: what all packs of this source may spend together",
            hint="set vars.dp_budget in dbt_project.yml, a decision for good: what was spent stays",
        )
    spent = [one.epsilon for one in earlier if one.mechanism == rule.DP]
    return Budget(
        total=rule.as_epsilon(total, "vars.dp_budget", most=_MOST_BUDGET),
        spent=sum(spent, Fraction(0)),
        cost=Fraction(release["epsilon"]),
        n_packs=len(spent),
    )


def packs_at_once() -> int:
    """``vars.overlapping_packs``: packs that one moment of a source may lie in.

    Raises
    ------
    BadInput
    """
    found = dbt.variable("overlapping_packs")
    if type(found) is not int or found < 1:
        raise BadInput(
            "vars.overlapping_packs: expected a whole number of at least 1",
            hint="correct dbt_project.yml",
        )
    return found


@dataclass(frozen=True)
class Crowd:
    """Packs that lie over one day already, as many as may.

    Attributes
    ----------
    day : datetime.date
        The first, UTC.
    packs : list of synth.extract.ledger.Entry
        Different ones; the same pack extracted twice is one.
    """

    day: date
    packs: list

    def words(self, limit: int) -> str:
        """One line that names day and packs."""
        shown = [one.pack_sha256[:12] for one in self.packs[-_SHOWN:]]
        more = f" and {len(self.packs) - _SHOWN} more" if len(self.packs) > _SHOWN else ""
        return (
            f"{len(self.packs)} packs of this source hold {self.day} already, and "
            f"vars.overlapping_packs allows {limit}: {', '.join(shown)}{more}; each has noise of "
            "its own, and the mean of many has little"
        )


def crowd(
    window: Window, content_sha256: str, earlier: Sequence[ledger.Entry], limit: int
) -> Crowd | None:
    """The first day that would lie in more packs than may, if there is one.

    Parameters
    ----------
    window : tuple of datetime.datetime
        Start and end of the new pack.
    content_sha256 : str
        Of the new pack: one that is known tells nothing new.
    earlier : sequence of synth.extract.ledger.Entry
        Of the source, exact ones left out.
    limit : int
    """
    known: dict[str, list] = {}
    for one in earlier:
        same = known.setdefault(one.content_sha256, [])
        if not any(is_same_time(span(one), span(other)) for other in same):
            same.append(one)
    met = [one for same in known.values() for one in same if meet(window, span(one))]
    is_known = any(
        is_same_time(window, span(one)) and content_sha256 == one.content_sha256 for one in met
    )
    begin = window[0]
    for moment in sorted({max(begin, one.window_start) for one in met}):
        # A window of a single moment is one, too.
        here = [one for one in met if meet((moment, moment), span(one))]
        if len(here) + (not is_known) > limit:
            return Crowd(moment.astimezone(UTC).date(), here)
    return None


def span(entry: ledger.Entry) -> Window:
    """Window of a row."""
    return entry.window_start, entry.window_end


def meet(window: Window, other: Window) -> bool:
    """Whether two windows share time; those that follow each other do not."""
    (begin, end), (other_begin, other_end) = (
        # A window of a single moment is one, too.
        (begin, max(end, begin + timedelta(microseconds=1)))
        for begin, end in (window, other)
    )
    return begin < other_end and other_begin < end


def is_same_time(window: Window, other: Window) -> bool:
    """Whether two windows are one, but for rounding."""
    return all(abs(one - another) <= _ROUNDING for one, another in zip(window, other, strict=True))
