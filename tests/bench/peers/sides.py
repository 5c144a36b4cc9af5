"""The portal and its peers over one database, each with its pages, as somebody who reaches every case."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import make_url

from portal.demo.postgres import Server
from tests import database
from tests.bench.house import SECRET, House, unpacked
from tests.bench.peers import environment
from tests.bench.peers.figures import PORTAL
from tests.bench.peers.rows import Rows
from tests.bench.peers.serving import served
from tests.bench.serving import OK, ROOT, Browser

PATIENCE = 600  # seconds that the last of many clients waits, where each page takes its time
FOUND = 302  # signed in, and sent on
DJANGO = "tests.bench.peers.django_admin"
WHO, PASSWORD = "coordinator", "for measuring only, and long enough"


@dataclass(frozen=True)
class Visit:
    """A page of a side, asked for as often as one likes."""

    browser: Browser
    address: str
    form: Mapping[str, str] | None = None

    def __call__(self) -> int:
        """Ask for it; gives the status of the answer."""
        if self.form is None:
            return self.browser.get(self.address)[0].status
        return self.browser.post(self.address, self.form)[0].status

    def read(self) -> str:
        """Its text."""
        answer = (
            self.browser.get(self.address)
            if self.form is None
            else self.browser.post(self.address, self.form)
        )
        assert answer[0].status == OK, f"{self.address} answered {answer[0].status}"
        return unpacked(*answer)


@dataclass(frozen=True)
class Side:
    """One that is compared: where it listens, and its pages by name, as far as it has them."""

    port: int
    pages: Mapping[str, Visit]


@contextmanager
def sides(house: House, rows: Rows) -> Iterator[dict[str, Side]]:
    """Serve the peers beside the portal.

    The portal's person is read by row security and put on the audit trail. The peers have neither: they are
    the owner of the tables.

    Args:
        house: a filled database with its portal.
        rows: what is asked for.
    """
    python = environment.python()
    with ExitStack() as stack:
        found = {PORTAL: _portal(house, rows)}
        for manner in ("plain", "tuned"):
            own = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            told = _environment(house.server, own, manner)
            subprocess.run([python, "-m", f"{DJANGO}.prepare"], cwd=ROOT, env=told, check=True)
            port = stack.enter_context(served(python, f"{DJANGO}.wsgi", told))
            found[f"django_{manner}"] = _django(port, rows)
            port = stack.enter_context(served(python, "tests.bench.peers.flask_admin_site:app", told))
            found[f"flask_admin_{manner}"] = _flask_admin(port, rows, tuned=manner == "tuned")
        yield found


def _environment(server: Server, own: Path, manner: str) -> dict[str, str]:
    address = server.url("portal_owner", database.NAME)
    read = make_url(address)
    return {
        **os.environ,
        "PEER": manner,
        "SECRET_KEY": SECRET,
        "PERSON": WHO,
        "PASSWORD": PASSWORD,
        "OWN_TABLES": str(own / "own.sqlite3"),
        "DATABASE_URL": address,
        "DATABASE_HOST": str(read.query["host"]),
        "DATABASE_PORT": str(read.query["port"]),
        "DATABASE_NAME": str(read.database),
        "DATABASE_USER": str(read.username),
    }


def _portal(house: House, rows: Rows) -> Side:
    cookie = f"portal={house.tokens[WHO]}"
    cookie, token = _form(house.portal, "/search", cookie, "csrf_token")
    browser = Browser(house.portal, cookie, patience=PATIENCE)
    search = Visit(browser, "/search", {"csrf_token": token, "sought": rows.name})
    return Side(
        house.portal,
        {
            "list": Visit(browser, "/cases?whose=hub"),
            "search": search,
            "filter": search,
            "detail": Visit(browser, f"/cases/{rows.listed[0]}"),
        },
    )


def _django(port: int, rows: Rows) -> Side:
    """Signed in to the admin as its own page of signing in has it."""
    cookie, token = _form(port, "/admin/login/", "", "csrfmiddlewaretoken")
    typed = {"csrfmiddlewaretoken": token, "username": WHO, "password": PASSWORD, "next": "/admin/"}
    response, _ = Browser(port, cookie).post("/admin/login/", typed)
    assert response.status == FOUND, "Django lets nobody in"
    browser = Browser(port, _cookies(response.headers.get_all("Set-Cookie")), patience=PATIENCE)
    cases = "/admin/django_admin/case/"
    return Side(
        port,
        {
            "list": Visit(browser, cases),
            "search": Visit(browser, f"{cases}?{urlencode({'q': rows.name})}"),
            "detail": Visit(browser, f"{cases}{rows.first}/change/"),
        },
    )


def _flask_admin(port: int, rows: Rows, *, tuned: bool) -> Side:
    """Open to whoever comes, as it is unless somebody adds signing in."""
    browser = Browser(port, "", patience=PATIENCE)
    pages = {
        "list": Visit(browser, "/admin/case/"),
        "search": Visit(browser, f"/admin/case/?{urlencode({'search': rows.name})}"),
        "detail": Visit(browser, f"/admin/case/details/?{urlencode({'id': rows.first})}"),
    }
    if tuned:
        exactly = {"flt0_child_child_family_name_equals": rows.name}
        pages["filter"] = Visit(browser, f"/admin/case/?{urlencode(exactly)}")
    return Side(port, pages)


def _form(port: int, address: str, cookie: str, name: str) -> tuple[str, str]:
    """The cookies of somebody who was shown a form, and its token."""
    response, body = Browser(port, cookie).get(address)
    more = _cookies(response.headers.get_all("Set-Cookie"))
    token = re.search(rf'name="{name}"[^>]*value="([^"]+)"', unpacked(response, body))
    assert token, f"the form at {address} has no token"
    return "; ".join(one for one in (cookie, more) if one), token.group(1)


def _cookies(given: list[str] | None) -> str:
    return "; ".join(one.partition(";")[0] for one in given or ())
