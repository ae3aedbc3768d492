"""Whether a salt was used before: its fingerprint stands in manifests and in the audit log."""

from synth.audit import log
from synth.errors import BadInput
from synth.pack import manifest


def is_known(fingerprint, output):
    """Whether an earlier extraction used the salt of a fingerprint.

    Parameters
    ----------
    fingerprint : str
    output : pathlib.Path
        Its manifests are looked at, whoever wrote them.

    Returns
    -------
    bool
    """
    if any(record["details"].get("salt_fingerprint") == fingerprint for record in log.records()):
        return True
    for path in output.glob("shape-metrics-*_mapping.json"):
        try:
            described = manifest.load(path)
        except BadInput:
            continue
        if described["tokenisation"]["salt_fingerprint"] == fingerprint:
            return True
    return False
