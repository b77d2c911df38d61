"""Platforms: the form that connects a store of each, and what each can do."""

from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from passerelle.api.access import READ, Here, Now
from passerelle.api.fields import Platform as PlatformKey
from passerelle.api.pages import Page
from passerelle.api.problems import absent, invalid, refused
from passerelle.api.routing import new_router

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
def list_platforms(here: Now) -> Page[PlatformShown]:
    """Every platform that can be connected."""
    known = here.runtime.platforms()
    return Page[PlatformShown](items=[show(key, module) for key, module in sorted(known.items())])


@router.get("/v1/platforms/<platform>", summary="Show a platform", tags=TAGS, security=READ)
def show_platform(platform: PlatformKey, here: Now) -> PlatformShown:
    """One platform."""
    known = here.runtime.platforms()
    if platform not in known:
        raise absent("platform")
    return show(platform, known[platform])


def known_platform(here: Here, key: str) -> ModuleType:
    """The platform's module, or 422 that names those there are."""
    known = here.runtime.platforms()
    if key not in known:
        raise refused(
            "platform", "unknown_platform", "The platform is not known", f"one of: {', '.join(sorted(known))}"
        )
    return known[key]


def checked(form: type[BaseModel], values: dict[str, Any], field: str) -> dict[str, Any]:
    """A platform's form, validated: what is to be kept, defaults filled in. Answers 422 with the fields otherwise."""
    try:
        form.model_validate(values)
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
        raise invalid(errors, [form], field) from None
    return values
