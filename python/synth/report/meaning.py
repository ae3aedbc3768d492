"""What a measurement on the synthetic database would get wrong, for each metric that is off.

Written for whoever tunes indexes, queries and pools on it, and does not want to know statistics.
"""

_ROOM = "conversations"
_COLUMNS = "the planner's row estimates and so its choice of plan"

# (entity, metric): what is measured wrongly where the two sides differ.
MEANING = {
    ("users", "total_count"): "joins to users, and how much of their index fits the cache",
    ("users", "username_length"): "width and depth of the index on user names",
    ("users", "profile_completeness"): "width of user rows, and partial indexes on profile columns",
    ("users", "device_mix"): "filters by device; nothing else hangs on it",
    ("users", "messages_per_user"): "queries by sender: rows a heavy user's index range holds",
    ("users", "silent_share"): "look-ups that find nothing, and outer joins from users",
    ("users", "conversations_per_user"): "inbox queries: conversations one user's list has to sort",
    ("users", "unattached_share"): "inbox queries that find nothing",
    ("users", "column_distinct"): _COLUMNS + " for users",
    (_ROOM, "total_count"): "joins to conversations, and the size of every index by conversation",
    (_ROOM, "type_distribution"): "every query by type, and with it members and sizes of rooms",
    (_ROOM, "size_mix"): "the mix of cheap and costly deliveries a pool sees",
    (_ROOM, "member_count"): "fan-out: rows written and notified for one message, and pool load",
    (_ROOM, "messages_per_conversation"):
        "index scans by conversation: rows read, pages touched and cache hits of the big ones",
    (_ROOM, "empty_share"): "look-ups that find nothing, and outer joins from conversations",
    (_ROOM, "concentration"): "cache hits and contention on the hottest index pages",
    (_ROOM, "heavy_share"): "the slowest page loads: few rooms hold most of the rows read",
    (_ROOM, "distinct_senders"): "grouping by sender within a conversation",
    (_ROOM, "sender_dominance"): "composite indexes on conversation and sender",
    (_ROOM, "lifetime"): "how many heap pages a conversation is spread over: random reads",
    (_ROOM, "recency"): "inbox queries by last message: how far down the heap they reach",
    (_ROOM, "start_position"): "growth of partitions and indexes over the window",
    (_ROOM, "members_by_size"): "fan-out of the busy conversations, which a pool feels first",
    (_ROOM, "senders_by_size"): "grouping by sender in the large conversations",
    (_ROOM, "dominance_by_size_senders"): "composite indexes on conversation and sender",
    (_ROOM, "tempo"): "how close together a conversation's rows lie: pages read for a screenful",
    (_ROOM, "tempo_by_size"): "pages read for a screenful of a large conversation",
    (_ROOM, "column_distinct"): _COLUMNS + " for conversations and members",
    (_ROOM, "common_share"): "plans for the busiest users and rooms",
    ("messages", "total_count"): "sizes and times that depend on volume; scale before comparing",
    ("messages", "type_distribution"): "row width, attachments, and partial indexes by type",
    ("messages", "media_ratio"): "load on attachments, and partial indexes on media",
    ("messages", "content_length"): "table size, rows a page and what goes to TOAST",
    ("messages", "hour_of_day"): "peak load: how many connections a pool needs at once",
    ("messages", "day_of_week"): "load on the busiest day, and windows for maintenance",
    ("messages", "hour_of_week"): "peak load of the week, and windows for maintenance",
    ("messages", "hour_by_type"): "peak load of media: attachments and their indexes",
    ("messages", "weekday_weekend_ratio"): "load on the busiest day, and windows for maintenance",
    ("messages", "peak_trough_ratio"): "peak load against the quiet hours: sizing of a pool",
    ("messages", "burst_coefficient"): "bursts of writes: queueing in the pool, checkpoints, locks",
    ("messages", "inter_arrival"): "how far apart a conversation's rows lie: pages for a screenful",
    ("messages", "activity_inter_arrival"): "pages read for a screenful of a conversation",
    ("messages", "activity_gap"): "pages read for a screenful, by size of the conversation",
    ("messages", "burstiness"): "bursts of writes: queueing in the pool, contention on a page",
    ("messages", "burstiness_by_conversation"): "contention of writers on a conversation's pages",
    ("messages", "memory_coefficient"): "how long a burst lasts: warm-up and eviction of the cache",
    ("messages", "session_size"): "rows written and read together: pages for a screenful",
    ("messages", "column_distinct"): _COLUMNS + " for messages",
    ("messages", "common_share"): "plans for the busiest conversations and senders",
    ("messages", "heap_correlation"): "the cost of an index scan: pages read at random or in order",
    ("read_receipts", "total_count"): "size of the receipts table, often the largest by rows",
    ("read_receipts", "read_rate"): "writes and size of the receipts table; unread counts",
    ("read_receipts", "receipts_per_message"): "rows an index range by message holds",
    ("read_receipts", "read_delay"): "order of receipts in the heap, and writes behind a message",
    ("read_receipts", "immediate_percentage"): "bursts of receipts right behind a message",
    ("read_receipts", "near_term_percentage"): "writes of receipts in the minutes behind a message",
    ("read_receipts", "delayed_percentage"): "late updates to cold pages",
    ("read_receipts", "column_distinct"): _COLUMNS + " for read receipts",
    ("read_receipts", "common_share"): "plans for the busiest readers",
    ("read_receipts", "heap_correlation"): "the cost of an index scan over receipts",
    ("attachments", "total_count"): "size of the attachments table and joins to it",
    ("attachments", "type_distribution"): "filters by type of attachment",
    ("attachments", "size_bytes"): "sums over sizes; the rows themselves are as wide as ever",
    ("attachments", "attachments_per_media_message"): "rows an index range by message holds",
    ("attachments", "column_distinct"): _COLUMNS + " for attachments",
    ("attachments", "heap_correlation"): "the cost of an index scan over attachments",
}  # fmt: skip


def meaning(check):
    """What would be measured wrongly where a check is off.

    Parameters
    ----------
    check : synth.report.evidence.Check

    Returns
    -------
    str
        Empty for a metric nobody has described.
    """
    return MEANING.get((check.entity, check.metric), "")
