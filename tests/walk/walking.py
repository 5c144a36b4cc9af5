"""How links are followed: the one definition, for every walk through the portal."""

from collections import Counter, deque
from collections.abc import Callable, Collection
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

START = "/home"
#: People of the demonstration whose roles, agencies and cases differ: together they get to all pages.
WALKERS = (
    "Cora Inglewood",
    "Ola Brackenbury",
    "Mina Fernsby",
    "Wanda Pennywhistle",
    "Nell Foxglove",
    "Cam Dewberry",
    "Zeb Lanternfield",
    "Gwen Oakapple",
    "Ada Winterbell",
)


def follow(
    look: Callable[[str], Collection[str] | None],
    kind_of: Callable[[str], str],
    *,
    most: int,
    most_files: int = 1,
) -> Counter[str]:
    """Look at the home page and at what it leads to, nearest first, and no more than a few pages of a kind.

    Args:
        look: opens an address and gives those that it leads to, or None where it is a file to save.
        kind_of: what makes pages alike, such as the address as its route has it.
        most: how many of a kind are opened.
        most_files: likewise of those kinds that turned out to be files.

    Returns:
        How many of each kind were opened.
    """
    opened: Counter[str] = Counter()
    files: set[str] = set()
    waiting, known = deque([START]), {START}
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address)
        if opened[kind] >= (most_files if kind in files else most):
            continue
        opened[kind] += 1
        found = look(address)
        if found is None:
            files.add(kind)
            continue
        waiting.extend(one for one in found if one not in known)
        known.update(found)
    return opened


def links(page: BeautifulSoup, address: str) -> list[str]:
    """Addresses within the portal that a page leads to by a link, in their order on the page."""
    met = (within(str(link["href"]), address) for link in page.find_all("a", href=True))
    return list(dict.fromkeys(one for one in met if one))


def within(href: str, address: str) -> str:
    """Where a link on the page at `address` leads within the portal; nothing where it leads out of it."""
    parts = urlsplit(urljoin(address, href))
    if parts.netloc or not parts.path.startswith("/") or parts.path.startswith("/static"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
