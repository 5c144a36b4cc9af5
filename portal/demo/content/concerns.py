"""Places, people and things of concern in the demonstration, what they belong to, and who sees them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content.acting import Stage, reread
from portal.demo.content.reading import Described as Said
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.concerns.holding import release, set_police_status
from portal.records.concerns.keeping import create_concern
from portal.records.concerns.links import add_note, link_child, link_concern
from portal.records.concerns.model import Concern
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency


def write(stage: Stage, described: Sequence[Said], known: Mapping[str, UUID]) -> None:
    """Record each of them, and let each be linked, added to and released as the file says."""
    made: dict[str, UUID] = {}
    for said in described:
        with stage.acting(said["by"], stage.ago(said["at"])) as actor:
            made[said["key"]] = _record(actor, stage, said)
    for said in described:
        concern_id = made[said["key"]]
        if status := said.get("status"):
            with stage.acting(status["by"], stage.ago(status["at"])) as actor:
                _know(actor, reread(Concern, concern_id), status)
        for one in said.get("links", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                _link(actor, reread(Concern, concern_id), one, made, known)
        for one in said.get("notes", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                handling = Handling(one.get("handling", Handling.NETWORK))
                add_note(
                    actor=actor, concern=reread(Concern, concern_id), text=one["text"], handling=handling
                )
        for one in said.get("release", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                _release(actor, reread(Concern, concern_id), one)


def _record(actor: Principal, stage: Stage, said: Said) -> UUID:
    review_on = clock.local(stage.now).date() + timedelta(days=said["review"])
    made = create_concern(
        actor=actor,
        kind=ConcernKind(said["kind"]),
        said=Described(
            name=said.get("name", ""),
            description=said["description"],
            details=said.get("says", {}),
            district=said.get("district"),
            risk=said.get("risk"),
            also_child=said.get("also_child"),
            do_not_approach=said.get("do_not_approach", False),
            first_on=clock.today(),
            review_on=review_on,
        ),
    )
    return made.id


def _know(actor: Principal, concern: Concern, status: Said) -> None:
    set_police_status(
        actor=actor,
        concern=concern,
        status=status["code"],
        reason=status["words"],
        version=concern.version,
    )


def _link(
    actor: Principal,
    concern: Concern,
    one: Said,
    made: Mapping[str, UUID],
    known: Mapping[str, UUID],
) -> None:
    how: dict[str, Any] = {
        "role": one["role"],
        "words": one.get("words", ""),
        "handling": Handling(one.get("handling", Handling.NETWORK)),
        "from_on": clock.today(),
    }
    if "child" in one:
        child = reread(Child, known[one["child"]])
        link_child(actor=actor, concern=concern, child=child, **how)
    else:
        link_concern(actor=actor, concern=concern, other=reread(Concern, made[one["other"]]), **how)


def _release(actor: Principal, concern: Concern, one: Said) -> None:
    agency = db.session.scalars(select(Agency).filter_by(code=one["agency"])).one()
    release(actor=actor, concern=concern, agency_id=agency.id, reason=one["reason"])
