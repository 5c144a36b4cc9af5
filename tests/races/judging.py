"""What may come of two requests at once, whatever they are about.

- No error: a redirect, a page, or a refusal that says why.
- Whoever is told that it is done finds it done: what they wrote stands in the database, and where both
  changed a record that counts its changes, it counts both.
- A button that is pressed twice does once what it does.
- Whoever meets another’s change (409) is shown it beside what they typed, and is done when they send again.
"""

from collections import Counter
from collections.abc import Mapping

from tests.races.racing import TRAILS, Outcome

#: Routes that take away on purpose what somebody may be writing in at the same time.
TAKES_AWAY = {
    "referrals.discard": "a draft that its writer throws away",
    "cases.drop_draft": "a draft that its writer throws away",
}
#: Routes after which whoever worked there has no access any more: they are signed out, and shown nothing.
ENDS_ACCESS = {"admin.switch_agency_off", "admin.switch_off"}
_DONE, _ERROR, _CONFLICT, _SIGNED_OUT = 400, 500, 409, 401
_BOTH_SIDES = "app-versions"  # what the record says now, beside what was typed
_HIDDEN = {403, 404}  # the other took the record out of sight


def of_double(alone: Outcome, twice: Outcome) -> list[str]:
    """What is wrong after a button was pressed twice."""
    faults = _errors(twice)
    if not faults and _left(alone) != _left(twice):
        faults.append(f"once leaves {_left(alone)}, twice {_left(twice)}")
    return faults


def of_two(alone: tuple[Outcome, Outcome], both: Outcome, endpoints: tuple[str, str]) -> list[str]:
    """What is wrong after two tabs were sent at once.

    Args:
        alone: what either does when nobody else is there.
        both: what came of it.
        endpoints: where they were sent to.
    """
    faults = _errors(both)
    words = [tab.typing.word for tab in both.ready]
    for mine, other in ((0, 1), (1, 0)):
        answer, tab = both.answers[mine], both.ready[mine]
        stored = alone[mine].holds(alone[mine].ready[0].typing.word)
        if answer.status < _DONE:
            if stored and not both.holds(words[mine]) and endpoints[other] not in TAKES_AWAY:
                faults.append(f"{endpoints[mine]} answered {answer.status}, and what was written is nowhere")
        elif answer.status == _SIGNED_OUT and endpoints[other] in ENDS_ACCESS:
            continue
        elif answer.status < _ERROR and answer.status not in _HIDDEN and not tab.autosave:
            typed = any(words[mine] in value for _name, value in tab.form.fields)
            if typed and stored and words[mine] not in answer.text:
                faults.append(f"{endpoints[mine]} answered {answer.status}, and what was typed is gone")
        if answer.status == _CONFLICT and not tab.autosave:
            faults += _after_conflict(both, mine, endpoints, shows=both.holds(words[other]))
    if all(status < _DONE for status in both.statuses):
        faults += _uncounted(alone, both, same=endpoints[0] == endpoints[1])
    return faults


def _errors(outcome: Outcome) -> list[str]:
    faults = [
        f"{status}: {answer.text.strip().splitlines()[-1][:300] if answer.text.strip() else ''}"
        for status, answer in zip(outcome.statuses, outcome.answers, strict=True)
        if status >= _ERROR or 303 < status < _DONE
    ]
    if not faults and all(status >= _DONE for status in outcome.statuses):
        faults.append(f"neither was done: {outcome.statuses}")
    return faults


def _after_conflict(both: Outcome, mine: int, endpoints: tuple[str, str], *, shows: bool) -> list[str]:
    faults = []
    other = both.ready[1 - mine].typing.word
    page = both.answers[mine].text
    if shows and endpoints[0] == endpoints[1] and other not in page and _BOTH_SIDES not in page:
        faults.append(f"{endpoints[mine]} answered 409 without what the other wrote")
    again = both.again.get(mine)
    if again is None:
        faults.append(f"{endpoints[mine]} answered 409 without a form to send again")
    elif again.status == _CONFLICT or again.status >= _ERROR:
        faults.append(f"{endpoints[mine]} answered 409, and {again.status} when it was sent again")
    return faults


def _left(outcome: Outcome) -> dict[str, int]:
    return {name: many for name, many in sorted(outcome.rows.items()) if name not in TRAILS}


def _uncounted(alone: tuple[Outcome, Outcome], both: Outcome, *, same: bool) -> list[str]:
    """Records that count their changes, and counted fewer than were done.

    Two that ask for the same leave it as one of them would; so what both write must differ.
    """
    one, other = (_counted(outcome) for outcome in alone)
    if (
        same
        and not any((tab.typing.word in value) for tab in both.ready for _name, value in tab.form.fields)
        and both.ready[0].typing.fills == both.ready[1].typing.fills
    ):
        return []
    counted = _counted(both)
    return [
        f"{table} was changed by both, and counts {counted[table]} of {one[table] + other[table]} changes"
        for table in one.keys() & other.keys()
        if counted[table] < one[table] + other[table]
    ]


def _counted(outcome: Outcome) -> Counter[str]:
    found: Counter[str] = Counter()
    for table, change in outcome.changes.items():
        for before, after in change.changed:
            if isinstance(after.get("version"), int):
                found[table] += after["version"] - before["version"]
    return +found


def report(faults: Mapping[str, list[str]]) -> str:
    """One line for each race that went wrong."""
    return "\n".join(f"{race}: {'; '.join(said)}" for race, said in sorted(faults.items()))
