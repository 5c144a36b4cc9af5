"""What a coordinator fills in: working on a form, deciding, telling agencies, finishing."""

from portal.forms.hub.deciding import DecideForm, decide_form
from portal.forms.hub.telling import TellForm
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
