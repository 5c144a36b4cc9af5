"""What happens when somebody looks at very much that people are told of."""

from portal.messages.vocabulary import Event

SAID_WHY = Event("looked_at_much", "Somebody opened, searched or took very much, and said why")
NAMED = Event("look_exception", "Governance lets somebody go on who looked at very much")
