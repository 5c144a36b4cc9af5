"""The processes that make up the demo: started in order, watched, and ended with the program."""

import contextlib
import ctypes
import fcntl
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

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


ROOT = Path(__file__).parents[2]
PORTS_TRIED = 20
STOP_SECONDS = 10
LINES_SHOWN = 20


class Failed(RuntimeError):
    """The demo cannot go on; the message says why and where to look."""


class Children:
    """Python programs that run with one environment and write their output to one folder.

    Args:
        logs: a folder that exists.
        environment: replaces ours for every one of them.
    """

    def __init__(self, logs: Path, environment: dict[str, str]) -> None:
        self._logs = logs
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run_once(self, what: str, *arguments: str) -> None:
        """Run a step to its end.

        Raises:
            Failed: with the end of what the step printed.
        """
        print(f"Preparing the {what}", flush=True)
        with self._open_log("prepare") as log:
            done = subprocess.run(
                [sys.executable, *arguments],
                check=False,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if done.returncode:
            raise Failed(f"The {what} could not be prepared. {self._end_of('prepare')}")

    def start(self, name: str, *arguments: str) -> None:
        """Start a program that runs beside us."""
        with self._open_log(name) as log:
            self._running[name] = spawn(
                [sys.executable, *arguments],
                log=log,
                ends_on=signal.SIGTERM,
                environment=self._environment,
                directory=ROOT,
            )

    def wait_for(self, true: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `true`.

        Raises:
            Failed: one of the programs ended, or the time did.
        """
        if not wait_until(lambda: self._all_run() and true(), seconds=seconds, every=0.1):
            raise Failed(f"The portal does not answer after {seconds:.0f} seconds: look in {self._logs}.")

    def watch(self) -> None:
        """Wait until a program ends by itself, which none should.

        Raises:
            Failed: it did.
        """
        while self._all_run():
            time.sleep(0.5)

    def _all_run(self) -> bool:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise Failed(f"The {name} process ended. {self._end_of(name)}")
        return True

    def _open_log(self, name: str) -> BinaryIO:
        return os.fdopen(os.open(self._log(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

    def _end_of(self, name: str) -> str:
        end = "\n".join(self._log(name).read_text(errors="replace").splitlines()[-LINES_SHOWN:])
        return f"The end of {self._log(name)}:\n{end}"

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():  # all at once: none needs another in order to end
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            see_end(process, patience=STOP_SECONDS)


class Port:
    """A port of this machine that nobody else can take until `give` hands it to a program of ours.

    Loading the demonstration takes some seconds, in which a second demo would choose the same port.

    Args:
        wanted: the first port to try; the next twenty follow.
        patience: how many seconds to wait for the first one.

    Raises:
        Failed: none of them is free.
    """

    def __init__(self, wanted: int, *, patience: float) -> None:
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        wait_until(lambda: self._takes(wanted), seconds=patience, every=0.1)
        if not any(self._takes(port) for port in range(wanted, wanted + PORTS_TRIED)):
            self._held.close()
            raise Failed(f"No port is free between {wanted} and {wanted + PORTS_TRIED - 1}.")
        self.number: int = self._held.getsockname()[1]

    def _takes(self, port: int) -> bool:
        if self._held.getsockname()[1]:
            return True
        with contextlib.suppress(OSError):
            self._held.bind(("127.0.0.1", port))
            self._held.listen()
            return True
        return False

    def give(self) -> None:
        """Let go of it, for the program that is started next."""
        self._held.close()


def answers(address: str) -> bool:
    """Whether something answers there over HTTP, with whatever status."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever the shell's proxy is
    try:
        with direct.open(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
