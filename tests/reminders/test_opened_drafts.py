"""A draft that somebody left is told of to the manager who opened it, for as long as they read it."""

from datetime import timedelta

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.people.model import User
from portal.records.referrals.model import DraftOpening
from tests.cast import Cast
from tests.factories.referrals import make_draft

_REACHES = text("select ctx.reaches(ctx.readers_of(:person), 'referral', :form, null)")


def test_of_a_draft_on_a_colleague_only_the_manager_who_opened_it_is_told_while_they_read_it(
    rows: Session, cast: Cast, engine: Engine
) -> None:
    form = make_draft(rows, cast.officer, concerns_colleague=True)
    rows.commit()

    def told(person: User) -> bool:
        with engine.connect() as connection:
            return bool(connection.scalar(_REACHES, {"person": person.id, "form": form.id}))

    assert not told(cast.police_manager), "it concerns a colleague, and nobody opened it"
    opening = DraftOpening(
        id=new_id(),
        referral_id=form.id,
        manager_id=cast.police_manager.id,
        reason="Left",
        opened_at=clock.now(),
        until=clock.now() + timedelta(hours=20),
    )
    rows.add(opening)
    rows.commit()
    assert told(cast.police_manager)
    for person in (cast.colleague, cast.stranger, cast.social_care_manager, cast.coordinator):
        assert not told(person), person.name
    opening.until = clock.now() - timedelta(minutes=1)
    rows.commit()
    assert not told(cast.police_manager), "they read it no longer"
