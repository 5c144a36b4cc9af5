"""The rehearsal says what is missing, changes no more of the proxy than it must, and counts rightly."""

from pathlib import Path
from typing import Any

import pytest

from tests.rehearse.figures import Figures
from tests.rehearse.house import PROXY, adapted, clean
from tests.rehearse.load import Sent, _filled, seconds_down
from tests.rehearse.machine import Broken, Missing, check

HERE: Any = {
    "https": 8443,
    "http": 8080,
    "web": [7001, 7002],
    "certificate": Path("/c.pem"),
    "key": Path("/c.key"),
    "root": Path("/r"),
    "log": Path("/l"),
}


def test_what_is_missing_is_named_with_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(Missing) as missing:
        check(root=tmp_path, which=lambda _name: None)
    for word in ("nginx-light", "libnss3-tools", "chromium", "nodejs", "oidc-provider"):
        assert word in str(missing.value)


def test_only_names_ports_and_paths_of_the_shipped_proxy_are_changed() -> None:
    text = PROXY.read_text("utf-8")
    made = adapted(text, **HERE)
    changed = [
        (old, new)
        for old, new in zip(
            [line for line in text.splitlines() if "[::]" not in line], made.splitlines(), strict=True
        )
        if old != new
    ]
    words = {old.split()[0] for old, _ in changed}
    assert words == {
        "server",
        "listen",
        "server_name",
        "return",
        "ssl_certificate",
        "ssl_certificate_key",
        "root",
        "access_log",
    }
    assert len(changed) == 14
    for left in ("example.org", "5000", "/etc/", "/var/"):
        assert left not in "".join(line.partition("#")[0] for line in made.splitlines(keepends=True))


def test_a_proxy_that_cannot_be_adapted_stops_the_run() -> None:
    with pytest.raises(Broken, match="root"):
        adapted(PROXY.read_text("utf-8").replace("root /var/lib/cre-portal;", ""), **HERE)


def test_how_long_nobody_was_told_that_something_was_saved() -> None:
    told = [
        Sent("a", 0.5, 1.0, 303),
        Sent("b", 1.9, 2.1, 303),
        Sent("c", 3.0, 4.5, 303),
        Sent("d", 8, 9, 303),
    ]
    assert seconds_down(told, 2.0) == 2.5, "what was on its way before says nothing"
    assert seconds_down(told, 9.5) == float("inf")


def test_a_wrong_figure_is_a_fault() -> None:
    figures = Figures()
    figures.demand("lost", 0, so=True)
    figures.demand("seconds_down", 11, so=False, why="Ten at most.")
    assert figures.lines == {"lost": 0, "seconds_down": 11}
    assert figures.faults == ["seconds_down is 11. Ten at most."]


def test_nothing_that_a_shell_holds_for_a_portal_reaches_the_rehearsed_one() -> None:
    kept = clean({"DATABASE_URL": "x", "SMTP_HOST": "mail", "HTTPS_PROXY": "p", "HOME": "/h"})
    assert kept == {"HOME": "/h", "NO_PROXY": "*", "no_proxy": "*", "PYTHONUNBUFFERED": "1"}


def test_a_page_without_the_form_is_filled_in_by_nothing() -> None:
    assert _filled("<main><h1>You cannot do that</h1></main>", "words") == {}
