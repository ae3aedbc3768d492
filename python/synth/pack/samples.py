"""How many observations stand behind a metric, where a pack does not say so itself.

A pack gives counts only for totals and histograms; the rest are shares of a known whole.
"""

from synth.catalogue import ALL

# metric: the whole it is a share or a figure of.
_WHOLE = {
    ("users", "username_length"): "users",
    ("users", "profile_completeness"): "users",
    ("users", "device_mix"): "users",
    ("users", "silent_share"): "users",
    ("users", "unattached_share"): "users",
    ("users", "messages_per_user"): "active_users",
    ("users", "conversations_per_user"): "attached_users",
    ("conversations", "type_distribution"): "conversations",
    ("conversations", "size_mix"): "conversations",
    ("conversations", "member_count"): "conversations",
    ("conversations", "empty_share"): "conversations",
    ("conversations", "messages_per_conversation"): "non_empty",
    ("conversations", "concentration"): "non_empty",
    ("conversations", "heavy_share"): "non_empty",
    ("conversations", "distinct_senders"): "non_empty",
    ("conversations", "sender_dominance"): "non_empty",
    ("conversations", "lifetime"): "non_empty",
    ("conversations", "recency"): "non_empty",
    ("conversations", "start_position"): "non_empty",
    ("messages", "type_distribution"): "messages",
    ("messages", "media_ratio"): "messages",
    ("messages", "content_length"): "messages",
    ("messages", "hour_of_day"): "messages",
    ("messages", "hour_by_type"): "messages",
    ("messages", "day_of_week"): "messages",
    ("messages", "hour_of_week"): "messages",
    ("messages", "weekday_weekend_ratio"): "messages",
    ("messages", "peak_trough_ratio"): "messages",
    ("read_receipts", "read_rate"): "messages",
    ("read_receipts", "receipts_per_message"): "messages",
    ("read_receipts", "read_delay"): "read_receipts",
    ("read_receipts", "immediate_percentage"): "read_receipts",
    ("read_receipts", "near_term_percentage"): "read_receipts",
    ("read_receipts", "delayed_percentage"): "read_receipts",
    ("attachments", "type_distribution"): "attachments",
    ("attachments", "size_bytes"): "attachments",
}
# Metrics whose sample is that of another one's histogram.
_SAME_AS = {("messages", "burstiness"): ("messages", "inter_arrival")}


class Samples:
    """Sample sizes of a pack.

    Parameters
    ----------
    totals : dict
        ``{entity: total count}``.
    shares : dict
        ``{(entity, metric, segment): share}`` of ``silent_share``, ``unattached_share`` and
        ``empty_share``.
    mixes : dict
        ``{entity: {type: share}}`` of the type distributions.
    """

    def __init__(self, totals, shares, mixes):
        self._totals = totals
        self._shares = shares
        self._mixes = mixes
        self._histograms = {}

    def add_histogram(self, entity, metric, segment, count):
        """Remember a histogram's own count; it beats anything derived."""
        self._histograms[entity, metric, segment] = count

    def of(self, entity, metric, segment=ALL):
        """Observations behind a metric.

        Returns
        -------
        int or None
            None where the pack does not let it be worked out.
        """
        here = (*_SAME_AS.get((entity, metric), (entity, metric)), segment)
        if here in self._histograms:
            return self._histograms[here]
        whole = _WHOLE.get((entity, metric))
        return self._whole(whole, segment) if whole else None

    def _whole(self, whole, segment):
        if whole == "active_users":
            return self._part("users", "users", "silent_share", segment)
        if whole == "attached_users":
            return self._part("users", "users", "unattached_share", segment)
        if whole == "non_empty":
            return self._part("conversations", "conversations", "empty_share", segment)
        total = self._totals.get(whole)
        if total is None or segment == ALL:
            return total
        share = self._mixes.get(whole, {}).get(segment)
        return None if share is None else round(total * share)

    def _part(self, whole, entity, metric, segment):
        total = self._whole(whole, segment)
        left_out = self._shares.get((entity, metric, segment), 0)
        return None if total is None else round(total * (1 - left_out))
