"""The spec as frozen dataclasses: read, check, write.

Attribute names are those of the JSON document, so ``spec.conversations.messages["all"]`` is
``conversations.messages.all`` in the file.
"""

import math
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from synth.errors import BadInput
from synth.fit import distribution
from synth.fit.distribution import ImpossibleParameter
from synth.spec import validation

SCHEMA_VERSION = "1.0"
DEFAULT_PATH = Path(__file__).parent / "default-spec.json"


@dataclass(frozen=True)
class Quantity:
    """Distribution of one quantity.

    Attributes
    ----------
    distribution : str
        Family, see ``synth.fit.distribution.NAMES``.
    parameters : dict
    lower, upper : float or None
        Truncation ``[lower, upper)``.
    discrete : bool
        Values are ``floor`` of the draw.
    goodness_of_fit : dict or None
        ``ks`` against the histogram and its ``n``; ``standard_errors``, 95 % ``intervals``,
        ``aic`` and ``bic`` where known.
    observed : dict
        Figures it was fitted to.
    alternatives : list of dict
        Parametric fits that were not chosen.
    reason : str
        Why this distribution; for people.
    """

    distribution: str
    parameters: dict
    lower: float | None = None
    upper: float | None = None
    discrete: bool = False
    goodness_of_fit: dict | None = None
    observed: dict = field(default_factory=dict)
    alternatives: list = field(default_factory=list)
    reason: str = ""

    @cached_property
    def fitted(self):
        """The distribution itself: ``cdf``, ``sf``, ``ppf``."""
        return distribution.make(
            self.distribution,
            self.parameters,
            lower=self.lower,
            upper=self.upper,
            discrete=self.discrete,
        )


@dataclass(frozen=True)
class Categorical:
    """Shares of labels.

    Attributes
    ----------
    labels : tuple of str
    weights : tuple of float
        Sum to 1.
    """

    labels: tuple
    weights: tuple
    goodness_of_fit: dict | None = None
    observed: dict = field(default_factory=dict)

    @property
    def shares(self):
        """Label to weight."""
        return dict(zip(self.labels, self.weights, strict=True))


@dataclass(frozen=True)
class Source:
    """Where the spec came from; all lists hold paths such as ``messages.content_length``.

    `allow_unsigned` says that the pack was not trusted when it was fitted; `retention_until` is
    the pack's date, after which `synth expire` deletes the spec too.
    `what_if` are the assumptions it was turned by, such as ``heavy_rooms.share=0.4``.
    """

    pack_sha256: str | None = None
    allow_unsigned: bool = False
    defaulted: tuple = ()
    fitted: tuple = ()
    derived: tuple = ()
    what_if: tuple = ()
    retention_until: str | None = None


@dataclass(frozen=True)
class Window:
    """Days covered and the ISO date of the last one, which belongs to the window."""

    days: int
    end: str


@dataclass(frozen=True)
class Totals:
    """Rows in production; a band keeps their ratios."""

    messages: int
    conversations: int
    users: int
    empty_conversation_share: float


@dataclass(frozen=True)
class Users:
    """People."""

    username_length: Quantity
    device_mix: Categorical
    profile_completeness: dict
    conversations_per_user: Quantity
    unattached_share: float
    silent_share: float


@dataclass(frozen=True)
class Conversations:
    """Conversations; every dict maps a segment to a quantity."""

    type: Categorical
    messages: dict
    members: dict
    senders: dict
    dominance: dict
    tempo: dict
    start_position: Quantity


@dataclass(frozen=True)
class Messages:
    """Messages.

    `weekly_profile` holds 168 rates of mean 1 from Monday 00:00 UTC. Raised to
    `activity_exponent` it stretches the time between messages, raised to `start_exponent` it
    says when conversations begin. `gap_memory` in [0, 1] ties each gap to the one before. Times
    are whole steps of `time_resolution` seconds since the window began.
    """

    type: Categorical
    content_length: dict
    activity_gap: dict
    weekly_profile: tuple
    activity_exponent: float
    start_exponent: float = 1.0
    gap_memory: float = 0.0
    time_resolution: float = 0.001


@dataclass(frozen=True)
class ReadReceipts:
    """Receipts; `per_message` is given that there is at least one."""

    read_rate: float
    per_message: Quantity
    delay_seconds: Quantity


@dataclass(frozen=True)
class Attachments:
    """Attachments of messages whose type is not TEXT."""

    per_media_message: Quantity
    type: Categorical
    size_bytes: Quantity


@dataclass(frozen=True)
class Spec:
    """Everything the generator knows."""

    created_at: str
    source: Source
    window: Window
    totals: Totals
    users: Users
    conversations: Conversations
    messages: Messages
    read_receipts: ReadReceipts | None
    attachments: Attachments | None
    schema_version: str = SCHEMA_VERSION


SECTIONS = {
    "source": Source,
    "window": Window,
    "totals": Totals,
    "users": Users,
    "conversations": Conversations,
    "messages": Messages,
    "read_receipts": ReadReceipts,
    "attachments": Attachments,
}
SEGMENTED = (
    "messages",
    "members",
    "senders",
    "dominance",
    "tempo",
    "content_length",
    "activity_gap",
)


def load(path):
    """Read a spec and check all of it.

    Parameters
    ----------
    path : path-like
        A spec file; ``DEFAULT_PATH`` is the one that ships.

    Returns
    -------
    Spec

    Raises
    ------
    BadInput
        Not readable, not JSON, not a spec, or an impossible parameter; the message names the
        JSON path.
    """
    return from_document(validation.read_json(path), origin=Path(path).name)


def load_default():
    """Read the spec that ships.

    Returns
    -------
    Spec
    """
    return load(DEFAULT_PATH)


def from_document(document, *, origin="spec"):
    """Turn a parsed document into a checked spec.

    Parameters
    ----------
    document : dict
    origin : str
        Names the document in messages.

    Returns
    -------
    Spec

    Raises
    ------
    BadInput
    """
    validation.check_schema(document, origin=origin, supported=SCHEMA_VERSION)
    sections = {}
    for name, kind in SECTIONS.items():
        body = document[name]
        if body is None:
            sections[name] = None
            continue
        values = {
            one.name: _value(one, body[one.name], f"{name}.{one.name}", origin)
            for one in fields(kind)
            # The schema knows which may be left out; their defaults stand in the dataclass.
            if one.name in body
        }
        sections[name] = kind(**values)
    spec = Spec(created_at=document["created_at"], **sections)
    validation.check_consistency(spec, origin=origin)
    return spec


def _value(one, body, path, origin):
    if one.name in SEGMENTED and isinstance(body, dict):
        return {key: quantity(part, f"{path}.{key}", origin) for key, part in body.items()}
    if one.type is Quantity:
        return quantity(body, path, origin)
    if one.type is Categorical:
        return _categorical(body, path, origin)
    return tuple(body) if isinstance(body, list) else body


def quantity(body, path="quantity", origin="spec"):
    """Turn one quantity of a document into a checked `Quantity`.

    Parameters
    ----------
    body : dict
    path, origin : str
        JSON path and document, for messages.

    Returns
    -------
    Quantity

    Raises
    ------
    BadInput
        An impossible parameter.
    """
    made = Quantity(**body)
    try:
        _ = made.fitted
    except ImpossibleParameter as error:
        raise _at(error, path, origin) from None
    return made


def _categorical(body, path, origin):
    labels, weights = body["parameters"]["labels"], body["parameters"]["weights"]
    if len(labels) != len(weights):
        raise BadInput(
            f"{origin}: {path}.parameters.weights must be as long as labels "
            f"({len(labels)}), got {len(weights)}"
        )
    try:
        shares = distribution.normalised_weights(weights)
    except ImpossibleParameter as error:
        raise _at(error, path, origin) from None
    return Categorical(
        tuple(labels),
        tuple(shares.tolist()),
        body.get("goodness_of_fit"),
        body.get("observed", {}),
    )


def _at(error, path, origin):
    where = f"{path}.{error.key}"
    return BadInput(
        f"{origin}: {where}: {error.message}",
        hint="correct it in the spec, or calibrate again",
        path=where,
    )


def to_document(spec):
    """Turn a spec into a JSON-ready dict.

    Parameters
    ----------
    spec : Spec

    Returns
    -------
    dict
    """
    body = {"schema_version": spec.schema_version, "created_at": spec.created_at}
    for name in SECTIONS:
        body[name] = _plain(getattr(spec, name))
    return body


def _plain(value):
    if isinstance(value, Categorical):
        return {
            "distribution": "categorical",
            "parameters": {
                "labels": list(value.labels),
                "weights": [rounded(weight, 12) for weight in value.weights],
            },
            "goodness_of_fit": _plain(value.goodness_of_fit),
            "observed": _plain(value.observed),
        }
    if is_dataclass(value):
        names = [one.name for one in fields(value)]
        if isinstance(value, Quantity) and not value.reason:
            names.remove("reason")
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [rounded(one) if type(one) is float else _plain(one) for one in value]
    return rounded(value) if isinstance(value, float) else value


def rounded(value, digits=9):
    """Round to significant digits, and whole numbers to int, so that a spec stays readable.

    Parameters
    ----------
    value : float
    digits : int

    Returns
    -------
    float or int
    """
    if not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def save(spec, path):
    """Check a spec and write it atomically.

    Parameters
    ----------
    spec : Spec
    path : path-like

    Raises
    ------
    BadInput
        The directory is missing or not writable.
    """
    document = to_document(spec)
    # What is written must be readable again: better to fail here than in the generator.
    from_document(document, origin=Path(path).name)
    validation.write_atomically(path, validation.formatted(document))


def replaced(spec, **sections):
    """Copy of a spec with some sections replaced.

    Parameters
    ----------
    spec : Spec
    **sections
        Section name to its new value.

    Returns
    -------
    Spec
    """
    values = {one.name: getattr(spec, one.name) for one in fields(Spec)}
    return Spec(**{**values, **sections})


__all__ = [
    "Attachments",
    "Categorical",
    "Conversations",
    "Messages",
    "Quantity",
    "ReadReceipts",
    "Source",
    "Spec",
    "Totals",
    "Users",
    "Window",
    "from_document",
    "load",
    "load_default",
    "quantity",
    "save",
    "to_document",
]
