"""Times the portal's list, search and page of a case in turns with those of Django admin and Flask-Admin.

Each peer is there twice: by its documented defaults, and tuned as its documentation advises. All show the
same rows of the same tables, or the run fails. `SIZE=small` is quick, and fails by the rows alone.
"""

import os
import random
import sys
from collections.abc import Mapping

import psycopg

from portal.policy import load
from tests import database
from tests.bench.house import ADDRESSES, LARGE, POLICY, SMALL, house
from tests.bench.measuring import Processes, measure
from tests.bench.peers.figures import Ratio, beyond, different_rows, ratios, references
from tests.bench.peers.rows import Rows, indexed, rows
from tests.bench.peers.sides import Side, sides

PAGES = ("list", "search", "filter", "detail")
#: How often each client asks, where so many ask at once.
ROUNDS = {1: 80, 8: 10, 32: 3}
#: Seconds after which a side is asked no more for a page: some take seconds for each.
ENOUGH = 10
ABOUT = (
    "The portal answers with row security and audit on; the peers own the tables, and have neither.",
    "Wall time is the median of one answer. Processor time is that of the web processes, for one answer.",
)


def main() -> None:
    """Measure and print `name value unit` lines."""
    os.environ.update(ADDRESSES)
    small = os.environ.get("SIZE") == "small"
    with house(*(SMALL if small else LARGE)) as big:
        address = big.server.url("portal_owner", database.NAME).replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            wanted = rows(connection, load(POLICY).names)
            connection.commit()
            with indexed(connection), sides(big, wanted) as compared:
                _same_rows(compared, wanted)
                for line in ABOUT:
                    print(f"  {line}")
                found = _measure(compared)
    if not small and (faults := beyond(found)):
        sys.exit("Not as far ahead as is asked for:\n" + "\n".join(faults))


def _same_rows(compared: Mapping[str, Side], wanted: Rows) -> None:
    """Say what differs, and end."""
    shown = {
        page: {
            name: references(side.pages[page].read(), rows=page != "detail")
            for name, side in compared.items()
            if page in side.pages
        }
        for page in PAGES
    }
    faults = [
        *different_rows(wanted.listed, shown["list"], ordered=True),
        *different_rows(wanted.found, shown["search"], ordered=False),
        *different_rows(wanted.found, shown["filter"], ordered=False),
        *(f"{name} shows another case" for name, on in shown["detail"].items() if wanted.listed[0] not in on),
    ]
    if faults:
        sys.exit("Not the same rows:\n" + "\n".join(faults))
    print(f"  All show the same {len(wanted.listed)} rows listed, and {len(wanted.found)} found by name.")


def _measure(compared: Mapping[str, Side]) -> list[Ratio]:
    processes = {name: Processes(side.port) for name, side in compared.items()}
    shuffled = random.Random(7)  # noqa: S311 - an order, the same each run
    found: list[Ratio] = []
    for page in PAGES:
        asks = {name: side.pages[page] for name, side in compared.items() if page in side.pages}
        for clients, rounds in ROUNDS.items():
            taken = measure(asks, processes, clients=clients, rounds=rounds, shuffled=shuffled, enough=ENOUGH)
            for name, one in taken.items():
                print(f"peers_{page}_{clients}_{name}_ms {one.middle:.3f} ms")
                print(f"peers_{page}_{clients}_{name}_processor_ms {one.processor_each:.3f} ms", flush=True)
            for ratio in ratios(page, clients, taken):
                found.append(ratio)
                print(f"{ratio.name}_ratio {ratio.wall:.3f} times")
                print(f"{ratio.name}_processor_ratio {ratio.processor:.3f} times", flush=True)
    return found


if __name__ == "__main__":
    main()
