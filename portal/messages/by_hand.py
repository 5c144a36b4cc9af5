"""What a page says of those without an account, whom a person tells: that they are not told, and who does."""

from collections.abc import Iterable, Iterator


def by_hand(names: str, *, several: bool) -> Iterator[str]:
    """Whom whoever did it has to tell themselves; nothing where that is nobody."""
    if names:
        yield (
            f"Not told yet – tell them yourself: {names}, who {'have' if several else 'has'} no account."
            " It stands under what is due until you record that you did."
        )


def by_another(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Whom somebody else has to tell: by name, with the name of who does."""
    for name, teller in pairs:
        yield (
            f"Not told yet: {name}, who has no account. {teller} has to tell them."
            " It stands under what is due to them until they record that they did."
        )
