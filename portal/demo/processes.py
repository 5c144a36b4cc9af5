"""Child processes that end with the program that started them, and the lock that keeps a second one out."""

import ctypes
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Busy(RuntimeError):
    """Another living process holds the lock."""


class Lock:
    """A file that one living process holds; the kernel lets go of it however that process ends.

    Raises:
        Busy: another process holds it. The message names the process.
    """

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "r+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._file.read().strip() or "another process"
            self._file.close()
            raise Busy(holder) from error
        self.was_left = bool(self._file.read())  # the last holder was killed: what it ran may still be ending
        self.note(f"process {os.getpid()}")

    def note(self, text: str) -> None:
        """Say who holds the lock, for whoever comes second."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(text)
        self._file.flush()

    def release(self) -> None:
        """Let go. The file stays, since removing it would let two processes lock two files of one name."""
        self.note("")
        self._file.close()


def end_with_parent(sign: signal.Signals) -> None:
    """Have the kernel send this process `sign` when the thread that started it ends, even by kill -9.

    Linux only: elsewhere a killed parent leaves its children, and the next start clears them away.
    """
    if _libc is not None:
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, int(sign), 0, 0, 0)


def _bound_to(parent: int, sign: signal.Signals) -> Callable[[], None]:
    def bind() -> None:
        end_with_parent(sign)
        if os.getppid() != parent:  # it ended between the fork and the call above
            os.kill(os.getpid(), signal.SIGKILL)

    return bind


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | None,
    ends_on: signal.Signals,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    user: pwd.struct_passwd | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: Ctrl-C then reaches only us, who choose the order of stopping.

    Call it from the main thread: the kernel watches the thread that forked, not the process.

    Args:
        command: the program and its arguments.
        log: where its output goes; None discards it.
        ends_on: the signal that it gets when we die.
        environment: replaces ours.
        directory: where it runs.
        user: as whom it runs, when we are root and it must not be.
    """
    return subprocess.Popen(
        [os.fspath(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log or subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=directory,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        start_new_session=True,
        # Runs after the change of user, which would undo it.
        preexec_fn=_bound_to(os.getpid(), ends_on),  # noqa: PLW1509 -- the demo and the tests start no threads first
    )


def stop(process: subprocess.Popen[bytes], *, with_signal: signal.Signals, patience: float) -> None:
    """Ask a child to end, and end it ourselves after `patience` seconds."""
    process.send_signal(with_signal)  # nothing happens to one that has ended
    see_end(process, patience=patience)


def see_end(process: subprocess.Popen[bytes], *, patience: float) -> None:
    """Wait for a child that was asked to end, and end it ourselves after `patience` seconds."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Whether `true` became so within the time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True
