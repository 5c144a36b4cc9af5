"""How many clicks and fields the stories of every day take: no more than they may (docs/front-end.md)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.looks.interactions import START, STORIES, Hand, Told
from tests.structure.source import ROOT


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_takes_no_more_interactions_than_it_may(
    window_of: Callable[[str], Page], story: Told
) -> None:
    if story.before:
        other, prepare = story.before
        there = window_of(other)
        there.goto(START)
        prepare(Hand(there))
    page = window_of(story.person)
    page.goto(START)
    hand = Hand(page)
    story.act(hand)
    print(f"{story.name}: {hand.count} (at most {story.most})")
    assert hand.count <= story.most, hand.done


def test_what_each_may_take_stands_in_the_documentation() -> None:
    told = (ROOT / "docs" / "front-end.md").read_text("utf-8")
    listed = {
        name: int(most) for name, most in re.findall(r"^\| (.+?) \| \d+ \| (\d+) \|$", told, re.MULTILINE)
    }
    for story in STORIES:
        assert listed[story.name] == story.most, story.name
