"""Administration, absences, sign-ins and messages."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.model import AuditEvent
from portal.model import new_id
from portal.policy import current_policy
from portal.records.people.model import RoleChange, SignInSession, User, UserIdentity
from portal.vocabulary import RateAnswer, RateKind
from tests.races.reading import FIRST, LAST
from tests.races.scene import Scene
from tests.races.sending import Sent
from tests.races.world import World


def _asked_roles(world: World) -> Mapping[str, str]:
    """A weighty role for somebody that one administrator asked for."""
    person = world.person("officer")
    change = world.rows.get_one(RoleChange, _uuid(world.names["change of roles"]))
    change.roles_before = list(person.roles)
    return {}


def _pressed(_world: World, token: str) -> Sent:
    return Sent("", (("csrf_token", token),))


def _uuid(text: str) -> UUID:
    return UUID(text)


def _signed_in_once(world: World) -> Mapping[str, str]:
    """An account elsewhere, by which the officer signs in."""
    world.rows.add(
        UserIdentity(
            id=new_id(),
            user_id=world.person("officer").id,
            issuer="https://p.example",
            subject="officer",
        )
    )
    return {}


def _elsewhere(world: World) -> Mapping[str, str]:
    """The officer’s other device."""
    sessions = world.rows.scalars(
        select(SignInSession.id)
        .where(SignInSession.user_id == world.person("officer").id)
        .order_by(SignInSession.id)
    ).all()
    return {"session": str(sessions[-1])}


def _switched_off(world: World) -> Mapping[str, str]:
    world.rows.get_one(User, world.person("officer").id).active = False
    return {}


def _no_provider(_world: World) -> Mapping[str, str]:
    """A provider that nobody signs in with: one that is there would be asked for its keys."""
    return {"provider code": "no-provider"}


def _searched(world: World) -> Mapping[str, str]:
    """As much in the last hour as somebody is asked about."""
    rates = current_policy().rates.of(RateKind.SEARCH)
    asks = next(rate.most for rate in rates if rate.answer is RateAnswer.REASON)
    for seconds in range(asks):
        at = clock.now() - timedelta(seconds=seconds)
        officer = world.person("officer").id
        world.rows.add(AuditEvent(id=new_id(), at=at, actor_id=officer, action="child:search"))
    return {}


ADMINISTRATOR = "administrator"

SCENES: dict[str, Scene] = {
    "work.held": Scene("police_manager", fills={"items": FIRST, "hand_to": FIRST}, other={"hand_to": LAST}),
    "looks.index": Scene("police_manager", page="/looks?look=why"),
    "looks.why": Scene("officer", page="/looks/why?kind=search", before=_searched),
    "absences.enter": Scene("coordinator"),
    "absences.show": Scene("officer"),
    "absences.end": Scene("officer", page="absences.show"),
    "absences.uncover": Scene("officer", page="absences.show", after=("absences.show",)),
    "admin.add_agency": Scene(
        ADMINISTRATOR, fills={"name": "Agency {word}", "code": "new-agency", "sector": "council"}
    ),
    "admin.add_provider": Scene(
        ADMINISTRATOR,
        fills={
            "name": "Provider {word}",
            "code": "new-provider",
            "issuer": "https://new.example",
            "client_id": "portal",
        },
    ),
    "admin.add_team": Scene(
        ADMINISTRATOR,
        fills={"name": "Team {word}", "duty_email": "team@police.example", "duty_phone": "01632 960003"},
    ),
    "admin.agencies": Scene(ADMINISTRATOR, page="/administration/agencies?look=on"),
    "admin.agency_providers": Scene(ADMINISTRATOR, fills={"provider_ids": FIRST}),
    "admin.change_agency": Scene(ADMINISTRATOR),
    "admin.change_provider": Scene(ADMINISTRATOR),
    "admin.change_team": Scene(ADMINISTRATOR),
    "admin.choose_agency": Scene(ADMINISTRATOR),
    "admin.confirm_role_change": Scene(
        "second_administrator", page="admin.role_changes", before=_asked_roles
    ),
    "admin.refuse_role_change": Scene(ADMINISTRATOR, page="admin.role_changes"),
    "admin.find_people": Scene(ADMINISTRATOR, page="/administration/people"),
    "admin.people": Scene(ADMINISTRATOR, page="/administration/people?access=on"),
    "admin.invite": Scene(
        "police_manager",
        fills={"name": "New {word}", "email": "new.person@police.example", "roles": "practitioner"},
    ),
    "admin.details": Scene("police_manager"),
    "admin.end_sessions": Scene("police_manager", page="admin.person"),
    "admin.invite_again": Scene("police_manager", page="admin.person"),
    "admin.release": Scene(ADMINISTRATOR, page="admin.person", before=_signed_in_once),
    "admin.roles": Scene(
        "police_manager",
        fills={"roles": ["practitioner", "chair"]},
        other={"roles": ["practitioner", "manager"]},
    ),
    "admin.switch_off": Scene("police_manager"),
    "admin.switch_on": Scene("police_manager", page="admin.person", before=_switched_off),
    "admin.switch_agency_off": Scene(ADMINISTRATOR),
    "admin.switch_agency_on": Scene(ADMINISTRATOR, page="admin.agency", after=("admin.switch_agency_off",)),
    "admin.switch_provider_off": Scene(ADMINISTRATOR, page="admin.provider"),
    "admin.switch_provider_on": Scene(
        "second_administrator", page="admin.provider", after=("admin.switch_provider_off",)
    ),
    "auth.back_channel": Scene(
        page="/sign-in",
        before=_no_provider,
        by_script=lambda _world, _token: Sent("", (("logout_token", "not one"),)),
    ),
    "auth.end_other_sessions": Scene("officer", page="auth.sessions"),
    "auth.end_session": Scene("officer", page="auth.sessions", before=_elsewhere),
    "auth.sign_out": Scene("officer", page="/your-sign-ins"),
    "messages.see_changes": Scene("officer", page="/changes", by_script=_pressed),
    "messages.lift": Scene("coordinator", page="/messages/addresses"),
    "messages.watch": Scene("coordinator", page="/messages/life?state=owed"),
    "messages.retry": Scene("coordinator", page="/messages/life"),
    "messages.read": Scene("officer", page="/messages"),
    "messages.see_new_edition": Scene("officer", page="/messages"),
    "messages.read_all": Scene("officer", page="/messages"),
    "messages.preferences": Scene("officer", fills={"digest": "yes"}, other={"digest": "no", "kinds": FIRST}),
    "public.stay": Scene(
        "officer",
        page="/messages",
        by_script=lambda _world, token: Sent("", (), headers=(("X-CSRFToken", token),)),
    ),
    "search.run": Scene("officer", page="/search", fills={"sought": "Quill"}),
}
