"""What `make demo` runs until Ctrl-C: database, identity providers, worker and web process."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from portal.demo import postgres, processes

ROOT = Path(__file__).parents[2]
INSTANCE = ROOT / "instance"
DATABASE = "portal"
WEB_PORT = 5000
PROVIDER_PORT = 5100
PORTS_TRIED = 20
READY_SECONDS = 60
STOP_SECONDS = 10


class Failed(RuntimeError):
    """The demo cannot go on; the message says why and where to look."""


class _Stopped(Exception):
    """The person, or the system for them, asked us to stop."""


def main() -> int:
    """Run the demo until it is stopped. Returns the status for the shell."""
    if "MAKELEVEL" in os.environ:  # a killed make must not leave us running unseen
        processes.end_with_parent(signal.SIGTERM)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
    os.umask(0o077)
    (INSTANCE / "log").mkdir(parents=True, exist_ok=True)
    try:
        lock = processes.Lock(INSTANCE / "demo.lock")
    except processes.Busy as busy:
        print(f"The demo already runs from this folder: {busy}. Stop that one first.", file=sys.stderr)
        return 1
    try:
        _run(lock)
    except _Stopped:
        print("\nStopped. The data is kept; `make demo` starts again.")
        return 0
    except (Failed, postgres.CannotStart, postgres.Busy) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    finally:
        lock.release()
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the stopping
    raise _Stopped


def _run(lock: processes.Lock) -> None:
    with contextlib.ExitStack() as running:
        print("Starting the database", flush=True)
        server = running.enter_context(postgres.start(INSTANCE / "postgres", durable=True))
        if server.notice:
            print(server.notice)
        if not server.has_database(DATABASE):
            server.create_database(DATABASE)
        port = _free_port(WEB_PORT)
        address = f"http://127.0.0.1:{port}"
        environment = _environment(server, address)
        _once(environment, "migrations", "-m", "flask", "--app", "wsgi", "db", "upgrade")
        if find_spec("portal.demo.seed"):
            _once(environment, "demonstration data", "-m", "portal.demo.seed")
        children = {
            "web": running.enter_context(
                _child(
                    environment,
                    "web",
                    "-m",
                    "gunicorn",
                    "--config",
                    "config/gunicorn.py",
                    "--bind",
                    f"127.0.0.1:{port}",
                    "wsgi:app",
                )
            )
        }
        _await(address, children)
        lock.note(f"{address}, process {os.getpid()}")
        print(_welcome(address), flush=True)
        _watch(children)


def _environment(server: postgres.Server, address: str) -> dict[str, str]:
    return {
        **os.environ,
        "PORTAL_ENVIRONMENT": "demo",
        "DATABASE_URL": server.url("portal_app", DATABASE),
        "DATABASE_OWNER_URL": server.url("portal_owner", DATABASE),
        "DATABASE_WORKER_URL": server.url("portal_worker", DATABASE),
        "SECRET_KEY": _secret("secret-key"),
        "PORTAL_ADDRESS": address,
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "127.0.0.1",  # the portal asks the identity providers, which are on this machine
        "no_proxy": "127.0.0.1",
    }


def _secret(name: str) -> str:
    """A random secret that stays the same from run to run, so that a restart signs nobody out."""
    path = INSTANCE / name
    if not path.exists():
        path.write_text(secrets.token_hex(32), encoding="ascii")  # the umask keeps it to us
    return path.read_text(encoding="ascii")


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise Failed(f"No port is free between {wanted} and {wanted + PORTS_TRIED - 1}.")


def _once(environment: dict[str, str], what: str, *arguments: str) -> None:
    """Run one step to its end."""
    print(f"Applying the {what}", flush=True)
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise Failed(f"The {what} failed:\n{done.stdout.decode(errors='replace')}")


@contextlib.contextmanager
def _child(environment: dict[str, str], name: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    with (INSTANCE / "log" / f"{name}.log").open("wb") as log:
        process = processes.spawn(
            [sys.executable, *arguments],
            log=log,
            ends_on=signal.SIGTERM,
            environment=environment,
            directory=ROOT,
        )
    try:
        yield process
    finally:
        processes.stop(process, with_signal=signal.SIGTERM, patience=STOP_SECONDS)


def _await(address: str, children: dict[str, "subprocess.Popen[bytes]"]) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever the shell's proxy is

    def answers() -> bool:
        _check(children)
        try:
            with direct.open(address, timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    if not processes.wait_until(answers, seconds=READY_SECONDS, every=0.1):
        raise Failed(f"The portal does not answer at {address}: see instance/log/web.log.")


def _check(children: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for name, process in children.items():
        if process.poll() is not None:
            log = INSTANCE / "log" / f"{name}.log"
            end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise Failed(f"The {name} process ended. The end of instance/log/{name}.log:\n{end}")


def _watch(children: dict[str, "subprocess.Popen[bytes]"]) -> None:
    while True:
        time.sleep(0.5)
        _check(children)


def _welcome(address: str) -> str:
    return f"""
The portal is at  {address}
Press Ctrl-C to stop it.
"""


if __name__ == "__main__":
    sys.exit(main())
