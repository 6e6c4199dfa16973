"""The files for a server of one's own: no secrets inside, one door to the outside, and nothing forgotten."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from config import env
from devstack.processes import app_processes

ROOT = Path(settings.BASE_DIR)
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / "config" / "deploy" / "example.env").read_text()

# Name and rule of each value that comes from .env: `:?` stops without it, `:-` does without.
INSERTED: list[tuple[str, str]] = re.findall(r"\$\{(\w+)(:[?-][^}]*)?\}", COMPOSE_TEXT)


def sameboat_services() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in SERVICES.items() if service.get("image") == "sameboat"}


def command_words(service: dict[str, Any]) -> list[str]:
    command = service.get("command", [])
    return list(command) if isinstance(command, list) else command.split()


def test_every_setting_without_a_default_is_given() -> None:
    required = {f"{env.PREFIX}{entry.name}" for entry in env.env_variables.values() if entry.default is None}

    assert required
    for name, service in sameboat_services().items():
        assert required <= set(service["environment"]), name


def test_only_settings_that_exist_are_given() -> None:
    known = {f"{env.PREFIX}{name}" for name in env.env_variables}

    for name, service in sameboat_services().items():
        assert set(service["environment"]) <= known, name


def test_no_secret_has_a_default() -> None:
    assert {name for name, rule in INSERTED if rule.startswith(":-")} == {"SAMEBOAT_LOG_LEVEL"}


def test_what_is_missing_stops_the_start_by_name() -> None:
    asked = {name for name, rule in INSERTED if rule.startswith(":?")}

    assert asked == {name for name, _ in INSERTED} - {"SAMEBOAT_LOG_LEVEL"}


def test_the_example_names_exactly_what_is_inserted_and_fills_nothing_in() -> None:
    lines = re.findall(r"^(?:# )?(SAMEBOAT_\w+)=(.*)$", EXAMPLE, flags=re.MULTILINE)

    assert {name for name, _ in lines} == {name for name, _ in INSERTED}
    assert all(not value for name, value in lines if name != "SAMEBOAT_LOG_LEVEL")


def test_only_the_proxy_has_ports_to_the_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", ["database", "broker", "objects", "media-worker", "beat", "prepare"])
def test_what_needs_no_way_out_has_none(name: str) -> None:
    assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_images_of_others_are_named_with_a_version() -> None:
    foreign = [s["image"] for s in SERVICES.values() if not s["image"].startswith("sameboat")]
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)

    assert len(foreign) == 3
    for image in [*foreign, *bases]:
        assert re.search(r":\d", image), image


def test_our_processes_do_not_run_as_root() -> None:
    uid = re.search(r"useradd .*--uid (\d+)", DOCKERFILE)

    assert uid is not None
    assert re.search(r"^USER sameboat$", DOCKERFILE, flags=re.MULTILINE)
    for name, service in sameboat_services().items():
        assert service["user"] == f"{uid[1]}:{uid[1]}", name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_the_workers_take_the_same_queues_as_on_one_machine(tmp_path: Path) -> None:
    here = [
        worker(environment={}, log=tmp_path / "log").command
        for worker in (app_processes.media_worker_process, app_processes.quick_worker_process)
    ]
    there = [command_words(SERVICES["media-worker"]), command_words(SERVICES["quick-worker"])]

    def queues(command: list[str]) -> str:
        return command[command.index("--queues") + 1]

    assert [queues(command) for command in here] == [queues(command) for command in there]


def test_nothing_starts_before_the_database_is_up_to_date() -> None:
    for name, service in sameboat_services().items():
        if name != "prepare":
            assert service["depends_on"]["prepare"]["condition"] == "service_completed_successfully", name


def test_every_server_says_how_it_is() -> None:
    silent = {name for name, service in SERVICES.items() if "healthcheck" not in service}

    # The proxy would ask itself, the clock has nothing to say, and preparing ends.
    assert silent == {"proxy", "beat", "prepare"}


def test_the_store_is_as_closed_as_on_one_machine() -> None:
    flags = set(command_words(SERVICES["objects"]))

    assert {
        "-disableHttp=true",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-master.telemetry=false",
    } <= flags


def test_secrets_and_data_stay_out_of_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert {".env", ".git", "var", ".venv"} <= set(ignored)


def test_the_image_starts_the_web_server_on_the_port_that_the_proxy_asks() -> None:
    (written,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE.replace("\\\n", ""), flags=re.MULTILINE)
    start = json.loads(written)
    caddy = (ROOT / "config" / "deploy" / "Caddyfile").read_text()

    assert f"web:{start[start.index('--port') + 1]}" in caddy
