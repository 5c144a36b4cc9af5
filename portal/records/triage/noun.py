"""What triage plugs into the rest."""

from sqlalchemy import select

from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.queries.rows import columns
from portal.records.referrals.facts import matched_child, on_form
from portal.records.referrals.model import Referral, ReferralNotice, ReferralSubject
from portal.records.triage.child_match import tell_if_linked_with_sealed, tell_if_sealed
from portal.records.triage.model import IntelligenceReport, SocialCareReferral
from portal.records.triage.reading.counts import undecided_at_front_door
from portal.registry import Duty, Noun, Record, Reference
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="social_care.referrals",
        label="Referrals from the hub",
        hint="Children whom the hub referred to your front door: open them, and say what you decide",
        permission="disclosure:view",
        at={Sector.SOCIAL_CARE: 5},
        waiting=undecided_at_front_door,
    ),
)


NOUN = Noun(
    tasks=TASKS,
    case_held=tell_if_sealed,
    records_linked=tell_if_linked_with_sealed,
    references=(
        Reference(
            prefix=Prefix.INTELLIGENCE,
            rows=select(IntelligenceReport.reference, Referral.reference.label("opens")).join(
                Referral, Referral.id == IntelligenceReport.referral_id
            ),
        ),
    ),
    records=(
        Record(
            table=SocialCareReferral,
            page="referrals.show",
            hub_page="hub.referral",
            permission="referral:view",
            named=(
                columns(
                    SocialCareReferral,
                    reference=Referral.reference,
                    child=False,
                    words=ReferralSubject.label,
                    of_child=matched_child(),
                )
                .join(Referral, Referral.id == SocialCareReferral.referral_id)
                .outerjoin(ReferralSubject, on_form())
            ),
            duty=Duty(
                shared=("referral_id",),
                reference=ReferralNotice.reference,
                key=ReferralNotice.referral_id,
                by="referral_id",
            ),
        ),
    ),
)
