"""What people write most, each kind some times: what its form costs to send, beside what its page costs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median

from tests.bench.walk import Page, Walk
from tests.races.reading import Fill, Typing, form_to
from tests.races.scenes.meetings import ONLY_WORDS

PRACTITIONER, COORDINATOR, SOCIAL_WORKER = "Ola Brackenbury", "Cora Inglewood", "Wanda Pennywhistle"
TIMES = 5
_RECORD = "/meetings/<reference>/record"
_HEADING = re.compile(r'<textarea[^>]*\bname="(m-([^"]+)-words)"')
_CASE = re.compile(r'href="(/cases/CRE-[0-9A-Z-]+)"')


class Writer:
    """Fills forms in and sends them, for one person."""

    def __init__(self, walk: Walk, person: str) -> None:
        self._walk, self._person = walk, person
        self.costs: list[Page] = []

    def look(self, address: str) -> str:
        """A page as they get it."""
        return self._walk.look(self._person, address)

    def send(
        self,
        name: str,
        page: str,
        place: str,
        fills: Mapping[str, Fill | None] | None = None,
        word: str = "dell",
        *,
        rewrites: bool = True,
        clicked: str = "",
    ) -> str:
        """Send the form of a page that goes to `place`; gives where that leads.

        Args:
            name: under which its cost is listed.
            page: its address.
            fills: answers that have to be right; the others are made up.
            word: stands in every sentence, so that nothing is taken for sent twice.
            rewrites: whether what stands there already is written anew.
            clicked: the button, as `Typing` has it, where it is not the form's first.
        """
        found = form_to(self.look(page), page, place)
        assert found, f"{page} has no form to {place}"
        form, by_script = found
        ready = Typing(word, fills or {}, rewrites=rewrites, clicked=clicked).fill(
            form, to=place if by_script else ""
        )
        cost, leads_to = self._walk.post(self._person, ready, f"{name} ({place})")
        assert cost.status in {204, 303}, f"{name} answered {cost.status}"
        self.costs.append(replace(cost, route=name))
        return leads_to


def writes(walk: Walk, walked: Iterable[Page]) -> Iterator[Page]:
    """Send each kind of form some times.

    Args:
        walked: what people were led to, somebody among them to a page on which minutes are written.
    """
    record = next((page for page in walked if page.route == _RECORD), None)
    assert record, "nobody was led to the record of a meeting"
    for number in range(TIMES + 1):  # the first warms up
        word = f"dell{number}"
        for cost in (*_shared(walk, word), *_of_a_case(walk, word), *_minutes(walk, record, word)):
            if number:
                yield cost


def _shared(walk: Walk, word: str) -> list[Page]:
    """A form from its first page until it is decided."""
    sender, hub = Writer(walk, PRACTITIONER), Writer(walk, COORDINATOR)
    leads_to = sender.send("begin a form", "/share", "/share", {"urgency": "later"})
    draft = "/".join(leads_to.split("/")[:3])
    sender.send("a page of a form", f"{draft}/about", f"{draft}/about", {"kind": "child"})
    sender.send("a form saves itself", f"{draft}/happened", f"{draft}/happened/save", word=word)
    sender.send("a page of a form", f"{draft}/happened", f"{draft}/happened", word=word)
    sender.send("send a form", f"{draft}/check", f"{draft}/send")
    form = draft.replace("/share/", "/triage/")
    hub.send("take a form", form, f"{form}/claim")
    hub.send("decide on a form", f"{form}/decide", f"{form}/decide", {"outcomes": "no_further_action"}, word)
    return sender.costs + hub.costs


def _of_a_case(walk: Walk, word: str) -> list[Page]:
    writer = Writer(walk, SOCIAL_WORKER)
    met = _CASE.search(writer.look("/cases?whose=mine"))
    assert met, "the social worker has no case"
    case = met[1]
    writer.send("add an entry", f"{case}/entries/new", f"{case}/entries/new", {"family_safe": "ask"}, word)
    action = f"{case}/actions/new"
    # Its first button finds an agency that helps, and keeps nothing.
    writer.send("give an action", action, action, {"email": None}, word, clicked="-")
    return writer.costs


def _minutes(walk: Walk, record: Page, word: str) -> list[Page]:
    page, writer = record.address, Writer(walk, record.person)
    # How the case goes on is decided once.
    words = {**ONLY_WORDS, "*-outcome": None}
    writer.send("minutes are saved, all of them", page, page, words, word=word)
    heading = _HEADING.search(writer.look(page))
    assert heading, "the meeting has no agenda"
    one = {heading[1]: "Ossifrent {word} once more"}
    writer.send("minutes save themselves", page, f"{page}/{heading[2]}/save", one, word, rewrites=False)
    return writer.costs


def steady(costs: Sequence[Page]) -> list[Page]:
    """Each with the middle of what its kind took of the processor: one that was interrupted says nothing."""
    middle = {
        route: median(one.processor for one in costs if one.route == route)
        for route in {one.route for one in costs}
    }
    return [replace(one, processor=middle[one.route]) for one in costs]
