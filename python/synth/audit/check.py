"""Whether the audit log is whole, and whether it holds what was noted elsewhere."""

import json
from collections.abc import Iterator, Sequence

from synth.audit import log
from synth.errors import BadInput

# A crash or a full disk leaves such a line; where another one follows it, nothing is missing.
TORN = "is no JSON"


def anchor(text: str) -> log.Head:
    """Parse ``N:DIGEST``, or take it from a manifest.

    Parameters
    ----------
    text : str
        As `synth audit head` prints it, or the path of a manifest.

    Returns
    -------
    Head

    Raises
    ------
    BadInput
    """
    from synth.pack import manifest

    matched = log.ANCHOR.fullmatch(text)
    if matched:
        return log.Head(int(matched.group(1)), matched.group(2))
    described = manifest.load(text)
    if described["audit"] is None:
        raise BadInput(f"manifest {text} names no line of an audit log")
    return log.Head(described["audit"]["n_lines"], described["audit"]["head"])


def verify(anchors: Sequence[log.Head] = ()) -> tuple[int, list[str]]:
    """Look for changed, missing, added and reordered lines.

    Parameters
    ----------
    anchors : sequence of Head
        Heads that were noted elsewhere.

    Returns
    -------
    n_lines : int
    problems : list of str
        Empty where the log is whole; names lines by number, never their content.
    """
    lines = log.all_lines()
    problems = []
    previous, last, known = log.NO_LINE, 0, {}
    for place, line in enumerate(lines, start=1):
        record, problem = _read(line)
        # A gap is said once: what follows is counted from there.
        number = record["n"] if record else last + 1
        if problem is None and number != last + 1:
            problem = f"says it is line {number}, expected {last + 1}"
        elif problem is None and record["previous"] != previous:
            problem = (
                "does not follow the line before it: one of the two was changed, or one is missing"
            )
        if problem:
            problems.append(f"line {place}: {problem}")
        for said in _kept(record):
            problems.append(f"before line {number}: {said}")
        previous = known[number] = log.digest(line)
        last = number
    noted = [("the head file", log.read_head())] if lines or log.head_path().exists() else []
    noted += [(f"the anchor of line {one.n_lines}", one) for one in anchors]
    for name, one in noted:
        if one is None:
            problems.append(f"{name} is missing or no head; was it removed?")
        elif one.n_lines > last:
            problems.append(
                f"{name} says {one.n_lines} lines: {one.n_lines - last} are missing at the end"
            )
        elif one.n_lines and known.get(one.n_lines) != one.digest:
            problems.append(f"line {one.n_lines} is not the one {name} knows")
    return len(lines), problems


def _kept(record: dict | None) -> Iterator[str]:
    """What the writer of a line had found out about the lines before it."""
    if record and isinstance(record.get("mismatch"), dict):
        yield log.told(record["mismatch"])
    if record and record["details"].get(log.MISSED):
        yield "a line that the ledger of a database knows was missing"


def _read(line: bytes) -> tuple[dict | None, str | None]:
    """The record of a line, or what is wrong with it."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None, TORN
    if not log.is_record(record):
        return None, "is no record of an audit log"
    try:
        is_ours = line == log.as_line(record)
    except (ValueError, RecursionError):
        # NaN, for example.
        is_ours = False
    return (record, None) if is_ours else (None, "was not written by synth")
