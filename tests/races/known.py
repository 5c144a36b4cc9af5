"""What is known to be wrong. Whatever no longer is, the tests ask to be taken out."""

#: Routes that nothing here sends as it should be yet.
NOT_SENT = {"referrals.send"}
