"""Looking somebody up by words and choosing among those who fit, in place of a typed address or reference.

Without a script the form is sent with the words, and comes back with those who fit to choose among, all else
kept. With one they are shown while somebody types (`portal.blueprints.picking`). Views say where to look:
`form.person.seek(find_people)`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from wtforms.validators import StopValidation

from portal import clock
from portal.pathway.references import Prefix, read_reference
from portal.pathway.searching import wrong_number
from portal.web.fields import Text
from portal.web.widgets import PickerBox

#: The answer that it is none of those who fit.
NOBODY = "nobody"
#: Letters from which on somebody is looked up.
FEWEST = 2


@dataclass(frozen=True)
class Fit:
    """Somebody or something that fits.

    Attributes:
        why: why it is offered, or what tells it from others.
        exact: the words name it and nothing else.
    """

    value: str
    label: str
    why: str = ""
    exact: bool = False


Find = Callable[[str], Sequence[Fit]]


class Picker(Text):
    """Who or what is meant: words to look it up by, and which of those who fit.

    Attributes:
        chosen: the value of the one that was chosen; empty where nobody was.

    :param of: where a script looks while somebody types: the last part of an address below `/pick`.
    :param nobody: what to say where nobody fits.
    :param which: what to say where several do, or one whom nobody chose.
    :param none: the last answer: none of these.
    :param reads: the value that the words are by themselves, such as a reference; None where they are none.
    """

    def __init__(
        self,
        label: str,
        *,
        of: str = "people",
        nobody: str = "Nobody who works here fits. Try another spelling, or the work e-mail address",
        which: str = "Choose whom you mean",
        none: str = "None of these",
        reads: Callable[[str], str | None] = lambda _typed: None,
        **options: Any,
    ) -> None:
        self.of, self.none, self._reads = of, none, reads
        self._nobody, self._which = nobody, which
        self.chosen, self.picked = "", ""
        self.fits: Sequence[Fit] = ()
        super().__init__(label, **{"width": 30, "widget": PickerBox(), **options})

    def process(self, formdata: Any, *more: Any, **options: Any) -> None:
        """Take the words, and the answer beside them."""
        super().process(formdata, *more, **options)
        self.picked = str(formdata.get(f"{self.name}-pick", "")) if formdata else ""

    def seek(self, find: Find) -> None:
        """Look up what was typed; what was chosen counts only where it fits the words."""
        typed = str(self.data or "")
        if self.picked == NOBODY:
            self.data, self.raw_data, typed = "", [""], ""
        if known := self._reads(typed):
            self.chosen = known
            return
        self.fits = find(typed) if len(typed) >= FEWEST else ()
        values = {one.value for one in self.fits}
        exact = [one.value for one in self.fits if one.exact]
        self.chosen = self.picked if self.picked in values else exact[0] if len(exact) == 1 else ""

    @property
    def wrong(self) -> str:
        """Why a number that was typed cannot be right; empty where nobody is looked up by one."""
        return wrong_of(self.of, str(self.data or ""))

    def pre_validate(self, form: Any) -> None:
        """Whoever is typed is chosen too."""
        super().pre_validate(form)
        if self.data and not self.chosen:
            raise StopValidation(self._which if self.fits else self.wrong or self._nobody)


def wrong_of(of: str, typed: str) -> str:
    """Why a number that was typed into a picker is no NHS number, where it looks for children."""
    return "" if of == "people" else wrong_number(typed, clock.today())


class ChildPicker(Picker):
    """A child whom the person may see, or the reference of one: what it is worth the service decides."""

    def __init__(self, label: str, *, which: str = "Choose the child", **options: Any) -> None:
        super().__init__(
            label,
            of="children",
            nobody="You see no such child. Try another spelling, or the reference, like CHD-7KQ2-9XWD",
            which=which,
            reads=partial(read_reference, prefix=Prefix.CHILD),
            **{"hint": "Name, date of birth or reference", **options},
        )
