"""Loads the challenge catalogue from TOML files into the database. Idempotent."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from challenges.models import Barrier, Challenge, Domain, Rung

CATALOGUE_DIR = Path(__file__).parent / "catalogue"


@transaction.atomic
def load_catalogue(folder: Path = CATALOGUE_DIR) -> int:
    """Load all files and return the number of challenges on offer.

    A challenge that is missing from the files stays in the database, because readings and stories refer to it, but is
    no longer offered.
    """
    slugs: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        domain = _upsert_domain(content["domain"])
        slugs += [_upsert_challenge(entry, domain).slug for entry in content["challenge"]]
    Challenge.objects.exclude(slug__in=slugs).update(offered=False)
    return len(slugs)


def _upsert_domain(entry: Mapping[str, Any]) -> Domain:
    domain, _ = Domain.objects.update_or_create(
        slug=entry["slug"],
        defaults={
            "name": entry["name"].strip(),
            "summary": entry["summary"].strip(),
            "order": entry["order"],
        },
    )
    return domain


def _upsert_challenge(entry: Mapping[str, Any], domain: Domain) -> Challenge:
    challenge, _ = Challenge.objects.update_or_create(
        slug=entry["slug"],
        defaults={
            "domain": domain,
            "title": entry["title"].strip(),
            "summary": entry["summary"].strip(),
            "step_hint": entry.get("step_hint", "").strip(),
            "body_cue": entry.get("body_cue", "").strip(),
            "order": entry["order"],
            "offered": True,
        },
    )
    _upsert_ladder(challenge, entry["rung"])
    _upsert_barriers(challenge, entry.get("barrier", []))
    return challenge


def _upsert_ladder(challenge: Challenge, rungs: Sequence[Mapping[str, Any]]) -> None:
    """Update texts and add rungs; rungs are never deleted, because ratings refer to them."""
    Rung.objects.bulk_create(
        [Rung(challenge=challenge, position=rung["position"], text=rung["text"].strip()) for rung in rungs],
        update_conflicts=True,
        unique_fields=["challenge", "position"],
        update_fields=["text"],
    )


def _upsert_barriers(challenge: Challenge, barriers: Sequence[Mapping[str, Any]]) -> None:
    Barrier.objects.bulk_create(
        [
            Barrier(
                challenge=challenge,
                key=barrier["key"],
                text=barrier["text"].strip(),
                strategy_hint=barrier.get("strategy_hint", "").strip(),
            )
            for barrier in barriers
        ],
        update_conflicts=True,
        unique_fields=["challenge", "key"],
        update_fields=["text", "strategy_hint"],
    )
