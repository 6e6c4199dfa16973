"""Checks of docker-compose.yml, Dockerfile, Caddyfile and example.env."""

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

# Name and rule of each variable from .env: `:?` makes it required, `:-` gives a default.
INTERPOLATIONS: list[tuple[str, str]] = re.findall(r"\$\{(\w+)(:[?-][^}]*)?\}", COMPOSE_TEXT)


def sameboat_services() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in SERVICES.items() if service.get("image") == "sameboat"}


def command_words(service: dict[str, Any]) -> list[str]:
    command = service.get("command", [])
    return list(command) if isinstance(command, list) else command.split()


def test_every_required_setting_is_in_the_compose_file() -> None:
    required = {f"{env.PREFIX}{entry.name}" for entry in env.env_variables.values() if entry.default is None}

    assert required
    for name, service in sameboat_services().items():
        assert required <= set(service["environment"]), name


def test_the_compose_file_contains_only_known_settings() -> None:
    known = {f"{env.PREFIX}{name}" for name in env.env_variables}

    for name, service in sameboat_services().items():
        assert set(service["environment"]) <= known, name


def test_no_secret_has_a_default() -> None:
    assert {name for name, rule in INTERPOLATIONS if rule.startswith(":-")} == {"SAMEBOAT_LOG_LEVEL"}


def test_every_value_without_a_default_is_required() -> None:
    required = {name for name, rule in INTERPOLATIONS if rule.startswith(":?")}

    assert required == {name for name, _ in INTERPOLATIONS} - {"SAMEBOAT_LOG_LEVEL"}


def test_the_example_env_lists_every_variable_without_values() -> None:
    lines = re.findall(r"^(?:# )?(SAMEBOAT_\w+)=(.*)$", EXAMPLE, flags=re.MULTILINE)

    assert {name for name, _ in lines} == {name for name, _ in INTERPOLATIONS}
    assert all(not value for name, value in lines if name != "SAMEBOAT_LOG_LEVEL")


def test_only_the_proxy_publishes_ports() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", ["database", "broker", "objects", "media-worker", "beat", "prepare"])
def test_internal_services_have_no_internet_access(name: str) -> None:
    assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_third_party_images_are_pinned_to_a_version() -> None:
    third_party_images = [s["image"] for s in SERVICES.values() if not s["image"].startswith("sameboat")]
    base_images = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)

    assert len(third_party_images) == 3
    for image in [*third_party_images, *base_images]:
        assert re.search(r":\d", image), image


def test_containers_run_unprivileged() -> None:
    uid = re.search(r"useradd .*--uid (\d+)", DOCKERFILE)

    assert uid is not None
    assert re.search(r"^USER sameboat$", DOCKERFILE, flags=re.MULTILINE)
    for name, service in sameboat_services().items():
        assert service["user"] == f"{uid[1]}:{uid[1]}", name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_workers_consume_the_same_queues_as_in_devstack(tmp_path: Path) -> None:
    devstack_commands = [
        worker(environment={}, log=tmp_path / "log").command
        for worker in (app_processes.media_worker_process, app_processes.quick_worker_process)
    ]
    compose_commands = [command_words(SERVICES["media-worker"]), command_words(SERVICES["quick-worker"])]

    def queues(command: list[str]) -> str:
        return command[command.index("--queues") + 1]

    assert [queues(command) for command in devstack_commands] == [
        queues(command) for command in compose_commands
    ]


def test_services_wait_for_the_prepare_service() -> None:
    for name, service in sameboat_services().items():
        if name != "prepare":
            assert service["depends_on"]["prepare"]["condition"] == "service_completed_successfully", name


def test_every_long_running_service_has_a_health_check() -> None:
    without_health_check = {name for name, service in SERVICES.items() if "healthcheck" not in service}

    # The proxy has no separate health endpoint, beat serves no requests, and prepare exits.
    assert without_health_check == {"proxy", "beat", "prepare"}


def test_the_object_store_has_the_same_restrictions_as_in_devstack() -> None:
    flags = set(command_words(SERVICES["objects"]))

    assert {
        "-disableHttp=true",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-master.telemetry=false",
    } <= flags


def test_secrets_and_data_are_not_copied_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert {".env", ".git", "var", ".venv"} <= set(ignored)


def test_web_server_and_proxy_agree_on_the_port() -> None:
    (cmd_json,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE.replace("\\\n", ""), flags=re.MULTILINE)
    command = json.loads(cmd_json)
    caddy = (ROOT / "config" / "deploy" / "Caddyfile").read_text()

    assert f"web:{command[command.index('--port') + 1]}" in caddy
