"""Look at the source mapping before dbt spends minutes."""

import re

from synth import dbt
from synth.errors import BadInput
from synth.extract import mapping as mappings

_PLAIN_VALUE = re.compile(r"[A-Za-z0-9. -]+")


def check_source(connection, target, mapping, source_schema):
    """Check that the mapping resolves in this database, before the first scan.

    Parameters
    ----------
    connection : psycopg.Connection
    target : synth.targets.Target
    mapping : synth.extract.mapping.Mapping
    source_schema : str
        Schema of the application's tables.

    Returns
    -------
    list of synth.extract.mapping.Relation

    Raises
    ------
    BadInput
        A table or a column is missing or mistyped.
    """
    if target.schema == source_schema:
        raise BadInput(
            f"target {target.name!r} would build the shape in the application's own schema",
            hint="give it a schema of its own in profiles.yml",
        )
    relations = mappings.resolved(connection, mapping)
    mappings.require_good(mapping.name, relations)
    return relations


def session_settings():
    """What a session may cost the source: ``vars.session_settings``.

    Returns
    -------
    dict

    Raises
    ------
    BadInput
        A setting is none.
    """
    settings = dbt.variable("session_settings") or {}
    for name, value in settings.items():
        if not re.fullmatch("[a-z_]+", str(name)) or not _PLAIN_VALUE.fullmatch(str(value)):
            raise BadInput(
                "vars.session_settings: expected settings such as statement_timeout: 30min",
                hint="correct dbt_project.yml",
            )
    return settings


def session_options():
    """Settings of a session of our own that reads the source, for `synth.db.connect`.

    Returns
    -------
    dict
    """
    return {
        **session_settings(),
        # As macro session_settings has it: what a check finds, the build finds.
        "search_path": "pg_catalog",
        "default_transaction_read_only": "on",
    }


def source_schema(target):
    """Schema of the application's tables, as ``dbt_project.yml`` has it."""
    return dbt.variable("source_schema", target.name) or "app"


def check_boundary(target):
    """Refuse a target where the privacy rules are off.

    Raises
    ------
    BadInput
    """
    inside = dbt.variable("boundary_targets") or []
    if target.name not in inside:
        raise BadInput(
            f"target {target.name!r} is not a boundary target, so nothing is suppressed there",
            hint=f"extract from one of vars.boundary_targets: {', '.join(inside)}",
        )


def required_people(asked=None):
    """People that must stand behind a cell.

    Parameters
    ----------
    asked : int, optional
        From the command line; may only tighten the project's.

    Returns
    -------
    int
    """
    k = dbt.variable("k_anonymity")
    if asked is None:
        return k
    if asked < k:
        raise BadInput(
            f"--k {asked} is less than the project's k_anonymity of {k}",
            hint="a smaller k is a decision of the project, not of one extraction",
        )
    return asked
