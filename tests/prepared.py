"""The migrated database of the tests, made once and copied for every process that needs a server.

It is kept beside pytest's own cache, by what it is made from: any change of the portal, its migrations or the
packages makes a fresh one.
"""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.demo import place, postgres

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".pytest_cache" / "clusters"
DATABASE = ROOT / "tests" / "database.py"  # which says how it is made
#: Templates as Python, by their text: a run does not compile each again.
TEMPLATES = ROOT / ".pytest_cache" / "templates"
MOST = 3  # so that going back and forth between two branches stays quick

#: Made without waiting for the disk: whoever is killed meanwhile leaves no stamp, and it is made anew.
_QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_STAMP = "ready"


def copy_to(directory: Path, make: Callable[[postgres.Server], None]) -> None:
    """Give the server that will run in `directory` the data of a migrated one.

    Args:
        directory: a folder for the server alone; it has no data yet.
        make: creates and migrates the database of a new server.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        source = _kept(make)
        source.joinpath(_STAMP).touch()
        target = place.find(directory.resolve())
        command = ["cp", "-a", "--reflink=auto", f"{(source / 'data').resolve()}/.", str(target.data)]
        subprocess.run(command, check=True)


def _kept(make: Callable[[postgres.Server], None]) -> Path:
    kept = KEPT / _made_from()
    if not (kept / _STAMP).exists():
        place.remove(kept)
        for old in sorted(KEPT.glob("*/"), key=_last_used)[: 1 - MOST]:
            place.remove(old)
        with postgres.start(kept, durable=True, more=_QUICK) as server:
            make(server)
    return kept


def _last_used(kept: Path) -> float:
    stamp = kept / _STAMP
    return stamp.stat().st_mtime if stamp.exists() else 0


def _made_from() -> str:
    """A name for everything that the data depends on; the clock too, which the server wrote into it."""
    digest = hashlib.sha256(os.environ.get("FAKETIME", "").encode())
    parts = [*ROOT.glob("migrations/**/*.py"), *ROOT.glob("requirements*.lock"), Path(__file__), DATABASE]
    parts += [one for kind in ("py", "sql") for one in ROOT.glob(f"portal/**/*.{kind}")]
    for part in sorted(parts):
        digest.update(f"{part.relative_to(ROOT)}\n".encode() + part.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
