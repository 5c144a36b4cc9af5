"""What `make demo` runs until Ctrl-C: database, identity providers, mail, worker, documents and web
process.

`python -m portal.demo.run [FOLDER]` keeps its data in FOLDER, by default `instance`.
"""

import contextlib
import os
import secrets
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Any

from portal.demo import DOMAIN, postgres, processes
from portal.demo.partnership import secret_names
from portal.demo.processes import ROOT, Children, Failed, Port, answers

DATABASE = "portal"
WEB_PORT = 5000
PROVIDER_PORT = 5100
MAIL_PAGE_PORT = 5200
SMTP_PORT = 5300
READY_SECONDS = 60
GRACE_SECONDS = 1  # for a demo of this folder to hear that it is to stop
STOPPING = "stopping"
#: Of these nothing is taken from the shell: the demonstration must never send to a real mail server.
MAIL_SETTINGS = ("SMTP_", "MAIL_", "RETURN_")

# What the person at the terminal is told when the demo is up.

FILE = Path(__file__).parent / "data" / "partnership.toml"

#: Whom to try first, in the order of the story; everybody else is on the sign-in page of their organisation.
FIRST = (
    ("ola-brackenbury", "share a concern"),
    ("cora-inglewood", "triage it at the hub"),
    ("wanda-pennywhistle", "work on the shared case"),
    ("nell-foxglove", "add what health knows"),
    ("cam-dewberry", "add what the council knows"),
    ("mina-fernsby", "see a team's work, invite people"),
    ("gwen-oakapple", "see what was shared with whom, and why"),
    ("ada-winterbell", "look after agencies and people"),
)


def welcome(address: str, mail: str) -> str:
    """The addresses and whom to sign in as.

    Args:
        address: of the portal.
        mail: of the page that shows what the portal sent.
    """
    found = {person["id"]: (agency, person) for agency, person in _people()}
    rows = [
        (found[who][1]["name"], found[who][1]["job"], found[who][0]["name"], purpose)
        for who, purpose in FIRST
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        f"  {name:{widths[0]}}  {job:{widths[1]}}  {agency:{widths[2]}}  {purpose}"
        for name, job, agency, purpose in rows
    ]
    return "\n".join(
        [
            "",
            f"The portal is at  {address}",
            f"Its mail is at    {mail}  (none of it leaves this machine)",
            "",
            "Sign in by choosing an organisation, then a person; there are no passwords. For example:",
            "",
            *lines,
            "",
            "Press Ctrl-C to stop it.",
        ]
    )


def _people() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    partnership = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [(agency, person) for agency in partnership["agency"] for person in agency["people"]]


class _Stopped(Exception):
    """The person, or the system for them, asked us to stop."""


def main(arguments: list[str]) -> int:
    """Run the demo until it is stopped. Returns the status for the shell."""
    instance = Path(arguments[0] if arguments else ROOT / "instance").resolve()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # names have letters that an old terminal cannot show
    if "MAKELEVEL" in os.environ:  # a make that is killed must not leave us running unseen
        processes.end_with_parent(signal.SIGTERM)
    try:
        with _stopping_on_signals() as first, _sole_use_of(instance) as lock:
            first.append(lambda: lock.note(STOPPING))
            _run(instance, lock)
    except _Stopped:
        print("\nStopped. The data is kept: `make demo` goes on from here.")
    except (Failed, postgres.CannotStart, postgres.Busy) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def _stopping_on_signals() -> Iterator[list[Callable[[], None]]]:
    """Leave by `_Stopped` when a signal asks us to stop, after calling what has been put on the list."""
    signs = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    first: list[Callable[[], None]] = []

    def stop(_number: int, _frame: FrameType | None) -> None:
        for sign in signs:
            signal.signal(sign, signal.SIG_IGN)  # an impatient second Ctrl-C must not cut the stopping short
        for call in first:
            call()
        raise _Stopped

    for sign in signs:
        signal.signal(sign, stop)
    yield first


@contextlib.contextmanager
def _sole_use_of(instance: Path) -> Iterator[processes.Lock]:
    try:
        (instance / "log").mkdir(parents=True, exist_ok=True)
        lock = _lock(instance / "demo.lock")
    except processes.Busy as busy:
        raise Failed(f"The demo already runs from this folder ({busy}). Stop that one first.") from busy
    except PermissionError as error:
        raise Failed(
            f"{instance} belongs to another user. Run as that user, or delete it to start afresh."
        ) from error
    try:
        yield lock
    finally:
        lock.release()


def _lock(path: Path) -> processes.Lock:
    """The demo's lock; one that is just stopping, perhaps because its make was killed, is waited for."""
    ends = time.monotonic() + GRACE_SECONDS
    while True:
        try:
            return processes.Lock(path)
        except processes.Busy as busy:
            if STOPPING in str(busy):
                ends = max(ends, time.monotonic() + GRACE_SECONDS)
            if time.monotonic() > ends:
                raise
        time.sleep(0.1)


def _run(instance: Path, lock: processes.Lock) -> None:
    patience = 5.0 if lock.was_left else 0.0
    wanted = (WEB_PORT, PROVIDER_PORT, MAIL_PAGE_PORT, SMTP_PORT)
    ports = [Port(number, patience=patience) for number in wanted]
    smtp_port = ports[-1].number
    address, providers, mail = (f"http://127.0.0.1:{port.number}" for port in ports[:-1])
    lock.note(f"{address}, process {os.getpid()}")

    print("Starting the database", flush=True)
    with postgres.start(instance / "postgres", durable=True) as server:
        if server.notice:
            print(server.notice, flush=True)
        if not server.has_database(DATABASE):
            server.create_database(DATABASE)
        environment = {
            **_environment(server, instance, address=address, providers=providers),
            **_mail_settings(instance / "mail", smtp_port),
        }
        with Children(instance / "log", environment) as children:
            people, keys = str(instance / "providers.json"), str(instance / "keys")
            children.run_once("tables and demonstration data", "-m", "portal.demo.seed", people)
            for port in ports:
                port.give()
            children.start("providers", "-m", "portal.demo.provider", people, keys)
            mail_page_port = mail.rsplit(":", 1)[1]
            children.start(
                "mail", "-m", "portal.demo.mail", str(instance / "mail"), str(smtp_port), mail_page_port
            )
            where = address.removeprefix("http://")
            children.start(
                "web", "-m", "gunicorn", "--config", "config/gunicorn.py", "--bind", where, "wsgi:app"
            )
            children.wait_for(lambda: all(map(answers, (address, providers, mail))), seconds=READY_SECONDS)
            children.start("worker", "-m", "flask", "--app", "wsgi", "worker")
            children.start("documents", "-m", "flask", "--app", "wsgi", "documents")
            print(welcome(address, mail), flush=True)
            children.watch()


def _environment(server: postgres.Server, instance: Path, *, address: str, providers: str) -> dict[str, str]:
    shell = {name: value for name, value in os.environ.items() if not name.startswith(MAIL_SETTINGS)}
    return {
        **shell,
        "PORTAL_MODE": "demo",
        "PORTAL_ADDRESS": address,
        "PROVIDER_ADDRESS": providers,
        "DATABASE_URL": server.url("portal_app", DATABASE),
        "DATABASE_OWNER_URL": server.url("portal_owner", DATABASE),
        "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", DATABASE),
        "DATABASE_WORKER_URL": server.url("portal_worker", DATABASE),
        "DATABASE_DOCUMENTS_URL": server.url("portal_documents", DATABASE),
        "SECRET_KEY": _secret(instance / "secret-key"),
        **dict.fromkeys(["OIDC_SECRET_DEMO", *secret_names()], _secret(instance / "provider-secret")),
        "SEARCH_HASH_KEY": _secret(instance / "search-hash-key"),
        "AUDIT_CHECKPOINTS": str(instance / "audit-trail.txt"),
        "AUDIT_CHECKPOINT_KEY": _secret(instance / "audit-checkpoint-key"),
        "PYTHONUNBUFFERED": "1",
        # The portal asks the identity providers, which are on this machine, whatever the shell's proxy is.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def _mail_settings(folder: Path, port: int) -> dict[str, str]:
    """All mail goes to this machine's own server, and what comes back is read from its mailbox."""
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": f"portal@{DOMAIN}",
        "MAIL_RETURN": f"returns@{DOMAIN}",
        "MAIL_ORGANISER": f"meetings@{DOMAIN}",
        "RETURN_MAILBOX": f"maildir:{folder / 'returned'}",
    }


def _secret(path: Path) -> str:
    """A random secret that stays the same from run to run, so that a restart signs nobody out."""
    if not path.exists():
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        fresh.rename(path)
    return path.read_text("ascii")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
