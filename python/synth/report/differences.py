"""Where two documents differ: specs by quantity, tables of facts by name."""

from synth.report import facts, spec_words

# Of a quantity, what says nothing about what is drawn from it.
_EVIDENCE = ("goodness_of_fit", "observed", "alternatives", "reason")


def differences(left, right):
    """Paths at which two documents differ.

    Parameters
    ----------
    left, right : dict or None

    Returns
    -------
    list of (str, str, str)
        Path, and what stands there on either side.
    """
    first, second = (dict(_leaves(facts.ordered(one or {}), "")) for one in (left, right))
    found = []
    for path in dict.fromkeys((*first, *second)):
        a, b = first.get(path), second.get(path)
        if a != b:
            shown = _shown(path, a), _shown(path, b)
            # Knots may differ where their words do not.
            found.append(
                (path, *shown) if shown[0] != shown[1] else (path, shown[0], "other knots")
            )
    return found


def by_class(left, right):
    """Differences of two specs, those of joint classes apart: there are many of them.

    Returns
    -------
    plain, joint : list of (str, str, str)
    """
    found = differences(left, right)
    joint = [row for row in found if spec_words.JOINT.search(row[0])]
    return [row for row in found if row not in joint], joint


def _shown(path, value):
    if isinstance(value, dict) and "distribution" in value:
        name = str(value["distribution"]).replace("_", " ")
        return f"{name}: {spec_words.figures(value, spec_words.unit_of(path))}"
    return spec_words.plain(path, value)


def _leaves(value, path):
    """Quantities and plain values below a path."""
    if not isinstance(value, dict) or not value:
        yield path, value
        return
    if "distribution" in value:
        yield path, {key: part for key, part in value.items() if key not in _EVIDENCE}
        return
    for key, member in value.items():
        yield from _leaves(member, f"{path}.{key}" if path else key)
