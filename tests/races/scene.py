"""How one route is sent: who, from which page, with which answers, after what has happened before.

Where nothing is said, a route is sent from its own page, or from the page of its blueprint that holds a form
for it, by the first of the cast whom that page shows the form, with every question answered by its kind.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from werkzeug.routing import Rule

from portal import clock
from tests.races.reading import Fill, Typing, form_to, token_of
from tests.races.sending import Answer, Browser, Sent
from tests.races.world import World

Before = Callable[[World], Mapping[str, str] | None]
_NAME = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Scene:
    """What a route needs to be sent.

    Args:
        who: of the cast; '' tries them in turn.
        page: the endpoint, or the address, of the page with the form.
        fills: answers that have a right one.
        other: what a second tab answers otherwise.
        clicked: the button, as `name=value`.
        before: brings the records into the state that the route needs; may name other records.
        after: routes that are sent after that, one after the other, each as its own scene says.
        form: the address that the page’s form has, where a button of it is sent elsewhere.
        by_script: sends what no form holds: given the world and the page’s token.
    """

    who: str = ""
    page: str = ""
    fills: Mapping[str, Fill | None] = field(default_factory=dict)
    other: Mapping[str, Fill | None] = field(default_factory=dict)
    clicked: str = ""
    after: tuple[str, ...] = ()
    before: Before | None = None
    form: str = ""
    by_script: Callable[[World, str], Sent] | None = None


class NotSent(AssertionError):
    """A route for which no form was found."""


@dataclass
class Ready:
    """A tab in which a form is filled in, and not yet sent."""

    browser: Browser
    page: str
    form: Sent
    typing: Typing
    autosave: bool = False
    place: str = ""  # where the page’s form goes, where a button of it is sent elsewhere


def prepare(
    world: World, rule: Rule, scene: Scene, word: str, names: Mapping[str, str], *, second: bool = False
) -> Ready:
    """Open the page of a route in a new browser, and fill its form in.

    Raises:
        NotSent: nobody of the cast is shown a form that goes there.
    """
    now = clock.local(clock.now())
    known = {**world.names, **names, "now": f"{now:%H:%M}"}
    known |= {f"this {part}": str(getattr(now, part)) for part in ("day", "month", "year")}
    fills = {
        _named(name, known): _answer(value, known)
        for name, value in {**scene.fills, **(scene.other if second else {})}.items()
    }
    typing = Typing(word, fills, scene.clicked)
    place = world.address(rule, **names)
    seen = []
    for who in [scene.who] if scene.who else world.admitted(rule):
        for page in _pages(world, rule, scene, place, names):
            browser = world.browser(who, int(second))
            answer = browser.get(page)
            seen.append(f"{who} {page}: {answer.status}")
            if answer.status != 200:
                continue
            if scene.by_script is not None:
                sent = scene.by_script(world, token_of(answer.text))
                return Ready(browser, page, Sent(place, sent.fields, sent.files, sent.headers), typing)
            if found := form_to(answer.text, page, _named(scene.form, known) or place):
                form, saves = found
                sent = typing.fill(form, to=form.autosave if saves else "")
                if scene.form:
                    sent = replace(sent, address=place)
                return Ready(browser, page, sent, typing, autosave=saves, place=_named(scene.form, known))
    raise NotSent(f"{rule.endpoint} {place}: nobody is shown its form. Asked: {'; '.join(seen[-6:])}")


def _named(text: str, known: Mapping[str, str]) -> str:
    """With `{…}` replaced by what the record of that name is called in addresses."""
    return _NAME.sub(lambda found: known.get(found[1], found[0]), text)


def _answer(value: Fill | None, known: Mapping[str, str]) -> Fill | None:
    if isinstance(value, list):
        return [_named(one, known) for one in value]
    return None if value is None else _named(value, known)


def _pages(world: World, rule: Rule, scene: Scene, place: str, names: Mapping[str, str]) -> Iterator[str]:
    if scene.page.startswith("/"):
        yield _named(scene.page, {**world.names, **names})
        return
    if not scene.page and "GET" in (rule.methods or ()):
        yield place
        return
    blueprint = rule.endpoint.partition(".")[0]
    for other in world.app.url_map.iter_rules():
        if "GET" not in (other.methods or ()) or other.endpoint == "static":
            continue
        if scene.page == other.endpoint or (not scene.page and other.endpoint.startswith(f"{blueprint}.")):
            try:
                yield world.address(other, **names)
            except (LookupError, KeyError):
                continue


def refilled(tab: Ready, answer: Answer) -> Sent | None:
    """The form as the page that came back holds it: what was typed, and whatever the page renewed."""
    found = form_to(answer.text, tab.form.address, tab.place or urlsplit(tab.form.address).path)
    return replace(tab.typing, rewrites=False).fill(found[0]) if found else None
