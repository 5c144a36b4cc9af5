"""Filled databases, each made once and kept in `instance/bench`: a second run starts within a minute."""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade

from portal import create_app
from portal.demo import place, postgres
from portal.extensions import db
from tests import database, prepared

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "instance" / "bench"
#: What a world is made of; when that changes, it is made anew. Migrations and rules are brought up to date.
BEGINNING = ("portal/demo/**/*.toml",)
MADE_OF = (
    "tests/bench/crowds.py",
    "tests/bench/ended.toml",
    "tests/bench/multiply.py",
    "tests/bench/world.py",
    "tests/bench/world.sql",
    *BEGINNING,
)
MEMORY = {"shared_buffers": "2GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h"}
#: While it is filled nobody waits for the disk: whoever is killed meanwhile leaves no stamp.
FILLING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@contextmanager
def world(
    name: str, seed: Callable[[postgres.Server], None], fill: Callable[[postgres.Server], None]
) -> Iterator[postgres.Server]:
    """A server with a filled database, as durable as one that people use.

    Args:
        name: of the world, such as its size.
        seed: writes into a migrated database that is empty what all worlds begin with.
        fill: fills it.
    """
    folder = KEPT / f"{name}-{_digest(MADE_OF)}"
    if not _is_ready(folder):
        _make(folder, name, _beginning(seed), fill)
    with postgres.start(folder, durable=True, more=MEMORY) as server:
        _upgrade(server)
        yield server


def _beginning(seed: Callable[[postgres.Server], None]) -> Path:
    """The data of a database with what all worlds begin with, made once for all of them."""
    folder = KEPT / f"beginning-{_digest(BEGINNING)}"
    if not _is_ready(folder):
        _clear("beginning")
        prepared.copy_to(folder, database.migrate)
        _filled(folder, seed)
    return place.find(folder.resolve()).data


def _make(folder: Path, name: str, beginning: Path, fill: Callable[[postgres.Server], None]) -> None:
    _clear(name)
    folder.mkdir()
    command = [
        "cp",
        "-a",
        "--reflink=auto",
        f"{beginning.resolve()}/.",
        str(place.find(folder.resolve()).data),
    ]
    subprocess.run(command, check=True)
    _filled(folder, fill)


def _filled(folder: Path, fill: Callable[[postgres.Server], None]) -> None:
    begun = time.monotonic()
    with postgres.start(folder, durable=True, more={**MEMORY, **FILLING}) as server:
        _upgrade(server)
        fill(server)
    (folder / "ready").touch()
    print(f"  made {folder.name} in {time.monotonic() - begun:.0f} s", flush=True)


def _upgrade(server: postgres.Server) -> None:
    app = create_app(database.configuration(server))
    with app.app_context():
        upgrade()
        db.engine.dispose()


def _is_ready(folder: Path) -> bool:
    return (folder / "ready").exists()


def _clear(name: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob(f"{name}-*"):
        place.remove(old)


def _digest(patterns: Sequence[str]) -> str:
    parts = sorted(one for pattern in patterns for one in ROOT.glob(pattern))
    digest = hashlib.sha256(b"".join(part.read_bytes() for part in parts))
    return digest.hexdigest()[:12] + os.environ.get("FAKETIME", "")
