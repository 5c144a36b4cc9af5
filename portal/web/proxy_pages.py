"""What people see when only the proxy answers: pages on its own disk, with the numbers to ring."""

import shutil
from pathlib import Path

from portal.web.assets import BUILD, STATIC_URL, asset_url
from portal.web.error_texts import TEXTS, ErrorText
from portal.web.errors import render_bare
from portal.web.numbers import numbers_to_ring

#: Where the proxy serves the folder; `docs/deploy/nginx.conf` says the same.
ADDRESS = "/error-pages/"

#: The proxy has an answer from no web process, or from one that was too late: what was sent may have arrived.
_AWAY = ErrorText(
    "The portal is not available",
    (
        "Nothing has been lost that was saved. Your last step may not have been.",
        "Try again in a few minutes. Before you send a form again, look whether it has arrived.",
    ),
    urgent=True,
)

#: By the status that the proxy answers with of its own accord.
PAGES = {413: TEXTS[413], 429: TEXTS[429], 502: _AWAY, 503: _AWAY, 504: _AWAY}


def write(folder: Path) -> list[Path]:
    """Write a page for each status, with what it needs to look like the portal; gives the pages.

    Raises:
        portal.web.assets.AssetsError: the style sheet has not been built.
    """
    folder.mkdir(parents=True, exist_ok=True)
    addresses = {}
    for name in ("portal.css", "icon.svg"):
        built = asset_url(name).removeprefix(STATIC_URL)
        shutil.copyfile(BUILD / built, folder / built)
        addresses[asset_url(name)] = ADDRESS + built
    return [_write(folder / f"{status}.html", text, addresses) for status, text in PAGES.items()]


def _write(path: Path, text: ErrorText, addresses: dict[str, str]) -> Path:
    numbers = numbers_to_ring() if text.urgent else ()
    page = render_bare("errors/bare.html", error=text, numbers=numbers)
    for of_portal, of_proxy in addresses.items():
        page = page.replace(of_portal, of_proxy)
    path.write_text(page, encoding="utf-8")
    return path
