"""The three servers: private to this machine, closed to whoever has no key, and safe against a power cut."""

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
def ours() -> Iterator[RunningServers]:
    """Servers that keep what they are given, and that these tests may take down."""
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
    """Addresses, as the kernel writes them, on which a process or its children listen for TCP."""
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


@pytest.mark.parametrize("name", ["database", "broker", "objects"])
def test_a_server_listens_on_loopback_only(ours: RunningServers, name: str) -> None:
    pid = getattr(ours.servers, name).pid

    assert listening_addresses(pid) == {"0100007F"}


def test_the_database_wants_the_password(ours: RunningServers) -> None:
    url = ours.servers.database.url.replace(ours.servers.database.password, "guess")

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url)


def test_the_database_does_not_run_as_root(ours: RunningServers) -> None:
    status = Path(f"/proc/{ours.servers.database.pid}/status").read_text()
    owner = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))

    assert owner != "0"


def test_the_database_compares_text_the_same_way_everywhere(ours: RunningServers) -> None:
    with psycopg.connect(ours.servers.database.url) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone()

    assert row == ("b", "C.UTF-8", "UTF8")


def test_acknowledged_rows_survive_a_power_cut(ours: RunningServers) -> None:
    database = ours.servers.database
    with psycopg.connect(database.url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")

    database.kill()
    assert not database.is_ready()
    database.start()
    database.wait_until_ready()

    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)


def test_the_broker_wants_the_password(ours: RunningServers) -> None:
    client = redis.Redis(host="127.0.0.1", port=ours.servers.broker.port, retry=NO_RETRY)

    with pytest.raises(redis.AuthenticationError):
        client.ping()
    client.close()


def test_messages_survive_a_restart_of_the_broker(ours: RunningServers) -> None:
    broker = ours.servers.broker
    with redis.Redis.from_url(broker.url) as client:
        client.rpush("queue", "job 1")

    broker.stop()
    broker.start()
    broker.wait_until_ready()

    with redis.Redis.from_url(broker.url) as client:
        assert client.lrange("queue", 0, -1) == [b"job 1"]


def test_the_password_of_the_broker_is_not_on_its_command_line(ours: RunningServers) -> None:
    words = Path(f"/proc/{ours.servers.broker.pid}/cmdline").read_bytes()

    assert ours.servers.broker.password.encode() not in words


def test_the_store_keeps_objects_through_a_power_cut(ours: RunningServers) -> None:
    store = ours.servers.object_store
    s3_client(store).put_object(Bucket=BUCKET, Key="a/b", Body=b"x" * 200_000)

    store.kill()
    store.start()
    store.wait_until_ready()

    assert s3_client(store).get_object(Bucket=BUCKET, Key="a/b")["Body"].read() == b"x" * 200_000


def test_the_store_turns_away_a_wrong_signature(ours: RunningServers) -> None:
    client = s3_client(ours.servers.object_store, secret="guess")

    with pytest.raises(client.exceptions.ClientError, match="SignatureDoesNotMatch"):
        client.list_objects_v2(Bucket=BUCKET)


@pytest.mark.parametrize("part", ["s3", "filer", "master", "volume", "admin"])
def test_no_port_of_the_store_hands_an_object_to_whoever_asks(ours: RunningServers, part: str) -> None:
    store = ours.servers.object_store
    s3_client(store).put_object(Bucket=BUCKET, Key="private", Body=b"nobody's business")
    port = store.ports.s3 if part == "s3" else store.ports.internal[part]

    for path in (f"/{BUCKET}/private", f"/buckets/{BUCKET}/private"):
        with pytest.raises((urllib.error.HTTPError, ConnectionError)):
            urllib.request.urlopen(f"{_WITHOUT_PASSWORD}{port}{path}", timeout=5)  # noqa: S310 - loopback


@pytest.mark.parametrize("certified", [True, False])
def test_the_inner_lines_of_the_store_are_closed_to_who_does_not_hold_its_key(
    ours: RunningServers, tmp_path: Path, *, certified: bool
) -> None:
    """Over gRPC whoever is let in lists, reads and erases all objects, whatever the gateway for clients asks for."""
    store = ours.servers.object_store
    s3_client(store).put_object(Bucket=BUCKET, Key="inner/private", Body=b"nobody's business")
    home = store.folder if certified else tmp_path
    inner = store.ports.internal
    command = [
        *("timeout", str(GRPC_SECONDS), str(executables.weed_path()), "shell"),
        *(
            f"-master=127.0.0.1:{inner['master']}.{inner['master_grpc']}",
            f"-filer=127.0.0.1:{inner['filer']}.{inner['filer_grpc']}",
        ),
    ]
    surroundings = {"PATH": os.defpath, "HOME": str(home)}
    asked = f"fs.ls /buckets/{BUCKET}/inner\n"

    said = subprocess.run(
        command, input=asked, capture_output=True, check=False, text=True, cwd=home, env=surroundings
    ).stdout  # without a certificate it asks for ever

    assert ("private" in said) == certified


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("http://elsewhere.example", None)])
def test_only_our_own_pages_may_read_from_the_store(
    ours: RunningServers, origin: str, allowed: str | None
) -> None:
    url = s3_client(ours.servers.object_store).generate_presigned_url(
        "get_object", Params={"Bucket": BUCKET, "Key": "shown"}
    )
    s3_client(ours.servers.object_store).put_object(Bucket=BUCKET, Key="shown", Body=b"shown")

    request = urllib.request.Request(url, headers={"Origin": origin})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("name", ["broker", "objects"])
def test_other_users_of_the_machine_cannot_read_the_files(ours: RunningServers, name: str) -> None:
    folder: Path = getattr(ours.servers, name).folder

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_bucket_that_nobody_made_does_not_appear_by_itself(ours: RunningServers) -> None:
    client = s3_client(ours.servers.object_store)

    with pytest.raises(client.exceptions.NoSuchBucket):
        client.put_object(Bucket="surprise", Key="a", Body=b"")


def test_nothing_is_left_behind_where_the_servers_were() -> None:
    with running_servers(throwaway=True) as started:
        pids = [server.pid for server in started.servers.in_start_order]

    assert not started.folder.exists()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    port = started.servers.object_store.ports.internal["master_grpc"]
    assert not Path(f"/tmp/seaweedfs-master-grpc-{port}.sock").exists()  # noqa: S108 - its choice, not ours
