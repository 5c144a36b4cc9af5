"""What another area, or the services after 18, must know: a hand-over that is finalised."""

from collections.abc import Iterable
from typing import Any

from portal.documents import blocks
from portal.documents.document import Document
from portal.policy import Policy
from portal.records.cases.document import about_child, warnings_of
from portal.records.closing.reading import HandOverPaper
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.linked_processes.document import processes
from portal.web.filters import day, moment, nhs_number


def hand_over(*, paper: HandOverPaper, case: Any, policy: Policy, alerts: Iterable[Any]) -> Document:
    """A hand-over as it was finalised.

    Args:
        case: the row of `portal.records.entries.reading.case_page.head`.
    """
    facts = [
        {"key": "NHS number", "value": nhs_number(case.nhs_number)},
        {"key": "To", "value": paper.service},
        {"key": "Person", "value": paper.person},
        {"key": "How to reach them", "value": paper.contact},
        {"key": "Both meet on", "value": day(paper.meets_on)},
        {"key": "Finalised", "value": f"{moment(paper.finalised_at)}, by {paper.finalised_by}"},
    ]
    return Document.of(
        paper,
        CopyKind.HAND_OVER,
        title=paper.kind.label,
        about=[about_child(case), f"Case {case.reference}"],
        warnings=warnings_of(case, policy, alerts),
        case_ids=[case.id],
        own_reading=False,  # it stands as it was written, for everyone alike
        blocks=[
            *blocks.facts(facts),
            *(
                block
                for label, words in paper.sections
                for block in (blocks.heading(label), *blocks.words(words or "Nothing was written."))
            ),
            *processes(case_id=case.id, level=1, at=paper.finalised_at),
        ],
    )
