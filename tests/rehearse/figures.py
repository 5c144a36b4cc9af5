"""What a rehearsal measured, and what of it must not be so."""

from dataclasses import dataclass, field


@dataclass
class Figures:
    """What is printed, and what is wrong with it."""

    lines: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def demand(self, name: str, value: float, so: bool, why: str = "") -> None:
        """Note a figure, which must be so."""
        self.lines[name] = value
        if not so:
            self.faults.append(f"{name} is {value:g}. {why}".strip())
