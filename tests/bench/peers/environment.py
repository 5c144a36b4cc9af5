"""The packages of the peers, in an environment of their own: the portal and its tests need none of them."""

import hashlib
import subprocess
import sys
from pathlib import Path

from portal.demo import place
from tests.bench.kept import KEPT

LOCK = Path(__file__).with_name("requirements.lock")


def python() -> Path:
    """The Python that has the packages of `requirements.lock`; the first time they are installed.

    Raises:
        subprocess.CalledProcessError: the packages cannot be had, or are not those of the lock.
    """
    folder = KEPT / f"peers-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    found, stamp = folder / "bin" / "python", folder / "ready"
    if not stamp.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob("peers-*"):
            place.remove(old)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        command = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, "--require-hashes", "--requirement", str(LOCK)], check=True)
        stamp.touch()
    return found
