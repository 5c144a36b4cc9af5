"""`python -m tests.release`: build a release, install it beside nothing else, and start it.

Prints a name and a number a line, and ends with status 1 when a tool of ours is in it or it does not start.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from portal.demo import postgres
from tests.structure.source import ROOT

DATABASE = "portal"
START_SECONDS = 60
#: Of these none may be installed on a server.
TOOLS = (
    "pytest",
    "mypy",
    "ruff",
    "playwright",
    "hypothesis",
    "pixeltable",
    "nodejs",
    "aiosmtpd",
    "uv-",
    "djlint",
)


def main() -> int:
    """Run the whole of it. Returns the status for the shell."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="a release ")))
        faults = _run(stack, folder)
    for fault in faults:
        print(f"NOT AS IT SHOULD BE: {fault}", file=sys.stderr)
    print(f"release_faults {len(faults)}")
    return 1 if faults else 0


def _run(stack: ExitStack, folder: Path) -> list[str]:
    archive = build()
    print(f"release_archive_mb {archive.stat().st_size / 1e6:.1f}")
    top = unpack(archive, folder)
    faults = [
        f"{one} is in the archive" for one in ("portal/demo", "tests", "node_modules") if (top / one).exists()
    ]
    installed = install(top)
    print(f"release_packages {len(installed)}")
    print(
        f"release_installed_mb {sum(f.stat().st_size for f in top.rglob('*') if f.is_file()) / 1e6:.0f}",
        flush=True,
    )
    faults += [f"{one} is installed" for one in installed if one.lower().startswith(TOOLS)]

    server = stack.enter_context(postgres.start(folder / "database", durable=False))
    server.create_database(DATABASE)
    upgraded = _flask(top, "db", "upgrade", DATABASE_OWNER_URL=server.url("portal_owner", DATABASE))
    if upgraded.returncode:
        return [*faults, f"flask db upgrade: {upgraded.stderr}"]
    return faults + _served(stack, top, server)


def build() -> Path:
    """Build the release of the last commit; the archive."""
    done = subprocess.run([ROOT / ".ci" / "release"], check=True, capture_output=True, text=True)
    return ROOT / done.stdout.split()[-1]


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack it below `folder`; its top folder."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (top,) = folder.glob("cre-portal-*")
    return top


def install(top: Path) -> list[str]:
    """Install what docs/deploy.md says into an environment of its own; what is there then."""
    python = next(filter(None, map(shutil.which, ("python3.13", "python3.12", "python3.11", "python3"))))
    subprocess.run([python, "-m", "venv", top / ".venv"], check=True)
    pip: list[str | Path] = [top / ".venv" / "bin" / "python", "-m", "pip"]
    lock = ["--no-deps", "--require-hashes", "--requirement", "requirements.lock"]
    subprocess.run([*pip, "install", "--quiet", "--disable-pip-version-check", *lock], check=True, cwd=top)
    listed = subprocess.run([*pip, "list", "--format", "freeze"], check=True, capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if not re.match("pip=|setuptools=", line)]


def _flask(top: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [top / ".venv" / "bin" / "python", "-m", "flask", "--app", "wsgi", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=top,
        env={"PATH": os.environ["PATH"], **settings},
    )


def _served(stack: ExitStack, top: Path, server: postgres.Server) -> list[str]:
    """Start one web process in production mode, and ask it whether it is well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "BIND": f"127.0.0.1:{port}",
        "WEB_WORKERS": "1",
        "SECRET_KEY": "of a trial that lasts a minute, and long enough",
        "PORTAL_ADDRESS": "https://portal.example.org",
        "DATABASE_URL": server.url("portal_app", DATABASE),
        "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", DATABASE),
        "SEARCH_HASH_KEY": "what searches are compared by in a trial of a minute",
    }
    command: list[str | Path] = [
        top / ".venv" / "bin" / "python",
        "-m",
        "gunicorn",
        "--config",
        "config/gunicorn.py",
        "wsgi:app",
    ]
    running = subprocess.Popen(command, cwd=top, env=environment, stderr=subprocess.PIPE, text=True)
    stack.callback(_end, running)
    began = time.monotonic()
    while time.monotonic() - began < START_SECONDS and running.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/web", timeout=5) as answer:
                print(f"release_started_seconds {time.monotonic() - began:.1f}")
                return [] if answer.status == 200 else [f"/healthz/web answers {answer.status}"]
        except urllib.error.HTTPError as error:
            return [f"/healthz/web answers {error.code}"]
        except OSError:
            time.sleep(0.2)
    running.kill()
    return [f"gunicorn did not start: {running.communicate()[1][-2000:]}"]


def _end(running: subprocess.Popen[str]) -> None:
    running.terminate()
    running.communicate(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
