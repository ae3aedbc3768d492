"""What dbt itself makes of a profile's output: its reader, its credentials, its connections."""

import os
from typing import Any

from dbt.adapters.contracts.connection import Connection
from dbt.adapters.exceptions import FailedToConnectError
from dbt.adapters.postgres import PostgresCredentials
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context
from dbt_common.dataclass_schema import ValidationError
from dbt_common.exceptions import DbtRuntimeError


def credentials(output: dict[str, Any]) -> PostgresCredentials | None:
    """Credentials that dbt reads from an output; None where it refuses it."""
    set_invocation_context(os.environ)
    try:
        rendered = ProfileRenderer({}).render_data(dict(output))
        data = PostgresCredentials.translate_aliases(
            {key: value for key, value in rendered.items() if key not in ("type", "threads")}
        )
        PostgresCredentials.validate(data)
        return PostgresCredentials.from_dict(data)
    except (DbtRuntimeError, ValidationError):
        return None


def connects(output: dict[str, Any]) -> bool:
    """Whether dbt's own connection manager gets in with an output."""
    found = credentials(output)
    assert found is not None
    connection = Connection(type="postgres", name="test", credentials=found)
    try:
        PostgresConnectionManager.open(connection)
    except FailedToConnectError:
        return False
    connection.handle.close()
    return True
