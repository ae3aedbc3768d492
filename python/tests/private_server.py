"""A PostgreSQL server of a test's own, with TLS on 127.0.0.1, and the certificates for it."""

import datetime
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from synth import server_files

LOCALE = "de_DE"


def with_tls() -> Path | None:
    """Directory of server programs that were built with OpenSSL: the wheel's are not."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        shown = subprocess.run(
            [folder / "pg_config", "--configure"], capture_output=True, text=True, check=False
        )
        if "openssl" in shown.stdout and int(folder.parent.name) >= 14:
            return folder
    return None


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the test."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str) -> "Authority":
        """A new one."""
        key = ec.generate_private_key(ec.SECP256R1())
        basics = x509.BasicConstraints(ca=True, path_length=None)
        certificate = _builder(name, name, key).add_extension(basics, critical=True)
        return cls(name, key, certificate.sign(key, hashes.SHA256()))

    def write(self, path: Path) -> str:
        """Write the certificate; gives the path as text."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return str(path)

    def issue(self, folder: Path, name: str, hosts: tuple[str, ...] = (), days: int = 1) -> None:
        """Write ``NAME.crt`` and ``NAME.key``; the key is readable by its owner alone."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(name, self.name, key, days)
        if hosts:
            names = [x509.DNSName(host) for host in hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = builder.sign(self.key, hashes.SHA256())
        (folder / f"{name}.crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        path = folder / f"{name}.key"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        path.chmod(0o600)


def _builder(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, days: int = 1
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


class PrivateServer:
    """Data directory, programs and port of a server; `base` holds the certificates, too."""

    def __init__(self, programs: Path, base: Path) -> None:
        self.programs = programs
        self.base = base
        self.port = free_port()
        self.data = base / "data"
        self.user = server_files.system_user()
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.speaks_german = self._make_locale()

    def run(self, name: str, *arguments: str | Path) -> None:
        """Run a server program as the server's user."""
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        # What pg_ctl leaves behind would hold a pipe open.
        with (self.base / "programs.log").open("a") as log:
            subprocess.run(
                [self.programs / name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=self.environment,
                check=True,
                timeout=60,
                **identity,
            )

    def make(self, rules: str, settings: str) -> None:
        """Make the data directory with these lines of pg_hba.conf and postgresql.conf."""
        self.data.mkdir()
        own(self.data, self.user)
        self.run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync")
        (self.data / "pg_hba.conf").write_text(rules)
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings)

    def start(self, *options: str) -> None:
        """Start it, with further settings."""
        given = " ".join(f"-c {option}" for option in options)
        log = self.data / "server.log"
        self.run("pg_ctl", "start", "-w", "-D", self.data, "-l", log, "-o", given)

    def stop(self, mode: str = "fast") -> None:
        """Stop it."""
        self.run("pg_ctl", "stop", "-w", "-D", self.data, "-m", mode)

    def _make_locale(self) -> bool:
        """Let the server speak German, where the machine can make that locale."""
        if shutil.which("localedef") is None:
            return False
        made = subprocess.run(
            ["localedef", "-i", LOCALE, "-f", "UTF-8", self.base / f"{LOCALE}.UTF-8"],
            capture_output=True,
            check=False,
        )
        self.environment["LOCPATH"] = str(self.base)
        return made.returncode == 0


def own(path: Path, user: pwd.struct_passwd) -> None:
    """Give a file or directory to the server's user, who alone may read it."""
    path.chmod(0o700 if path.is_dir() else 0o600)
    if os.geteuid() == 0:
        os.chown(path, user.pw_uid, user.pw_gid)


def folder() -> Iterator[Path]:
    """A directory that the server's user can enter, gone afterwards."""
    base = Path(tempfile.mkdtemp(prefix="synth-test-"))
    base.chmod(0o755)
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)
