"""The addresses of a demonstration identity provider, one set for each organisation."""

import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

import requests
from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from portal.demo.provider.tokens import (
    BEHAVES,
    LIFETIME,
    Grant,
    answering,
    id_token_claims,
    logout_claims,
    organisation_or_404,
    seconds_now,
    sign,
    state,
)

bp = Blueprint("provider", __name__)


@bp.get("/")
def front_page() -> str:
    """Say what this is, for somebody who opened the address by hand."""
    return render_template("provider/front.html", organisations=state().directory.organisations.values())


@bp.get("/<code>/.well-known/openid-configuration")
def metadata(code: str) -> Response:
    """OpenID Connect discovery."""
    organisation, faults, issuer = organisation_or_404(code), answering(code), state().directory.issuer(code)
    if faults.redirects_discovery_to:
        return redirect(faults.redirects_discovery_to)
    return jsonify(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "end_session_endpoint": f"{issuer}/sign-out",
            "jwks_uri": f"{issuer}/keys",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email"],
            "id_token_signing_alg_values_supported": [organisation.algorithm],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": [organisation.acr],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        }
        | faults.metadata
    )


@bp.get("/<code>/keys")
def keys(code: str) -> Response:
    """The public keys of an organisation."""
    organisation = organisation_or_404(code)
    answering(code)
    return jsonify(state().keys.public(code, organisation.algorithm))


@bp.get("/<code>/authorize")
def choose(code: str) -> str | tuple[str, int]:
    """Ask who to sign in as, for a request that a real provider would accept."""
    organisation, asked = organisation_or_404(code), request.args
    if not _registered(asked):
        return render_template("provider/refused.html", organisation=organisation), 400
    return render_template(
        "provider/choose.html",
        organisation=organisation,
        asked=state().requests.dumps([code, asked.to_dict()]),
    )


def _registered(asked: Mapping[str, str]) -> bool:
    client = state().directory.client
    return (
        asked.get("client_id") == client.client_id
        and asked.get("redirect_uri") in client.redirect_uris
        and asked.get("response_type") == "code"
        and "openid" in asked.get("scope", "").split()
        and asked.get("code_challenge_method") == "S256"
        and bool(asked.get("code_challenge"))
    )


@bp.post("/<code>/authorize")
def chosen(code: str) -> Response:
    """Sign the chosen person in and go back to the portal with a code."""
    organisation = organisation_or_404(code)
    try:
        signed_for, asked = state().requests.loads(request.form.get("asked", ""), max_age=1800)
    except BadSignature:
        abort(400)
    person = organisation.person(request.form.get("person", ""))
    if signed_for != code or person is None:
        abort(400)
    session = secrets.token_urlsafe(16)
    grant = Grant(
        organisation=code,
        subject=person.subject,
        redirect_uri=asked["redirect_uri"],
        challenge=asked["code_challenge"],
        nonce=asked.get("nonce"),
        auth_time=seconds_now(),
        session=session,
    )
    response = redirect(_back(code, asked, state().grants.issue_code(grant)), 303)
    response.set_cookie(f"session-{code}", session, httponly=True, samesite="Lax", path=f"/{code}")
    return response


def _back(code: str, asked: Mapping[str, str], authorization_code: str) -> str:
    faults = state().misbehaves(code)
    issuer = state().directory.issuer(code) if faults.response_issuer is None else faults.response_issuer
    answer = {"code": authorization_code, "state": asked.get("state", ""), "iss": issuer}
    return f"{asked['redirect_uri']}?{urlencode({name: value for name, value in answer.items() if value})}"


@bp.post("/<code>/token")
def token(code: str) -> Response | tuple[Response, int]:
    """Exchange a code for an ID token and an access token."""
    organisation, faults = organisation_or_404(code), answering(code)
    client, given = state().directory.client, request.authorization
    if (
        given is None
        or given.username != client.client_id
        or not hmac.compare_digest(given.password or "", client.client_secret)
    ):
        return jsonify(error="invalid_client"), 401
    exchanged = state().grants.exchange(
        request.form.get("code", ""),
        organisation=code,
        redirect_uri=request.form.get("redirect_uri", ""),
        verifier=request.form.get("code_verifier", ""),
    )
    person = organisation.person(exchanged[1].subject) if exchanged else None
    if exchanged is None or person is None:
        return jsonify(error="invalid_grant"), 400
    access_token, grant = exchanged
    answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": LIFETIME, "scope": "openid"}
    if not faults.omits_id_token:
        claims = id_token_claims(
            issuer=state().directory.issuer(code),
            audience=client.client_id,
            organisation=organisation,
            person=person,
            nonce=grant.nonce,
            auth_time=grant.auth_time,
            session=grant.session,
            access_token=access_token,
            faults=faults,
        )
        key = state().key(organisation)
        answer["id_token"] = sign(claims, key=key, organisation=organisation, faults=faults)
    return jsonify(answer)


@bp.get("/<code>/userinfo")
def userinfo(code: str) -> Response:
    """Who the bearer of an access token is."""
    organisation = organisation_or_404(code)
    answering(code)
    given = request.authorization
    grant = state().grants.by_token(given.token or "", code) if given else None
    person = organisation.person(grant.subject) if grant else None
    if person is None:
        abort(401)
    return jsonify(sub=person.subject, name=person.name, email=person.email)


@bp.get("/<code>/sign-out")
def sign_out(code: str) -> Response | str:
    """End the person's session here, tell the portal's other sessions, and go back if that was asked."""
    organisation, client = organisation_or_404(code), state().directory.client
    session = request.cookies.get(f"session-{code}", "")
    for grant in state().grants.of_session(session, code):
        tell_client(code, subject=grant.subject, session=session)
    target = request.args.get("post_logout_redirect_uri", "")
    response: Response | str
    if target in client.post_logout_redirect_uris and request.args.get("client_id") == client.client_id:
        response = redirect(target, 303)
        response.delete_cookie(f"session-{code}", path=f"/{code}")
        return response
    return render_template("provider/signed_out.html", organisation=organisation)


def tell_client(code: str, *, subject: str | None, session: str | None) -> None:
    """Send the portal a logout token for a session or for everything of a person."""
    organisation, client = organisation_or_404(code), state().directory.client
    claims = logout_claims(
        issuer=state().directory.issuer(code), audience=client.client_id, subject=subject, session=session
    )
    key = state().key(organisation)
    logout_token = sign(claims, key=key, organisation=organisation, faults=BEHAVES, typ="logout+jwt")
    for address in client.backchannel_logout_uris:
        try:
            requests.post(
                address.format(organisation=code),
                data={"logout_token": logout_token},
                timeout=3,
                allow_redirects=False,
            )
        except requests.RequestException:
            current_app.logger.warning("The portal could not be told that a session ended.")
