"""The files that `decisions.csv` speaks of."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from portal.records.attachments.model import Attachment
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.meetings.model import Meeting
from portal.records.referrals.model import Referral
from portal.records.requests.model import InformationAnswer
from tests.access.scene import Side
from tests.cast import Cast
from tests.factories.attachments import make_file


def add_files(
    rows: Session, cast: Cast, side: Side, ids: Mapping[str, UUID], markers: Mapping[str, str]
) -> dict[str, UUID]:
    """A file on a record of each sort.

    Args:
        ids: the records.
        markers: what files are called, by their names in the scene.
    """
    own = rows.get_one(ChronologyEntry, ids["entry-own"])
    form = rows.get_one(Referral, ids["form"])
    meeting, case = rows.get_one(Meeting, ids["meeting"]), rows.get_one(Case, ids["case"])
    side.names["answer"] = str(rows.get_one(InformationAnswer, ids["answer-network"]).id)
    return {
        "file": rows.query(Attachment).filter_by(reference=side.names["file"]).one().id,
        "file-own": make_file(rows, own, cast.officer, name=markers["file-own"]).id,
        "file-waiting": make_file(
            rows,
            rows.get_one(ChronologyEntry, ids["entry"]),
            cast.officer,
            content=b"%PDF-waits",
            state=AttachmentState.QUARANTINED,
        ).id,
        "file-source": make_file(rows, form, cast.officer, name=markers["file-source"], shows_source=True).id,
        "file-meeting": make_file(rows, meeting, cast.officer, case=case).id,
    }
