"""What no browser sends by itself: values for the parts of an address, for what follows its question mark,
and for the fields of its forms.
"""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from werkzeug.routing import Rule

NUL = "a\0b"
#: Percent-encoded: bytes that are no UTF-8, half a pair of surrogates, an overlong NUL; then controls.
NO_UTF8 = "%ff%fe%ed%a0%80%c0%80%f4%90%80%80"
NO_WORDS = "%1b%5b2J%e2%80%ae%27%25" + "9" * 400
#: Numbers beyond every type, digits that are none for `int`, numbers below all, odd places in a list.
ODD = ("9" * 5_000, "²-1'%\\\N{RIGHT-TO-LEFT OVERRIDE}")
ODD_CURSORS = (
    *("1.2.3", "0.99999999999999999999999999.00000000000000000000000000000000", "_"),
    "2147483648.-1.ffffffff-ffff-ffff-ffff-ffffffffffff",
    "99999999999999_ffffffff-ffff-ffff-ffff-ffffffffffff",
    "9999-12-31T23:59:59.999999+14:00_ffffffffffffffffffffffffffffffff",
    "0001-01-01T00:00:00-14:00.00000000-0000-0000-0000-000000000000",
    "ffffffffffff.9.9.ffffffffffffffffffff.ffffffffffffffffffffffffffffffff",
)
_READ = re.compile(r"""(?:args|form|values)(?:\.get|\.getlist)?[\[(]\s*["'](\w+)["']""")


@cache
def parameters(view: Any) -> frozenset[str]:
    """The names of what may follow the question mark, as the file of the view says."""
    source = Path(inspect.getsourcefile(inspect.unwrap(view)) or "").read_text("utf-8")
    return frozenset(_READ.findall(source))


def forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The forms of a page that are sent: where to (empty: to the page itself), and what their fields hold."""
    for form in BeautifulSoup(page, "html.parser").find_all("form"):
        if str(form.get("method", "")).lower() == "post":
            yield str(form.get("action") or "").partition("?")[0], dict(_fields(form))


def _fields(form: Tag) -> Iterator[tuple[str, str]]:
    for box in form.find_all(["input", "textarea", "select", "button"]):
        name = str(box.get("name") or "")
        if not name or name == "csrf_token" or box.get("type") == "file":
            continue
        if box.name == "select":
            chosen = box.find("option", selected=True) or box.find("option")
            yield name, str(chosen.get("value", "")) if chosen else ""
        elif box.name == "textarea":
            yield name, box.get_text() or "Words"
        elif box.get("type") not in {"radio", "checkbox"} or box.has_attr("checked"):
            yield name, str(box.get("value", ""))


def decided_by_program(name: str) -> bool:
    """Whether a field holds what the program put there rather than what somebody typed."""
    return bool(
        re.search(r"version|seen|once|base|rows|keep|page|add|remove|action|go$|-day|-year|team|_at$", name)
    )


def writable(rule: Rule) -> frozenset[str]:
    """The parts of an address that take any text, not identifiers and numbers."""
    converters = getattr(rule, "_converters", {})
    return frozenset(
        name for name in rule.arguments if type(converters.get(name)).__name__ == "UnicodeConverter"
    )
