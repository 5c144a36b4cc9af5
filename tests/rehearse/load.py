"""People who go on writing while the portal is broken under them, and remember what they were told."""

import http.client
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup

from portal import clock
from tests.rehearse.house import host_of

PAUSE = 0.05  # seconds between two entries of one person
PATIENCE = 40  # seconds; the proxy answers after thirty
_TAKEN = 303


@dataclass(frozen=True)
class Sent:
    """One entry that somebody sent: its words, when it began and was answered, the status (0: no answer)."""

    words: str
    began: float
    at: float
    status: int


class Connection(http.client.HTTPSConnection):
    """To a name of this machine, whose certificate is checked by that name."""

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[attr-defined] # http.client's own


@dataclass
class Client:
    """Somebody signed in, without a browser; says of itself what a browser says."""

    address: str
    context: ssl.SSLContext
    token: str
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cookies["__Host-portal"] = self.token

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """The status and the words of an answer.

        Raises:
            OSError, http.client.HTTPException: none came.
        """
        connection = Connection(*host_of(self.address), timeout=PATIENCE, context=self.context)
        try:
            body = urlencode(form) if form is not None else None
            connection.request(method, path, body, self._headers(form is not None))
            answer = connection.getresponse()
            for value in answer.headers.get_all("Set-Cookie") or []:
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def _headers(self, is_form: bool) -> dict[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if is_form:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Sec-Fetch-Site": "same-origin",
                "Origin": self.address,
            }
        return headers


def trusting(authority: Path) -> ssl.SSLContext:
    """Checks certificates by the authority of the run."""
    return ssl.create_default_context(cafile=str(authority))


@dataclass
class Writer:
    """One person who adds one entry after the other to a case."""

    client: Client
    case: str
    sent: list[Sent] = field(default_factory=list)

    def write(self, stopped: Callable[[], bool]) -> None:
        """Go on until told to stop."""
        while not stopped():
            words = f"Seen at the bus station, note {secrets.token_hex(8)}"
            self.sent.append(Sent(words, time.monotonic(), *self._one(words)))
            time.sleep(PAUSE)

    def _one(self, words: str) -> tuple[float, int]:
        path, status = f"/cases/{self.case}/entries/new", 0
        try:
            status, page = self.client.ask("GET", path)
            if status == http.client.OK:
                status, _ = self.client.ask("POST", path, _filled(page, words))
                return time.monotonic(), status
        except (OSError, http.client.HTTPException):
            return time.monotonic(), 0
        return time.monotonic(), -status  # the page itself did not come


def _filled(page: str, words: str) -> dict[str, str]:
    """The form of the page as somebody fills it in: what is hidden goes back as it came."""
    soup = BeautifulSoup(page, "html.parser")
    box = soup.select_one("textarea[name=text]")
    form = box.find_parent("form") if box else None
    if form is None:
        return {}
    hidden = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[type=hidden][name]")}
    today = clock.today()
    day = {"day": today.day, "month": today.month, "year": today.year}
    kinds = [str(one["value"]) for one in form.select("select[name=kind] option") if one.get("value")]
    return {
        **hidden,
        **{f"happened_on-{part}": str(value) for part, value in day.items()},
        "kind": kinds[0],
        "text": words,
        "handling": "network",
        "family_safe": "no",
    }


@dataclass
class Load:
    """Several writers at once."""

    writers: list[Writer]
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Let them begin. From now on no process may be started from this one by a thread."""
        for writer in self.writers:
            thread = threading.Thread(target=writer.write, args=(self._stop.is_set,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let each finish what it is at."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)

    @property
    def acknowledged(self) -> list[Sent]:
        """What the portal said was saved, in the order of its answers."""
        taken = [one for writer in self.writers for one in list(writer.sent) if one.status == _TAKEN]
        return sorted(taken, key=lambda one: one.at)

    def taken_since(self, moment: float) -> int:
        """How many entries were acknowledged after a moment."""
        return sum(one.began > moment for one in self.acknowledged)


def seconds_down(acknowledged: list[Sent], since: float) -> float:
    """From a moment on, how long it takes until something is saved that was begun after it."""
    after = [one.at for one in acknowledged if one.began > since]
    return min(after) - since if after else float("inf")
