"""Runs as a process of its own: reads one JSON request, writes one PDF. Knows nothing of the portal.

Typst keeps what it set, so a process that serves people would grow with each document and hold its text.
"""

import json
import resource
import sys
import warnings

#: How the process ends where a text holds a sign that no font has, and where it fails in another way.
NOT_SHOWN, FAILED = 3, 4

MEMORY = 2 * 1024 * 1024 * 1024  # bytes of addresses: about half of it is used by the longest document
SECONDS = 60  # of work, on all cores together


def main() -> int:
    """Answer the request on standard input."""
    import typst  # noqa: PLC0415 - whoever starts this process needs its codes and not its library

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.load(sys.stdin.buffer)
    warnings.simplefilter("error", typst.TypstWarning)
    try:
        made = typst.compile(
            asked["template"],
            root=asked["root"],
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
            ignore_system_fonts=True,
            package_path=asked["packages"],
            package_cache_path=asked["packages"],
            sys_inputs={"data": asked["data"]},
            pdf_standards=["ua-1"],
            timestamp=asked["at"],
        )
    except (typst.TypstError, typst.TypstWarning) as refused:
        print(refused.message, file=sys.stderr)
        return NOT_SHOWN if "could not be displayed" in refused.message else FAILED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
