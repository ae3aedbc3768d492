"""Weekly profile: 168 rates of mean 1 from shares of messages."""

from datetime import date, timedelta

import numpy as np

# Messages that weigh as much as the product of hour and weekday does.
_PRIOR = 20.0


def weekly_profile(hour_of_week, hour_of_day, day_of_week, *, window, default, n=None):
    """Rates of the hours of the week.

    Parameters
    ----------
    hour_of_week, hour_of_day, day_of_week : list of float or None
        Shares of messages: 168, 24 and 7 of them, Monday first.
    window : synth.spec.model.Window
        Says how often each weekday occurs: in 30 days two of them occur five times.
    default : sequence of float, 168
        Supplies the margin that is missing.
    n : float, optional
        Messages behind the shares: hours with few are drawn towards the product of their hour
        of the day and their weekday.

    Returns
    -------
    rates : tuple of float or None
        Mean 1; None where nothing usable was given.
    evidence : str
        What they come from.
    """
    days = occurrences(window)
    if hour_of_week is not None and None in hour_of_week:
        hour_of_week = _filled(hour_of_week)
    if _usable(hour_of_week, 168):
        shares = np.reshape(np.asarray(hour_of_week, dtype=float), (7, 24))
        smooth = _smoothed(shares / shares.sum(), n)
        evidence = "hour of week"
        if n and 0.1 * n < _PRIOR * 168:
            evidence += f", smoothed ({n / 168:,.0f} messages an hour)"
        return _scaled(_per_occurrence(smooth, days)), evidence
    known_hours, known_days = _usable(hour_of_day, 24), _usable(day_of_week, 7)
    if not known_hours and not known_days:
        return None, ""
    fallback = np.reshape(np.asarray(default, dtype=float), (7, 24))
    hours = np.asarray(hour_of_day, dtype=float) if known_hours else fallback.sum(axis=0)
    week = fallback.sum(axis=1)
    if known_days:
        week = _per_occurrence(np.asarray(day_of_week, dtype=float)[:, None], days)[:, 0]
    names = [name for name, known in (("hour", known_hours), ("weekday", known_days)) if known]
    return _scaled(np.outer(week, hours)), " x ".join(names)


def _filled(hours):
    """Shares with the missing ones filled in by the margins of the others; None if too few."""
    week = np.array([np.nan if one is None else one for one in hours], dtype=float)
    if week.size != 168 or np.isnan(week).sum() > 84:
        return None
    week = week.reshape(7, 24)
    known = ~np.isnan(week)
    if not known.any(axis=0).all() or not known.any(axis=1).all():
        return None
    hour, day = np.nanmean(week, axis=0), np.nanmean(week, axis=1)
    product = np.outer(day, hour) / max(np.nanmean(week), 1e-300)
    return np.where(known, week, product).reshape(-1).tolist()


def _smoothed(shares, n):
    """Shares drawn towards the product of their margins, the more the fewer messages."""
    if not n:
        return shares
    product = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    expected = product * n
    weight = expected / (expected + _PRIOR)
    return weight * shares + (1.0 - weight) * product


def _per_occurrence(shares, days):
    """Divide shares, a row for each weekday, by how often the day occurs."""
    seen = days > 0
    if not shares[seen].sum() > 0:
        # Messages on other days than the window's: the window is wrong, the shares stand.
        return shares
    rates = shares / np.maximum(days, 1)[:, None]
    # A weekday outside of a short window is unknown, not silent.
    rates[~seen] = rates[seen].mean(axis=0)
    return rates


def occurrences(window):
    """How often each weekday occurs in the window, Monday first.

    Parameters
    ----------
    window : synth.spec.model.Window

    Returns
    -------
    ndarray, shape (7,)
    """
    weeks, rest = divmod(window.days, 7)
    found = np.full(7, weeks)
    last = date.fromisoformat(window.end)
    for back in range(rest):
        found[(last - timedelta(days=back)).weekday()] += 1
    return found


def _usable(shares, length):
    if shares is None or len(shares) != length or None in shares:
        return False
    values = np.asarray(shares, dtype=float)
    return bool(np.all(np.isfinite(values)) and np.all(values >= 0) and values.sum() > 0)


def _scaled(rates):
    flat = rates.reshape(-1)
    return tuple((flat / flat.mean()).tolist())
