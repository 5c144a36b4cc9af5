"""Where a process tells its metrics: a port of its own, for this machine unless METRICS_BIND says more."""

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import SettingError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

log = logging.getLogger("portal.metrics")

#: Where nothing else is said: each sort of process has its own, so both may run on one machine.
WEB_PORT, WORKER_PORT = 9464, 9465
#: Where the processes of one gunicorn put their counts; prometheus_client reads it when imported.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_OFF = "off"

Address = tuple[str, int]


def address(env: Mapping[str, str], port: int) -> Address | None:
    """Host and port, or None where none are told: `METRICS_BIND=off`, the default outside production.

    Raises:
        SettingError: METRICS_BIND is no address.
    """
    default = f"127.0.0.1:{port}" if env.get("PORTAL_MODE", "production") == "production" else _OFF
    told = env.get("METRICS_BIND", default)
    if told == _OFF:
        return None
    host, _, number = told.rpartition(":")
    if not host or not number.isdecimal():
        raise SettingError(f"METRICS_BIND is {told!r}: use host:port, such as 127.0.0.1:{port}, or off")
    return host.strip("[]"), int(number)


def share() -> Path:
    """Make the folder in which several processes put their counts together. Before anything is counted."""
    folder = Path(tempfile.mkdtemp(prefix="cre-portal-metrics-"))
    os.environ[SHARED] = str(folder)
    return folder


def unshare(folder: Path) -> None:
    """Take that folder away."""
    shutil.rmtree(folder, ignore_errors=True)


def serve_shared(to: Address) -> None:
    """Tell what all processes of one gunicorn counted, from the one that watches over them."""
    from prometheus_client import CollectorRegistry, multiprocess  # noqa: PLC0415 - not before `share`

    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, os.environ[SHARED])  # type: ignore[no-untyped-call]  # of the package
    serve(to, registry)


def has_ended(process: int) -> None:
    """What a process had open is no longer open."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - not before `share`

    multiprocess.mark_process_dead(process)  # type: ignore[no-untyped-call]  # the package carries no types here


def serve(to: Address, registry: "CollectorRegistry") -> None:
    """Tell what a registry holds. A port that is taken is said in the log: nothing else waits for metrics."""
    from prometheus_client import start_http_server  # noqa: PLC0415 - not before `share`

    host, port = to
    try:
        start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        log.warning("No metrics are told: %s:%d cannot be used (%s).", host, port, error.strerror)
    else:
        log.info("Metrics are told at %s:%d.", host, port)
