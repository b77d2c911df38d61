"""Where a shop's units lie, and how its products are told.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/objects/Location. Its id is read with `read_inventory`; its
name takes `read_locations` beside. Without an id, `location` is the shop's primary one.
"""

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import Document
from passerelle.connectors.shopify.ids import number
from passerelle.port import Location, Rejected, Terms

SCOPES_HELD = Document(
    "ScopesHeld", "query ScopesHeld { currentAppInstallation { accessScopes { handle } } }", 2
)
LOCATIONS = Document(
    "Locations",
    """query Locations($named: Boolean!) {
  shop { currencyCode taxesIncluded }
  primary: location { id }
  locations(first: 250, sortKey: ID) { nodes { id name @include(if: $named) } }
}""",
    15,
)


class Places:
    """One shop's terms, read once. Safe to share between threads: they are read twice at worst."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._terms: Terms | None = None

    def terms(self) -> Terms:
        """Its currency, its habit with taxes and its active locations, the primary one as default.

        Names are the numbers where the app lacks `read_locations`.
        """
        if self._terms is None:
            installed = self._admin.ask(SCOPES_HELD)["currentAppInstallation"]
            named = "read_locations" in {scope["handle"] for scope in installed["accessScopes"]}
            self._terms = _terms(self._admin.ask(LOCATIONS, {"named": named}))
        return self._terms

    @property
    def default(self) -> str:
        """The location that gets what is meant for none in particular. Raises Rejected where there is none."""
        for place in self.terms().locations:
            if place.default:
                return place.id
        raise Rejected(
            "The shop has no active location to hold stock.",
            "Activate a location in the shop.",
            "no_location",
        )

    @property
    def several(self) -> bool:
        """Whether a variant may lie at more than one."""
        return len(self.terms().locations) > 1

    def variables(self) -> Data:
        """How many levels a variant may have, for documents that read them."""
        return {"places": max(1, len(self.terms().locations)), "several": self.several}


def _terms(data: Data) -> Terms:
    shop, nodes = data["shop"], data["locations"]["nodes"]
    first = (data["primary"] or {}).get("id")
    if first not in {node["id"] for node in nodes} and nodes:
        first = nodes[0]["id"]
    return Terms(
        shop["currencyCode"],
        bool(shop["taxesIncluded"]),
        tuple(
            Location(number(node["id"]), node.get("name") or number(node["id"]), node["id"] == first)
            for node in nodes
        ),
    )
