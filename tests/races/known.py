"""What is known to be wrong. Whatever no longer is, the tests ask to be taken out."""

#: Routes that refuse whatever can be sent here, and why.
REFUSES = {"auth.back_channel": "only a provider can sign what it takes: tests/sign_in sends that"}

#: Routes that nothing here sends as it should be yet.
NOT_SENT: set[str] = set()

#: Races that go wrong each time, by their names.
WRONG: set[str] = set()

#: Races that go wrong in one order and not in the other, which chance decides after the two have met.
WRONG_IN_ONE_ORDER: set[str] = set()
