"""What one gets by e-mail."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.messages.blueprint import blueprint
from portal.forms.messages import DIGEST, PreferencesForm
from portal.policy import current_policy
from portal.queries import messages
from portal.services.preferences import choose
from portal.web import message_words
from portal.web.steps import take


@blueprint.route("/preferences", methods=["GET", "POST"])
@allow("message:choose")
def preferences() -> ResponseReturnValue:
    """Every kind of message, what it means, and whether it comes by e-mail as well."""
    reminders = current_policy().reminders
    chosen = messages.mail_choices(person=current())
    mine = [kind for kind in reminders.kinds.offered if not kind.statutory]
    wanted = [kind.code for kind in mine if chosen.get(kind.code, True)]
    form = PreferencesForm(
        data={
            "kinds": [code for code in wanted if code != DIGEST],
            "digest": "yes" if DIGEST in wanted else "no",
        }
    )
    form.offer_kinds([kind for kind in mine if kind.code != DIGEST])
    return take(
        form,
        lambda: choose(actor=current(), by_mail=form.by_mail),
        template="messages/preferences.html",
        to=url_for("messages.preferences"),
        done="Saved",
        reminders=reminders,
        always=[kind for kind in reminders.kinds.offered if kind.statutory],
        tabs=message_words.tabs(current()),
    )
