"""The GraphQL documents.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07
`cost` is what Shopify is expected to ask for the document at full page size; its answers correct it.
Costs: a scalar 0, an object 1, a connection 2 + floor(2·ln(first)) × its node, a mutation 10.
"""

from dataclasses import dataclass

from passerelle.model import Kind

PAGE = 250
"""No connection and no array may be longer."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document with its expected cost in points. `repeatable`: sending it twice does no harm."""

    name: str
    text: str
    cost: float
    writes: bool = False
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Root:
    """How a kind is called in the API."""

    type: str
    connection: str
    count: str
    version: str
    """The fields of an index entry besides its id."""


ROOTS = {
    Kind.PRODUCTS: Root("Product", "products", "productsCount", "updatedAt"),
    Kind.CUSTOMERS: Root("Customer", "customers", "customersCount", "updatedAt"),
    Kind.ORDERS: Root("Order", "orders", "ordersCount", "updatedAt cancelledAt displayFinancialStatus"),
    Kind.CARTS: Root(
        "AbandonedCheckout", "abandonedCheckouts", "abandonedCheckoutsCount", "updatedAt completedAt"
    ),
}


def _index(root: Root) -> Document:
    name = f"Index{root.type}"
    text = f"""query {name}($first: Int!, $after: String, $query: String, $counting: Boolean!) {{
  page: {root.connection}(first: $first, after: $after, query: $query, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ id {root.version} }}
  }}
  total: {root.count}(query: $query, limit: null) @include(if: $counting) {{ count precision }}
}}"""
    return Document(name, text, 14)


def _count(root: Root) -> Document:
    name = f"Count{root.type}"
    text = f"query {name}($query: String) {{ total: {root.count}(query: $query, limit: null) {{ count precision }} }}"
    return Document(name, text, 1)


INDEX = {kind: _index(root) for kind, root in ROOTS.items()}
COUNT = {kind: _count(root) for kind, root in ROOTS.items()}

COUNT_VARIANTS = Document(
    "CountVariants",
    "query CountVariants { total: productVariantsCount(limit: null) { count precision } }",
    1,
)
"""Of the whole shop: this field ignores its filter."""

WEIGH_PRODUCTS = Document(
    "WeighProducts",
    """query WeighProducts($first: Int!, $after: String, $query: String) {
  page: products(first: $first, after: $after, query: $query, sortKey: ID) {
    pageInfo { hasNextPage endCursor }
    nodes { id variantsCount { count } }
  }
}""",
    24,
)

MONEY = "{ shopMoney { amount currencyCode } }"
ADDRESS = """{
  address1 address2 city company countryCodeV2 firstName lastName phone provinceCode province zip
}"""

VARIANT_FIELDS = """id title sku barcode price compareAtPrice inventoryQuantity
    selectedOptions { name value }
    image { url(transform: $image) }
    inventoryItem { tracked measurement { weight { unit value } } }"""

PRODUCT_FIELDS = """id title handle descriptionHtml vendor productType status tags createdAt updatedAt onlineStoreUrl
  category { name }"""

LINE_FIELDS = f"""id title quantity sku
    product {{ id }}
    variant {{ id }}
    originalUnitPriceSet {MONEY}"""

ORDER_LINE_FIELDS = f"{LINE_FIELDS}\n    totalDiscountSet {MONEY}"

CUSTOMER_FIELDS = f"""id firstName lastName locale tags createdAt updatedAt
  defaultEmailAddress {{ emailAddress marketingState marketingUpdatedAt }}
  defaultPhoneNumber {{ phoneNumber marketingState marketingUpdatedAt }}
  defaultAddress {ADDRESS}"""

ORDER_FIELDS = f"""id name email createdAt processedAt updatedAt cancelledAt discountCodes
  displayFinancialStatus displayFulfillmentStatus
  customer {{ id firstName lastName }}
  totalPriceSet {MONEY}
  totalTaxSet {MONEY}
  totalShippingPriceSet {MONEY}
  totalDiscountsSet {MONEY}
  billingAddress {ADDRESS}
  shippingAddress {ADDRESS}"""

CART_FIELDS = f"""id abandonedCheckoutUrl completedAt createdAt updatedAt
  customer {{ id firstName lastName defaultEmailAddress {{ emailAddress }} }}
  totalPriceSet {MONEY}"""

_WHOLE = {
    Kind.PRODUCTS: f"""{PRODUCT_FIELDS}
  media(first: 25) {{ nodes {{ ... on MediaImage {{ id alt image {{ url(transform: $image) }} }} }} }}
  variants(first: 100) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {VARIANT_FIELDS} }}
  }}""",
    Kind.CUSTOMERS: CUSTOMER_FIELDS,
    Kind.ORDERS: f"""{ORDER_FIELDS}
  lineItems(first: 100) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {ORDER_LINE_FIELDS} }}
  }}""",
    Kind.CARTS: f"""{CART_FIELDS}
  lineItems(first: 100) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {LINE_FIELDS} }}
  }}""",
}
"""The fields of a whole object."""
_IMAGE, _SHOP = ", $image: ImageTransformInput", "  shop { currencyCode taxesIncluded }\n"
_MORE = {Kind.PRODUCTS: (_IMAGE, _SHOP)}
"""What else a document about these asks: a variable, and a field beside the objects."""


def _pull(kind: Kind, cost: float) -> Document:
    (variable, beside), root = _MORE.get(kind, ("", "")), ROOTS[kind]
    name = f"Pull{root.type.removeprefix('Abandoned')}s"
    text = f"""query {name}($ids: [ID!]!{variable}) {{
{beside}  nodes(ids: $ids) {{ ... on {root.type} {{
  {_WHOLE[kind]}
  }} }}
}}"""
    return Document(name, text, cost)


def _list(kind: Kind, cost: float) -> Document:
    (variable, beside), root = _MORE.get(kind, ("", "")), ROOTS[kind]
    name = f"List{root.type.removeprefix('Abandoned')}s"
    text = f"""query {name}($first: Int!, $after: String, $query: String, $counting: Boolean!{variable}) {{
{beside}  page: {root.connection}(first: $first, after: $after, query: $query, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {_WHOLE[kind]} }}
  }}
  total: {root.count}(query: $query, limit: null) @include(if: $counting) {{ count precision }}
}}"""
    return Document(name, text, cost)


PULL = {
    kind: _pull(kind, cost)
    for kind, cost in ((Kind.PRODUCTS, 73), (Kind.CUSTOMERS, 4), (Kind.ORDERS, 33), (Kind.CARTS, 32))
}
LIST = {
    kind: _list(kind, cost)
    for kind, cost in ((Kind.PRODUCTS, 796), (Kind.CUSTOMERS, 47), (Kind.ORDERS, 366), (Kind.CARTS, 355))
}
"""A page of whole objects: no second call reads them by id."""

CHILDREN = {Kind.PRODUCTS: "variants", Kind.ORDERS: "lineItems", Kind.CARTS: "lineItems"}
"""The connection of each kind that may be longer than one page."""

REST = {
    Kind.PRODUCTS: Document(
        "RestOfVariants",
        f"""query RestOfVariants($id: ID!, $after: String!, $image: ImageTransformInput) {{
  node(id: $id) {{ ... on Product {{ variants(first: 250, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {VARIANT_FIELDS} }}
  }} }} }}
}}""",
        69,
    ),
    Kind.ORDERS: Document(
        "RestOfLines",
        f"""query RestOfLines($id: ID!, $after: String!) {{
  node(id: $id) {{ ... on Order {{ lineItems(first: 250, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {ORDER_LINE_FIELDS} }}
  }} }} }}
}}""",
        36,
    ),
    Kind.CARTS: Document(
        "RestOfCartLines",
        f"""query RestOfCartLines($id: ID!, $after: String!) {{
  node(id: $id) {{ ... on AbandonedCheckout {{ lineItems(first: 250, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {LINE_FIELDS} }}
  }} }} }}
}}""",
        36,
    ),
}

CHECK = Document(
    "Check",
    """query Check {
  shop { id name currencyCode ianaTimezone myshopifyDomain }
  currentAppInstallation { accessScopes { handle } }
}""",
    3,
)

PERSONS = Document(
    "Persons",
    """query Persons {
  customers(first: 10, sortKey: ID) {
    nodes { firstName lastName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
  }
}""",
    14,
)

WEBHOOKS = Document(
    "Webhooks",
    """query Webhooks($first: Int!, $after: String) {
  page: webhookSubscriptions(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id topic uri }
  }
}""",
    13,
)

RUN_BULK = Document(
    "RunBulk",
    """mutation RunBulk($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id status }
    userErrors { code message }
  }
}""",
    11,
    repeatable=False,
)

BULK = Document(
    "Bulk",
    """query Bulk($id: ID!) {
  bulkOperation(id: $id) {
    id status errorCode objectCount rootObjectCount fileSize url partialDataUrl
  }
  shop { currencyCode taxesIncluded }
}""",
    2,
)
"""With the shop's facts: prices in an export have no currency."""

RECENT_BULK = Document(
    "RecentBulk",
    """query RecentBulk {
  bulkOperations(first: 20, sortKey: CREATED_AT, reverse: true) { nodes { id status createdAt query } }
}""",
    7,
)


def consent(batch: int) -> Document:
    """The consents of `batch` customers in one request."""
    variables = ", ".join(f"$i{at}: CustomerEmailMarketingConsentUpdateInput!" for at in range(batch))
    writes = "\n".join(
        f"  c{at}: customerEmailMarketingConsentUpdate(input: $i{at}) {{ userErrors {{ code field message }} }}"
        for at in range(batch)
    )
    return Document(
        "PushConsent", f"mutation PushConsent({variables}) {{\n{writes}\n}}", 10 * batch, writes=True
    )


def subscribe(topics: int) -> Document:
    """Subscriptions to this many topics at one address in one request."""
    variables = ", ".join(f"$t{at}: WebhookSubscriptionTopic!" for at in range(topics))
    writes = "\n".join(
        f"  s{at}: webhookSubscriptionCreate(topic: $t{at}, webhookSubscription: {{uri: $uri, format: JSON}})"
        " { webhookSubscription { id topic uri } userErrors { field message } }"
        for at in range(topics)
    )
    text = f"mutation Subscribe($uri: String!, {variables}) {{\n{writes}\n}}"
    return Document("Subscribe", text, 11 * topics, writes=True)


def unsubscribe(many: int) -> Document:
    """The end of this many subscriptions in one request."""
    variables = ", ".join(f"$d{at}: ID!" for at in range(many))
    writes = "\n".join(
        f"  d{at}: webhookSubscriptionDelete(id: $d{at}) {{ userErrors {{ field message }} }}"
        for at in range(many)
    )
    return Document(
        "Unsubscribe", f"mutation Unsubscribe({variables}) {{\n{writes}\n}}", 10 * many, writes=True
    )
