"""Whether an earlier pack of the same database overlaps this one and was cut otherwise.

Two packs of one time whose buckets were merged otherwise can show together what either hides. What
decides the cut is the mapping, the ids (whose hash is the sketch of people), k and the limit on
one person's share. Only what the audit log of this place tells is known.
"""

import json
from datetime import date, timedelta

from synth import __version__, audit, console, db, dbt
from synth.audit import log
from synth.errors import BadInput
from synth.pack import strict

ON_OVERLAP = ("refuse", "warn")
_WORDS = {
    "mapping": "mapping",
    "views": "definition of the views",
    "pseudonyms": "key of the pseudonyms",
    "k": "k",
    "dominance_limit": "dominance_limit",
    "withheld_marginals": "withheld_marginals",
    "gap_sample_messages": "gap_sample_messages",
    "joined_sample_messages": "joined_sample_messages",
    "synth": "version of synth",
}


def look(connection, mapping, schema, k):
    """Which database this is, and what decides how the buckets of an extraction are merged.

    Parameters
    ----------
    connection : psycopg.Connection
    mapping : synth.extract.mapping.Mapping
    schema : str
        Of the application's tables, or of the role's views.
    k : int

    Returns
    -------
    where : str
        Token of the database, the same under every salt; a replica is its primary.
    how : dict
        Digests and settings, for the audit log.
    """
    found = db.fetch_one(connection, "source_views", {"schema": schema})
    relations = [
        (one.entity, one.relation, one.where, [(c.name, c.expression) for c in one.columns])
        for one in mapping.relations
    ]
    where = audit.local_token("database", found["system"])
    return where, {
        "mapping": _digest(relations),
        "views": found["definitions"] and _digest(found["definitions"]),
        "pseudonyms": found["key_file"] and _digest(found["key_file"]),
        "k": k,
        "dominance_limit": dbt.variable("dominance_limit"),
        "withheld_marginals": dbt.variable("withheld_marginals"),
        "gap_sample_messages": dbt.variable("gap_sample_messages"),
        "joined_sample_messages": dbt.variable("joined_sample_messages"),
        "synth": __version__,
    }


def check(where, how, window, *, is_allowed):
    """Refuse, or warn of, a window that an earlier pack holds cut otherwise.

    Parameters
    ----------
    where, how
        From `look`.
    window : tuple of (str, int)
        Last day (ISO) and number of days.
    is_allowed : bool
        ``--allow-overlap``.

    Returns
    -------
    bool
        Whether there is such a pack.

    Raises
    ------
    BadInput
        There is one, ``vars.overlapping_windows`` is ``refuse``, and it is not allowed.
    """
    reaction = dbt.variable("overlapping_windows")
    if reaction not in ON_OVERLAP:
        raise BadInput(
            "overlapping_windows: expected refuse or warn", hint="correct dbt_project.yml"
        )
    for details in reversed(_earlier(where)):
        then = details["window"]["as_of"], details["window"]["days"]
        changed = [name for name in _WORDS if details["cut"].get(name) != how.get(name)]
        if changed and _meet(window, then):
            words = ", ".join(_WORDS[name] for name in changed)
            text = (
                f"pack {details['pack_sha256'][:12]} holds {then[1]} days to {then[0]} of this "
                f"database, cut otherwise ({words}); the two together can show single conversations"
            )
            if reaction == "refuse" and not is_allowed:
                raise BadInput(
                    text,
                    hint="extract as that one was, or pass --allow-overlap if it never left or "
                    "was deleted",
                )
            console.note(f"synth: {text}")
            return True
    return False


def _earlier(where):
    return [
        record["details"]
        for record in log.records()
        if record["command"] == "extract"
        and record["exit_code"] == 0
        and record["details"].get("source") == where
        and record["details"].get("cut")
    ]


def _meet(one, other):
    """Whether two windows share time; those that follow each other do not."""
    (first, first_days), (second, second_days) = one, other
    first, second = date.fromisoformat(first), date.fromisoformat(second)
    return (
        first - timedelta(days=first_days) < second and second - timedelta(days=second_days) < first
    )


def _digest(value):
    return strict.digest(json.dumps(value).encode())
