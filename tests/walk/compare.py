"""What differs between two records of a walk, alike differences told once."""

import difflib
from collections import defaultdict
from pathlib import Path

Change = tuple[tuple[str, ...], tuple[str, ...]]


def report(before: Path, after: Path) -> int:
    """Print what differs. Returns the status for the shell: 1 where something does."""
    changes = differences(before, after)
    for (gone, new), pages in sorted(changes.items(), key=lambda one: (-len(one[1]), one[1])):
        print(f"{len(pages)} pages, such as {pages[0]}")
        print(*(f"  - {line}" for line in gone), *(f"  + {line}" for line in new), sep="\n")
    differing = {page for pages in changes.values() for page in pages}
    print(f"{len(_texts(before))} pages before, {len(_texts(after))} after, {len(differing)} differ")
    return 1 if changes else 0


def differences(before: Path, after: Path) -> dict[Change, list[str]]:
    """The lines that went and the lines that came instead, and on which pages."""
    found: dict[Change, list[str]] = defaultdict(list)
    old, new = _texts(before), _texts(after)
    for page in sorted(old | new):
        if page not in new:
            found[("the page was recorded",), ()].append(page)
        elif page not in old:
            found[(), ("the page is recorded",)].append(page)
        else:
            for change in changed((before / page).read_text("utf-8"), (after / page).read_text("utf-8")):
                found[change].append(page)
    return dict(found)


def changed(before: str, after: str) -> list[Change]:
    """Each place at which two texts differ: the lines that went, and those that came."""
    if before == after:
        return []
    old, new = before.splitlines(), after.splitlines()
    pairs = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(tuple(old[a:b]), tuple(new[c:d])) for kind, a, b, c, d in pairs if kind != "equal"]


def _texts(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")}
