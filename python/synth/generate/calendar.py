"""Wall time and activity time: a week in which busy hours last longer.

All of it is whole milliseconds, and only additions and multiplications, so that every server
and platform agree to the bit.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

HOUR_MS = 3_600_000
WEEK_MS = 168 * HOUR_MS
EPOCH = datetime(1970, 1, 5, tzinfo=UTC)
EPOCH_MS = int(EPOCH.timestamp() * 1000)
LEAST_RATE = 0.02


@dataclass(frozen=True)
class Calendar:
    """A window and its weekly profile.

    Attributes
    ----------
    start_ms, end_ms : int
        Window, milliseconds since 1970-01-01 UTC; the end is excluded.
    edges : ndarray, shape (168,)
        Activity time at the beginning of each hour of the week, ms.
    slopes : ndarray, shape (168,)
        Wall milliseconds per activity millisecond in each hour.
    origin_activity_ms, window_activity_ms : int
        Activity time at the start of the window, and its length.
    """

    start_ms: int
    end_ms: int
    edges: np.ndarray
    slopes: np.ndarray
    origin_activity_ms: int
    window_activity_ms: int

    def parameters(self):
        """Query parameters of every statement that turns activity time into wall time."""
        return {
            "epoch_ms": EPOCH_MS,
            "origin_activity_ms": self.origin_activity_ms,
            "window_activity_ms": self.window_activity_ms,
            "profile_edges": self.edges.tolist(),
            "profile_slopes": self.slopes.tolist(),
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
        }

    def wall_ms(self, activity_ms):
        """Wall time of an activity time, as the server computes it.

        Parameters
        ----------
        activity_ms : int

        Returns
        -------
        int
        """
        week, rest = divmod(int(activity_ms), WEEK_MS)
        hour = int(np.searchsorted(self.edges, rest, side="right")) - 1
        inside = int(np.floor((rest - self.edges[hour]) * self.slopes[hour]))
        return EPOCH_MS + week * WEEK_MS + hour * HOUR_MS + inside


def build(window, weekly_profile, exponent):
    """Make the calendar of a spec.

    Parameters
    ----------
    window : synth.spec.model.Window
    weekly_profile : sequence of float, length 168
        Rates of mean 1 from Monday 00:00 UTC.
    exponent : float
        Power the profile is raised to before it warps time.

    Returns
    -------
    Calendar
    """
    end = datetime.combine(
        date.fromisoformat(str(window.end)[:10]) + timedelta(days=1), time(), tzinfo=UTC
    )
    start = end - timedelta(days=int(window.days))
    rate = np.maximum(np.asarray(weekly_profile, dtype=np.float64), LEAST_RATE) ** exponent
    cumulative = np.round(np.concatenate(([0.0], np.cumsum(rate))) / rate.sum() * WEEK_MS)
    edges, lengths = cumulative[:-1], np.diff(cumulative)
    slopes = HOUR_MS / lengths

    def activity(moment):
        week, rest = divmod(int(moment.timestamp() * 1000) - EPOCH_MS, WEEK_MS)
        hour, inside = divmod(rest, HOUR_MS)
        return int(week * WEEK_MS + edges[hour] + inside * lengths[hour] // HOUR_MS)

    origin = activity(start)
    return Calendar(
        int(start.timestamp() * 1000),
        int(end.timestamp() * 1000),
        edges,
        slopes,
        origin,
        activity(end) - origin,
    )
