"""The real servers behind the tests: started once per run, on free ports, with disposable data.

They must respond before Django reads its settings, so `tests/conftest.py` calls `start_test_environment()` at import time.
With xdist the main process starts them; the workers find them through the environment and use a Redis database and a bucket
each (pytest-django gives each worker its own database).
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from config.env import PREFIX
from devstack.servers import local_secrets, ports
from devstack.servers.data_dir import remove_data_dir
from devstack.servers.seaweedfs import PAIRED_PORT_OFFSETS
from devstack.servers.stack import SERVER_PORT_NAMES, ServerStack, build_servers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ORIGIN = "http://127.0.0.1:8000"
WITHOUT_SERVERS = os.environ.get("TEST_WITHOUT_SERVERS") == "1"


@dataclass(frozen=True)
class RunningServers:
    """Servers with data in a temporary folder."""

    folder: Path
    servers: ServerStack

    def stop(self) -> None:
        """Kill the servers and delete their data."""
        self.servers.kill()
        remove_data_dir(self.servers.database.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_servers(*, throwaway: bool = True) -> RunningServers:
    """Returns once all servers are ready."""
    folder = Path(tempfile.mkdtemp(prefix="sameboat-tests-"))
    folder.chmod(
        0o711
    )  # if run as root, PostgreSQL runs as another user, who must be able to traverse this folder
    free_ports = ports.pick_free_ports(SERVER_PORT_NAMES, paired_offsets=PAIRED_PORT_OFFSETS)
    servers = build_servers(
        folder,
        ports=free_ports,
        secrets=local_secrets.generate_secrets(),
        origins=[ORIGIN],
        throwaway=throwaway,
    )
    started = RunningServers(folder, servers)
    try:
        servers.start()
        servers.wait_until_ready()
    except BaseException:
        started.stop()
        raise
    return started


@contextmanager
def running_servers(*, throwaway: bool = False) -> Iterator[RunningServers]:
    """Separate servers for tests that stop or kill them."""
    started = start_servers(throwaway=throwaway)
    try:
        yield started
    finally:
        started.stop()


def start_test_environment() -> RunningServers | None:
    """Set the environment variables; returns the servers if this process started them."""
    worker_name = os.environ.get("PYTEST_XDIST_WORKER")
    if WITHOUT_SERVERS:
        _use_unreachable_servers()
        return None
    if worker_name is not None:
        _use_worker_namespace(int(worker_name.removeprefix("gw")))
        return None
    started = start_servers()
    atexit.register(started.stop)
    os.environ.update(started.servers.provided_env())
    _set_common_variables(started.folder / "var")
    return started


def _set_common_variables(var: Path) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            f"{PREFIX}SECRET_KEY": local_secrets.generate_secrets().secret_key,
            f"{PREFIX}PUBLIC_ORIGIN": ORIGIN,
            f"{PREFIX}VAR": str(var),
            f"{PREFIX}EMAIL": "console",
            f"{PREFIX}DEMO": "false",
        }
    )
    # Machines without nested namespaces still run the tests; the sandbox tests require the sandbox themselves.
    os.environ.setdefault(f"{PREFIX}SANDBOX", "preferred")
    os.environ.setdefault(f"{PREFIX}LOG_LEVEL", "WARNING")


def _use_unreachable_servers() -> None:
    """Settings for tests that need no servers; a connection attempt fails at once."""
    folder = Path(tempfile.mkdtemp(prefix="sameboat-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(
        {
            f"{PREFIX}DATABASE_URL": "postgresql://unused@127.0.0.1:1/unused",
            f"{PREFIX}REDIS_URL": "redis://127.0.0.1:1/0",
            f"{PREFIX}S3_ENDPOINT": "http://127.0.0.1:1",
            f"{PREFIX}S3_ACCESS_KEY": "unused",
            f"{PREFIX}S3_SECRET_KEY": "unused",
        }
    )
    _set_common_variables(folder / "var")


def create_bucket(name: str) -> None:
    with closing(_s3_client()) as client:
        client.create_bucket(Bucket=name)


def delete_bucket(name: str) -> None:
    """Each bucket has its own volumes, and the store has room for a few hundred."""
    with closing(_s3_client()) as client:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for item in page.get("Contents", []):
                client.delete_object(Bucket=name, Key=item["Key"])
        for upload in client.list_multipart_uploads(Bucket=name).get("Uploads", []):
            client.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
        client.delete_bucket(Bucket=name)


def _s3_client() -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=os.environ[f"{PREFIX}S3_ENDPOINT"],
        aws_access_key_id=os.environ[f"{PREFIX}S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ[f"{PREFIX}S3_SECRET_KEY"],
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )


def _use_worker_namespace(worker_number: int) -> None:
    broker_url, _, _ = os.environ[f"{PREFIX}REDIS_URL"].rpartition("/")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ[f"{PREFIX}REDIS_URL"] = f"{broker_url}/{worker_number + 1}"
    os.environ[f"{PREFIX}S3_BUCKET"] = f"sameboat-{worker_number}"
    os.environ[f"{PREFIX}VAR"] += f"-{worker_number}"
    create_bucket(f"sameboat-{worker_number}")
