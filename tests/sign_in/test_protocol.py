"""What a provider says is believed only if everything about it is right."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from portal import clock
from portal.access.sign_in import attempt as attempts
from portal.access.sign_in import flow
from portal.access.sign_in.attempt import ProviderUnreachable, Refusal, SignInRefused
from portal.access.sign_in.discovery import ProviderDirectory
from portal.access.sign_in.flow import Identity
from tests.sign_in.providers import Providers, person, return_address

SignIn = Callable[..., Identity]


@pytest.fixture
def directory() -> ProviderDirectory:
    return ProviderDirectory(allow_http=True)


@pytest.fixture
def sign_in(providers: Providers, directory: ProviderDirectory) -> SignIn:
    """Sign somebody in at a provider, from the address that the portal makes to the identity it accepts."""

    def run(
        code: str = "police", subject: str = "p-1", answer: dict[str, Any] | None = None, **settings: Any
    ) -> Identity:
        provider = providers.settings(code, **settings)
        attempt = attempts.begin(provider=code, agency="an-agency")
        address = flow.authorization_address(
            provider=provider, directory=directory, attempt=attempt, redirect_uri=return_address(code)
        )
        back = providers.sign_in(address, subject) | (answer or {})
        assert back["state"] == attempt.state, "the provider has to give the state back"
        return flow.finish(
            provider=provider,
            directory=directory,
            attempt=attempt,
            redirect_uri=return_address(code),
            answer=back,
        )

    return run


def refusal(sign_in: SignIn, **arguments: Any) -> Refusal:
    with pytest.raises(SignInRefused) as refused:
        sign_in(**arguments)
    return refused.value.reason


def test_a_person_is_known_by_the_configured_issuer_and_the_subject(
    sign_in: SignIn, providers: Providers
) -> None:
    identity = sign_in()
    assert (identity.issuer, identity.subject) == (providers.issuer("police"), "p-1")
    assert identity.provider_session, "the session at the provider is needed for back-channel sign-out"


def test_a_provider_that_signs_with_es256_is_accepted(sign_in: SignIn) -> None:
    assert sign_in("city-social-care", "s-1").subject == "s-1"


def test_the_request_carries_pkce_state_nonce_and_the_strength_asked_for(
    providers: Providers, directory: ProviderDirectory
) -> None:
    attempt = attempts.begin(provider="police", agency="an-agency")
    address = flow.authorization_address(
        provider=providers.settings("police"),
        directory=directory,
        attempt=attempt,
        redirect_uri=return_address("police"),
    )
    for part in (
        "code_challenge=",
        "code_challenge_method=S256",
        "response_type=code",
        "acr_values=",
        "max_age=3600",
    ):
        assert part in address
    assert f"state={attempt.state}" in address
    assert f"nonce={attempt.nonce}" in address
    assert attempt.verifier not in address, "the verifier stays with the portal"


CLAIMS_THAT_ARE_REFUSED = [
    ({"iss": "https://other.example"}, Refusal.ISSUER),
    ({"iss": None}, Refusal.ISSUER),
    ({"aud": "another-client"}, Refusal.AUDIENCE),
    ({"aud": None}, Refusal.AUDIENCE),
    ({"aud": []}, Refusal.AUDIENCE),
    ({"aud": ["cre-portal", "another-client"]}, Refusal.AUDIENCE),
    ({"azp": "another-client"}, Refusal.AUDIENCE),
    ({"nonce": "of another sign-in"}, Refusal.NONCE),
    ({"nonce": None}, Refusal.NONCE),
    ({"exp": None}, Refusal.EXPIRED),
    ({"exp": 1}, Refusal.EXPIRED),
    ({"iat": None}, Refusal.EXPIRED),
    ({"iat": 4_000_000_000}, Refusal.EXPIRED),
    ({"nbf": 4_000_000_000}, Refusal.EXPIRED),
    ({"sub": None}, Refusal.SUBJECT),
    ({"sub": ""}, Refusal.SUBJECT),
    ({"sub": "x" * 256}, Refusal.SUBJECT),
    ({"sub": "p-1\x00"}, Refusal.SUBJECT),
    ({"sub": 7}, Refusal.SUBJECT),
    ({"auth_time": None}, Refusal.STALE),
    ({"auth_time": 1}, Refusal.STALE),
    ({"auth_time": 4_000_000_000}, Refusal.STALE),
    ({"auth_time": "now"}, Refusal.STALE),
    ({"auth_time": True}, Refusal.STALE),
    ({"acr": "0"}, Refusal.WEAK),
    ({"acr": None}, Refusal.WEAK),
    ({"acr": ["https://refeds.org/profile/mfa"]}, Refusal.WEAK),
    ({"amr": ["pwd"]}, Refusal.WEAK),
    ({"amr": None}, Refusal.WEAK),
    ({"amr": "mfa"}, Refusal.WEAK),
    ({"amr": [["mfa"]]}, Refusal.WEAK),
    ({"at_hash": "of another token"}, Refusal.MALFORMED),
]


@pytest.mark.parametrize(("claims", "reason"), CLAIMS_THAT_ARE_REFUSED, ids=lambda value: str(value)[:60])
def test_a_token_with_a_wrong_claim_is_refused(
    sign_in: SignIn, providers: Providers, claims: dict[str, Any], reason: Refusal
) -> None:
    providers.misbehave("police", claims=claims)
    assert refusal(sign_in) == reason


def test_a_token_that_claims_another_agencys_issuer_is_refused(sign_in: SignIn, providers: Providers) -> None:
    providers.misbehave("police", claims={"iss": providers.issuer("city-social-care"), "sub": "s-1"})
    assert refusal(sign_in) == Refusal.ISSUER


def test_a_token_without_a_signature_is_refused(sign_in: SignIn, providers: Providers) -> None:
    providers.misbehave("police", algorithm="none")
    assert refusal(sign_in) == Refusal.SIGNATURE


def test_a_token_keyed_with_the_public_key_is_refused(sign_in: SignIn, providers: Providers) -> None:
    providers.misbehave("police", algorithm="HS256")
    assert refusal(sign_in) == Refusal.SIGNATURE


def test_a_token_signed_with_a_strangers_key_is_refused(sign_in: SignIn, providers: Providers) -> None:
    providers.misbehave("police", signs_with_stranger_key=True)
    assert refusal(sign_in) == Refusal.SIGNATURE


def test_an_answer_without_an_id_token_is_refused(sign_in: SignIn, providers: Providers) -> None:
    providers.misbehave("police", omits_id_token=True)
    assert refusal(sign_in) == Refusal.NO_ID_TOKEN


def test_a_token_that_was_kept_for_a_while_is_refused_however_long_it_claims_to_last(
    sign_in: SignIn, providers: Providers
) -> None:
    providers.misbehave("police", age=1000, claims={"exp": int(clock.now().timestamp()) + 86_400})
    assert refusal(sign_in) == Refusal.EXPIRED


def test_an_answer_that_names_another_issuer_is_refused(sign_in: SignIn, providers: Providers) -> None:
    providers.misbehave("police", response_issuer=providers.issuer("health"))
    assert refusal(sign_in) == Refusal.ISSUER


def test_an_answer_that_leaves_out_the_issuer_it_promised_is_refused(
    sign_in: SignIn, providers: Providers
) -> None:
    providers.misbehave("police", response_issuer="")
    assert refusal(sign_in) == Refusal.ISSUER


def test_a_provider_that_never_promised_to_name_itself_need_not(
    sign_in: SignIn, providers: Providers
) -> None:
    providers.misbehave(
        "police", response_issuer="", metadata={"authorization_response_iss_parameter_supported": False}
    )
    assert sign_in().subject == "p-1"


def test_an_error_answer_is_refused(sign_in: SignIn) -> None:
    assert refusal(sign_in, answer={"error": "access_denied"}) == Refusal.DECLINED


def test_a_code_of_somebody_elses_sign_in_is_refused_by_pkce(sign_in: SignIn, providers: Providers) -> None:
    stolen = attempts.begin(provider="police", agency="an-agency")
    address = flow.authorization_address(
        provider=providers.settings("police"),
        directory=ProviderDirectory(allow_http=True),
        attempt=stolen,
        redirect_uri=return_address("police"),
    )
    code = providers.sign_in(address, "p-1")["code"]
    assert refusal(sign_in, answer={"code": code}) == Refusal.EXCHANGE


def test_a_wrong_client_secret_is_refused(sign_in: SignIn) -> None:
    assert refusal(sign_in, client_secret="guessed") == Refusal.EXCHANGE


def test_an_agency_that_asks_for_no_particular_strength_accepts_any(
    sign_in: SignIn, providers: Providers
) -> None:
    providers.misbehave("police", claims={"acr": None, "amr": None, "auth_time": None})
    assert sign_in(required_acr=(), required_amr=(), max_age=None).subject == "p-1"


def test_the_name_and_email_in_a_token_identify_nobody(sign_in: SignIn, providers: Providers) -> None:
    providers.people("health", person("h-9", email="sam@police.example"))
    identity = sign_in("health", "h-9")
    assert (identity.issuer, identity.subject) == (providers.issuer("health"), "h-9")
    assert "sam@police.example" not in repr(identity)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://other.example"},
        {"jwks_uri": "http://other.example/keys"},
        {"token_endpoint": "http://other.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"token_endpoint": "https://user@other.example/token"},
        {"jwks_uri": "http://[other"},
    ],
    ids=str,
)
def test_a_description_that_leads_elsewhere_is_not_used(
    sign_in: SignIn, providers: Providers, metadata: dict[str, Any]
) -> None:
    providers.misbehave("police", metadata=metadata)
    with pytest.raises(ProviderUnreachable):
        sign_in()


def test_a_description_is_not_followed_to_another_address(sign_in: SignIn, providers: Providers) -> None:
    target = f"{providers.issuer('health')}/.well-known/openid-configuration"
    providers.misbehave("police", redirects_discovery_to=target)
    with pytest.raises(ProviderUnreachable, match="status 302"):
        sign_in()


def test_http_is_refused_outside_a_demonstration(providers: Providers) -> None:
    with pytest.raises(ProviderUnreachable, match="does not talk to"):
        ProviderDirectory(allow_http=False).metadata(providers.settings("police"))


def test_a_provider_that_is_down_does_not_stop_another(sign_in: SignIn, providers: Providers) -> None:
    providers.misbehave("police", down=True)
    with pytest.raises(ProviderUnreachable):
        sign_in()
    assert sign_in("health", "h-1").subject == "h-1"


def test_a_provider_that_does_not_answer_in_time_is_given_up(
    sign_in: SignIn, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.access.sign_in.discovery.TIMEOUT", (0.1, 0.1))
    providers.misbehave("police", slow=0.3)
    with pytest.raises(ProviderUnreachable, match="ReadTimeout"):
        sign_in()


def test_a_provider_that_failed_is_left_alone_for_a_moment_and_then_asked_again(
    sign_in: SignIn, providers: Providers
) -> None:
    providers.misbehave("police", down=True)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        with pytest.raises(ProviderUnreachable):
            sign_in()
        providers.misbehave("police")
        with pytest.raises(ProviderUnreachable):
            sign_in()
        traveller.shift(timedelta(seconds=11))
        assert sign_in().subject == "p-1"


def test_a_new_key_is_found_when_a_provider_rotates(sign_in: SignIn, providers: Providers) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        sign_in()
        providers.rotate_key("police")
        traveller.shift(timedelta(seconds=31))
        assert sign_in().subject == "p-1"


def test_made_up_key_ids_do_not_make_the_portal_ask_again_and_again(
    providers: Providers, directory: ProviderDirectory
) -> None:
    with time_machine.travel(clock.now(), tick=False):
        provider = providers.settings("police")
        first = directory.keys(provider)
        assert directory.keys(provider, lacking=True) is first


def test_an_attempt_belongs_to_the_browser_and_the_provider_that_it_was_started_for() -> None:
    keeper = attempts.AttemptKeeper("a secret of the portal")
    attempt = attempts.begin(provider="police", agency="an-agency")
    kept = keeper.write(attempt)
    assert keeper.read(kept, state=attempt.state, provider="police") == attempt
    for content, state, provider in [
        (None, attempt.state, "police"),
        (kept, "another state", "police"),
        (kept, "", "police"),
        (kept, "é", "police"),
        (kept, attempt.state, "health"),
        (attempts.AttemptKeeper("another secret").write(attempt), attempt.state, "police"),
        (keeper.write(replace(attempt, state="x"))[:-1], "x", "police"),
        (base64.b64encode(json.dumps({"state": "x"}).encode()).decode(), "x", "police"),
    ]:
        with pytest.raises(SignInRefused):
            keeper.read(content, state=state, provider=provider)


def test_an_attempt_ends_after_ten_minutes() -> None:
    keeper = attempts.AttemptKeeper("a secret of the portal")
    attempt = attempts.begin(provider="police", agency="an-agency")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        kept = keeper.write(attempt)
        traveller.shift(timedelta(seconds=601))
        with pytest.raises(SignInRefused):
            keeper.read(kept, state=attempt.state, provider="police")
