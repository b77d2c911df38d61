"""Our reference in a product: a metafield of a type whose values Shopify keeps unique, so that it finds and upserts.

Source: https://shopify.dev/docs/apps/build/custom-data/metafields/working-with-custom-ids. The definition is made before
the first product is; making it again is refused as taken, which does.
"""

from collections.abc import Sequence
from itertools import batched

from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.documents import Document
from passerelle.connectors.shopify.ids import number
from passerelle.port import Rejected

NAMESPACE, KEY = "passerelle", "reference"
REFERENCE_BEGINS = "passerelle:"
AT_ONCE = 100

DEFINED = Document(
    "Defined",
    """query Defined($identifier: MetafieldDefinitionIdentifierInput!) {
  metafieldDefinition(identifier: $identifier) { id }
}""",
    1,
)
DEFINE = Document(
    "Define",
    """mutation Define($definition: MetafieldDefinitionInput!) {
  define: metafieldDefinitionCreate(definition: $definition) {
    createdDefinition { id } userErrors { code field message }
  }
}""",
    11,
    writes=True,
)
IDENTIFIER = {"ownerType": "PRODUCT", "namespace": NAMESPACE, "key": KEY}


class References:
    """One shop's products by our reference."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._defined = False

    def find(self, references: Sequence[str]) -> dict[str, str]:
        """Reference → product, of those that are there."""
        if not references or not self._exists():
            return {}
        found: dict[str, str] = {}
        for batch in batched(references, AT_ONCE, strict=False):
            asked = {f"r{at}": custom_id(reference) for at, reference in enumerate(batch)}
            data = self._admin.ask(look_up(len(batch)), asked)
            found |= {
                reference: number(node["id"])
                for at, reference in enumerate(batch)
                if (node := data.get(f"p{at}"))
            }
        return found

    def _exists(self) -> bool:
        """Without the definition Shopify refuses to look."""
        if not self._defined:
            data = self._admin.ask(DEFINED, {"identifier": IDENTIFIER})
            self._defined = data["metafieldDefinition"] is not None
        return self._defined

    def define(self) -> None:
        """Make what references need. Twice changes nothing."""
        if self._exists():
            return
        definition = {
            **IDENTIFIER,
            "name": "Passerelle",
            "description": "What this product was made from.",
            "type": "id",
            "capabilities": {"uniqueValues": {"enabled": True}},
        }
        errors = self._admin.ask(DEFINE, {"definition": definition})["define"]["userErrors"]
        if errors and errors[0]["code"] != "TAKEN":
            raise Rejected(
                f"Shopify refuses a metafield definition ({str(errors[0]['code']).lower()}).",
                f"Look at the definition {NAMESPACE}.{KEY} of products in the shop's settings.",
                "definition_refused",
            )
        self._defined = True


def custom_id(reference: str) -> dict[str, str]:
    """What names a product by our reference."""
    return {"namespace": NAMESPACE, "key": KEY, "value": reference}


def look_up(many: int) -> Document:
    """So many products by reference."""
    variables = ", ".join(f"$r{at}: UniqueMetafieldValueInput!" for at in range(many))
    asked = "\n".join(
        f"  p{at}: productByIdentifier(identifier: {{customId: $r{at}}}) {{ id }}" for at in range(many)
    )
    return Document("ByReference", f"query ByReference({variables}) {{\n{asked}\n}}", many)
