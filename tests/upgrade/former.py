"""The portal as it was at an earlier commit: its database with the demonstration in it, and its code."""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from portal.demo import postgres
from tests import database
from tests.restore.dumping import Place, add_backup_role, restore
from tests.structure.source import ROOT

#: The release from which every upgrade must work.
COMMIT = "829a068"
#: Its demonstration, 61 cases in every state, dumped as docs/operate.md says. Nobody in it is real.
DUMP = Path(__file__).with_name(f"{COMMIT}.dump")


class Missing(RuntimeError):
    """What is needed is not here; the message says what to do."""


def put_back(server: postgres.Server, name: str = database.NAME) -> Place:
    """A database on `server` as it was in use at that commit."""
    server.create_database(name)
    place = Place(server, name)
    with place.connect() as connection:  # the dump grants to it; what it may read comes with docs/deploy
        connection.execute("create role portal_backup login bypassrls")
    restore(DUMP, place)
    add_backup_role(place)
    return place


def code(folder: Path) -> Path:
    """The code of that commit, with its assets built, below `folder`.

    Raises:
        Missing: the history of this checkout does not reach back to it.
    """
    git = shutil.which("git") or "/usr/bin/git"
    packed = subprocess.run([git, "archive", COMMIT], check=False, capture_output=True, cwd=ROOT)
    if packed.returncode:
        raise Missing(
            f"Commit {COMMIT} is not in this checkout: fetch the whole history (git fetch --unshallow)."
        )
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    build = folder / "portal" / "static" / "build"
    shutil.copytree(ROOT / "portal" / "static" / "build", build)
    _name_as_then(build / "manifest.json")
    return folder


def environment(server: postgres.Server, name: str = database.NAME) -> dict[str, str]:
    """The settings with which that release runs over `server`, and nothing of the caller's."""
    return {
        "PATH": os.environ["PATH"],
        "PORTAL_MODE": "test",
        "SECRET_KEY": "for tests only, and long enough to be one",
        "DATABASE_URL": server.url("portal_app", name),
        "DATABASE_OWNER_URL": server.url("portal_owner", name),
        "DATABASE_WORKER_URL": server.url("portal_worker", name),
    }


def sessions(place: Place, people: tuple[str, ...]) -> dict[str, str]:
    """A live session of each of `people`, as that release keeps them: their tokens by name."""
    tokens = {}
    with place.connect() as connection:
        for name in people:
            tokens[name] = secrets.token_urlsafe(32)
            connection.execute(
                "insert into ctx.session (id, user_id, token_hash, issuer, device, opened_at, last_seen_at,"
                " idle_seconds, ends_at) select gen_random_uuid(), id, %s, 'https://provider.example',"
                " 'Test browser', now(), now(), 1800, now() + interval '12 hours' from app_user"
                " where name = %s",
                [hashlib.sha256(tokens[name].encode()).digest(), name],
            )
    return tokens


def _name_as_then(manifest: Path) -> None:
    """That commit asked for a script by itself which is a part of another now; here nobody runs it."""
    facts = json.loads(manifest.read_text("utf-8"))
    facts["files"].setdefault("govuk-frontend.js", facts["files"]["portal.js"])
    manifest.write_text(json.dumps(facts), "utf-8")
