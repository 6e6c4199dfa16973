"""SeaweedFS, the object store with the manners of S3, from a wheel."""

import json
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack import executables
from devstack.processes.subprocesses import ProcessSpec
from devstack.servers import local_secrets, ports, tls
from devstack.servers.base import Server

BUCKET = "sameboat"
# Its inner worker looks for the admin server's second port this far above the first, whatever the flag says.
ADMIN_GRPC_OFFSET = 10_000
INTERNAL_PORT_NAMES = (
    "master",
    "master_grpc",
    "volume",
    "volume_grpc",
    "filer",
    "filer_grpc",
    "s3_grpc",
    "admin",
)
PAIRED_PORT_OFFSETS = {"admin": ADMIN_GRPC_OFFSET}
# Those of its parts that talk over gRPC, where whoever is let in reads and writes all objects.
GRPC_COMPONENTS = ("master", "volume", "filer", "s3", "admin", "worker", "client")


@dataclass(frozen=True)
class SeaweedFSPorts:
    """One port for clients; the others are for the store's own parts."""

    s3: int
    internal: dict[str, int]

    @classmethod
    def from_mapping(cls, ports_by_name: Mapping[str, int]) -> "SeaweedFSPorts":
        return cls(ports_by_name["s3"], {name: ports_by_name[name] for name in INTERNAL_PORT_NAMES})

    @property
    def admin_grpc(self) -> int:
        return self.internal["admin"] + ADMIN_GRPC_OFFSET


class SeaweedFS(Server):
    """Master, volumes, filer and S3 gateway in one process, with one identity and one bucket."""

    name = "object store"

    def __init__(
        self,
        folder: Path,
        *,
        assigned_ports: SeaweedFSPorts,
        identity: tuple[str, str],
        origins: list[str],
        log: Path,
    ) -> None:
        super().__init__(folder, log=log)
        self.ports = assigned_ports
        self.access_key, self.secret_key = identity
        self.origins = origins

    @property
    def url(self) -> str:
        return f"http://{ports.HOST}:{self.ports.s3}"

    def env_variables(self) -> dict[str, str]:
        return {
            "S3_ENDPOINT": self.url,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_BUCKET": BUCKET,
        }

    def prepare(self) -> None:
        # Closed to others: the files of the store hold the recordings as they are.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data_dir.mkdir(exist_ok=True)
        # It remembers its flags there and would mix old ones with new ones.
        (self._data_dir / "mini.options").unlink(missing_ok=True)
        identity = {
            "name": "sameboat",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        local_secrets.write_private_file(self._identities_file, json.dumps({"identities": [identity]}))
        self._write_grpc_tls_config()

    def _write_grpc_tls_config(self) -> None:
        """Let its parts, which stay on this machine, talk only to who shows their certificate; made anew at each start."""
        shown, key = self.folder.resolve() / "inner.pem", self.folder.resolve() / "inner.key"
        tls.write_self_signed_certificate(shown, key, name="object store", host="localhost")
        # JSON writes a text as TOML does.
        lines = ["[grpc]", f"ca = {json.dumps(str(shown))}"]
        for part in GRPC_COMPONENTS:
            lines += [f"[grpc.{part}]", f"cert = {json.dumps(str(shown))}", f"key = {json.dumps(str(key))}"]
        lines += ["[jwt.signing]", f'key = "{secrets.token_hex(24)}"']  # for writing past the gateway
        local_secrets.write_private_file(self.folder / "security.toml", "\n".join(lines) + "\n")

    def process_spec(self) -> ProcessSpec:
        return ProcessSpec(
            name=self.name,
            command=[str(executables.weed_path()), "-logtostderr", "mini", *self._flags()],
            log=self.log,
            environment=self._process_environment(),
            working_dir=self.folder,
        )

    def is_ready(self) -> bool:
        """Ask the master over its private port for the bucket, which a start makes last, and for what lies on the disk.

        After an abrupt end the volumes may report seconds later than the rest; until then each read of theirs fails.
        """
        said = self._run_shell_commands("s3.bucket.list", "volume.list")
        made = any(line.split()[:1] == [BUCKET] for line in said.splitlines())
        return (
            made
            and _volume_ids_reported(said) >= _volume_ids_on_disk(self._data_dir)
            and self._accepts_connections()
        )

    def _run_shell_commands(self, *commands: str) -> str:
        """Ask the store's own shell; it says nothing as long as it is not up."""
        master = f"-master={ports.HOST}:{self.ports.internal['master']}.{self.ports.internal['master_grpc']}"
        try:
            said = subprocess.run(
                [str(executables.weed_path()), "shell", master],
                input="".join(f"{command}\n" for command in commands),
                capture_output=True,
                check=False,
                timeout=5,
                text=True,
                cwd=self.folder,
                env=self._process_environment(),
            )
        except subprocess.TimeoutExpired:
            return ""
        return said.stdout

    def _accepts_connections(self) -> bool:
        try:
            socket.create_connection((ports.HOST, self.ports.s3), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self, *, grace: float = 8.0) -> None:
        super().stop(grace=grace)
        self._remove_sockets()

    def kill(self) -> None:
        super().kill()
        self._remove_sockets()

    def _remove_sockets(self) -> None:
        """Clear away what it leaves in /tmp when it is ended the hard way."""
        for part, port in (*self.ports.internal.items(), ("admin_grpc", self.ports.admin_grpc)):
            name = part.replace("_", "-")
            Path(f"/tmp/seaweedfs-{name}-{port}.sock").unlink(missing_ok=True)  # noqa: S108 - its choice, not ours

    @property
    def _data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def _identities_file(self) -> Path:
        return self.folder / "identities.json"

    def _process_environment(self) -> dict[str, str]:
        # It reads settings from the home folder and from where it works; here both are its own.
        return {"PATH": os.defpath, "HOME": str(self.folder)}

    def _flags(self) -> list[str]:
        inner = self.ports.internal
        return [
            f"-dir={self._data_dir.resolve()}",
            f"-ip={ports.HOST}",
            f"-ip.bind={ports.HOST}",
            f"-bucket={BUCKET}",
            f"-s3.config={self._identities_file.resolve()}",
            f"-s3.allowedOrigins={','.join(self.origins)}",
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            # The filer would hand every object to whoever asks; with this its port only speaks gRPC.
            "-disableHttp=true",
            "-filer.exposeDirectoryData=false",
            "-master.telemetry=false",
            "-webdav=false",
            "-admin.ui=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-volume.preStopSeconds=0",
            f"-s3.port={self.ports.s3}",
            f"-s3.port.grpc={inner['s3_grpc']}",
            f"-master.port={inner['master']}",
            f"-master.port.grpc={inner['master_grpc']}",
            f"-volume.port={inner['volume']}",
            f"-volume.port.grpc={inner['volume_grpc']}",
            f"-filer.port={inner['filer']}",
            f"-filer.port.grpc={inner['filer_grpc']}",
            f"-admin.port={inner['admin']}",
            f"-admin.port.grpc={self.ports.admin_grpc}",
            # Relative to the working folder: the path of a socket may have 107 characters at most.
            "-filer.localSocket=filer.sock",
            "-s3.localSocket=s3.sock",
        ]


def _volume_ids_on_disk(folder: Path) -> set[int]:
    """Give the numbers of the volumes on the disk, which are named by collection and number."""
    return {int(file.stem.rpartition("_")[2]) for file in folder.glob("*.idx")}


def _volume_ids_reported(said: str) -> set[int]:
    return {int(number) for number in re.findall(r"^ *volume Id:(\d+),", said, flags=re.MULTILINE)}
