"""Children, missing episodes and return interviews."""

from collections.abc import Mapping

from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from tests.factories.children import propose
from tests.races.reading import FIRST, Fill
from tests.races.scene import Scene
from tests.races.sending import Sent
from tests.races.world import World


def _proposed(world: World) -> Mapping[str, str]:
    child = world.rows.query(Child).filter_by(reference=world.names["child"]).one()
    return {"correction": str(propose(world.rows, child, by=world.person("officer")))}


def _completed(world: World) -> Mapping[str, str]:
    return {"interview": world.names["completed interview"]}


def _not_back(world: World) -> Mapping[str, str]:
    """The child of the episode is missing still."""
    episode = world.rows.query(MissingEpisode).filter_by(reference=world.names["returned episode"]).one()
    episode.found_at = episode.returned_at = None
    world.rows.commit()
    return {}


#: Times that nobody has to say.
_NO_TIMES: dict[str, Fill | None] = {
    f"{name}_{part}": None
    for name in ("left", "seen", "met")
    for part in ("at", "on-day", "on-month", "on-year")
}


def _today(name: str) -> dict[str, Fill | None]:
    """A day on which nothing said so far is later than now, whatever the page proposed and the hour it is."""
    return {f"{name}-{part}": f"{{this {part}}}" for part in ("day", "month", "year")}


def _typed(_world: World, token: str) -> Sent:
    """What a script sends while somebody types a name."""
    return Sent("", (("csrf_token", token), ("given_name", "Ada"), ("family_name", "Fictional")))


def _sought(_world: World, token: str) -> Sent:
    """What a script sends while somebody types into a picker."""
    return Sent(
        "", (("csrf_token", token), ("field", "who"), ("who", "Ada")), headers=(("HX-Request", "true"),)
    )


SCENES: dict[str, Scene] = {
    **{
        f"picking.{what}": Scene("officer", page="/cases", by_script=_sought)
        for what in ("people", "children", "cases", "subjects")
    },
    "picking.forms": Scene("coordinator", page="/triage", by_script=_sought),
    **{
        f"social_care.{place.replace('-', '_')}": Scene(
            "social_worker", page=f"/social-care/{place}?{chosen}"
        )
        for place, chosen in (
            *((one, "when=overdue") for one in ("processes", "safety-plans")),
            *((f"assessments-to-{one}", "level=high") for one in ("finalise", "sign-off")),
            ("referrals", "look=undecided"),
        )
    },
    "social_care.turning_adult": Scene("social_worker", page="/social-care/turning-18?when=overdue"),
    "social_care.return_interviews": Scene(
        "social_worker", page="/social-care/return-interviews?whose=mine&stands=overdue"
    ),
    "children.add_identifier": Scene("officer", fills={"scheme": "upn", "value": "H801200001001"}),
    "children.decide": Scene("coordinator", before=_proposed),
    "children.end_identifier": Scene("officer", page="children.show"),
    "children.hold": Scene("officer", page="children.show"),
    "children.release": Scene("officer", after=("children.hold",)),
    "children.link": Scene("coordinator", fills={"other": "{missing child}"}),
    **{
        f"return_interviews.{step}": Scene("social_worker", fills={"words": ""})
        for step in ("offer", "answer")
    },
    "return_interviews.begin": Scene("social_worker", fills={"episodes": FIRST}),
    "return_interviews.complete": Scene("social_worker", after=("return_interviews.keep",)),
    "return_interviews.cover": Scene("social_worker", fills={"episodes": FIRST}),
    "return_interviews.share": Scene("social_worker", fills={"receivers": "police"}, before=_completed),
    "return_interviews.put_right": Scene(
        "social_worker",
        fills={
            "outcome": "not_offered",
            "why_not": "Nobody was free {word}",
            "reason": "The wrong form {word}",
        },
        before=_completed,
    ),
    "return_interviews.keep": Scene("social_worker", page="return_interviews.write"),
    "return_interviews.save": Scene("social_worker", page="return_interviews.write"),
    "missing.prevention": Scene(
        "officer", fills={"held_at": "{now}", "held_by": "Holder {word}", "handling": "network"}
    ),
    "missing.report": Scene(
        "officer",
        fills={"since_at": "{now}", "raised_at": "{now}", "raised_by": "Caller {word}", **_NO_TIMES},
    ),
    "missing.change": Scene("officer", fills=_NO_TIMES),
    "missing.index": Scene("officer", page="/missing?look=ours"),
    "missing.found": Scene("officer", fills={**_today("found_on"), "found_at": "{now}", **_NO_TIMES}),
    "missing.enquiry": Scene("officer", fills={"made_at": "{now}"}),
    "missing.pass_on_agreed": Scene("officer", fills={"words": "Ring {word} first"}, before=_not_back),
    "missing.known": Scene("officer", page="missing.report", by_script=_typed),
    "missing.move": Scene("coordinator", fills={"other": "{child}"}),
    "missing.same_child": Scene("coordinator", fills={"same": "yes"}, other={"same": "no"}),
}
