"""What needs no database: who does something without an account, as it is typed and said; and who carries an
action on after its case.
"""

from dataclasses import dataclass

from portal.records.plans.vocabulary import ActionState


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

#: What stands between who carries an action on when its case ends, and what was said of it.
_CARRIES_ON = " carries it on after the case"
#: Where an action stands that somebody carries on after its case ended.
CARRIED_ON = "Carried on after the case ended"


@dataclass(frozen=True)
class CarriedOn:
    """That somebody carries an action on after its case ended. No other plan sees to it, and nothing reminds
    them any more. An action says it where else it says which plan sees to it.
    """

    who: str
    words: str = ""

    @classmethod
    def said(cls, covered_by: str) -> "CarriedOn | None":
        """From what stands with an action that is covered; None where that is another plan."""
        who, carries_on, words = covered_by.partition(_CARRIES_ON)
        return cls(who, words.removeprefix(": ")) if carries_on else None

    @property
    def stored(self) -> str:
        """As it stands with the action."""
        return ": ".join(filter(None, (f"{self.who}{_CARRIES_ON}", self.words)))

    def shown(self, *, whose: str = "") -> str:
        """In words.

        Args:
            whose: how its reader is told that it is still theirs; empty for everybody else.
        """
        whose = whose or f"{self.who} carries it on after the case ended"
        return f"{': '.join(filter(None, (whose, self.words))).rstrip('.')}. The portal reminds nobody of it"


def standing(state: str, covered_by: str) -> str:
    """Where an action stands, in words: what is carried on after its case is covered by no plan."""
    if state == ActionState.COVERED and CarriedOn.said(covered_by):
        return CARRIED_ON
    return ActionState(state).label
