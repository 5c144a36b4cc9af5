"""Who works in the rehearsed portal: the cast of the tests, known at the provider, and their case."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from portal import policy
from portal.access import principal
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import Agency, AgencyProvider, IdentityProvider, User, UserIdentity
from tests.cast import Cast, make_cast
from tests.factories.cases import involve, make_case
from tests.factories.children import known_child
from tests.factories.people import open_session
from tests.rehearse.house import ACR, CLIENT, House
from tests.structure.source import ROOT


@dataclass
class World:
    """The people and the case."""

    engine: Engine
    cast: Cast
    known: Child  # whom the hub knows under another spelling
    case: Case
    codes: list[str]
    people: list[dict[str, str]]

    def rows(self) -> Session:
        """The owner's session: what is really there, on whichever server is the primary."""
        return _session(self.engine)

    def sign_in(self, person: User) -> str:
        """The token of a session, for those who do not come with a browser."""
        with self.rows() as rows:
            return open_session(rows, person.id)


def make_world(house: House) -> World:
    """Write it into the empty database."""
    policy.use(policy.load_book(ROOT / "config" / "policy"))
    engine = create_engine(house.pair.url("portal_owner"), pool_pre_ping=True)
    with _session(engine) as rows:
        cast = make_cast(rows)
        codes, people = join(rows, house.issuer)
        known = known_child(rows, "Adah", "Fictional", by=cast.social_worker)
        child = known_child(rows, "Bea", "Invented", by=cast.social_worker)
        case = make_case(
            rows,
            child,
            lead=cast.social_care,
            opened_by=cast.coordinator,
            lead_professional_id=cast.social_worker.id,
        )
        for team, worker in (
            (cast.social_care_team, cast.social_worker),
            (cast.health_team, cast.nurse),
            (cast.police_team, cast.officer),
        ):
            involve(rows, case, team, by=cast.coordinator, worker=worker)
        rows.commit()
    return World(engine, cast, known, case, codes, people)


def _session(engine: Engine) -> Session:
    return Session(engine, expire_on_commit=False, info={principal.OWNERS: True})


def join(rows: Session, issuer: str) -> tuple[list[str], list[dict[str, str]]]:
    """The partnership's one provider, which knows everybody."""
    provider = IdentityProvider(
        id=new_id(),
        code="partnership",
        name="Partnership account",
        issuer=issuer,
        client_id=CLIENT,
        secret_name="OIDC_SECRET_PARTNERSHIP",
        required_acr=[ACR],
        required_amr=[],
        max_age=3600,
        active=True,
    )
    rows.add(provider)
    rows.flush()
    people: list[dict[str, Any]] = []
    for agency in rows.query(Agency):
        rows.add(AgencyProvider(agency_id=agency.id, provider_id=provider.id))
    for person in rows.query(User).order_by(User.name):
        rows.add(UserIdentity(user_id=person.id, issuer=issuer, subject=str(person.id)))
        people.append({"subject": str(person.id), "name": person.name})
    rows.commit()
    return [provider.code], people
