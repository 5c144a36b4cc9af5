"""Why somebody could not sign in."""

from portal.labelled import Labelled


class Refusal(Labelled):
    """What was wrong; the value goes into the audit row, the label is for whoever reads it there."""

    ATTEMPT = "attempt", "The sign-in was not started in this browser, or too long ago"
    REPLAYED = "replayed", "The sign-in had been finished before"
    DECLINED = "declined", "The organisation did not sign the person in"
    EXCHANGE = "exchange", "The organisation did not accept the portal’s request"
    ISSUER = "issuer", "The answer came from another organisation than the one asked"
    NO_ID_TOKEN = "no_id_token", "The answer held no ID token"
    SIGNATURE = "signature", "The ID token was not signed as agreed with the organisation"
    AUDIENCE = "audience", "The ID token was made for somebody else"
    NONCE = "nonce", "The ID token belonged to another sign-in"
    EXPIRED = "expired", "The ID token was too old, or not valid yet"
    SUBJECT = "subject", "The ID token did not say who it is about"
    STALE = "stale", "The person had proved who they are too long ago"
    WEAK = "weak", "The person had not proved who they are strongly enough"
    MALFORMED = "malformed", "The ID token was not as the standard says"
    INVITATION = "invitation", "The invitation cannot be followed, or not by this account"
    UNKNOWN = "unknown", "Nobody with this identity has access"


class SignInRefused(Exception):
    """A sign-in that failed a check. Says nothing to the person beyond what they can act on."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.label)
        self.reason = reason


class ProviderUnreachable(Exception):
    """An organisation's provider that does not answer, or answers with what nobody can use.

    ``detail`` is for the log and never for a page.
    """

    def __init__(self, issuer: str, detail: str) -> None:
        super().__init__(f"{issuer}: {detail}")
        self.issuer = issuer
        self.detail = detail
