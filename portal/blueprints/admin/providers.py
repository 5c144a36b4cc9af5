"""Where the people of agencies sign in."""

from flask import abort, current_app, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.blueprints.admin import blueprint
from portal.records.people import providers as service
from portal.records.people.forms import NewProviderForm, ProviderChangeForm
from portal.records.people.reading import agencies as queries
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take


@blueprint.get("/providers")
@allow("provider:manage")
def providers() -> ResponseReturnValue:
    """Every identity provider."""
    return render("admin/providers.html", providers=queries.every_provider(), wide=True)


@blueprint.route("/providers/add", methods=["GET", "POST"])
@allow("provider:manage", proved=True)
def add_provider() -> ResponseReturnValue:
    """Add a provider, for another administrator to switch on."""
    form = NewProviderForm()
    allow_http = current_app.config["ALLOW_HTTP_PROVIDERS"]
    return take(
        form,
        lambda: service.add(actor=principal.current(), allow_http=allow_http, **form.answers()),
        says=Words(
            heading="Add a provider",
            back=Link(url_for("admin.providers"), "Sign-in"),
            lead=["Nobody can sign in with it before another administrator has switched it on."],
            button="Save",
        ),
        to=lambda added: url_for("admin.provider", code=added.code),
    )


@blueprint.get("/providers/<code>")
@allow("provider:manage")
def provider(code: str) -> ResponseReturnValue:
    """One provider, who uses it, and what it has to be told."""
    found = queries.provider(code) or abort(404)
    here = current_app.config["PORTAL_ADDRESS"]
    return render(
        "admin/provider.html",
        provider=found,
        agencies=queries.agencies_of(found.id),
        secret_is_set=found.secret_name in current_app.config["OIDC_SECRETS"],
        may_switch_on=found.added_by != principal.current().user_id,
        return_address=here + url_for("auth.come_back", provider_code=code),
        signed_out_address=here + url_for("auth.signed_out"),
        back_channel_address=here + url_for("auth.back_channel", provider_code=code),
    )


@blueprint.route("/providers/<code>/change", methods=["GET", "POST"])
@allow("provider:manage", proved=True)
def change_provider(code: str) -> ResponseReturnValue:
    """Change a provider's name and the strength that it has to prove."""
    found = queries.provider(code) or abort(404)
    form = ProviderChangeForm(data=found.as_typed())
    return take(
        form,
        lambda: service.change(actor=principal.current(), provider_id=found.id, **form.answers()),
        says=Words(
            heading="Change the provider",
            caption=found.name,
            back=Link(url_for("admin.provider", code=code), found.name),
            button="Save",
        ),
        to=url_for("admin.provider", code=code),
        done="Saved",
    )


@blueprint.post("/providers/<code>/switch-on")
@allow("provider:manage", proved=True)
def switch_provider_on(code: str) -> ResponseReturnValue:
    """Let people sign in with a provider that somebody else added."""
    found = queries.provider(code) or abort(404)
    service.switch_on(actor=principal.current(), provider_id=found.id)
    return _saved(code, "People can sign in with it now.")


@blueprint.post("/providers/<code>/switch-off")
@allow("provider:manage", proved=True)
def switch_provider_off(code: str) -> ResponseReturnValue:
    """Stop sign-in with a provider, and end what was opened with it."""
    found = queries.provider(code) or abort(404)
    service.switch_off(actor=principal.current(), provider_id=found.id)
    return _saved(code, "Nobody can sign in with it now, and whoever had was signed out.")


def _saved(code: str, words: str) -> ResponseReturnValue:
    flash(words)
    return see_other(url_for("admin.provider", code=code))
