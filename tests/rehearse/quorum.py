"""Three etcd that agree, by the shipped settings; each is refused to whoever has no certificate of theirs."""

import os
import pwd
import re
import shutil
import signal
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from portal.demo import processes
from tests.rehearse.authority import Authority
from tests.rehearse.machine import STOP_SECONDS, Broken, Missing, free_port
from tests.structure.source import ROOT

SETTINGS = ROOT / "docs" / "deploy" / "etcd.default"
HOME = "127.0.0.1"
BINARIES = Path("/usr/lib/postgresql/17/bin")  # as docs/deploy/patroni.yml has it
#: Nothing else of the shell's.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_PROGRAMS = {
    "patroni": "patroni",
    "patronictl": "patroni",
    "etcd": "etcd-server",
    "etcdctl": "etcd-client",
    str(BINARIES / "postgres"): "postgresql-17",
}


def check(*, which: Callable[[str], str | None] = shutil.which, root: bool | None = None) -> None:
    """See that everything is here before anything is started.

    Raises:
        Missing: naming all that is not.
    """
    wanted = [f"{name} (Debian: {package})" for name, package in _PROGRAMS.items() if which(name) is None]
    if not (os.geteuid() == 0 if root is None else root):
        wanted.append("root, who starts each server as a user of its own")
    if wanted:
        raise Missing(f"the rehearsal of Patroni needs {'; '.join(wanted)}.")


def changed(text: str, changes: Iterable[tuple[str, str]], file: str) -> str:
    """A shipped file with this machine's names, addresses and folders.

    Raises:
        Broken: it no longer has what stands for one of them.
    """
    for old, new in changes:
        if old not in text:
            raise Broken(f"{file} has nothing like {old}: adapt tests/rehearse.")
        text = text.replace(old, new)
    return text


@dataclass
class Etcd:
    """One of the three."""

    number: int
    client: int = field(default_factory=free_port)
    peer: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None


class Quorum:
    """All three. They run as the user etcd, and keep what they know in `folder`."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder = folder
        self.user = pwd.getpwnam("etcd")
        self.authority = authority
        self.members = [Etcd(number) for number in (1, 2, 3)]
        folder.mkdir(mode=0o755)
        self.certificate, self.key = authority.prove(HOME, owner=self.user.pw_uid, calls=True)

    def settings(self, one: Etcd) -> dict[str, str]:
        """The shipped settings, as its unit would read them, changed as they say."""
        text = changed(
            SETTINGS.read_text("utf-8"),
            [
                *(
                    (f"192.0.2.{20 + other.number}:2380,", f"{HOME}:{other.peer},")
                    for other in self.members[:2]
                ),
                ("192.0.2.23:2380", f"{HOME}:{self.members[2].peer}"),
                ("192.0.2.21:2379", f"{HOME}:{one.client}"),
                ("192.0.2.21:2380", f"{HOME}:{one.peer}"),
                ('NAME="etcd_1"', f'NAME="etcd_{one.number}"'),
                ("/var/lib/etcd/cre-portal", str(self.folder / f"etcd_{one.number}")),
                ("/etc/ssl/patroni/node.pem", str(self.certificate)),
                ("/etc/ssl/patroni/node.key", str(self.key)),
                ("/etc/ssl/patroni/authority.pem", str(self.authority.certificate)),
            ],
            SETTINGS.name,
        )
        return dict(re.findall(r'^([A-Z_]+)="(.*)"$', text, re.MULTILINE))

    def start(self, one: Etcd) -> None:
        """Start one, on what it knew before."""
        data = self.folder / f"etcd_{one.number}"
        data.mkdir(mode=0o700, exist_ok=True)
        os.chown(data, self.user.pw_uid, self.user.pw_gid)
        with (self.folder / f"etcd_{one.number}.log").open("ab") as log:
            one.process = processes.spawn(
                ["/usr/bin/etcd"],
                log=log,
                ends_on=signal.SIGTERM,
                environment={**ENVIRONMENT, **self.settings(one)},
                directory=Path("/"),
                user=self.user,
            )

    def kill(self, one: Etcd) -> None:
        """Its machine is gone."""
        assert one.process
        one.process.kill()
        one.process.wait(STOP_SECONDS)
        one.process = None

    def wait(self) -> None:
        """Wait until all three answer.

        Raises:
            Broken: they do not.
        """
        if not processes.wait_until(self._healthy, seconds=60, every=0.5):
            raise Broken("etcd does not agree: see the logs in its folder (KEEP=folder keeps them)")

    def leader(self) -> Etcd:
        """Whoever leads them."""
        told = self._ask("endpoint", "status", "--write-out=fields").stdout
        leaders = re.findall(
            r'"MemberID" : (\d+).*?"Leader" : (\d+).*?"Endpoint" : "([^"]+)"', told, re.DOTALL
        )
        (port,) = {int(where.rpartition(":")[2]) for member, leader, where in leaders if member == leader}
        return next(one for one in self.members if one.client == port)

    def _healthy(self) -> bool:
        return self._ask("endpoint", "health").returncode == 0

    def _ask(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [
            *("/usr/bin/etcdctl", "--endpoints", ",".join(f"{HOME}:{one.client}" for one in self.members)),
            *("--cacert", str(self.authority.certificate), "--cert", str(self.certificate)),
            *("--key", str(self.key), *words),
        ]
        return subprocess.run(command, check=False, env=ENVIRONMENT, capture_output=True, text=True)

    def stop(self) -> None:
        """Stop all that run."""
        for one in self.members:
            if one.process:
                processes.stop(one.process, with_signal=signal.SIGTERM, patience=STOP_SECONDS)


def answers_strangers(address: str, authority: Path) -> bool:
    """Whether a server tells somebody anything who has no certificate."""
    context = ssl.create_default_context(cafile=str(authority))
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
