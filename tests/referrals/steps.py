"""What tests type into the form."""

from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.referrals.model import Referral
from tests.client import Client

WHAT = "Seen getting into a car outside the school"

#: The least that can be sent.
LEAST: dict[str, dict[str, Any]] = {"about": {"kind": "child"}, "happened": {"what_happened": WHAT}}

FULL: dict[str, dict[str, Any]] = {
    "about": {
        "kind": "child",
        "types": ["cse", "online"],
        "contexts": ["adult_on_child"],
        "contact": "both",
        "district": "erewash",
    },
    "children": {
        "children-0-given_name": "Ada",
        "children-0-family_name": "Fictional",
        "children-0-dob-day": "4",
        "children-0-dob-month": "5",
        "children-0-dob-year": "2012",
        "children-0-school": "Hilltop School",
        "children-1-not_known": ["name", "dob"],
        "children-1-notes": "A friend with red hair",
    },
    "others": {
        "people-0-other_names": "Big T",
        "people-0-also_a_child": "not_known",
        "places-0-name": "The car wash",
        "places-0-district": "erewash",
        "vehicles-0-registration": "AB12",
        "phones-0-number": "07700 900123",
        "accounts-0-handle": "@bigt",
        "accounts-0-platform_name": "Chatter",
    },
    "happened": {
        "what_happened": WHAT,
        "event_from-day": "1",
        "event_from-month": "2",
        "event_from-year": "2026",
        "flags": ["weapon"],
        "how_known": ["child"],
        "childs_words": "He said he would come back",
    },
    "source": {"source": "Her aunt, Petra", "at_risk": "yes"},
    "sharing": {
        "family_aware": "no",
        "why_family_not_aware": "It may put her in danger",
        "family_may_be_told": "ask",
        "already_told": ["school"],
        "safeguarding_referral": "yes",
        "safeguarding_referral_to": "Front door",
        "immediate_action": "Stayed with her",
    },
}


def begin(client: Client, urgency: str = "later", **more: str) -> str:
    """Start a form; gives its reference."""
    answer = client.submit("/share", {"urgency": urgency, **more})
    assert answer.status_code == 303, answer.text[:600]
    return str(answer.headers["Location"].split("/share/")[1].split("/")[0])


def seen_by(client: Client, reference: str, step: str) -> dict[str, str]:
    """What a page knows of the draft as it is opened."""
    page = client.soup(f"/share/{reference}/{step}")
    return {name: value_of(page, name) for name in ("version", "page")}


def value_of(page: BeautifulSoup, name: str) -> str:
    """The value of a hidden field."""
    field = page.find("input", {"name": name})
    assert field, f"the page has no field {name}"
    return str(field["value"])


def fill(client: Client, reference: str, pages: dict[str, dict[str, Any]]) -> None:
    """Fill pages in, each continued."""
    for step, typed in pages.items():
        answer = client.submit(f"/share/{reference}/{step}", {**seen_by(client, reference, step), **typed})
        assert answer.status_code == 303, f"{step} answered {answer.status_code}: {answer.text[:3000]}"


def autosave(client: Client, reference: str, step: str, typed: dict[str, Any]) -> Any:
    """What the browser does by itself while somebody types."""
    return client.submit(f"/share/{reference}/{step}/save", typed, headers={"X-Autosave": "1"})


def send(client: Client, reference: str) -> Any:
    """Press the button on the page where answers are checked."""
    page = client.soup(f"/share/{reference}/check")
    return client.submit(f"/share/{reference}/send", {"version": value_of(page, "version")})


def share(client: Client, pages: dict[str, dict[str, Any]] = LEAST, urgency: str = "later") -> str:
    """A form from beginning to end; gives its reference."""
    reference = begin(client, urgency)
    fill(client, reference, pages)
    answer = send(client, reference)
    assert answer.status_code == 303, answer.text[:3000]
    return reference


def truth(rows: Session, reference: str) -> Referral:
    """The form as the owner of the table sees it."""
    rows.expire_all()
    return rows.scalars(select(Referral).filter_by(reference=reference)).one()
