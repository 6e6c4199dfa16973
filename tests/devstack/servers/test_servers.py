"""The three servers: loopback only, authenticated, and durable."""

import os
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import psycopg
import pytest
import redis
from botocore.config import Config

from devstack import executables
from devstack.servers.seaweedfs import BUCKET, SeaweedFS
from devstack.servers.valkey import NO_RETRY
from tests.servers import ORIGIN, RunningServers, running_servers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_WITHOUT_PASSWORD = "http://127.0.0.1:"
GRPC_SECONDS = 10


@pytest.fixture(scope="module")
def servers() -> Iterator[RunningServers]:
    """Durable servers that these tests may stop and kill."""
    with running_servers() as started:
        yield started


def s3_client(store: SeaweedFS, *, secret: str | None = None) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=store.url,
        aws_access_key_id=store.access_key,
        aws_secret_access_key=secret or store.secret_key,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def listening_addresses(pid: int) -> set[str]:
    """Local addresses, in the hexadecimal form of /proc/net/tcp, on which the process listens."""
    inodes = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        target = str(fd.readlink())
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    listen = "0A"
    return {row[1].partition(":")[0] for row in rows if row[3] == listen and row[9] in inodes}


@pytest.mark.parametrize("name", ["database", "broker", "object_store"])
def test_servers_listen_on_loopback_only(servers: RunningServers, name: str) -> None:
    pid = getattr(servers.servers, name).pid

    assert listening_addresses(pid) == {"0100007F"}


def test_the_database_requires_the_password(servers: RunningServers) -> None:
    url = servers.servers.database.url.replace(servers.servers.database.password, "guess")

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url)


def test_the_database_does_not_run_as_root(servers: RunningServers) -> None:
    status = Path(f"/proc/{servers.servers.database.pid}/status").read_text()
    owner = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))

    assert owner != "0"


def test_the_database_uses_a_platform_independent_collation(servers: RunningServers) -> None:
    with psycopg.connect(servers.servers.database.url) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone()

    assert row == ("b", "C.UTF-8", "UTF8")


def test_committed_rows_survive_sigkill(servers: RunningServers) -> None:
    database = servers.servers.database
    with psycopg.connect(database.url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")

    database.kill()
    assert not database.is_ready()
    database.start()
    database.wait_until_ready()

    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)


def test_the_broker_requires_the_password(servers: RunningServers) -> None:
    client = redis.Redis(host="127.0.0.1", port=servers.servers.broker.port, retry=NO_RETRY)

    with pytest.raises(redis.AuthenticationError):
        client.ping()
    client.close()


def test_messages_survive_a_broker_restart(servers: RunningServers) -> None:
    broker = servers.servers.broker
    with redis.Redis.from_url(broker.url) as client:
        client.rpush("queue", "job 1")

    broker.stop()
    broker.start()
    broker.wait_until_ready()

    with redis.Redis.from_url(broker.url) as client:
        assert client.lrange("queue", 0, -1) == [b"job 1"]


def test_the_password_of_the_broker_is_not_on_its_command_line(servers: RunningServers) -> None:
    command_line = Path(f"/proc/{servers.servers.broker.pid}/cmdline").read_bytes()

    assert servers.servers.broker.password.encode() not in command_line


def test_objects_survive_sigkill(servers: RunningServers) -> None:
    store = servers.servers.object_store
    s3_client(store).put_object(Bucket=BUCKET, Key="a/b", Body=b"x" * 200_000)

    store.kill()
    store.start()
    store.wait_until_ready()

    assert s3_client(store).get_object(Bucket=BUCKET, Key="a/b")["Body"].read() == b"x" * 200_000


def test_a_wrong_s3_signature_is_rejected(servers: RunningServers) -> None:
    client = s3_client(servers.servers.object_store, secret="guess")

    with pytest.raises(client.exceptions.ClientError, match="SignatureDoesNotMatch"):
        client.list_objects_v2(Bucket=BUCKET)


@pytest.mark.parametrize("component", ["s3", "filer", "master", "volume", "admin"])
def test_no_http_port_of_the_store_serves_objects_without_authentication(
    servers: RunningServers, component: str
) -> None:
    store = servers.servers.object_store
    s3_client(store).put_object(Bucket=BUCKET, Key="private", Body=b"private")
    port = store.ports.s3 if component == "s3" else store.ports.internal[component]

    for path in (f"/{BUCKET}/private", f"/buckets/{BUCKET}/private"):
        with pytest.raises((urllib.error.HTTPError, ConnectionError)):
            urllib.request.urlopen(f"{_WITHOUT_PASSWORD}{port}{path}", timeout=5)  # noqa: S310 - loopback


@pytest.mark.parametrize("with_certificate", [True, False])
def test_grpc_requires_the_client_certificate(
    servers: RunningServers, tmp_path: Path, *, with_certificate: bool
) -> None:
    """Over gRPC a client has full access to all objects, whatever the S3 gateway requires."""
    store = servers.servers.object_store
    s3_client(store).put_object(Bucket=BUCKET, Key="inner/private", Body=b"private")
    home = store.folder if with_certificate else tmp_path
    internal_ports = store.ports.internal
    command = [
        *("timeout", str(GRPC_SECONDS), str(executables.weed_path()), "shell"),
        *(
            f"-master=127.0.0.1:{internal_ports['master']}.{internal_ports['master_grpc']}",
            f"-filer=127.0.0.1:{internal_ports['filer']}.{internal_ports['filer_grpc']}",
        ),
    ]
    environment = {"PATH": os.defpath, "HOME": str(home)}
    commands = f"fs.ls /buckets/{BUCKET}/inner\n"

    output = subprocess.run(
        command, input=commands, capture_output=True, check=False, text=True, cwd=home, env=environment
    ).stdout  # without a certificate the shell retries until the timeout

    assert ("private" in output) == with_certificate


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("http://elsewhere.example", None)])
def test_cors_allows_only_our_own_origin(servers: RunningServers, origin: str, allowed: str | None) -> None:
    url = s3_client(servers.servers.object_store).generate_presigned_url(
        "get_object", Params={"Bucket": BUCKET, "Key": "shown"}
    )
    s3_client(servers.servers.object_store).put_object(Bucket=BUCKET, Key="shown", Body=b"shown")

    request = urllib.request.Request(url, headers={"Origin": origin})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - loopback
        assert response.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("name", ["broker", "object_store"])
def test_data_folders_have_mode_0700(servers: RunningServers, name: str) -> None:
    folder: Path = getattr(servers.servers, name).folder

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_buckets_are_not_created_automatically(servers: RunningServers) -> None:
    client = s3_client(servers.servers.object_store)

    with pytest.raises(client.exceptions.NoSuchBucket):
        client.put_object(Bucket="surprise", Key="a", Body=b"")


def test_stopping_removes_processes_folder_and_sockets() -> None:
    with running_servers(throwaway=True) as started:
        pids = [server.pid for server in started.servers.in_start_order]

    assert not started.folder.exists()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    port = started.servers.object_store.ports.internal["master_grpc"]
    assert not Path(f"/tmp/seaweedfs-master-grpc-{port}.sock").exists()  # noqa: S108 - path hard-coded in SeaweedFS
