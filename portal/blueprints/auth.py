"""Signing in at one's own organisation, signing out, and one's own sign-ins."""

from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal.access import principal, sign_in
from portal.access.guard import allow, public
from portal.access.sign_in import attempt as sign_in_attempt
from portal.access.sign_in import flow
from portal.access.sign_in.attempt import SignInRefused
from portal.access.sign_in.discovery import ProviderSettings
from portal.records.people import presenter as people_presenter
from portal.records.people import sign_in as service
from portal.records.people.presenter import words_for
from portal.records.people.reading import agencies
from portal.records.people.reading import records as people_records
from portal.web import idempotency
from portal.web.filters import numbers_to_ring
from portal.web.page import render, see_other

blueprint = Blueprint("auth", __name__)

LONGEST_SEARCH = 100


@blueprint.get("/sign-in")
@public
def choose() -> ResponseReturnValue:
    """Ask for the organisation; whoever is signed in goes on to where they were going."""
    asked = request.args.get("next")
    if principal.optional() is not None:
        return redirect(sign_in_attempt.read(asked) or url_for("home.index"), 303)
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    remembered = people_presenter.organisation()
    return render(
        "auth/choose.html",
        organisations=agencies.organisations(text=text),
        remembered=agencies.organisation(remembered) if remembered else None,
        text=text,
        next=asked,
        numbers=numbers_to_ring(),
    )


@blueprint.get("/sign-in/<agency_code>")
@public
def at_agency(agency_code: str) -> ResponseReturnValue:
    """An organisation's own address: straight on to its provider, or a choice if it has several."""
    organisation = agencies.organisation(agency_code) or abort(404)
    providers = agencies.providers_of(agency_code)
    if len(providers) > 1:
        return render(
            "auth/choose_provider.html",
            organisation=organisation,
            providers=providers,
            next=request.args.get("next"),
        )
    return _leave_for(providers[0], agency_code, going_to=request.args.get("next"))


@blueprint.get("/sign-in/<agency_code>/at/<provider_code>")
@public
def at_provider(agency_code: str, provider_code: str) -> ResponseReturnValue:
    """One of several providers of an organisation."""
    provider = _provider_of(agency_code, provider_code)
    again = "again" in request.args
    return _leave_for(provider, agency_code, going_to=request.args.get("next"), again=again)


@blueprint.get("/sign-in-again")
@allow("home:view")
def again() -> ResponseReturnValue:
    """Ask somebody who is signed in to prove once more who they are."""
    agency = principal.current().agency_code
    providers = agencies.providers_of(agency)
    return render("auth/again.html", agency=agency, providers=providers, next=request.args.get("next"))


@blueprint.get("/sign-in/return/<provider_code>")
@public
def come_back(provider_code: str) -> ResponseReturnValue:
    """Back from the provider: a session for whoever passed every check."""
    provider = agencies.provider_settings(provider_code) or abort(404)
    state = request.args.get("state", "")
    try:
        attempt = people_presenter.attempt_of(state, provider_code)
        service.spend_attempt(state)
        identity = flow.finish(
            provider=provider,
            directory=sign_in.directory(),
            attempt=attempt,
            redirect_uri=_redirect_uri(provider),
            answer=request.args,
        )
        device = people_presenter.name_of(request.user_agent.string)
        token = service.arrive(identity=identity, invitation=attempt.invitation, device=device)
    except SignInRefused as refused:
        return _refuse(provider, state, refused)
    response = redirect(sign_in_attempt.read(attempt.return_to) or url_for("home.index"), 303)
    return _opened(make_response(response), state, token)


@blueprint.post("/sign-in/back-channel/<provider_code>")
@public
def back_channel(provider_code: str) -> ResponseReturnValue:
    """A provider says that somebody signed out there (OpenID Connect Back-Channel Logout 1.0)."""
    provider = agencies.provider_settings(provider_code) or abort(404)
    directory = sign_in.directory()
    try:
        order = flow.verify_logout_token(
            request.form.get("logout_token", ""),
            provider=provider,
            keys=lambda afresh: directory.keys(provider, lacking=afresh),
        )
        service.obey(order)
    except SignInRefused as refused:
        service.record_refusal(provider=provider_code, reason=refused.reason)
        return jsonify(error="invalid_request"), 400
    return "", 200


@blueprint.get("/invitation/<token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    """What an invited person finds behind their link. Looking uses nothing up: mail scanners look too."""
    organisation = _inviting(token)
    providers = agencies.providers_of(organisation.code) if organisation else []
    return render(
        "auth/invitation.html",
        status=200 if providers else 404,
        organisation=organisation,
        providers=providers,
        token=token,
    )


@blueprint.get("/invitation/<token>/at/<provider_code>")
@public
def accept(token: str, provider_code: str) -> ResponseReturnValue:
    """Follow an invitation through a provider of the agency."""
    organisation = _inviting(token) or abort(404)
    return _leave_for(_provider_of(organisation.code, provider_code), organisation.code, invitation=token)


@blueprint.post("/sign-out")
@idempotency.later
@public
def sign_out() -> ResponseReturnValue:
    """End this session. The next page offers to sign out at the organisation too.

    No key is kept for it: whoever signs out twice is nobody the second time.
    """
    issuer = service.close_session() if principal.optional() else None
    response = see_other(url_for("auth.signed_out", provider=agencies.code_of(issuer) if issuer else None))
    people_presenter.close_session(response)
    return response


@blueprint.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """Say so, and lead to the organisation's own sign-out, which would end its other services too."""
    provider = agencies.provider_settings(request.args.get("provider", ""))
    back = f"{current_app.config['PORTAL_ADDRESS']}{url_for('auth.signed_out')}"
    address = provider and flow.sign_out_address(provider, sign_in.directory(), back=back)
    return render("auth/signed_out.html", provider=provider, sign_out_address=address)


@blueprint.get("/your-sign-ins")
@allow("session:manage")
def sessions() -> ResponseReturnValue:
    """Where one is signed in oneself."""
    return render("auth/sessions.html", sessions=people_records.mine())


@blueprint.post("/your-sign-ins/<uuid:session_id>/end")
@allow("session:manage")
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one of one's own sign-ins."""
    service.end_own(actor=principal.current(), session_id=session_id)
    return see_other(url_for("auth.sessions"), done="You have signed out on that device.")


@blueprint.post("/your-sign-ins/end-others")
@allow("session:manage")
def end_other_sessions() -> ResponseReturnValue:
    """End one's own sign-ins everywhere else."""
    ids = [session.id for session in people_records.mine()]
    service.end_others(actor=principal.current(), session_ids=ids)
    return see_other(url_for("auth.sessions"), done="You have signed out on every other device.")


def _leave_for(
    provider: ProviderSettings,
    agency_code: str,
    *,
    going_to: str | None = None,
    invitation: str | None = None,
    again: bool = False,
) -> Response:
    if not _at_own_address():
        return make_response(redirect(_same_page_at_own_address(), 303))
    attempt = sign_in_attempt.begin(
        provider=provider.code, agency=agency_code, return_to=going_to, invitation=invitation, again=again
    )
    address = flow.authorization_address(
        provider=provider,
        directory=sign_in.directory(),
        attempt=attempt,
        redirect_uri=_redirect_uri(provider),
    )
    response = make_response(redirect(address, 303))
    people_presenter.remember_attempt(response, attempt)
    return response


def _at_own_address() -> bool:
    """Whether the browser is where the provider will bring it back to: cookies do not cross names of hosts.

    Somebody who opened another name of the portal is led over once; a proxy that hides names is believed.
    """
    own = urlsplit(current_app.config["PORTAL_ADDRESS"]).hostname
    return own == urlsplit(request.host_url).hostname or "led-over" in request.args


def _same_page_at_own_address() -> str:
    query = urlencode({**request.args.to_dict(), "led-over": "yes"})
    return f"{current_app.config['PORTAL_ADDRESS']}{request.path}?{query}"


def _opened(response: Response, state: str, token: str) -> Response:
    people_presenter.open_session(response, token)
    people_presenter.forget_attempt(response, state)
    return response


def _refuse(provider: ProviderSettings, state: str, refused: SignInRefused) -> Response:
    service.record_refusal(provider=provider.code, reason=refused.reason)
    words = words_for(refused.reason)
    response = render("auth/refused.html", status=words.status, words=words, provider=provider)
    people_presenter.forget_attempt(response, state)
    return response


def _provider_of(agency_code: str, provider_code: str) -> ProviderSettings:
    providers = agencies.providers_of(agency_code)
    return next((found for found in providers if found.code == provider_code), None) or abort(404)


def _inviting(token: str) -> agencies.Organisation | None:
    code = service.inviting_agency(token)
    return agencies.organisation(code) if code else None


def _redirect_uri(provider: ProviderSettings) -> str:
    return f"{current_app.config['PORTAL_ADDRESS']}{url_for('auth.come_back', provider_code=provider.code)}"
