"""Whose access a person looks after: an administrator everybody's, a manager their own people's."""

from uuid import UUID

from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.people.model.people import User
from portal.services.errors import NotFound
from portal.vocabulary import ROLES_THAT_STAND_APART, Role


def managed(actor: Principal, user_id: UUID) -> User:
    """A person whose access the actor looks after.

    Raises NotFound for nobody and, to a manager, for people of other agencies; Forbidden for a manager who
    would act on governance officers or administrators, who stand apart from their agency.
    """
    user = db.session.get(User, user_id)
    if user is None or not (actor.has(Role.ADMINISTRATOR) or user.agency_id == actor.agency_id):
        raise NotFound("There is no such person.")
    require(actor, "people:manage", Facts(own_agency=user.agency_id == actor.agency_id))
    if not actor.has(Role.ADMINISTRATOR) and ROLES_THAT_STAND_APART.intersection(user.roles):
        raise Forbidden("Only an administrator looks after governance officers and administrators.")
    return user
