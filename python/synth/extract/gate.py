"""The last look at the rows before they become a pack.

dbt's tests have passed by then; this holds without trusting them.
"""

from synth.errors import GateFailed
from synth.pack.model import probability

_CELLS = ("bucket", "category", "hour", "weekday")


def check(rows, k):
    """Refuse rows that lack support.

    Parameters
    ----------
    rows : iterable of ShapeRow
    k : int
        People that must stand behind a cell.

    Raises
    ------
    GateFailed
        Counts by metric; never a value.
    """
    thin = {}
    for row in rows:
        if not row.is_suppressed and not _is_supported(row, k):
            name = f"{row.entity}.{row.metric}"
            thin[name] = thin.get(name, 0) + 1
    if thin:
        shown = ", ".join(f"{name} ({count})" for name, count in sorted(thin.items())[:5])
        raise GateFailed(
            f"{sum(thin.values())} cells have fewer than {k} people behind them: {shown}",
            hint="nothing was exported; the shape models must merge or suppress them",
            n_cells=sum(thin.values()),
        )


def _is_supported(row, k):
    if row.kind in _CELLS and not row.n_rows:
        # Nobody is in an empty cell.
        return True
    if row.n_people is None or row.n_people < k:
        return False
    if row.kind == "quantile" and row.label != "max":
        p = probability(row.label)
        return row.n_rows * min(p, 1 - p) >= k
    return True
