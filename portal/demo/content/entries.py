"""What agencies have added to the cases: of each kind and handling, with files, graded or corrected."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from itertools import cycle
from uuid import UUID

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from portal.access.principal import Principal
from portal.demo.content.acting import Described, Stage, person, pool, reread
from portal.extensions import db
from portal.records.attachments.adding import SentFile, add_to_entry
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import add_entry, agencies_on, correct_entry
from portal.records.entries.correcting import save_entry_draft
from portal.records.entries.critical_moments import record_no_change
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence import gradings
from portal.records.people.model import Agency

_PAGE = (1240, 1754)  # a sheet of A4 at 150 dots an inch
_EDGE, _LINE, _SIZE = 110, 58, 34
_PAPER, _INK = "#fffdf5", "#1d2a44"


def drawn(said: Described) -> SentFile:
    """A sheet with some lines on it, as the file of the demonstration says.

    Args:
        said: its name, whose ending is its kind (pdf, png or jpg), and what it says, line by line.
    """
    sheet = _sheet(said["says"])
    name: str = said["name"]
    out = BytesIO()
    kind = {"pdf": "PDF", "png": "PNG", "jpg": "JPEG"}[name.rpartition(".")[2]]
    sheet.save(out, kind)
    return SentFile(name, out.getvalue())


def _sheet(lines: Sequence[str]) -> Image.Image:
    sheet = Image.new("RGB", _PAGE, _PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_SIZE)
    for number, line in enumerate(lines):
        pen.text((_EDGE, _EDGE + number * _LINE), line, fill=_INK, font=font)
    return sheet


def add(
    actor: Principal,
    case: Case,
    entry: Described,
    *,
    at: datetime,
    handling: Handling,
    listed: Iterable[UUID],
) -> UUID:
    """Add intelligence with its grading and where it came from."""
    said = entry["graded"]
    return gradings.add_intelligence(
        actor=actor,
        case=case,
        text=entry["text"],
        happened_at=at,
        handling=handling,
        listed=listed,
        family_safe=FamilySafe(entry.get("family", "no")),
        grading=gradings.Graded(
            source_grade=said["source_grade"],
            information_grade=said["information_grade"],
            handling_code=said["handling_code"],
            conditions=said.get("conditions", ()),
            more_conditions=said.get("more_conditions", ""),
        ),
        source=said.get("source", ""),
    ).id


def release(actor: Principal, case: Case, entry: ChronologyEntry, said: Described) -> None:
    """The police end its conditions."""
    gradings.release(actor=actor, case=case, entry=entry, reason=said["reason"])


#: How long after something happened it was written down.
_WRITTEN_AFTER = timedelta(minutes=50)
_LOOKED_AFTER = timedelta(hours=20)
_CORRECTED_AFTER = timedelta(hours=22)


class Adding:
    """Adds entries; those that fit almost any case are taken from a pool, in turn."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pool = {sector: cycle(texts) for sector, texts in pool().items()}

    def write(self, about: Described, case_id: UUID) -> None:
        """Add the entries of a case, the oldest first."""
        written = [*about.get("entries", ()), *self._from_pool(about)]
        for entry in sorted(written, key=lambda one: self._stage.ago(one["at"])):
            added = self._add(entry, case_id)
            if "looked" in entry:
                self._looked(about["lead"], entry, case_id, added)
            if "released" in entry.get("graded", {}):
                self._release(entry["graded"]["released"], case_id, added)
            if "corrected" in entry:
                self._correct(entry, case_id, added)
        for draft in about.get("drafts", ()):
            with self._stage.acting(draft["by"], self._stage.ago(draft["at"])) as actor:
                save_entry_draft(actor=actor, case=reread(Case, case_id), answers=draft["answers"], version=0)

    def _from_pool(self, about: Described) -> list[Described]:
        """One entry of each worker, spread over the time since the case was opened."""
        people = [about["lead"], *(who for who, _ in about.get("teams", ()))]
        wanted = about.get("more", 0)
        first = self._stage.ago(about["opened"]) + timedelta(hours=4)
        last = self._stage.ago(about.get("closed", "5h"))
        return [
            {
                **next(self._pool[_sector(who)]),
                "by": who,
                "at": f"{(self._stage.now - at) // timedelta(hours=1)}h",
            }
            for number in range(wanted)
            for who in [people[number % len(people)]]
            for at in [first + (last - first) * (number + 0.5) / wanted]
        ]

    def _add(self, entry: Described, case_id: UUID) -> UUID:
        at = self._stage.ago(entry["at"])
        with self._stage.acting(entry["by"], min(at + _WRITTEN_AFTER, self._stage.now)) as actor:
            case = reread(Case, case_id)
            handling, listed = _handling(case, entry)
            if "graded" in entry:
                return add(actor, case, entry, at=at, handling=handling, listed=listed)
            added = add_entry(
                actor=actor,
                case=case,
                kind=entry["kind"],
                text=entry["text"],
                happened_at=at,
                handling=handling,
                listed=listed,
                family_safe=FamilySafe(entry.get("family", "ask")),
                critical_moment=entry.get("critical"),
                moment=entry.get("moment"),
                details=entry.get("details", {}),
            )
            for file in entry.get("files", ()):
                add_to_entry(actor=actor, case=case, entry=added, file=drawn(file))
            return added.id

    def _looked(self, lead: str, entry: Described, case_id: UUID, entry_id: UUID) -> None:
        """Whoever leads looked at the risk assessment after a critical moment; nothing changes, because."""
        at = self._stage.ago(entry["at"]) + _LOOKED_AFTER
        with self._stage.acting(lead, min(at, self._stage.now)) as actor:
            record_no_change(
                actor=actor,
                case=reread(Case, case_id),
                entry=reread(ChronologyEntry, entry_id),
                words=entry["looked"],
            )

    def _release(self, said: Described, case_id: UUID, entry_id: UUID) -> None:
        with self._stage.acting(said["by"], self._stage.ago(said["at"])) as actor:
            release(actor, reread(Case, case_id), reread(ChronologyEntry, entry_id), said)

    def _correct(self, entry: Described, case_id: UUID, entry_id: UUID) -> None:
        at = self._stage.ago(entry["at"]) + _CORRECTED_AFTER
        with self._stage.acting(entry["by"], min(at, self._stage.now)) as actor:
            correct_entry(
                actor=actor,
                case=reread(Case, case_id),
                entry=reread(ChronologyEntry, entry_id),
                text=entry["corrected"]["text"],
                reason=entry["corrected"]["reason"],
            )


def _handling(case: Case, entry: Described) -> tuple[Handling, set[UUID]]:
    """Who may read it. What is for agencies of which none works on this case stays with its own."""
    handling = Handling(entry.get("handling", Handling.NETWORK))
    if handling is not Handling.AGENCIES:
        return handling, set()
    wanted = select(Agency.id).where(
        Agency.code.in_(entry["agencies"]), Agency.id != person(entry["by"]).agency_id
    )
    listed = set(db.session.scalars(wanted)) & agencies_on(case)
    return (handling, listed) if listed else (Handling.OWN, set())


def _sector(who: str) -> str:
    return db.session.scalars(select(Agency.sector).where(Agency.id == person(who).agency_id)).one()
