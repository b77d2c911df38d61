"""Fulfilments: shipments with their tracks, read, made, and corrected.

Source: https://developer.adobe.com/commerce/webapi/rest/ (salesShipOrderV1, salesShipmentRepositoryV1,
salesShipmentTrackRepositoryV1). Shipping takes no key of ours, but a comment: our reference stands in it, unseen by the
buyer, and whoever ships looks for it first. A track needs number, title and the code of a carrier.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from passerelle.connectors.magento.reading import amount, instant, sorted_out, text, whole
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.model import Fulfilment, Tracking
from passerelle.port import Action, Change, Outcome, Pulled, Rejected, Result

CARRIERS = frozenset({"ups", "usps", "fedex", "dhl"})
"""Those that Magento knows by itself; all others are `custom`, with a title."""


class Parcels:
    """Reads and writes fulfilments."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The shipments with their tracks."""
        return sorted_out(ids, self._rest.among("shipments", "entity_id", ids), _fulfilment, "entity_id")

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. A create whose reference is there already writes nothing."""
        orders = {_read(change).order_id for change in changes if change.action is Action.CREATE}
        there: dict[str, list[Row]] = defaultdict(list)
        for row in self._rest.among("shipments", "order_id", sorted(orders), each=4):
            there[text(row.get("order_id"))].append(row)
        return [self._one(change, there) for change in changes]

    def _one(self, change: Change, there: Mapping[str, list[Row]]) -> Outcome:
        try:
            if change.action is Action.CREATE:
                return self._ship(change, _read(change), there)
            return self._correct(change, _read(change))
        except Rejected as refusal:
            id = change.destination_id
            return Outcome(change.id, Result.REFUSED, id, "fulfilment_refused", refusal.why, refusal.remedy)

    def _ship(self, change: Change, parcel: Fulfilment, there: Mapping[str, list[Row]]) -> Outcome:
        reference = change.reference or f"P-{change.id}"
        for row in there.get(parcel.order_id, ()):
            if any(text(one.get("comment")) == reference for one in row.get("comments") or ()):
                return Outcome(change.id, Result.EXISTS, str(row["entity_id"]))
        body: dict[str, Any] = {
            "notify": parcel.notify,
            "appendComment": False,
            "comment": {"comment": reference, "is_visible_on_front": 0},
            "tracks": [_track(one) for one in parcel.trackings],
        }
        if parcel.lines:
            body["items"] = [{"order_item_id": int(id), "qty": count} for id, count in parcel.lines]
        made = self._rest.send("POST", f"order/{parcel.order_id}/ship", body)
        return Outcome(change.id, Result.CREATED, str(made))

    def _correct(self, change: Change, parcel: Fulfilment) -> Outcome:
        """Put the tracks right: new ones are added, those that are no longer told are taken away."""
        rows = self._rest.among("shipments", "entity_id", [change.destination_id])
        if not rows:
            why = "The shipment is no longer in the shop."
            return Outcome(
                change.id, Result.REFUSED, change.destination_id, "fulfilment_gone", why, "Nothing to do."
            )
        held = {text(one.get("track_number")): one for one in rows[0].get("tracks") or ()}
        wanted = {one.number: one for one in parcel.trackings}
        fresh = [one for number, one in wanted.items() if number not in held]
        stale = [one for number, one in held.items() if number not in wanted]
        for one in fresh:
            entity = _track(one) | {"order_id": rows[0]["order_id"], "parent_id": rows[0]["entity_id"]}
            self._rest.send(
                "POST", "shipment/track", {"entity": entity | {"qty": 1, "weight": 0, "description": ""}}
            )
        for row in stale:
            self._rest.send("DELETE", f"shipment/track/{row['entity_id']}")
        changed = Result.UPDATED if fresh or stale else Result.UNCHANGED
        return Outcome(change.id, changed, change.destination_id)


def _read(change: Change) -> Fulfilment:
    if change.action is Action.DELETE or not isinstance(change.object, Fulfilment):
        raise NotImplementedError("Magento's shipments are made and corrected here, and not taken back")
    return change.object


def _track(one: Tracking) -> dict[str, str]:
    code = one.carrier.strip().lower()
    known = code if code in CARRIERS else "custom"
    return {"track_number": one.number, "title": one.carrier or "Parcel", "carrier_code": known}


def _fulfilment(row: Row) -> Fulfilment:
    lines = [one for one in row.get("items") or () if amount(one, "qty")]
    return Fulfilment(
        id=str(row["entity_id"]),
        order_id=text(row.get("order_id")),
        lines=tuple((text(one.get("order_item_id")), whole(one, "qty")) for one in lines),
        trackings=tuple(
            Tracking(text(one.get("track_number")), text(one.get("title"))) for one in row.get("tracks") or ()
        ),
        shipped_at=instant(row.get("created_at")),
    )
