"""What the viewers of measured meetings do is what the script of the page does."""

from tests.bench.meetings import _slowed, _spread
from tests.bench.viewers import Box, Heard, interval


def test_viewers_ask_as_often_as_the_script() -> None:
    assert interval("POLL") == 4
    assert interval("POLL_ALONE") == 15


def test_a_box_that_somebody_left_shows_what_others_wrote_meanwhile() -> None:
    box = Box("one", text="Mine", seen=1, known=2, news=("Mine and theirs", 2))
    box.take_news()
    assert (box.text, box.seen, box.news) == ("Mine and theirs", 2, None)
    box.take_news()
    assert box.text == "Mine and theirs"


def test_what_cannot_be_reached_is_counted_as_failed() -> None:
    heard = Heard()

    def ask() -> None:
        raise ConnectionRefusedError

    heard.without_fault(ask)
    assert heard.failed == ["ConnectionRefusedError()"]


def test_of_several_pages_the_one_that_is_slowed_most_counts() -> None:
    turns = {"list": ([10.0, 11.0, 12.0], [10.0, 10.0, 10.0]), "case": ([8.0], [16.0])}
    figures = {name: value for name, value, _ in _slowed(turns)}
    assert figures["meetings_others_slower"] == figures["meetings_list_slower"] == 1.1
    spread = {name: value for name, value, _ in _spread("save", [1.0] * 18 + [2.0, 50.0])}
    assert (spread["save_p50_ms"], spread["save_p95_ms"]) == (1.0, 47.6)
