"""What happens that people are told of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Something that happened, of which policy says who is told (`telling.toml`).

    A noun lists its own in `records/<noun>/events.py: EVENTS`; the services that make one happen name it when
    they ask `portal.messages.telling.tell`.

    Attributes:
        code: what policy, messages and news call it; it never changes.
        label: what happened, as a line under “What changed since you last looked”.
        critical: whether it stands above other news: a child is in more danger than before.
    """

    code: str
    label: str
    critical: bool = False
