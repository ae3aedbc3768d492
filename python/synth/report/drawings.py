"""Which figures a report draws, and what stands below each.

One list says what is drawn of which metric; a figure whose data either side lacks is left out and
named, so that a sparse pack gives a short page, not an error.
"""

import math
from dataclasses import dataclass, replace

from synth import charts
from synth.report import summary

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Where several checks on a metric end alike, the one that says most about its chart.
_TELLING = ("ks", "tvd", "cramers v", "relative share error", "absolute error")
# Half-width of a band that holds 99 of 100 honest samples.
_Z = 2.576


@dataclass(frozen=True)
class Subject:
    """A metric and the ways it is drawn."""

    title: str
    entity: str
    metric: str
    ways: tuple
    note: str = ""

    @property
    def anchor(self):
        """Target of links to its first chart."""
        return f"chart-{self.entity}-{self.metric}".replace("_", "-")


HEAP_NOTE = "Near 1 an index scan reads the pages in order, near 0 at random."
SUBJECTS = {
    "Sizes": (
        Subject("Messages per conversation", "conversations", "messages_per_conversation",
                ("histogram", "cdf", "ccdf")),
        Subject("Share of messages in the largest conversations", "conversations",
                "concentration", ("scalars",)),
        Subject("Members per conversation", "conversations", "member_count",
                ("histogram", "ccdf")),
        Subject("Size classes", "conversations", "size_mix", ("mix",)),
        Subject("Conversation types", "conversations", "type_distribution", ("mix",)),
        Subject("Distinct senders", "conversations", "distinct_senders", ("cdf",)),
        Subject("Share of the busiest sender", "conversations", "sender_dominance",
                ("histogram",)),
    ),
    "Time of week": (
        Subject("Hour of the week", "messages", "hour_of_week", ("heat",)),
        Subject("Hour of the day", "messages", "hour_of_day", ("hours",)),
        Subject("Day of the week", "messages", "day_of_week", ("days",)),
        Subject("Hour of the day by message type", "messages", "hour_by_type", ("typed_hours",)),
    ),
    "Gaps and bursts": (
        Subject("Gap between messages of a conversation", "messages", "inter_arrival",
                ("histogram", "cdf", "ccdf")),
        Subject("Gap in activity time", "messages", "activity_inter_arrival", ("histogram",)),
        Subject("Burstiness of a conversation", "messages", "burstiness_by_conversation",
                ("histogram",)),
        Subject("Tempo of a conversation (mean log gap)", "conversations", "tempo", ("cdf",)),
        Subject("Messages per session", "messages", "session_size", ("ccdf",)),
        Subject("Lifetime of a conversation", "conversations", "lifetime", ("cdf",)),
        Subject("Age of the last message", "conversations", "recency", ("cdf",)),
        Subject("Start within the window", "conversations", "start_position", ("cdf",)),
    ),
    "Messages": (
        Subject("Content length", "messages", "content_length", ("histogram", "cdf", "ccdf")),
        Subject("Message types", "messages", "type_distribution", ("mix",)),
        Subject("Attachment types", "attachments", "type_distribution", ("mix",)),
        Subject("Attachment size", "attachments", "size_bytes", ("histogram",)),
    ),
    "Receipts": (
        Subject("Delay until read", "read_receipts", "read_delay", ("histogram", "cdf")),
        Subject("Receipts per message", "read_receipts", "receipts_per_message", ("ccdf",)),
    ),
    "Indexes and heap": tuple(
        Subject(f"{title} ({entity.replace('_', ' ')})", entity, metric, ("scalars",), note)
        for metric, title, entities, note in (
            ("column_distinct", "Distinct values per row",
             ("messages", "conversations", "users", "read_receipts", "attachments"), ""),
            ("common_share", "Share of the most common values",
             ("messages", "conversations", "read_receipts"), ""),
            ("heap_correlation", "Correlation of heap and value",
             ("messages", "read_receipts", "attachments"), HEAP_NOTE),
        )
        for entity in entities
    ),
    "Users": (
        Subject("Messages per user", "users", "messages_per_user", ("cdf", "ccdf")),
        Subject("Conversations per user", "users", "conversations_per_user", ("ccdf",)),
        Subject("Username length", "users", "username_length", ("histogram",)),
        Subject("Profile completeness", "users", "profile_completeness", ("scalars",)),
        Subject("Devices", "users", "device_mix", ("mix",)),
    ),
}  # fmt: skip

_KINDS = {
    "histogram": "histogram",
    "cdf": "cumulative",
    "ccdf": "tail (log-log)",
}
_READING = {
    "histogram": "",
    "cdf": "A curve that leaves the grey band differs by more than chance would make it.",
    "ccdf": "Share of values that large or larger; a power law is a straight line.",
}
# Checks of metrics that are one figure, and the chart that shows what is behind it.
SHOWN_BY = {
    ("messages", "media_ratio"): ("messages", "type_distribution"),
    ("messages", "weekday_weekend_ratio"): ("messages", "day_of_week"),
    ("messages", "peak_trough_ratio"): ("messages", "hour_of_day"),
    ("messages", "burstiness"): ("messages", "burstiness_by_conversation"),
    ("messages", "memory_coefficient"): ("messages", "inter_arrival"),
    ("messages", "activity_gap"): ("messages", "activity_inter_arrival"),
    ("conversations", "heavy_share"): ("conversations", "concentration"),
    ("conversations", "members_by_size"): ("conversations", "member_count"),
    ("conversations", "senders_by_size"): ("conversations", "distinct_senders"),
    ("conversations", "dominance_by_size_senders"): ("conversations", "sender_dominance"),
    ("conversations", "tempo_by_size"): ("conversations", "tempo"),
    ("read_receipts", "read_rate"): ("read_receipts", "receipts_per_message"),
    ("read_receipts", "immediate_percentage"): ("read_receipts", "read_delay"),
    ("read_receipts", "near_term_percentage"): ("read_receipts", "read_delay"),
    ("read_receipts", "delayed_percentage"): ("read_receipts", "read_delay"),
}


def sections(sides):
    """Sections of charts.

    Parameters
    ----------
    sides : sequence of Side
        The first is what the others are held against.

    Returns
    -------
    list of synth.charts.Section
    """
    made = []
    for title, subjects in SUBJECTS.items():
        figures, absent = [], []
        for subject in subjects:
            drawn = [figure for way in subject.ways for figure in _draw(subject, way, sides)]
            if drawn:
                drawn[0] = replace(drawn[0], anchor=subject.anchor, badges=_badges(subject, sides))
            else:
                absent.append(subject.title.lower())
            figures += drawn
        lead = f"Not drawn, because one side does not publish it: {', '.join(absent)}."
        if figures:
            made.append(charts.Section(title, tuple(figures), lead if absent else ""))
        else:
            made.append(charts.Section(title, lead=lead))
    return made


def targets(made):
    """Anchors of the charts that were drawn, for links from the checks.

    Parameters
    ----------
    made : sequence of synth.charts.Section

    Returns
    -------
    callable
        Anchor of the chart that shows what a check is about, or an empty string.
    """
    drawn = {figure.anchor for section in made for figure in section.figures if figure.anchor}
    known = {
        (subject.entity, subject.metric): subject.anchor
        for subjects in SUBJECTS.values()
        for subject in subjects
        if subject.anchor in drawn
    }

    def target(check):
        key = (check.entity, check.metric)
        return known.get(key) or known.get(SHOWN_BY.get(key), "")

    return target


def tone(check):
    """Colour of a verdict."""
    return check.verdict.lower() if check.verdict in TONES else "fail"


TONES = ("PASS", "WARN", "FAIL", "EXCEPTED", "SKIP")


@dataclass(frozen=True)
class Side:
    """One series of every chart.

    Attributes
    ----------
    name : str
    role : str
        Colour.
    side : str
        ``baseline`` or ``synthetic``.
    validation : synth.report.evidence.Validation
    """

    name: str
    role: str
    side: str
    validation: object

    def bins(self, subject):
        """Histogram of a subject, under this side's name, or None."""
        found = self.validation.bins(self.side, subject.entity, subject.metric)
        return found and replace(found, name=self.name, role=self.role)

    def labelled(self, subject, kind, segment="all"):
        """Values by label."""
        return self.validation.labelled(self.side, subject.entity, subject.metric, kind, segment)

    def check(self, subject):
        """The check shown beside a chart: the worst, of these the most telling; or None."""
        found = self.validation.checks_of(subject.entity, subject.metric)
        if not found or self.side != "synthetic":
            return None
        worst = [check for check in found if check.verdict == found[0].verdict]
        telling = {effect: place for place, effect in enumerate(reversed(_TELLING), 1)}
        return max(worst, key=lambda check: telling.get(check.effect_name, 0))


def _draw(subject, way, sides):
    """Figures of one way to draw a subject; none where a side lacks what it takes."""
    if way in _KINDS:
        figure = _distribution(subject, way, sides)
    elif way in ("mix", "scalars"):
        figure = _bars(subject, sides, "category" if way == "mix" else "scalar")
    elif way == "typed_hours":
        segments = sides[0].validation.segments("baseline", subject.entity, subject.metric, "hour")
        return [
            figure for segment in segments if (figure := _profile(subject, "hours", sides, segment))
        ]
    else:
        figure = _profile(subject, way, sides)
    return [figure] if figure else []


def _profile(subject, way, sides, segment="all"):
    kind = "weekday" if way == "days" else "hour"
    columns = [side.labelled(subject, kind, segment) for side in sides]
    n_labels = {"heat": 168, "hours": 24, "days": 7}[way]
    first = 1 if way == "days" else 0
    expected = [str(label) for label in range(first, first + n_labels)]
    if any(label not in column for column in columns for label in expected):
        return None
    series = {
        side.name: [column[label] for label in expected]
        for side, column in zip(sides, columns, strict=True)
    }
    title = f"{subject.title} (UTC)"
    if segment != "all":
        # Shares within the type, whatever they were shares of.
        totals = [sum(column) for column in series.values()]
        if not all(totals):
            return None
        series = {
            name: [value / total for value in column]
            for (name, column), total in zip(series.items(), totals, strict=True)
        }
        title = f"Hour of the day, {_label(segment)} (UTC)"
    caption = "" if segment != "all" else _caption(subject, sides)
    if way == "heat":
        return charts.heat_maps(title, series, caption=caption)
    noise = None
    if segment == "all":
        names = ("session_hours",) if way == "hours" else ()
        sample = sides[-1].validation.sample(*names, "effective_sessions", "messages")
        noise = _band(next(iter(series.values())), sample)
    return charts.profile(
        title,
        _DAYS if way == "days" else range(24),
        series,
        roles=[side.role for side in sides],
        caption=caption,
        noise=noise,
    )


def _distribution(subject, way, sides):
    series = [side.bins(subject) for side in sides]
    if not all(series) or not all(sum(bins.weight) > 0 for bins in series):
        return None
    unit = sides[0].validation.unit(subject.entity, subject.metric)
    title = f"{subject.title}: {_KINDS[way]}" if len(subject.ways) > 1 else subject.title
    caption = _caption(subject, sides)
    if way != subject.ways[0]:
        # The first of them has said what the check found.
        caption = _READING[way]
    checks = [side.validation.check_of(subject.entity, subject.metric, "ks") for side in sides[1:]]
    noise = max((check.noise or 0 for check in checks if check), default=0)
    draw = {"histogram": charts.histogram, "cdf": charts.cdf, "ccdf": charts.ccdf}[way]
    return draw(title, series, unit, noise=noise or None, caption=caption)


def _bars(subject, sides, kind):
    columns = [side.labelled(subject, kind) for side in sides]
    if not all(columns):
        return None
    # By number where the labels hold one (top 1, 2, 5, 10), else the most frequent first.
    labels = sorted(
        dict.fromkeys(label for column in columns for label in column),
        key=lambda label: (_number(label), -(columns[0].get(label) or 0), label),
    )
    texts = [_label(label) for label in labels]
    return charts.bars(
        subject.title,
        texts,
        {
            side.name: [column.get(label) for label in labels]
            for side, column in zip(sides, columns, strict=True)
        },
        roles=[side.role for side in sides],
        percent=sides[0].validation.unit(subject.entity, subject.metric, kind) == "share",
        caption=_caption(subject, sides),
    )


def _number(label):
    digits = "".join(letter for letter in label if letter.isdigit())
    return int(digits) if digits else 0


def _label(label):
    if label.startswith("top_"):
        return f"largest {label.removeprefix('top_')} %"
    return label.replace("_", " ").capitalize() if label.isupper() else label.replace("_", " ")


def _caption(subject, sides):
    """What the check on this metric found, for each validation that is drawn."""
    said = []
    for side in sides:
        check = side.check(subject)
        if check is None or check.effect is None:
            continue
        who = f"{side.name}: " if len(sides) > 2 else ""
        # Of several checks alike (of columns, say) the chart shows one: it says which.
        alike = side.validation.checks_of(subject.entity, subject.metric)
        if sum(other.effect_name == check.effect_name for other in alike) > 1:
            who += f"{check.title}: "
        floor = f", chance makes {summary.amount(check, check.noise)}" if check.noise else ""
        said.append(
            f"{who}{summary.effect_words(check.effect_name)} "
            f"{summary.amount(check, check.effect)} (allowed "
            f"{summary.amount(check, check.margin)}{floor})."
        )
    text = " ".join((*said, subject.note)).strip()
    return text[:1].upper() + text[1:]


def _badges(subject, sides):
    """Verdicts beside the title of a chart, each a link to its check where the page has one."""
    found = [(side, side.check(subject)) for side in sides]
    is_alone = sum(side.side == "synthetic" for side in sides) == 1
    return tuple(
        (tone(check), check.verdict, side.validation.anchor(check))
        if is_alone
        else (tone(check), f"{side.name} {check.verdict}", "")
        for side, check in found
        if check
    )


def _band(shares, sample):
    """Half-width, for each share, of what two honest samples would differ by."""
    if sample is None:
        return None
    size = 1 / sample[0] + 1 / sample[1]
    return [_Z * math.sqrt(share * (1 - share) * size) for share in shares]
