"""Looking into a page: what a test asks for must be there."""

from bs4 import BeautifulSoup, Tag

from tests.client import Client


def part(page: BeautifulSoup, selector: str) -> Tag:
    """The first element that a selector finds."""
    found = page.select_one(selector)
    assert found is not None, f"the page has no {selector}"
    return found


def words(page: BeautifulSoup, selector: str = "body") -> str:
    """What people read in it."""
    return part(page, selector).get_text(" ", strip=True)


def attribute(page: BeautifulSoup, selector: str, name: str) -> str:
    """One attribute of the first element that a selector finds."""
    return str(part(page, selector)[name])


def with_entries(client: Client, reference: str) -> BeautifulSoup:
    """The overview of a case, and below it the page of each of its newest entries."""
    page = client.soup(f"/cases/{reference}")
    for one in page.select(".app-latest__item p:first-child a"):
        part(page, "body").append(part(client.soup(str(one["href"])), "main"))
    return page
