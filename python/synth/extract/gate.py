"""The last look at the rows before they become a pack.

dbt's tests have passed by then; this holds without trusting them.
"""

from collections.abc import Iterable

from synth.errors import GateFailed
from synth.pack.model import ShapeRow, probability

_CELLS = ("bucket", "category", "hour", "weekday")


def check(rows, k, is_private=False):
    """Refuse rows that lack support.

    Parameters
    ----------
    rows : iterable of ShapeRow
    k : int
        People that must stand behind a cell.
    is_private : bool
        The release is by ``dp``: nothing is told of people, and cells have `k` noisy rows.

    Raises
    ------
    GateFailed
        Counts by metric, never a value; or everything is suppressed.
    """
    rows = list(rows)
    if all(row.is_suppressed for row in rows):
        raise GateFailed(
            f"too few people: nothing in the window has {k} of them behind it",
            hint="nothing was exported; choose a longer --window-days",
        )
    thin = {}
    for row in rows:
        if rule(row, k, is_private) is None:
            name = f"{row.entity}.{row.metric}"
            thin[name] = thin.get(name, 0) + 1
    if thin:
        shown = ", ".join(f"{name} ({count})" for name, count in sorted(thin.items())[:5])
        raise GateFailed(
            f"{sum(thin.values())} cells have fewer than {k} people behind them: {shown}",
            hint="nothing was exported; the shape models must merge or suppress them",
            n_cells=sum(thin.values()),
        )


def check_shares(rows: Iterable[ShapeRow], shares: Iterable[float | None], limit: float) -> None:
    """Refuse cells of which one person holds more than the limit.

    Parameters
    ----------
    rows : iterable of ShapeRow
    shares : iterable of float or None
        Of the busiest person, for each row; None where it is not measured.
    limit : float
        ``vars.dominance_limit``.

    Raises
    ------
    GateFailed
        Counts only.
    """
    n_cells = sum(
        share is not None and share > limit and not row.is_suppressed
        for row, share in zip(rows, shares, strict=True)
    )
    if n_cells:
        raise GateFailed(
            f"in {n_cells} cells one person holds more than {limit:g} of the rows",
            hint="nothing was exported; the shape models must merge or suppress them",
            n_cells=n_cells,
        )


def rule(row, k, is_private=False):
    """Rule that lets a row leave.

    Parameters
    ----------
    row : ShapeRow
    k : int
    is_private : bool

    Returns
    -------
    str or None
        None where none does.
    """
    if row.is_suppressed:
        return "suppressed"
    if row.kind in _CELLS and not row.n_rows:
        return "empty: nobody is in it"
    if is_private:
        return _private_rule(row, k)
    if row.n_people is None or row.n_people < k:
        return None
    if row.kind != "quantile":
        listed = ", label in the vocabulary" if row.kind == "category" else ""
        return f"at least {k} people{listed}"
    if row.label == "max":
        return f"at least {k} people, top-coded to a bucket's edge"
    p = probability(row.label)
    if row.n_rows * min(p, 1 - p) < k:
        return None
    return (
        f"at least {k} people, {k} observations on either side; exact where it cuts its bucket in "
        f"such parts, else read off the bucket"
    )


def _private_rule(row, k):
    if row.n_people is not None:
        return None
    if row.kind in ("hour", "weekday"):
        return "noise by dp, in a block of hours that stands out of it"
    p = probability(row.label) if row.kind == "quantile" else None
    if row.n_rows is None or row.n_rows * (1 if p is None else min(p, 1 - p)) < k:
        return None
    return f"noise by dp, at least {k} noisy rows" + (" on either side" if p is not None else "")
