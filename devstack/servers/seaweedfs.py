"""SeaweedFS, an S3-compatible object store, from a wheel."""

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
from devstack.servers import local_secrets, ports, tls
from devstack.servers.base import Server
from devstack.subprocesses import ProcessSpec

BUCKET = "sameboat"
# The internal worker expects the admin server's gRPC port at this offset and ignores the flag.
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
# Components that communicate over gRPC, where any client has full access to all objects.
GRPC_COMPONENTS = ("master", "volume", "filer", "s3", "admin", "worker", "client")


@dataclass(frozen=True)
class SeaweedFSPorts:
    """`s3` is for clients, the others for communication between components."""

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

    def provided_env(self) -> dict[str, str]:
        return {
            "S3_ENDPOINT": self.url,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_BUCKET": BUCKET,
        }

    def prepare(self) -> None:
        # Mode 0700, because recordings are stored unencrypted.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data_dir.mkdir(exist_ok=True)
        # SeaweedFS stores its flags in this file and would merge old flags with new ones.
        (self._data_dir / "mini.options").unlink(missing_ok=True)
        identity = {
            "name": "sameboat",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        local_secrets.write_private_file(self._identities_file, json.dumps({"identities": [identity]}))
        self._write_grpc_tls_config()

    def _write_grpc_tls_config(self) -> None:
        """Require mutual TLS between the components, with a new certificate at each start."""
        certificate, key = self.folder.resolve() / "inner.pem", self.folder.resolve() / "inner.key"
        tls.write_self_signed_certificate(certificate, key, name="object store", host="localhost")
        # A JSON string is a valid TOML string.
        lines = ["[grpc]", f"ca = {json.dumps(str(certificate))}"]
        for component in GRPC_COMPONENTS:
            lines += [
                f"[grpc.{component}]",
                f"cert = {json.dumps(str(certificate))}",
                f"key = {json.dumps(str(key))}",
            ]
        lines += [
            "[jwt.signing]",
            f'key = "{secrets.token_hex(24)}"',
        ]  # required for writes that bypass the gateway
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
        """Whether the bucket exists (created last at startup) and all volumes on disk are registered.

        After a crash, volumes may register seconds after the other components are up; reads fail until then.
        """
        output = self._run_shell_commands("s3.bucket.list", "volume.list")
        bucket_exists = any(line.split()[:1] == [BUCKET] for line in output.splitlines())
        return (
            bucket_exists
            and _volume_ids_reported(output) >= _volume_ids_on_disk(self._data_dir)
            and self._accepts_connections()
        )

    def _run_shell_commands(self, *commands: str) -> str:
        """Output of `weed shell`; empty while the master is not up."""
        master = f"-master={ports.HOST}:{self.ports.internal['master']}.{self.ports.internal['master_grpc']}"
        try:
            completed = subprocess.run(
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
        return completed.stdout

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
        """Remove the sockets that SeaweedFS leaves in /tmp when it is killed."""
        for component, port in (*self.ports.internal.items(), ("admin_grpc", self.ports.admin_grpc)):
            name = component.replace("_", "-")
            Path(f"/tmp/seaweedfs-{name}-{port}.sock").unlink(missing_ok=True)  # noqa: S108 - path hard-coded in SeaweedFS

    @property
    def _data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def _identities_file(self) -> Path:
        return self.folder / "identities.json"

    def _process_environment(self) -> dict[str, str]:
        # SeaweedFS reads configuration from the home and the working folder; use its own folder for both.
        return {"PATH": os.defpath, "HOME": str(self.folder)}

    def _flags(self) -> list[str]:
        internal = self.ports.internal
        return [
            f"-dir={self._data_dir.resolve()}",
            f"-ip={ports.HOST}",
            f"-ip.bind={ports.HOST}",
            f"-bucket={BUCKET}",
            f"-s3.config={self._identities_file.resolve()}",
            f"-s3.allowedOrigins={','.join(self.origins)}",
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            # Without this the filer serves every object over HTTP without authentication; gRPC stays available.
            "-disableHttp=true",
            "-filer.exposeDirectoryData=false",
            "-master.telemetry=false",
            "-webdav=false",
            "-admin.ui=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-volume.preStopSeconds=0",
            f"-s3.port={self.ports.s3}",
            f"-s3.port.grpc={internal['s3_grpc']}",
            f"-master.port={internal['master']}",
            f"-master.port.grpc={internal['master_grpc']}",
            f"-volume.port={internal['volume']}",
            f"-volume.port.grpc={internal['volume_grpc']}",
            f"-filer.port={internal['filer']}",
            f"-filer.port.grpc={internal['filer_grpc']}",
            f"-admin.port={internal['admin']}",
            f"-admin.port.grpc={self.ports.admin_grpc}",
            # Relative to the working folder, because socket paths are limited to 107 characters.
            "-filer.localSocket=filer.sock",
            "-s3.localSocket=s3.sock",
        ]


def _volume_ids_on_disk(folder: Path) -> set[int]:
    """Volume files are named `<collection>_<id>.idx`."""
    return {int(file.stem.rpartition("_")[2]) for file in folder.glob("*.idx")}


def _volume_ids_reported(output: str) -> set[int]:
    return {int(number) for number in re.findall(r"^ *volume Id:(\d+),", output, flags=re.MULTILINE)}
