"""What a coordinator fills in: working on a form, deciding, telling agencies, finishing."""

from portal.records.disclosures.forms.telling import TellForm
from portal.records.triage.forms.deciding import DecideForm, decide_form
from portal.records.triage.forms.working import (
    ColourForm,
    ConfirmSocialCareForm,
    FeedbackForm,
    HandOverForm,
    MessageForm,
    NewChildForm,
    ReopenForm,
    WithdrawForm,
)

__all__ = [
    "ColourForm",
    "ConfirmSocialCareForm",
    "DecideForm",
    "FeedbackForm",
    "HandOverForm",
    "MessageForm",
    "NewChildForm",
    "ReopenForm",
    "TellForm",
    "WithdrawForm",
    "decide_form",
]
