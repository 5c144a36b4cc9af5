"""What the tests of set-up ask about processes."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def is_running(number: int) -> bool:
    """Whether a process runs; one that ended and has not been waited for does not."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
