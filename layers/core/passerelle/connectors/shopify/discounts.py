"""Promo codes: the code discounts of a shop, each with all of its codes, however many thousands.

Sources: https://shopify.dev/docs/api/admin-graphql/2026-07/queries/codeDiscountNodes and
https://shopify.dev/docs/api/admin-graphql/2026-07/objects/DiscountRedeemCode. A code is no node of its own: it is read
through its discount, so its id here is `<discount>-<code>`, both numbers. What an app computes at checkout cannot be
told beforehand: discounts of apps are left out.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import quote

import orjson

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import PAGE, Document
from passerelle.connectors.shopify.ids import gid, number
from passerelle.connectors.shopify.reading import Raw, moment
from passerelle.model import Money, PromoCode, PromoTarget, PromoType
from passerelle.port import Count, Incomplete, Indexed, IndexPage, Pulled, Unreadable

NODE = "DiscountCodeNode"
TOLD = ("DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping")
"""The types of discount whose worth is known before checkout."""
AT_ONCE = 50
"""Discounts in one page, each with its first codes."""
FIRST = 10
"""Codes that are read along with a page of discounts: most discounts have one."""
WINDOW = 20_000
"""Entries read in one connection before a new one starts behind the last id: none may be paged past 25,000."""
LOST = "Nothing to do: the run starts again. If it lasts, ask Shopify why its list of codes ends early."


def _each(fields: str) -> str:
    return " ".join(f"... on {name} {{ {fields} }}" for name in TOLD)


_CODES = "pageInfo { hasNextPage endCursor } nodes { id }"

INDEX = Document(
    "IndexDiscounts",
    f"""query IndexDiscounts($first: Int!, $after: String, $query: String) {{
  page: codeDiscountNodes(first: $first, after: $after, query: $query, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ id codeDiscount {{ __typename {_each(f"codes(first: {FIRST}, sortKey: ID) {{ {_CODES} }}")} }} }}
  }}
}}""",
    58,
)
CODES = Document(
    "IndexCodes",
    f"""query IndexCodes($id: ID!, $after: String, $query: String) {{
  node: codeDiscountNode(id: $id) {{ id codeDiscount {{ __typename
    {_each(f"codes(first: {PAGE}, after: $after, query: $query, sortKey: ID) {{ {_CODES} }}")}
  }} }}
}}""",
    15,
)
WEIGH = Document(
    "WeighDiscounts",
    f"""query WeighDiscounts($first: Int!, $after: String, $query: String) {{
  page: codeDiscountNodes(first: $first, after: $after, query: $query, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ id codeDiscount {{ __typename {_each("codesCount { count precision }")} }} }}
  }}
}}""",
    35,
)
_COMMON = f"""title status startsAt endsAt updatedAt
      codes(first: {PAGE}, after: $after, query: $query, sortKey: ID) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{ id code asyncUsageCount }}
      }}"""
_EFFECT = """... on DiscountPercentage { percentage }
          ... on DiscountAmount { amount { amount currencyCode } appliesOnEachItem }"""
_GETS = f"""customerGets {{ items {{ __typename }} value {{ __typename
          {_EFFECT}
          ... on DiscountOnQuantity {{ effect {{ __typename {_EFFECT} }} }}
      }} }}"""
PULL = Document(
    "PullCodes",
    f"""query PullCodes($id: ID!, $after: String, $query: String) {{
  shop {{ primaryDomain {{ url }} }}
  node: codeDiscountNode(id: $id) {{ id codeDiscount {{ __typename
    ... on DiscountCodeBasic {{ {_COMMON} {_GETS} }}
    ... on DiscountCodeBxgy {{ {_COMMON} {_GETS} }}
    ... on DiscountCodeFreeShipping {{ {_COMMON} }}
  }} }}
}}""",
    22,
)


class Discounts:
    """Reads one shop's promo codes."""

    def __init__(self, admin: Admin, window: int = WINDOW) -> None:
        self._admin, self._window = admin, window

    # --- which there are ---------------------------------------------------------------------------------

    def index(self, after: str | None) -> IndexPage:
        """A page of discounts with their first codes, or the next codes of one that has more. Every read is whole."""
        mark: Data = (
            dict(orjson.loads(after)) if after else {"after": None, "beyond": "", "in": 0, "open": []}
        )
        total = self._total() if after is None else None
        found = self._next_codes(mark) if mark["open"] else self._next_discounts(mark)
        ended = not mark["open"] and mark["after"] is None and not mark["beyond"]
        return IndexPage(tuple(found), None if ended else orjson.dumps(mark).decode(), total)

    def _next_discounts(self, mark: Data) -> list[Indexed]:
        variables = {"first": AT_ONCE, "after": mark["after"], "query": _behind(mark["beyond"])}
        page = self._admin.ask(INDEX, variables)["page"]
        nodes, info = page["nodes"], page["pageInfo"]
        found: list[Indexed] = []
        for node in nodes:
            codes = node["codeDiscount"].get("codes")
            if codes is None:
                continue
            discount = number(node["id"])
            found += _entries(discount, codes["nodes"])
            if codes["pageInfo"]["hasNextPage"]:
                mark["open"].append([discount, codes["pageInfo"]["endCursor"], "", len(codes["nodes"])])
        mark["in"] += len(nodes)
        last = number(nodes[-1]["id"]) if nodes else ""
        mark["after"], mark["beyond"], mark["in"] = self._onward(info, last, mark["beyond"], mark["in"])
        return found

    def _next_codes(self, mark: Data) -> list[Indexed]:
        discount, after, beyond, read = mark["open"][0]
        variables = {"id": gid(NODE, discount), "after": after, "query": _behind(beyond)}
        node = self._admin.ask(CODES, variables)["node"]
        codes = (node or {}).get("codeDiscount", {}).get("codes")
        if codes is None:
            # The discount was deleted meanwhile: the codes that were listed are found missing when they are read.
            del mark["open"][0]
            return []
        nodes, info = codes["nodes"], codes["pageInfo"]
        last = number(nodes[-1]["id"]) if nodes else ""
        after, beyond, read = self._onward(info, last, beyond, read + len(nodes))
        if after is None and not beyond:
            del mark["open"][0]
        else:
            mark["open"][0] = [discount, after, beyond, read]
        return _entries(discount, nodes)

    def _onward(self, info: Data, last: str, beyond: str, read: int) -> tuple[str | None, str, int]:
        """(cursor, id behind which the window opens, entries read in the window); no cursor, no id: the end."""
        if not info["hasNextPage"]:
            return None, "", 0
        if not last:
            raise Incomplete("Shopify gave an empty page of codes and says that more follow.", LOST)
        if beyond and int(last) <= int(beyond):
            raise Incomplete("Shopify gives the same codes again and again.", LOST)
        if read + PAGE > self._window:
            return None, last, 0
        return info["endCursor"], beyond, read

    # --- how many ----------------------------------------------------------------------------------------

    def count(self) -> Count:
        """How many codes there are, by what the shop says of each discount."""
        return Count(sum(size["count"] for size in self._sizes()))

    def _total(self) -> int | None:
        """The count where all of it is exact: what a listing is held against."""
        sizes = list(self._sizes())
        exact = all(size["precision"] == "EXACT" for size in sizes)
        return sum(size["count"] for size in sizes) if exact else None

    def _sizes(self) -> Iterator[Data]:
        after: str | None = None
        beyond, read = "", 0
        while True:
            page = self._admin.ask(WEIGH, {"first": PAGE, "after": after, "query": _behind(beyond)})["page"]
            yield from (node["codeDiscount"].get("codesCount") or UNKNOWN for node in _told(page["nodes"]))
            last = number(page["nodes"][-1]["id"]) if page["nodes"] else ""
            after, beyond, read = self._onward(page["pageInfo"], last, beyond, read + len(page["nodes"]))
            if after is None and not beyond:
                return

    # --- what they are -----------------------------------------------------------------------------------

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The codes; one whose discount is gone, or an app's by now, counts as missing."""
        objects: list[PromoCode] = []
        unreadable: list[Unreadable] = []
        pairs = sorted(_parted(each) for each in dict.fromkeys(ids))
        for discount, some in groupby(pairs, key=lambda pair: pair[0]):
            for one in self._of(discount, [code for _, code in some]):
                objects.append(one) if isinstance(one, PromoCode) else unreadable.append(one)
        there = {one.id for one in objects} | {one.id for one in unreadable}
        missing = tuple(each for each in dict.fromkeys(ids) if each not in there)
        return Pulled(tuple(objects), missing, tuple(unreadable))

    def _of(self, discount: int, wanted: Sequence[int]) -> Iterator[PromoCode | Unreadable]:
        """The wanted codes of one discount. The range of ids is only a short cut: what else comes is passed over."""
        left, after = set(wanted), None
        query = f"id:>={wanted[0]} AND id:<={wanted[-1]}"
        while left:
            variables = {"id": gid(NODE, str(discount)), "after": after, "query": query}
            data = self._admin.ask(PULL, variables)
            found = (data["node"] or {}).get("codeDiscount", {})
            if "codes" not in found:
                return
            page = data["shop"]["primaryDomain"]["url"]
            for raw in found["codes"]["nodes"]:
                if int(number(raw["id"])) in left:
                    left.discard(int(number(raw["id"])))
                    yield _readable(str(discount), found, raw, page)
            info = found["codes"]["pageInfo"]
            if not info["hasNextPage"]:
                return
            after = info["endCursor"]


UNKNOWN: Data = {"count": 0, "precision": "AT_LEAST"}


def _told(nodes: Sequence[Data]) -> Iterator[Data]:
    return (node for node in nodes if node["codeDiscount"]["__typename"] in TOLD)


def _behind(id: str) -> str | None:
    return f"id:>{id}" if id else None


def _entries(discount: str, nodes: Sequence[Data]) -> list[Indexed]:
    return [Indexed(f"{discount}-{number(node['id'])}") for node in nodes]


def _parted(id: str) -> tuple[int, int]:
    discount, _, code = id.partition("-")
    return (int(discount), int(code)) if discount.isdigit() and code.isdigit() else (0, 0)


def _readable(discount: str, raw: Raw, code: Raw, page: str) -> PromoCode | Unreadable:
    """The code, or why there is none and what to do about it."""
    id = f"{discount}-{number(code['id'])}"
    try:
        amount, type, target = worth(raw)
        return PromoCode(
            id=id,
            rule_id=discount,
            code=code["code"],
            title=raw["title"] or code["code"],
            amount=amount,
            type=type,
            target=target,
            url=f"{page}/discount/{quote(code['code'], safe='')}",
            starts_at=moment(raw, "startsAt"),
            ends_at=moment(raw, "endsAt"),
            enabled=raw["status"] != "EXPIRED",
            usage_count=int(code["asyncUsageCount"]),
            updated_at=moment(raw, "updatedAt"),
        )
    except (ValueError, KeyError, TypeError) as error:
        field = str(error.args[0]) if isinstance(error, KeyError) else "what the discount takes off"
        remedy = f"Correct it in the shop's admin (discounts, number {discount}), then sync it again."
        return Unreadable(id, f"Shopify gives no usable value for {field}.", remedy)


def worth(raw: dict[str, Any]) -> tuple[Decimal, PromoType, PromoTarget]:
    """What a discount takes off, and of what. Raises ValueError for a worth that is unheard of."""
    if raw["__typename"] == "DiscountCodeFreeShipping":
        return Decimal(1), PromoType.PERCENTAGE, PromoTarget.SHIPPING
    gets = raw["customerGets"]
    value, single = gets["value"], gets["items"]["__typename"] != "AllDiscountItems"
    if value["__typename"] == "DiscountOnQuantity":
        # Some of the goods are bought, so that others are cheaper.
        value, single = value["effect"], True
    match value["__typename"]:
        case "DiscountPercentage":
            amount, type = Decimal(str(value["percentage"])), PromoType.PERCENTAGE
        case "DiscountAmount":
            money = value["amount"]
            amount, type = Money.parse(money["amount"], money["currencyCode"]).amount, PromoType.FIXED
            single = bool(value["appliesOnEachItem"])
        case _:
            raise ValueError("customerGets.value")
    return amount, type, PromoTarget.PER_ITEM if single else PromoTarget.TOTAL
