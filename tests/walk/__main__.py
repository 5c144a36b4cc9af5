"""`python -m tests.walk record OUT_DIR` and `python -m tests.walk compare BEFORE AFTER`.

`record` loads the demonstration, follows links as nine people, and then asks as each of them for what any of
them was led to and for every route that no link leads to; it writes a text for each page and person. With
`--tree CHECKOUT` the pages are those of another checkout, such as one of an earlier commit. `compare` lists
what differs, alike differences together, and ends with status 1 where something does.
"""

import argparse
import sys
from pathlib import Path

from tests import another_day
from tests.structure.source import ROOT
from tests.walk import compare, record
from tests.walk.walking import WALKERS


def main(arguments: list[str]) -> int:
    """Do what is asked. Returns the status for the shell."""
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description=__doc__)
    commands = parser.add_subparsers(dest="do", required=True)
    recording = commands.add_parser("record")
    recording.add_argument("out", type=Path)
    recording.add_argument("--tree", type=Path, default=ROOT, help="the checkout whose pages are recorded")
    recording.add_argument(
        "--most", type=int, default=record.MOST, help="how many pages of a kind each opens"
    )
    recording.add_argument(
        "--as", dest="people", action="append", choices=WALKERS, help="one of the people; without it all"
    )
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    said = parser.parse_args(arguments)
    if said.do == "compare":
        return compare.report(said.before, said.after)
    if another_day.library() is None:
        print(another_day.MISSING, file=sys.stderr)
        return 1
    record.record(said.tree.resolve(), said.out, most=said.most, people=said.people or WALKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
