"""Connections come from the dbt profile, so ``--target`` means the same for dbt and for synth."""

import os
from dataclasses import dataclass
from pathlib import Path

from synth import inputs, settings
from synth.errors import BadInput

PROFILE = "prodshape"


@dataclass(frozen=True)
class Target:
    """One output of the dbt profile.

    Attributes
    ----------
    name : str
        Name of the output, for example ``prod_shape``.
    host, user, password, dbname, schema : str
        As in the profile; ``host`` may be a socket directory.
    port : int
        Port, also part of the socket's file name.
    """

    name: str
    host: str
    port: int
    user: str
    password: str
    dbname: str
    schema: str

    @property
    def is_embedded(self):
        """Whether the profile points at the embedded server."""
        return Path(self.host) == settings.socket_dir()

    def connection_parameters(self):
        """Keyword arguments for a libpq connection; the password never enters a DSN string."""
        parameters = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "dbname": self.dbname,
            "connect_timeout": 10,
        }
        if self.password:
            parameters["password"] = self.password
        return parameters

    def __repr__(self):
        return f"Target({self.name!r})"


def profiles_dir():
    """Directory whose ``profiles.yml`` is used, searched in dbt's own order.

    Returns
    -------
    pathlib.Path
        ``DBT_PROFILES_DIR``, else the project, else ``~/.dbt``.

    Raises
    ------
    BadInput
        There is no ``profiles.yml`` in any of them.
    """
    override = os.environ.get("DBT_PROFILES_DIR")
    candidates = [Path(override)] if override else [settings.project_dir(), Path.home() / ".dbt"]
    for candidate in candidates:
        if (candidate / "profiles.yml").is_file():
            return candidate
    looked = ", ".join(str(candidate) for candidate in candidates)
    raise BadInput(
        f"no profiles.yml in {looked}",
        hint="run `make setup`, or copy profiles.example.yml to profiles.yml",
    )


def load(name):
    """Read one target from the dbt profile.

    Parameters
    ----------
    name : str
        Output name, for example ``dev_synth``.

    Returns
    -------
    Target

    Raises
    ------
    BadInput
        Unknown target, unset environment variable, or an output that is not PostgreSQL.
    """
    path = profiles_dir() / "profiles.yml"
    document = inputs.load_yaml(path, "profile")
    try:
        outputs = document[PROFILE]["outputs"]
    except (KeyError, TypeError) as error:
        raise BadInput(
            f"{path} has no readable profile {PROFILE!r} with outputs",
            hint="compare it with profiles.example.yml",
        ) from error
    if name not in outputs:
        known = ", ".join(sorted(outputs))
        raise BadInput(f"unknown target {name!r}", hint=f"{path} has: {known}")
    raw = {key: _render(value, path) for key, value in outputs[name].items()}
    if raw.get("type") != "postgres":
        raise BadInput(f"target {name!r} is not of type postgres", hint=f"see {path}")
    try:
        return Target(
            name=name,
            host=str(raw["host"]),
            port=int(raw.get("port") or 5432),
            user=str(raw["user"]),
            password=str(raw.get("password") or raw.get("pass") or ""),
            dbname=str(raw.get("dbname") or raw["database"]),
            schema=str(raw["schema"]),
        )
    except (KeyError, ValueError) as error:
        raise BadInput(
            f"target {name!r} in {path} needs host, port, user, dbname and schema",
            hint="compare it with profiles.example.yml",
        ) from error


def _render(value, path):
    if not isinstance(value, str) or "{{" not in value:
        return value
    import jinja2

    def env_var(name, default=None):
        found = os.environ.get(name, default)
        if found is None:
            raise BadInput(f"{path} needs the environment variable {name}")
        return found

    # YAML values, not HTML: escaping would change passwords.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters.update(as_number=str, as_text=str, as_bool=str, as_native=str)
    try:
        return environment.from_string(value).render(env_var=env_var)
    except jinja2.TemplateError as error:
        raise BadInput(f"{path} holds an expression that cannot be rendered") from error
