"""Who may know what a message is about. The database says so, by the rules that hold for its records."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from portal.reminders.writing import About

# A team of the hub is answered by coordinators, who are the hub as a reader. Whoever is in a team practises
# in its agency.
_TEAMS = text(
    """
    select w.place
      from unnest(cast(:teams as uuid[]), cast(:kinds as text[]), cast(:subjects as uuid[]),
                  cast(:cases as uuid[])) with ordinality w (team, kind, subject, on_case, place)
      join team t on t.id = w.team
      join agency a on a.id = t.agency_id
     where ctx.reaches(array[t.id] || ctx.practices(a.id)
                       || case when a.sector = 'hub' then array[ctx.hub()] else '{}'::uuid[] end,
                       w.kind, w.subject, w.on_case)
    """
)
_PEOPLE = text(
    """
    select w.person
      from unnest(cast(:people as uuid[])) w (person)
     where ctx.reaches(ctx.readers_of(w.person), :kind, :subject, :on_case)
    """
)


def teams_that_reach(
    connection: Connection, asked: Collection[tuple[UUID, About]]
) -> set[tuple[UUID, About]]:
    """Of teams and what each is to be told about, those whose people may know of it."""
    pairs = list(asked)
    if not pairs:
        return set()
    places = connection.scalars(
        _TEAMS,
        {
            "teams": [team_id for team_id, _ in pairs],
            "kinds": [about.kind for _, about in pairs],
            "subjects": [about.id for _, about in pairs],
            "cases": [about.case_id for _, about in pairs],
        },
    )
    return {pairs[place - 1] for place in places}


def people_who_reach(connection: Connection, people: Sequence[UUID], about: About) -> set[UUID]:
    """Of some persons, those who may know of something."""
    return set(
        connection.scalars(
            _PEOPLE,
            {"people": list(people), "kind": about.kind, "subject": about.id, "on_case": about.case_id},
        )
    )
