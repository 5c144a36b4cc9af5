"""The data folder of the embedded PostgreSQL: made once, and configured at every start."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from portal.demo.place import CannotStart, Place

PORT = 5432  # only names the socket
SUPERUSER = "postgres"
# In a run on another day, what stands between a program and the clock: server and caller agree on the day.
_CLOCK = ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC") if "FAKETIME" in os.environ else ()
# Nothing else of the shell's: PGPORT, PGDATA, TZ and the locale would all change what the server does.
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
    **{name: os.environ[name] for name in _CLOCK if name in os.environ},
}


def initialise(where: Place) -> None:
    """Make the data folder. PG_VERSION, which says that it is made, moves in last: a kill leaves no half."""
    for remains in where.data.iterdir():
        shutil.rmtree(remains) if remains.is_dir() and not remains.is_symlink() else remains.unlink()
    fresh = where.data / "fresh"
    command: list[str | Path] = [
        where.binaries / "bin" / "initdb",
        "--pgdata",
        fresh,
        "--username",
        SUPERUSER,
    ]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [
        "--data-checksums",
        "--auth-local=peer",
        "--auth-host=reject",
        "--no-instructions",
        "--no-sync",
    ]
    done = subprocess.run(
        command,
        check=False,
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        user=where.user.pw_uid if where.user else None,
        group=where.user.pw_gid if where.user else None,
        extra_groups=[] if where.user else None,
    )
    if done.returncode:
        raise CannotStart(
            f"PostgreSQL could not make its data folder:\n{done.stdout.decode(errors='replace')}"
        )
    for part in sorted(fresh.iterdir(), key=lambda path: path.name == "PG_VERSION"):
        part.rename(where.data / part.name)
    fresh.rmdir()


def configure(where: Place, *, durable: bool, more: Mapping[str, str] | None = None) -> None:
    """Write every setting that matters here, so that neither the machine nor an older run decides it."""
    folder = str(where.sockets).replace('"', '""').replace("'", "''")
    safety = "on" if durable else "off"
    settings = f"""\
listen_addresses = ''
port = {PORT}
unix_socket_directories = '"{folder}"'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
jit = off
timezone = 'UTC'
lc_messages = 'C'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
log_error_verbosity = terse  # the detail of an error quotes the row
fsync = {safety}
full_page_writes = {safety}
synchronous_commit = {safety}
"""
    settings += "".join(f"{name} = '{value}'\n" for name, value in (more or {}).items())
    try:
        caller = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise CannotStart(f"PostgreSQL needs a name for user {os.geteuid()} in the password file.") from error
    _write(where, "postgresql.conf", settings)
    _write(where, "pg_hba.conf", "local all all peer map=starter\n")
    _write(where, "pg_ident.conf", f'starter "{caller}" all\n')


def _write(where: Place, name: str, text: str) -> None:
    path = where.data / name
    path.unlink(missing_ok=True)  # never write through a link that the server's user may have put there
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    if where.user:
        os.fchown(descriptor, where.user.pw_uid, where.user.pw_gid)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
