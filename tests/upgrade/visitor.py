"""People who use the portal, for `tests.walk.process`: a process of its own with the packages of a release.

Reads one JSON object a line and answers each by one. Each says as whom (`as`, the token of a session) and
what (`do`): `walk` follows links and says which pages did not answer; `enter` adds the entry `text` to a
`case` by the form of its page; `read` says whether the page of a `case` shows `text`. An earlier release runs
this file too.
"""

import json
import sys
from contextlib import suppress
from datetime import date
from importlib import import_module
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask

from portal import create_app
from tests.client import Client


def _walking() -> Any:
    """How a release walks its pages; an earlier one kept it elsewhere."""
    try:
        return import_module("tests.demo.content.test_walk")
    except ModuleNotFoundError:
        return import_module("tests.demo.loaded.test_walk")


walking = _walking()
KEPT = {"hidden", "text", "number"}

with suppress(ImportError):  # an earlier release asks nobody to wait
    from portal.access import pace

    pace.check = lambda *_: None  # a walk opens in seconds what people open in hours


def main() -> None:
    """Answer until there is no more to do."""
    app = create_app()
    app.test_client_class = Client
    walking.MOST_OF_A_KIND = 1
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        print(json.dumps(answer(app, **wanted)), flush=True)


def answer(app: Flask, *, do: str, **wanted: Any) -> dict[str, Any]:
    """What came of one thing that somebody does."""
    client = app.test_client()
    assert isinstance(client, Client)
    client.set_cookie(app.config["PORTAL_SESSION_COOKIE"], wanted["as"])
    if do == "walk":
        found = walking.walk(client, app, frozenset())
        return {"pages": sum(found.pages.values()), "broken": found.broken}
    page = f"/cases/{wanted['case']}"
    if do == "read":
        return {"shown": wanted["text"] in client.get(page, follow_redirects=True).text}
    return enter(client, f"{page}/entries/new", wanted["text"])


def enter(client: Client, address: str, text: str) -> dict[str, Any]:
    """Add an entry as a browser would: what the page asks back, and the answers of the form."""
    form = BeautifulSoup(client.get(address).text, "html.parser").find("textarea", {"name": "text"})
    assert form, f"{address} asks for no text"
    form = form.find_parent("form")
    data = {
        str(field["name"]): str(field.get("value", ""))
        for field in (form.find_all("input") if form else [])
        if field.get("name") and field.get("type", "text") in KEPT
    }
    today = date.today()  # noqa: DTZ011 - what somebody at a desk would type
    data |= {
        **{"kind": "observation", "text": text, "handling": "network", "family_safe": "no"},
        **{"happened_on-day": str(today.day), "happened_on-month": str(today.month)},
        "happened_on-year": str(today.year),
    }
    kinds = form.find("select", {"name": "kind"}) if form else None
    if kinds:
        data["kind"] = next(str(o["value"]) for o in kinds.find_all("option") if o.get("value"))
    sent = client.post(address, data=data)
    problems = [
        one.get_text(" ", strip=True) for one in client.page_of(sent).select(".govuk-error-summary li")
    ]
    return {"status": sent.status_code, "problems": problems}


if __name__ == "__main__":
    main()
