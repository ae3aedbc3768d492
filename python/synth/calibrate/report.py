"""The table and the JSON document of a calibration."""

import math

_SOURCES = {"fitted": "pack", "derived": "derived", "default": "default", "absent": "none"}


def rows(lines):
    """Cells of the table.

    Parameters
    ----------
    lines : sequence of synth.calibrate.ledger.Line

    Returns
    -------
    list of tuple
        Quantity, choice, parameters, KS, observations, source, and what it rests on.
    """
    return [
        (
            line.path,
            line.choice or None,
            _parameters(line) or None,
            None if line.ks is None else f"{line.ks:.4f}",
            None if line.n is None else f"{line.n:,.0f}",
            _SOURCES[line.source],
            "; ".join(part for part in (line.evidence, line.reason) if part),
        )
        for line in lines
    ]


def _parameters(line):
    shown = []
    for name, value in line.parameters.items():
        text = f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value:,}"
        error = line.standard_errors.get(name)
        shown.append(f"{text} ± {error:.2g}" if error else text)
    return ", ".join(shown)


def payload(calibration, path):
    """Body of the JSON document.

    Parameters
    ----------
    calibration : synth.calibrate.run.Calibration
    path : path-like
        Where the spec was written.

    Returns
    -------
    dict
    """
    source = calibration.spec.source
    return {
        "spec": str(path),
        "pack_sha256": source.pack_sha256,
        "fitted": list(source.fitted),
        "derived": list(source.derived),
        "defaulted": list(source.defaulted),
        "absent": [line.path for line in calibration.lines if line.source == "absent"],
        "notes": list(calibration.notes),
        "quantities": [_plain(line) for line in calibration.lines],
    }


def _plain(line):
    def number(value):
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return {
        "path": line.path,
        "source": line.source,
        "evidence": line.evidence,
        "distribution": line.choice or None,
        "parameters": {key: number(value) for key, value in line.parameters.items()},
        "standard_errors": {key: number(value) for key, value in line.standard_errors.items()},
        "ks": number(line.ks),
        "n": number(line.n),
        "reason": line.reason,
    }
