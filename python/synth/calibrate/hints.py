"""A mean or a maximum alone: the default's shape, turned to them."""

from synth.spec import turn


def adapted(ledger, path, default, evidence, *, what=""):
    """The default where nothing is known, else the default with the known mean and maximum.

    Parameters
    ----------
    ledger : synth.calibrate.ledger.Ledger
    path : str
        Place in the spec.
    default : synth.spec.model.Quantity
    evidence : synth.fit.evidence.Evidence
        With no histogram and no percentiles.
    what : str
        Where the mean comes from; default the pack itself.

    Returns
    -------
    synth.spec.model.Quantity
    """
    if not evidence.has_hints:
        return ledger.default(path, default)
    found, used = default, []
    if evidence.top is not None:
        lower = turn.cut(found, evidence.top)
        if lower is not None:
            found, used = lower, [*used, "max"]
    if evidence.mean is not None:
        most = evidence.most if evidence.top is None else evidence.top
        stretched = turn.with_mean(found, evidence.mean, lower=evidence.lower, most=most)
        if stretched is not None:
            found, used = stretched, [*used, what or "mean"]
    if not used:
        ledger.notes.append(f"{path}: neither its mean nor its maximum fits the default's shape")
        return ledger.default(path, default, "its mean or maximum is out of the default's reach")
    known = {"mean": evidence.mean, "max": evidence.top}
    ledger.derived(path, " + ".join(used), "shape of the default spec")
    return type(found)(
        found.distribution,
        found.parameters,
        lower=found.lower,
        upper=found.upper,
        discrete=found.discrete,
        observed={key: value for key, value in known.items() if value is not None},
        reason="shape of the default spec, turned to what the pack says",
    )
