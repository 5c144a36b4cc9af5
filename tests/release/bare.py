"""`python -m tests.release.bare FOLDER`: every command of docs/deploy.md, word by word, on a bare Debian.

FOLDER is one that `debootstrap trixie FOLDER` made, in which nothing else is installed; this runs as root and
changes it. What a deployment decides for itself (passwords, certificates, names) is decided here, between the
commands; instead of units, which need a running systemd, what they start is started. Ends at the first that
fails, and with status 0 when the portal answers through its proxy.
"""

import contextlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.release.__main__ import build
from tests.structure.source import ROOT

GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
NAME, DATABASE_HOST = "portal.example.org", "db.example.org"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#: An authority of the partnership's own, and what it vouches for.
_CERTIFICATES = f"""
mkdir -p /etc/ssl/portal && cd /etc/ssl/portal
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Trial' -keyout authority.key -out authority.crt
for name in {NAME} {DATABASE_HOST}; do
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
  printf 'subjectAltName=DNS:%s\\n' $name >$name.ext
  openssl x509 -req -in $name.csr -CA authority.crt -CAkey authority.key -days 30 -extfile $name.ext \\
    -out $name.crt
done
cp {NAME}.crt fullchain.pem; cp {NAME}.key private.pem
echo '127.0.0.1 {NAME} {DATABASE_HOST}' >>/etc/hosts
"""

_SERVER = f"""
data=$(ls -d /etc/postgresql/*/main); version=$(basename $(dirname $data))
cp /etc/ssl/portal/{DATABASE_HOST}.crt $data/server.crt
cp /etc/ssl/portal/{DATABASE_HOST}.key $data/server.key
chown postgres $data/server.*; chmod 600 $data/server.key
printf "ssl = on\\nssl_cert_file = '$data/server.crt'\\n" >>$data/postgresql.conf
printf "ssl_key_file = '$data/server.key'\\n" >>$data/postgresql.conf
printf 'hostssl all all 127.0.0.1/32 scram-sha-256\\n' >>$data/pg_hba.conf
pg_ctlcluster $version main restart
# Another server on this machine may have the usual port.
port=$(pg_conftool -s $version main show port)
sed -i "s#@{DATABASE_HOST}/#@{DATABASE_HOST}:$port/#" /etc/cre-portal/*.env
"""
#: Whatever came of it, nothing goes on running.
_STOP = "nginx -s quit || true; pg_ctlcluster $(ls /etc/postgresql) main stop --mode fast || true"


class Bare:
    """A bare Debian below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, commands: str) -> None:
        """Run shell commands in it; the first that fails ends everything."""
        print("\n".join(f"# {line}" for line in commands.strip().splitlines()), flush=True)
        subprocess.run(self._command("bash", "-euc", commands), check=True, env=self._environment())

    @contextlib.contextmanager
    def unit(self, name: str) -> Iterator[None]:
        """What a unit starts, as its user, with its files of settings."""
        lines = (ROOT / "docs" / "deploy" / f"{name}.service").read_text("utf-8").splitlines()
        said = [line.partition("=")[::2] for line in lines if "=" in line]
        (start,) = [value for key, value in said if key == "ExecStart"]
        (user,) = [value for key, value in said if key == "User"]
        files = " ".join(f". {value};" for key, value in said if key == "EnvironmentFile")
        for state in (value for key, value in said if key == "StateDirectory"):
            self.run(f"install --directory --owner {user} --mode 0700 /var/lib/{state}")
        become = f"env HOME=/nonexistent setpriv --reuid {user} --regid {user} --clear-groups"
        inside = f"set -a; {files} cd /srv/cre-portal/current; exec {become} {start}"
        print(f"# {name}: {start}", flush=True)
        running = subprocess.Popen(self._command("bash", "-euc", inside), env=self._environment())
        try:
            yield
        finally:
            running.terminate()
            running.wait(timeout=60)

    def _command(self, *arguments: str) -> list[str]:
        return ["/usr/sbin/chroot", str(self.folder), *arguments]

    def _environment(self) -> dict[str, str]:
        return {"PATH": PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def commands(heading: str) -> list[str]:
    """The commands of one section of the guide, block by block."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert section, f"docs/deploy.md has no section {heading}"
    blocks = re.findall(r"(?:^    \S.*\n|^    .*\n(?=    )|^\n(?=    \S))+", section[1], re.MULTILINE)
    return ["\n".join(line[4:] for line in block.strip("\n").splitlines()) for block in blocks]


def main(folder: Path) -> int:
    """Run the whole of it. Returns the status for the shell."""
    bare = Bare(folder)
    _lend_the_network(folder)
    archive = build()
    for file in (archive, archive.with_name(f"{archive.name}.sha256")):
        shutil.copy(file, folder / "root" / file.name)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_mounted(folder))
        stack.callback(bare.run, _STOP)
        install, *authority = commands("Install")
        bare.run(f"cd /root\n{install}")
        bare.run("apt-get install --yes -qq openssl curl >/dev/null" + _CERTIFICATES)
        bare.run(
            "cd /etc/ssl/portal; cp authority.crt /usr/local/share/ca-certificates/ && update-ca-certificates"
        )
        bare.run("cp /etc/ssl/portal/authority.crt /root/")
        for block in authority:
            bare.run(f"cd /root\n{block}")
        _decide(folder)
        server, created, *upgrades = commands("Database")
        package, roles = server.splitlines()[:1], server.splitlines()[1:]
        bare.run("\n".join(package))
        bare.run(_SERVER)
        bare.run("\n".join(roles))
        bare.run(_passwords())
        for block in (created, *upgrades):
            bare.run(block)
        for block in commands("First people"):
            bare.run(block)
        for block in commands("Proxy and TLS"):
            bare.run(block)
        with bare.unit("portal-web"), bare.unit("portal-worker"):
            bare.run("nginx -t && nginx")
            return _answers(bare)
    return 1


def _answers(bare: Bare) -> int:
    for _ in range(60):
        with contextlib.suppress(subprocess.CalledProcessError):
            bare.run(
                f"curl --silent --fail https://{NAME}/healthz/web; curl --silent --fail https://{NAME}/sign-in"
            )
            print("The portal answers as docs/deploy.md says.")
            return 0
        time.sleep(2)
    return 1


def _decide(folder: Path) -> None:
    """Write the deployment's own values where the samples say “change-me”."""
    for path in (folder / "etc" / "cre-portal").glob("*.env"):
        said = path.read_text("utf-8")
        said = re.sub(
            r'(_KEY)="change-me.*"', r'\1="of a trial, and long enough for all of its purposes"', said
        )
        path.write_text(said.replace("change-me", "of-a-trial"), "utf-8")


def _passwords() -> str:
    roles = (ROOT / "portal" / "access" / "roles.sql").read_text("utf-8")
    return "".join(
        f"runuser -u postgres -- psql --quiet --command=\"alter role {role} password 'of-a-trial'\"\n"
        for role in sorted(set(re.findall(r"\('(\w+)', 'login'\)", roles)))
    )


def _lend_the_network(folder: Path) -> None:
    """What this machine needs to reach package indexes, the bare one needs too."""
    for path in ("/etc/resolv.conf", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(path).exists():
            (folder / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / path.lstrip("/"))
    for certificate in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        shutil.copy(certificate, folder / "usr/local/share/ca-certificates" / certificate.name)


@contextlib.contextmanager
def _mounted(folder: Path) -> Iterator[None]:
    mounts = [folder / "proc", folder / "dev"]
    subprocess.run(["/usr/bin/mount", "--bind", "/proc", mounts[0]], check=True)
    subprocess.run(["/usr/bin/mount", "--rbind", "/dev", mounts[1]], check=True)
    try:
        yield
    finally:
        for mount in mounts:
            subprocess.run(["/usr/bin/umount", "--recursive", "--lazy", mount], check=False)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.release.bare FOLDER")
    sys.exit(main(Path(sys.argv[1]).resolve()))
