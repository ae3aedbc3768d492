"""Connections come from the dbt profile, so ``--target`` means the same for dbt and for synth.

Every key that dbt-postgres knows means here what it means there, and has its type; any other
key, which dbt would pass over in silence, is refused by its name.
"""

import ast
import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from synth import inputs, libpq_environment, settings
from synth.errors import BadInput

PROFILE = "prodshape"
_ALIASES = {"database": "dbname", "pass": "password"}
# Keys that concern dbt alone: its own sessions, transactions and output.
_OF_DBT = {"type": str, "threads": int, "application_name": str | None, "autocommit": bool | None}
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# dbt writes the role into `set role ...` as it stands.
_ROLE = re.compile(r"""[A-Za-z_][A-Za-z0-9_$]*|"([^"]|"")+"|'([^'\\]|'')+'""")
_SOCKET_MARKS = ("/", "@")


@dataclass(frozen=True)
class Target:
    """One output of the dbt profile; the defaults are dbt's.

    Attributes
    ----------
    name : str
        Name of the output, for example ``prod_shape``.
    host, user, password, dbname, schema : str
        As in the profile; ``host`` may be a socket directory.
    port : int
        Port, also part of the socket's file name.
    connect_timeout : int, seconds
        For one attempt; 0 waits for ever.
    role : str or None
        As it is written behind ``set role``.
    search_path : str or None
        Schemas of the session; None leaves the server's default.
    keepalives_idle : int, seconds
        0 leaves the system's default.
    sslmode, sslcert, sslkey, sslrootcert : str or None
        As in libpq, which has ``prefer`` and files in ``~/.postgresql`` as defaults.
    retries : int
        Further attempts after one that failed.
    """

    name: str
    host: str
    port: int
    user: str
    password: str
    dbname: str
    schema: str
    connect_timeout: int = 10
    role: str | None = None
    search_path: str | None = None
    keepalives_idle: int = 0
    sslmode: str | None = None
    sslcert: str | None = None
    sslkey: str | None = None
    sslrootcert: str | None = None
    retries: int = 1

    @property
    def is_embedded(self) -> bool:
        """Whether the profile means the embedded server; `synth.server` looks whether it is."""
        return self.port == settings.SOCKET_PORT and Path(self.host) == settings.socket_dir()

    @property
    def is_local(self) -> bool:
        """Whether the profile names a socket, on which TLS is never used."""
        return self.host.startswith(_SOCKET_MARKS)

    def connection_parameters(self) -> dict[str, Any]:
        """Keyword arguments for a libpq connection; the password never enters a DSN string.

        Raises
        ------
        BadInput
            A file that TLS needs is missing: libpq would go on without it in some modes.
        """
        self._check_files()
        parameters = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            # Empty means none in the profile: libpq then looks into ~/.pgpass.
            "password": self.password,
            "dbname": self.dbname,
            "connect_timeout": self.connect_timeout,
            "keepalives_idle": self.keepalives_idle or None,
            "sslmode": self.sslmode or None,
            "sslcert": self.sslcert,
            "sslkey": self.sslkey,
            "sslrootcert": self.sslrootcert,
        }
        return {key: value for key, value in parameters.items() if value is not None}

    def root_certificate(self) -> Path | None:
        """File of the certificates that may sign the server's; None for the system's."""
        if self.sslrootcert == "system":
            return None
        return Path(self.sslrootcert or Path.home() / ".postgresql" / "root.crt")

    def _check_files(self) -> None:
        if self.is_local or self.sslmode == "disable":
            return
        named = {key: getattr(self, key) for key in ("sslcert", "sslkey", "sslrootcert")}
        for key, value in named.items():
            if value and (key, value) != ("sslrootcert", "system") and not os.path.isfile(value):
                raise BadInput(
                    f"target {self.name!r}: the file that its key {key} names is not there",
                    hint="correct the path in profiles.yml (absolute: ~ is not expanded)",
                )
        root = self.root_certificate()
        if (self.sslmode or "").startswith("verify-") and root and not os.path.isfile(root):
            raise BadInput(
                f"target {self.name!r}: sslmode {self.sslmode} needs the certificate of the "
                "authority that signed the server's",
                hint="name its file in the key sslrootcert of profiles.yml",
            )

    def __repr__(self) -> str:
        return f"Target({self.name!r})"


_TYPES = {field.name: field.type for field in fields(Target)} | _OF_DBT
_WORDS = {str: "a text", int: "a whole number", bool: "true or false"}


def profiles_dir() -> Path:
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


def load(name: str) -> Target:
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
        Unknown target, unset environment variable, an output that is not PostgreSQL, a key that
        dbt-postgres does not know, or a value that it would not take.
    """
    path = profiles_dir() / "profiles.yml"
    raw = _output(name, path)
    place = f"target {name!r} in {path}"
    if raw.get("type") != "postgres":
        raise BadInput(f"{place} is not of type postgres", hint="dbt-postgres alone is supported")
    unknown = sorted(str(key) for key in raw if key not in _TYPES | _ALIASES or key == "name")
    if unknown:
        raise BadInput(
            f"{place} has keys that dbt-postgres does not know: {', '.join(unknown)[:200]}",
            hint="it would go on without them; remove them, or correct their names",
        )
    values: dict[str, Any] = {}
    for key, value in raw.items():
        known = _ALIASES.get(key, key)
        if known in values:
            raise BadInput(f"{place} has {known} twice", hint="a key and its alias are one")
        values[known] = _checked(known, _render(key, value, place, set()), place)
    wanted = {key: value for key, value in values.items() if key not in _OF_DBT}
    try:
        return Target(name=name, **wanted)
    except TypeError as error:
        raise BadInput(
            f"{place} needs host, port, user, password, dbname and schema",
            hint="compare it with profiles.example.yml; a password may be empty",
        ) from error


def variables(name: str) -> set[str]:
    """Names of the environment variables that rendering a target's output reads.

    Parameters
    ----------
    name : str
        Output name, for example ``dev_synth``.

    Returns
    -------
    set of str
        Names that an expression puts together are among them, set or not.

    Raises
    ------
    BadInput
        See `load`.
    """
    path = profiles_dir() / "profiles.yml"
    named: set[str] = set()
    for key, value in _output(name, path).items():
        _render(key, value, f"target {name!r} in {path}", named)
    return named


def _output(name: str, path: Path) -> dict[str, Any]:
    document = inputs.load_yaml(path, "profile")
    try:
        outputs = document[PROFILE]["outputs"]
        known = ", ".join(sorted(outputs))
        found = outputs.get(name)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path} has no readable profile {PROFILE!r} with outputs",
            hint="compare it with profiles.example.yml",
        ) from error
    if name not in outputs:
        raise BadInput(f"unknown target {name!r}", hint=f"{path} has: {known}")
    if not isinstance(found, dict):
        raise BadInput(f"target {name!r} in {path} is no mapping of keys to values")
    return found


def _checked(key: str, value: Any, place: str) -> Any:
    """A value of the type that dbt-postgres asks for, and that a connection can be made of."""
    expected = _TYPES[key]
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is int):
        kinds = (expected, *getattr(expected, "__args__", ()))
        kind = next(word for type_, word in _WORDS.items() if type_ in kinds)
        raise BadInput(
            f"{place}: {key} needs {kind}",
            hint="quote a text; a number from env_var needs `| as_number`",
        )
    problem = ""
    if key in ("host", "user", "dbname", "schema") and not value:
        # libpq would fill it from the machine: the user's name, a socket directory of its build.
        problem = "is empty"
    elif isinstance(value, str) and "\0" in value:
        problem = "holds a zero byte"
    elif isinstance(value, str) and not _can_be_encoded(value, "utf-8"):
        problem = "is not UTF-8 text"
    elif key == "host" and not all(map(_is_host, value.split(","))):
        problem = "is no host name: each label has 1 to 63 characters"
    elif key == "port" and not 1 <= value <= 65535:
        problem = "lies outside 1 to 65535"
    elif expected is int and value < 0:
        problem = "is negative"
    elif key == "sslmode" and value and value not in _SSL_MODES:
        problem = f"is none of {', '.join(_SSL_MODES)}"
    elif key == "role" and value and not _ROLE.fullmatch(value):
        problem = "is not one role's name; a name with odd letters needs double quotes of its own"
    if problem:
        raise BadInput(f"{place}: {key} {problem}", hint="correct it in profiles.yml")
    return value


def _is_host(name: str) -> bool:
    """Whether Python can look a name up; sockets are not looked up."""
    return name.startswith(_SOCKET_MARKS) or _can_be_encoded(name, "idna")


def _can_be_encoded(value: str, encoding: str) -> bool:
    try:
        value.encode(encoding)
    except UnicodeError:
        return False
    return True


class _Text(str):
    """Marked by ``as_text``: stays as it is; what its heirs mark is read as a literal of Python."""


class _Native(_Text):
    """Marked by ``as_native``."""


class _Bool(_Native):
    """Marked by ``as_bool``."""


class _Number(_Native):
    """Marked by ``as_number``."""


def _concatenated(nodes: Iterator[Any]) -> Any:
    """Value of a rendered expression, as dbt's profile renderer makes it.

    Parameters
    ----------
    nodes : iterator
        Pieces; only a single one keeps its type.

    Raises
    ------
    ValueError
        It is marked as a number or a boolean and is none.
    """
    head = list(itertools.islice(nodes, 2))
    if len(head) != 1:
        return "".join(str(node) for node in itertools.chain(head, nodes))
    (raw,) = head
    if not isinstance(raw, _Native):
        return str(raw) if isinstance(raw, _Text) else raw
    try:
        value = ast.literal_eval(raw)
    except (ValueError, SyntaxError, MemoryError):
        value = raw
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(raw, _Number) and not is_number:
        raise ValueError("not a number")
    if isinstance(raw, _Bool) and not isinstance(value, bool):
        raise ValueError("not a boolean")
    return str(raw) if value is raw else value


def _render(key: str, value: Any, place: str, named: set[str]) -> Any:
    """A value as dbt renders it; `named` gets the variables that it reads."""
    if not isinstance(value, str) or not re.search(r"{[{%#]|[#%}]}", value):
        return value
    import jinja2
    from jinja2.nativetypes import NativeEnvironment

    def env_var(name: str, default: Any = None) -> Any:
        found = libpq_environment.variable(name)
        named.add(name)
        found = default if found is None else found
        if found is None:
            raise BadInput(f"{place}: {key} needs the environment variable {name}")
        return found

    # YAML values, not HTML: escaping would change passwords.
    environment = NativeEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters.update(as_text=_Text, as_native=_Native, as_bool=_Bool, as_number=_Number)
    try:
        template = environment.from_string(value)
    except jinja2.TemplateSyntaxError as error:
        if key == "password":
            return value  # dbt takes one that only looks like an expression as it is
        raise BadInput(f"{place}: {key} holds an expression that cannot be read") from error
    try:
        context = template.new_context({"env_var": env_var})
        rendered = _concatenated(template.root_render_func(context))
    except (jinja2.TemplateError, ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise BadInput(
            f"{place}: {key} holds an expression that cannot be rendered",
            hint="env_var, as_text, as_bool, as_number and Jinja's own filters are known here",
        ) from error
    if isinstance(rendered, jinja2.Undefined):
        raise BadInput(f"{place}: {key} holds a name that is not known here", hint="use env_var")
    return rendered
