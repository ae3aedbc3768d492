"""What a database's refusal means, in one line: by SQLSTATE and the driver's class, never by text.

Messages of a server are translated into its language and may quote a row. The driver keeps no
SQLSTATE of a connection that failed, so one more attempt is traced to learn it.
"""

import os
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from synth.errors import DatabaseError
from synth.targets import Target

_ADVICE = {
    "25006": "the session may only read: a standby, or default_transaction_read_only is on; let "
    "the target name the primary",
    "2F003": "a foreign server let a role in without a password: its pg_hba.conf must ask for one",
    "28": "check the user and password of the target in profiles.yml",
    "3D": "create the database, or check dbname of the target in profiles.yml",
    "42501": "the role lacks a permission this command needs",
    "42P01": "a table this command needs is missing",
    "53100": "the disk is full: free some space, then run the same command again",
    "53200": "the server is out of memory: lower --jobs or work_mem, or, where its log says shared "
    "memory, raise max_locks_per_transaction",
    "53300": "the server has no connection left: lower --jobs",
    "53400": "the statement needs more temporary files than it may have: raise the limit",
    "57014": "the statement ran into its time-out",
    "57P": "the server ended the connection: is it up (`synth pg status`)?",
}
_NOT_LET_IN = "the server does not let the user in"
_FULL = "has no connection left"
# SQLSTATE, or SQLSTATE and the routine of the server that raised it: routines are not translated.
_REFUSED = {
    "28P01": (
        "the server does not accept the user and password",
        "correct user and password in profiles.yml (an empty one is looked up in ~/.pgpass)",
    ),
    "28000": (
        _NOT_LET_IN,
        "the role may be missing, or pg_hba.conf has no line for user, database and address",
    ),
    "28000 InitializeSessionUserId": (
        "the role that the key user names does not exist, or may not log in",
        "create it with login, or correct user in profiles.yml",
    ),
    "28000 ClientAuthentication": (
        f"{_NOT_LET_IN}: pg_hba.conf has no line for it, or wants TLS or a client certificate",
        "set sslmode, sslcert and sslkey in profiles.yml as it asks, or have a line added",
    ),
    "28000 auth_failed": (
        f"{_NOT_LET_IN}: peer, ident or certificate names another user",
        "correct user in profiles.yml, or the line of pg_hba.conf",
    ),
    "3D000": (
        "the database that the key dbname names does not exist",
        "create it, or correct dbname in profiles.yml",
    ),
    "42501": (
        "the role may not connect to this database",
        "`grant connect on database ... to ...`, or correct dbname in profiles.yml",
    ),
    "53300": (f"the server {_FULL}", "close some, or raise max_connections"),
    "53300 InitializeSessionUserId": (
        f"the role {_FULL}",
        "close some, or `alter role ... connection limit`",
    ),
    "53300 CheckMyDatabase": (
        f"the database {_FULL}",
        "close some, or `alter database ... connection limit`",
    ),
    "55000": ("the database takes no connections", "`alter database ... allow_connections true`"),
    "57P03": (
        "the server is starting, shutting down or recovering",
        "run the same command again in a moment",
    ),
    "08P01": (
        "the server, or a pooler before it, refuses how the connection begins",
        "let the target name the server itself, or a pooler in session mode",
    ),
}
_UNREACHED = "cannot reach the server: {}"
_WANTS_PASSWORD = (
    "the server asks for a password and there is none",
    "set password in profiles.yml, or a line of ~/.pgpass",
)
_NO_TLS = (
    "the server has no TLS, and sslmode asks for it",
    "set ssl = on there, or correct sslmode in profiles.yml",
)
_NO_METHOD = (
    "the server asks for a way of authentication that the profile or this driver has not",
    "let pg_hba.conf ask for scram-sha-256 or a certificate",
)
_NOT_POSTGRES = (
    "what answers there is no PostgreSQL server, or ended the connection without a word",
    "correct host and port in profiles.yml; a server's log has its reason",
)
_ERROR = re.compile(r'^B\t\S+\tErrorResponse\t.*? C "(\w{5})" (.*)', re.MULTILINE)
_ROUTINE = re.compile(r' R "(\w+)" \S*$')
_PROCESS = "select pg_catalog.pg_backend_pid()"
_POOL_SECONDS = 2
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_WRONG_NAME, _NOT_VALID_NOW = (62, 64), (9, 10)


def translated(error: psycopg.Error, target: Target) -> DatabaseError:
    """Turn a psycopg error into one line that quotes no row.

    Parameters
    ----------
    error : psycopg.Error
        What psycopg raised after the connection was made.
    target : synth.targets.Target
        Names the place in the message.

    Returns
    -------
    DatabaseError
    """
    state = error.sqlstate
    kind = type(error).__name__
    if state is None and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return DatabaseError(
            f"the connection to the database of target {target.name!r} was lost",
            hint=_look(target),
            sqlstate=None,
        )
    if state is None:
        return DatabaseError(
            f"target {target.name!r}: the driver cannot take a value over ({kind})",
            hint="look for dates beyond the year 9999 or infinite ones in what is read",
            sqlstate=None,
        )
    advice = _ADVICE.get(state) or _ADVICE.get(state[:3]) or _ADVICE.get(state[:2])
    if state.startswith("SY"):
        # Raised by our own functions, whose messages hold identifiers and counts only.
        return DatabaseError(
            error.diag.message_primary, hint=error.diag.message_hint, sqlstate=state
        )
    name = error.diag.table_name or error.diag.constraint_name or error.diag.column_name
    about = f" on {name}" if name else ""
    return DatabaseError(
        f"target {target.name!r}: {kind}{about} (SQLSTATE {state})", hint=advice, sqlstate=state
    )


def _look(target: Target) -> str:
    return "is the server up (`synth pg status`)?" if target.is_embedded else "is the server up?"


@dataclass(frozen=True)
class _Attempt:
    """What a traced attempt showed.

    Attributes
    ----------
    states : tuple of (str, str)
        SQLSTATE and routine of each refusal.
    tls : str
        The server's answer to the wish for TLS: ``S`` yes, ``N`` no, empty without one.
    n_answers : int
        Messages of the server behind that.
    wants_password, succeeded : bool
    """

    states: tuple[tuple[str, str], ...] = ()
    tls: str = ""
    n_answers: int = 0
    wants_password: bool = False
    succeeded: bool = False


def of_connection(
    error: psycopg.Error, target: Target, parameters: dict[str, Any]
) -> DatabaseError | None:
    """Say why a connection was not made.

    Parameters
    ----------
    error : psycopg.Error
    target : synth.targets.Target
    parameters : dict
        What the connection was tried with.

    Returns
    -------
    DatabaseError or None
        None where one more attempt succeeded.
    """
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        reason = (
            f"the server did not answer within {target.connect_timeout} seconds",
            "check host and port in profiles.yml, firewalls, and connect_timeout",
        )
        return _refused(target, reason)
    attempt = _traced(parameters, target.connect_timeout or 10)
    if attempt is None:
        trouble = _out_of_reach(target)
        return _refused(target, (_UNREACHED.format(trouble or "it refuses"), _look(target)))
    if attempt.succeeded:
        return None
    if attempt.states:
        # With sslmode prefer a wrong password is tried again in the clear, which says less.
        state, routine = min(attempt.states, key=lambda found: found[0] != "28P01")
        other = ("the server refuses the connection", "see the server's log for its reason")
        reason = _REFUSED.get(f"{state} {routine}") or _REFUSED.get(state) or other
        return _refused(target, reason, state)
    return _refused(target, _wordless(target, attempt))


def check_pooler(
    connection: psycopg.Connection, target: Target, parameters: dict[str, Any], process: int
) -> None:
    """Refuse a pooler that shares a server's session: our locks and settings are the session's.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit, and not the server's own: the process id it was given is another.
    target : synth.targets.Target
    parameters : dict
        What the connection was made with.
    process : int
        Process of the server behind it.

    Raises
    ------
    DatabaseError
        While this session is open, its process serves another one, or it has another process.
    """
    others = [connection.execute(_PROCESS).fetchone()[0] != process]
    second = pq.PGconn.connect(make_conninfo("", **parameters).encode())
    try:
        second.send_query(_PROCESS.encode())
        # A pooler in session mode may let a second session wait until the first one ends.
        while not others[0] and select.select([second.socket], [], [], _POOL_SECONDS)[0]:
            second.consume_input()
            if second.is_busy():
                continue
            found = second.get_result()
            others.append(found is not None and found.get_value(0, 0) == b"%d" % process)
            break
    finally:
        second.finish()
    if any(others):
        raise DatabaseError(
            f"target {target.name!r} leads to a pooler that shares sessions (transaction or "
            "statement mode), in which locks and settings do not hold",
            hint="let it name the server itself, or a pooler in session mode",
        )


def _refused(target: Target, reason: tuple[str, str], state: str | None = None) -> DatabaseError:
    about = f" (SQLSTATE {state})" if state else ""
    return DatabaseError(
        f"target {target.name!r}: {reason[0]}{about}", hint=reason[1], sqlstate=state
    )


def _wordless(target: Target, attempt: _Attempt) -> tuple[str, str]:
    """Reason of a connection that failed without an error of the server."""
    trouble = None if attempt.n_answers or attempt.tls else _out_of_reach(target)
    if trouble:
        return _UNREACHED.format(trouble), (
            "is it up (`synth pg status`)?"
            if target.is_embedded
            else "is it up, and are host and port of the target in profiles.yml right?"
        )
    if attempt.wants_password:
        return _WANTS_PASSWORD
    if attempt.tls == "N" and not attempt.n_answers:
        return _NO_TLS
    if attempt.tls == "S" and not attempt.n_answers:
        return _tls_trouble(target)
    return _NO_METHOD if attempt.n_answers else _NOT_POSTGRES


def _traced(parameters: dict[str, Any], seconds: float) -> _Attempt | None:
    """Try to connect once more, and keep what server and client said to each other in memory."""
    if not hasattr(os, "memfd_create"):
        return None  # the driver traces on Linux only
    with os.fdopen(os.memfd_create("synth-connection"), "w+b") as seen:
        connection = pq.PGconn.connect_start(make_conninfo("", **parameters).encode())
        if connection.status == pq.ConnStatus.BAD:
            connection.finish()
            return _Attempt()
        connection.trace(seen.fileno())
        connection.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        try:
            status = _polled(connection, time.monotonic() + seconds)
            wants_password = bool(connection.needs_password)
            connection.untrace()
        finally:
            connection.finish()
        seen.seek(0)
        lines = seen.read().decode(errors="replace")
    found = [(state, _ROUTINE.search(rest)) for state, rest in _ERROR.findall(lines)]
    tls = re.findall(r"^B\t\S+\tSSLResponse\t (\w)", lines, re.MULTILINE)
    return _Attempt(
        states=tuple((state, routine[1] if routine else "") for state, routine in found),
        tls=tls[0] if tls else "",
        n_answers=len(re.findall(r"^B\t\S+\t(?!SSLResponse)[A-Z]", lines, re.MULTILINE)),
        wants_password=wants_password,
        succeeded=status == pq.PollingStatus.OK,
    )


def _polled(connection: pq.abc.PGconn, deadline: float) -> pq.PollingStatus:
    while True:
        status = pq.PollingStatus(connection.connect_poll())
        left = deadline - time.monotonic()
        if status in (pq.PollingStatus.OK, pq.PollingStatus.FAILED) or left <= 0:
            return status
        waits = [connection.socket]
        reads = status == pq.PollingStatus.READING
        select.select(waits if reads else [], [] if reads else waits, [], left)


def _out_of_reach(target: Target) -> str:
    """What the system says of a connection to the target's place; empty where there is one."""
    try:
        _plain_connection(target).close()
    except socket.gaierror:
        return "the name in the key host is not known to this machine"
    except TimeoutError:
        return "nothing answers at host and port"
    except FileNotFoundError:
        return "there is no socket of a server in the directory that the key host names"
    except (OSError, ValueError) as error:
        return (getattr(error, "strerror", None) or "the key host is no address").lower()
    return ""


def _plain_connection(target: Target) -> socket.socket:
    host, seconds = target.host.split(",")[0], target.connect_timeout or 10
    if not target.is_local:
        return socket.create_connection((host, target.port), timeout=seconds)
    plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    plain.settimeout(seconds)
    path = f"{host}/.s.PGSQL.{target.port}"
    try:
        plain.connect("\0" + path[1:] if host.startswith("@") else path)
    except BaseException:
        plain.close()
        raise
    return plain


def _tls_trouble(target: Target) -> tuple[str, str]:
    """Why TLS failed, asked of Python's: libpq says it in words only."""
    files = "check sslcert, sslkey (of that certificate, readable by you alone) and sslrootcert"
    root = target.root_certificate()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = target.sslmode == "verify-full"
    try:
        if root is None:
            context.load_default_certs()
        elif os.path.isfile(root):
            context.load_verify_locations(root)
        else:
            context.verify_mode = ssl.CERT_NONE  # as libpq, in the modes that come so far
    except (OSError, ssl.SSLError):
        return "the file of the key sslrootcert holds no certificate that can be read", files
    try:
        with _plain_connection(target) as plain:
            plain.sendall(_SSL_REQUEST)
            plain.recv(1)
            # Shaken hands later, so that the socket is closed whatever comes of it.
            with context.wrap_socket(
                plain,
                server_hostname=target.host.split(",")[0],
                do_handshake_on_connect=False,
            ) as secure:
                secure.do_handshake()
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in _WRONG_NAME:
            return (
                "the server's certificate is for another name than the key host",
                "write host as the certificate has it, or have one issued for it",
            )
        if error.verify_code in _NOT_VALID_NOW:
            return "the server's certificate is not valid today", "have a new one issued"
        return (
            "the server's certificate is not signed by the authority that the profile trusts",
            "correct sslrootcert in profiles.yml, and see that this is your server",
        )
    except (OSError, ValueError):
        pass
    if target.sslcert:
        return "TLS failed: the server may not accept the client certificate", files
    return "TLS failed", files
