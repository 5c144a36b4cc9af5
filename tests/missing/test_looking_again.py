"""Whoever looked for a child can report it again, whoever else works with it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import User
from tests.cast import Cast
from tests.factories.cases import add_held_alert
from tests.factories.children import say
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting, reports
from tests.missing.test_pages import ClientFor, reported


def test_the_police_report_a_child_again_whom_they_know_by_an_earlier_report_alone(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    child = rows.get_one(Child, case.child_id)
    ago = {name: clock.now() - timedelta(hours=hours) for name, hours in (("since", 30), ("returned_at", 20))}
    make_episode(rows, child, cast.teacher, team=cast.school_team, **ago)
    assert reports(acting, cast.neighbour, child=child).child_id == child.id
    with pytest.raises(NoResultFound):  # it is nobody whom they know of
        reports(acting, cast.stranger, child=child)


def test_nor_do_they_learn_by_reporting_it_that_an_address_is_the_childs(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, case: Case
) -> None:
    child, address = rows.get_one(Child, case.child_id), "7 Larkspur Hidden Mews, Ripley"
    add_held_alert(rows, case, cast.social_care_manager)
    say(rows, child, cast.social_worker, address, do_not_disclose=True)
    reports(acting, cast.social_worker, child=child)

    def asks(person: User, words: str) -> bool:
        form = f"/missing/report?child={child.reference}"
        refused = client_for(person).submit(form, reported(last_seen=words))
        assert refused.status_code == 422, "it is reported already"
        return "looks like" in refused.text

    assert asks(cast.colleague, address), "works with the child"
    for words in (address, "1 Wrongly Guessed Mews"):
        assert not asks(cast.neighbour, words)
