"""The proxy as shipped keeps no word of an address that somebody typed, whatever became of the request."""

import http.client
import os
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from portal.web.errors import PAGES
from tests.rehearse.authority import Authority
from tests.rehearse.house import PROXY, adapted
from tests.rehearse.machine import NAME, free_port, program

NGINX = program("nginx")
TYPED = "/children/Sorrelby%20Thackeroy?q=Sorrelby"

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine (nginx-light)")


class Node(BaseHTTPRequestHandler):
    """A web node that answers everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-Reference", "QWER-TYUI")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_words: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Proxy:
    folder: Path
    https: int
    plain: int
    trusts: Path
    asked: list[str] = field(default_factory=list)

    def ask(self, *, method: str = "GET", name: str = NAME) -> http.client.HTTPResponse:
        """Over TLS, as a browser does."""
        context = ssl.create_default_context(cafile=str(self.trusts))
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=20)
        with context.wrap_socket(plain, server_hostname=name) as secured:
            return self._said(secured, method)

    def ask_plainly(self, port: int) -> http.client.HTTPResponse:
        """Without TLS."""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            return self._said(plain, "GET")

    def _said(self, connection: socket.socket, method: str) -> http.client.HTTPResponse:
        self.asked.append(method)
        head = f"{method} {TYPED} HTTP/1.1\r\nHost: {NAME}\r\nReferer: https://{NAME}{TYPED}\r\n"
        connection.sendall(f"{head}User-Agent: Sorrelby\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        answer.read()
        return answer

    def lines(self) -> list[str]:
        """What its logs of requests have, once every request is in them: nginx writes after it answers."""
        logs = [self.folder / "requests.log", self.folder / "usual.log"]
        for _ in range(200):
            found = [line for log in logs if log.exists() for line in log.read_text("utf-8").splitlines()]
            if len(found) >= len(self.asked):
                return found
            threading.Event().wait(0.05)
        raise AssertionError(f"{len(self.asked)} requests and only these lines: {found}")

    def check(self) -> None:
        """No log has a word of what was typed; what a machine logs by itself was on, and said all it can."""
        assert self.lines(), "nothing was asked"
        for log in self.folder.glob("*.log"):
            said = log.read_text("utf-8")
            assert not re.search("sorrelby|thackeroy|children", said, re.IGNORECASE), f"{log.name}: {said}"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Callable[[int], Proxy]]:
    """Starts one in front of a web node at a port."""
    authority = Authority(tmp_path / "authority")
    started: list[subprocess.Popen[bytes]] = []

    def start(node: int) -> Proxy:
        made = Proxy(tmp_path, free_port(), free_port(), authority.certificate)
        certificate, key = authority.prove(NAME)
        (tmp_path / "error-pages").mkdir()
        for status in PAGES:
            (tmp_path / "error-pages" / f"{status}.html").write_text("away", "utf-8")
        shipped = adapted(
            PROXY.read_text("utf-8"),
            https=made.https,
            http=made.plain,
            web=[node, node],
            certificate=certificate,
            key=key,
            root=tmp_path,
            log=tmp_path / "requests.log",
        )
        places = "".join(
            f"{what}_temp_path {tmp_path}/{what};\n"
            for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            ("user root;\n" if os.geteuid() == 0 else "")
            + f"daemon off;\nmaster_process off;\npid {tmp_path}/pid;\nerror_log {tmp_path}/main.log info;\n"
            + f"events {{}}\nhttp {{\n{places}access_log {tmp_path}/usual.log;\n"
            + f"error_log {tmp_path}/errors.log info;\n"
            + shipped.replace("proxy_read_timeout 30s;", "proxy_read_timeout 1s;")
            + "}\n",
            "utf-8",
        )
        arguments = [str(NGINX), "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path), "-e", "stderr"]
        subprocess.run([*arguments, "-t"], check=True, capture_output=True)
        started.append(subprocess.Popen(arguments, stderr=subprocess.DEVNULL))
        _wait_for(made.https)
        return made

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise AssertionError("nginx did not start")


@contextmanager
def answering() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Node) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@contextmanager
def silent() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_name_in_an_address_is_in_no_log_and_the_reference_is(proxy: Callable[[int], Proxy]) -> None:
    with answering() as port:
        made = proxy(port)
        answer = made.ask()
        assert answer.status == 200
        assert answer.getheader("X-Reference") is None, "it is for the log alone"
        assert made.ask(method="SORRELBY").status in {405, 501}
        assert made.ask_plainly(made.plain).status == 301
        assert made.ask_plainly(made.https).status == 400
        with pytest.raises(ssl.SSLError):
            made.ask(name="sorrelby.example.org")
    made.check()
    first, *_ = made.lines()
    assert re.search(rf" GET 200 2 [\d.]+ 127\.0\.0\.1:{port} 200 [\d.]+ [\d.]+ QWER-TYUI$", first), first
    assert " OTHER " in "\n".join(made.lines())


def test_so_it_is_when_no_node_answers(proxy: Callable[[int], Proxy]) -> None:
    made = proxy(free_port())
    assert made.ask().status == 502
    made.check()
    assert " GET 502 " in made.lines()[0]


def test_so_it_is_when_a_node_is_too_slow(proxy: Callable[[int], Proxy]) -> None:
    with silent() as port:
        made = proxy(port)
        assert made.ask().status == 504
    made.check()
    assert " GET 504 " in made.lines()[0]


def test_so_it_is_when_somebody_asks_too_often(proxy: Callable[[int], Proxy]) -> None:
    with answering() as port:
        made = proxy(port)
        assert any(made.ask().status == 429 for _ in range(600)), "40 at once and 5 a second are let through"
    made.check()
