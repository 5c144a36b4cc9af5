"""What a coordinator fills in: working on a form, deciding, telling agencies, finishing."""

from portal.forms.hub.deciding import DecideForm, decide_form
from portal.forms.hub.working import (
    ColourForm,
    ConfirmSocialCareForm,
    FeedbackForm,
    HandOverForm,
    MessageForm,
    NewChildForm,
    ReopenForm,
    WithdrawForm,
)
from portal.records.disclosures.forms.telling import TellForm

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
