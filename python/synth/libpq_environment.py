"""Variables that PostgreSQL's client library reads: a connection is made of the profile alone.

With ``PGHOSTADDR`` set, libpq connects to another server than the profile names. So every
variable of its name space is taken out of the process's environment before anything connects.
A profile that names one itself (``env_var('PGPASSWORD')``) still gets it.
"""

import os
import re

_NAME_SPACE = re.compile("PG[A-Z]")
# Read by libpq beside those that have a connection parameter, and by the C library where it looks
# a host's name up (with HOSTALIASES, "dev-db" is any other host).
WITHOUT_PARAMETER = {
    *("PGSERVICEFILE", "PGSYSCONFDIR", "PGDATESTYLE", "PGTZ", "PGGEQO"),
    *("HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS"),
}
_taken: dict[str, str] = {}
_named: set[str] = set()


def variable(name: str) -> str | None:
    """Value of a variable that the profile names, taken out or not."""
    _named.add(name)
    return os.environ.get(name, _taken.get(name))


def take_out() -> list[str]:
    """Take the variables out of this process's environment.

    Returns
    -------
    list of str
        Names that were taken out now and that the profile does not name; sorted.
    """
    found = sorted(
        name for name in list(os.environ) if name in WITHOUT_PARAMETER or _NAME_SPACE.match(name)
    )
    for name in found:
        _taken[name] = os.environ.pop(name)
    return [name for name in found if name not in _named]
