"""The last test of a run: nothing that the others sent or logged names anybody whom they made up."""

import pytest

from tests.personal import facts as gathering
from tests.personal.searching import search
from tests.personal.whole_run import RUN

#: Whoever runs these tests has mail sent; a run with them and without a mail has stopped recording.
SENDERS = ("tests/reminders/", "tests/browser/story/")


def test_nothing_that_was_sent_or_logged_in_this_run_names_anybody(request: pytest.FixtureRequest) -> None:
    run = request.config.stash[RUN]
    gathering.add_demonstration(run.facts)
    found = search(run.record.texts(), run.facts)
    assert not found, "Take these out of what is sent or logged:\n" + "\n".join(found)


def test_this_run_sent_and_logged_something_that_could_be_searched(request: pytest.FixtureRequest) -> None:
    ran = {item.nodeid for item in request.session.items}
    run = request.config.stash[RUN]
    if any(name.startswith(SENDERS[0]) for name in ran) and any(name.startswith(SENDERS[1]) for name in ran):
        assert run.record.mails, "No mail was recorded, although tests that send some have run."
        assert run.record.lines, "No line of a log was recorded."
        assert run.facts.words, "No name was gathered."
        assert run.facts.days, "No date of birth was gathered."
        assert run.facts.numbers, "No number was gathered."
        assert run.facts.phrases, "No address or text was gathered."
