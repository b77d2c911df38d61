"""Platforms: the form that connects a store of each, and what each can do."""

from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from passerelle.api.access import READ, found
from passerelle.api.fields import Platform as PlatformKey
from passerelle.api.pages import Page
from passerelle.api.problems import invalid, refused
from passerelle.api.routing import new_router
from passerelle.runtime import platform as module_of
from passerelle.runtime import platforms

router = new_router()
TAGS = ["Platforms"]


class PlatformShown(BaseModel):
    """A platform: the JSON schema of its credentials and of a link's settings to it, its verbs by kind, its limits."""

    key: str
    credentials: dict[str, Any]
    settings: dict[str, Any]
    offers: dict[str, list[str]]
    connections: int | None
    points_per_second: float | None


def show(key: str, module: ModuleType) -> PlatformShown:
    """A platform as the API tells it."""
    return PlatformShown(
        key=key,
        credentials=module.Credentials.model_json_schema(),
        settings=module.Settings.model_json_schema(),
        offers={kind.value: sorted(verb.value for verb in verbs) for kind, verbs in module.OFFERS.items()},
        connections=module.LIMITS.connections,
        points_per_second=module.LIMITS.points_per_second,
    )


@router.get("/v1/platforms", summary="List platforms", tags=TAGS, security=READ)
def list_platforms() -> Page[PlatformShown]:
    """Every platform that can be connected."""
    return Page[PlatformShown](items=[show(key, module) for key, module in sorted(platforms().items())])


@router.get("/v1/platforms/<platform>", summary="Show a platform", tags=TAGS, security=READ)
def show_platform(platform: PlatformKey) -> PlatformShown:
    """One platform."""
    return show(platform, found(module_of, platform, "platform"))


def known_platform(key: str) -> ModuleType:
    """The platform's module, or 422 that names those there are."""
    try:
        return module_of(key)
    except KeyError:
        allowed = f"one of: {', '.join(sorted(platforms()))}"
        raise refused("platform", "unknown_platform", "The platform is not known", allowed) from None


def checked(form: type[BaseModel], values: dict[str, Any], field: str) -> dict[str, Any]:
    """A platform's form, validated; answers 422 that names the fields otherwise. The values are never repeated."""
    try:
        form.model_validate(values)
    except ValidationError as error:
        raise invalid(error.errors(include_input=False, include_url=False), [form], field) from None
    return values
