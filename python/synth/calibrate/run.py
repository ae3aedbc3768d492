"""Calibration of a whole pack."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from synth.calibrate import conversations, people, rhythm, structure, totals, traffic
from synth.calibrate.ledger import Ledger
from synth.catalogue import ENTITIES
from synth.errors import BadInput
from synth.spec import model
from synth.spec import what_if as assumptions

DEFAULT_MAX_KS = 0.02


@dataclass(frozen=True)
class Calibration:
    """Result of a calibration.

    Attributes
    ----------
    spec : synth.spec.model.Spec
    lines : tuple of synth.calibrate.ledger.Line
        What became of each part.
    notes : tuple of str
        Contradictions found in the pack, one line each.
    fits : tuple
        For the page of fits: name, evidence, fit and alternatives of each quantity.
    rhythm : synth.calibrate.rhythm.Correction or None
        What looking ahead found; None where it was not done.
    structure : dict
        Name of a figure to the pack's and the spec's.
    tails : dict
        Name of a quantity to its power-law tail; empty without a bootstrap.
    """

    spec: model.Spec
    lines: tuple
    notes: tuple
    fits: tuple = ()
    rhythm: object = None
    structure: dict = field(default_factory=dict)
    tails: dict = field(default_factory=dict)


def calibrate(
    pack,
    *,
    null_sections=(),
    default=None,
    max_ks=DEFAULT_MAX_KS,
    allow_unsigned=False,
    simulate=None,
    what_if=(),
    retention_until=None,
):
    """Fit a spec to a pack; what the pack does not say comes from the default.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    null_sections : collection of str
        Sections that are null in the file: production has none, so none are generated. A
        section that is missing is merely unknown.
    default : synth.spec.model.Spec, optional
        The one that ships.
    max_ks : float
        A parametric family is used when its KS distance is at most this.
    allow_unsigned : bool
        Recorded in the spec.
    simulate : callable, optional
        Makes a small sample of a spec, ``simulate(spec, n_messages, seed)``; with it the rhythm
        is corrected by looking ahead.
    what_if : sequence of str
        Assumptions ``NAME=VALUE`` the calibrated spec is turned by.
    retention_until : str, optional
        ISO date of the pack's manifest, recorded in the spec.

    Returns
    -------
    Calibration

    Raises
    ------
    BadInput
        The pack says that there are no messages or conversations, or holds absurd figures.
    """
    if not 0 <= max_ks <= 1:
        raise BadInput(f"--max-ks must be between 0 and 1, got {max_ks:g}")
    default = default or model.load_default()
    _refuse_empty(pack, null_sections)
    ledger = Ledger(max_ks)
    window = _window(pack, default, ledger)
    types = conversations.types(pack, default, ledger)
    empty_share = conversations.empty_share(pack, default, ledger)
    talk = conversations.calibrate(pack, default, ledger, window, types, empty_share)
    found = people.totals(pack, default, ledger, talk, empty_share)
    users = people.users(pack, default, ledger, talk)
    found = people.with_users(pack, default, ledger, found, users, talk)
    messages = traffic.messages(pack, default, ledger, window)
    receipts, attachments = None, None
    if _exists(pack, "read_receipts", null_sections, ledger):
        receipts = traffic.receipts(pack, default, ledger, window)
    if _exists(pack, "attachments", null_sections, ledger):
        attachments = traffic.attachments(pack, default, ledger, messages.type)
    totals.check(found)
    totals.compare(pack, ledger)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    spec = model.Spec(
        created_at=now,
        source=model.Source(
            pack_sha256=pack.sha256,
            allow_unsigned=allow_unsigned,
            retention_until=retention_until,
            defaulted=ledger.paths("default"),
            fitted=ledger.paths("fitted"),
            derived=ledger.paths("derived"),
        ),
        window=window,
        totals=found,
        users=users,
        conversations=talk,
        messages=messages,
        read_receipts=receipts,
        attachments=attachments,
    )
    structure.note(spec, ledger)
    looked_ahead = rhythm.correct(spec, pack, simulate) if simulate else None
    if looked_ahead:
        spec = looked_ahead.spec
    spec = assumptions.apply(spec, what_if)
    return Calibration(
        spec,
        tuple(ledger.lines),
        tuple(ledger.notes),
        tuple(ledger.fits),
        looked_ahead,
        structure.figures(pack, spec),
    )


# Quantities whose tail may be a power law.
_HEAVY = ("conversations.messages", "users.conversations_per_user")


def with_tails(calibration, samples, *, started=None, progress=None):
    """Add power-law tails with bootstrap p-values.

    Parameters
    ----------
    calibration : Calibration
    samples : int
        Of each bootstrap.
    started : callable, optional
        Called with the number of samples in all.
    progress : callable, optional
        Called after every sample.

    Returns
    -------
    Calibration
    """
    from synth.fit import tail

    wanted = [
        (name, evidence)
        for name, evidence, *_ in calibration.fits
        if name.startswith(_HEAVY) and evidence.edges is not None
    ]
    if started:
        started(len(wanted) * samples)
    found = {
        name: tail.fit(evidence, bootstrap=samples, progress=progress) for name, evidence in wanted
    }
    return replace(calibration, tails={name: one for name, one in found.items() if one is not None})


def null_sections(document):
    """Sections a pack states as null.

    Parameters
    ----------
    document : dict
        The parsed pack.

    Returns
    -------
    set of str
    """
    return {name for name in ENTITIES if name in document and document[name] is None}


def _refuse_empty(pack, nulls):
    for entity in ("conversations", "messages"):
        if pack.total(entity) == 0:
            raise BadInput(
                f"pack: {entity}.total_count is 0, so there is nothing to calibrate",
                hint="extract over a window that has messages",
            )
        if entity in nulls and not any(pack.has(other) for other in ("conversations", "messages")):
            raise BadInput(
                f"pack: {entity} is null, so there is nothing to calibrate",
                hint="extract over a window that has messages",
            )


def _exists(pack, entity, nulls, ledger):
    if entity in nulls:
        ledger.absent(entity, "null in the pack: none are generated")
        return False
    if pack.total(entity) == 0:
        ledger.absent(entity, "0 in the pack: none are generated")
        return False
    return True


def _window(pack, default, ledger):
    days, end = pack.meta.window_days, pack.meta.as_of
    evidence = "as_of"
    if end is None and pack.meta.extracted_at:
        end, evidence = pack.meta.extracted_at[:10], "extracted_at"
    if days:
        ledger.figure("window.days", days, "sample_window_days")
    else:
        days = ledger.default("window.days", default.window.days)
    if end:
        ledger.figure("window.end", end, evidence)
    else:
        end = ledger.default("window.end", default.window.end)
    return model.Window(days=int(days), end=end)
