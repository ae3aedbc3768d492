"""Wall time and activity time: a week in which busy hours last longer.

All of it is whole milliseconds, and only additions and multiplications, so that every server
and platform agree to the bit.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from synth.errors import BadInput
from synth.generate.tables import Knots, through
from synth.spec.compile import settled

HOUR_MS = 3_600_000
WEEK_MS = 168 * HOUR_MS
EPOCH = datetime(1970, 1, 5, tzinfo=UTC)
EPOCH_MS = int(EPOCH.timestamp() * 1000)
LEAST_RATE = 0.02
# A window lies between these: milliseconds since 1970 stay positive, and fit a version 7 uuid.
FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(2200, 12, 31)
# Longer than any window's activity time: a table with this period never starts again.
ENDLESS_MS = 2**52


@dataclass(frozen=True)
class Calendar:
    """A window and its weekly profile.

    Attributes
    ----------
    start_ms, end_ms : int
        Window, milliseconds since 1970-01-01 UTC; the end is excluded.
    hours : synth.generate.tables.Knots
        Wall time since the table's beginning, by activity time, both in ms; a line for each hour.
    origin_activity_ms, window_activity_ms : int
        Activity time at the start of the window, and its length.
    start_hours : synth.generate.tables.Knots
        Activity time by start time: conversations begin evenly in start time, whose busy hours
        last longer still.
    origin_start_ms, window_start_ms : int
        Start time at the start of the window, and its length.
    epoch_ms : int
        Wall time at which the table begins.
    period_ms : int
        Activity time after which it begins again: a week, or never.
    """

    start_ms: int
    end_ms: int
    hours: Knots
    origin_activity_ms: int
    window_activity_ms: int
    start_hours: Knots
    origin_start_ms: int
    window_start_ms: int
    epoch_ms: int = EPOCH_MS
    period_ms: int = WEEK_MS

    def parameters(self):
        """Query parameters of every statement that turns activity time into wall time."""
        return {
            "epoch_ms": self.epoch_ms,
            "period_ms": self.period_ms,
            "origin_activity_ms": self.origin_activity_ms,
            "window_activity_ms": self.window_activity_ms,
            **self.hours.parameters("hour"),
            **self.start_hours.parameters("start_hour"),
            "origin_start_ms": self.origin_start_ms,
            "start_per_activity": self.window_start_ms / max(self.window_activity_ms, 1),
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
        }

    def wall_ms(self, activity_ms):
        """Wall time of an activity time, as the server computes it.

        Parameters
        ----------
        activity_ms : int or ndarray of int64

        Returns
        -------
        int or ndarray of int64
        """
        period, rest = np.divmod(activity_ms, self.period_ms)
        inside = np.floor(self.hours.look_up(rest)).astype(np.int64)
        return self.epoch_ms + period * self.period_ms + inside


def zone(name):
    """Look up a time zone.

    Parameters
    ----------
    name : str
        IANA name, for example ``Europe/Berlin``.

    Returns
    -------
    zoneinfo.ZoneInfo

    Raises
    ------
    BadInput
        There is no such zone.
    """
    try:
        return ZoneInfo(name)
    # A directory of zones (`Europe`) is an OSError, a path outside a ValueError.
    except (LookupError, OSError, ValueError) as error:
        raise BadInput(
            f"unknown time zone {name!r}", hint="use an IANA name such as Europe/Berlin"
        ) from error


def build(window, weekly_profile, exponent, start_exponent=1.0, time_zone="UTC"):
    """Make the calendar of a spec.

    Where the zone changes its clocks inside the window the table holds every hour of the window,
    otherwise one week.

    Parameters
    ----------
    window : synth.spec.model.Window
    weekly_profile : sequence of float, length 168
        Rates of mean 1 from Monday 00:00 local time.
    exponent : float
        Power the profile is raised to before it warps time.
    start_exponent : float
        Power it is raised to for the beginnings of conversations.
    time_zone : str
        IANA name of the zone whose local time the profile is in.

    Returns
    -------
    Calendar
    """
    place = zone(time_zone)
    try:
        end = datetime.combine(
            date.fromisoformat(str(window.end)[:10]) + timedelta(days=1), time(), tzinfo=UTC
        )
        start = end - timedelta(days=int(window.days))
        leaves = not FIRST_DAY <= start.date() <= end.date() - timedelta(days=1) <= LAST_DAY
    except (OverflowError, ValueError):
        leaves = True
    if leaves:
        raise BadInput(
            f"window: {window.days} days up to {window.end} leave {FIRST_DAY} to {LAST_DAY}",
            hint="correct window.days or window.end in the spec, or --window-days and --as-of",
        )
    profile = np.maximum(np.asarray(weekly_profile, dtype=np.float64), LEAST_RATE)
    start_ms, end_ms = (int(moment.timestamp() * 1000) for moment in (start, end))
    hours = [start + timedelta(hours=n) for n in range(int(window.days) * 24 + 1)]
    offsets = {_offset_ms(moment, place) for moment in hours}
    if len(offsets) == 1:
        epoch_ms, period_ms = EPOCH_MS - offsets.pop(), WEEK_MS
        hour_of_week = np.arange(168)
    else:
        # Cells begin with the local hour; one more at either end covers the whole window.
        epoch_ms = start_ms - _offset_ms(start, place) % HOUR_MS - HOUR_MS
        period_ms = ENDLESS_MS
        cells = epoch_ms + HOUR_MS * np.arange(len(hours) + 2)
        hour_of_week = np.array(
            [_hour_of_week(cell + HOUR_MS // 2, place) for cell in cells.tolist()]
        )
    edges, lengths = _warped(settled(profile**exponent), hour_of_week)
    start_edges, start_lengths = _warped(settled(profile**start_exponent), hour_of_week)

    def warped(moment_ms, edges, lengths):
        elapsed = moment_ms - epoch_ms
        period, rest = divmod(elapsed, WEEK_MS) if period_ms == WEEK_MS else (0, elapsed)
        hour, inside = divmod(rest, HOUR_MS)
        return int(period * WEEK_MS + edges[hour] + inside * lengths[hour] // HOUR_MS)

    origin = warped(start_ms, edges, lengths)
    origin_start = warped(start_ms, start_edges, start_lengths)
    return Calendar(
        start_ms=start_ms,
        end_ms=end_ms,
        hours=through(edges, HOUR_MS * np.arange(edges.size, dtype=float), HOUR_MS / lengths),
        origin_activity_ms=origin,
        window_activity_ms=warped(end_ms, edges, lengths) - origin,
        start_hours=through(start_edges, edges, lengths / start_lengths),
        origin_start_ms=origin_start,
        window_start_ms=warped(end_ms, start_edges, start_lengths) - origin_start,
        epoch_ms=epoch_ms,
        period_ms=period_ms,
    )


def _warped(rate, hour_of_week):
    """Warped time at the beginning of each hour, and each hour's length, whole milliseconds."""
    cumulative = np.concatenate(([0.0], np.cumsum(rate[hour_of_week])))
    # A running sum has but one order of adding, unlike `sum`.
    cumulative = np.round(cumulative / np.cumsum(rate)[-1] * WEEK_MS)
    return cumulative[:-1], np.diff(cumulative)


def _offset_ms(moment, place):
    return int(moment.astimezone(place).utcoffset().total_seconds() * 1000)


def _hour_of_week(moment_ms, place):
    local = datetime.fromtimestamp(moment_ms / 1000, tz=UTC).astimezone(place)
    return local.weekday() * 24 + local.hour
