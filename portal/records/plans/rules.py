"""What needs no database: who does something without an account, as it is typed and said."""

from dataclasses import dataclass


@dataclass(frozen=True)
class External:
    """Somebody without an account who does something. A person of the portal, whose the action is, tells them
    and says how it goes. Without a name it is nobody.

    Args:
        role: what they are, or their organisation.
    """

    name: str = ""
    role: str = ""

    @classmethod
    def typed(cls, line: str) -> "External":
        """From one line: before the first comma stands the name, after it the role."""
        name, _, role = line.partition(",")
        return cls(" ".join(name.split()), " ".join(role.split()))

    def __bool__(self) -> bool:
        return bool(self.name)

    @property
    def words(self) -> str:
        """“Fenella Gladwrack (youth club)”."""
        return f"{self.name} ({self.role})" if self.role else self.name

    def through(self, teller: str) -> str:
        """Whose an action is, in words.

        Args:
            teller: the person of the portal who tells them; without an outsider it is theirs.
        """
        return f"{self.words}, through {teller}" if self else teller


#: Whoever has an account does it.
NO_EXTERNAL = External()
