"""Writes newsletter consent: a customer is read, and put back with nothing else changed.

Source: https://developer.adobe.com/commerce/webapi/rest/ (customerCustomerRepositoryV1). A PUT needs the whole customer,
and its list of addresses replaces the shop's. What waits in the shop's queue would put back an old customer over a newer
one, so these go one by one, each right after it was read.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.magento.customers import Customers, consent
from passerelle.connectors.magento.reading import extension
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.model import ConsentState
from passerelle.port import ConsentChange, Outcome, Rejected, Result

BATCH = 20
"""Customers read together: few, so that little time passes until each is written."""
AT_ONCE = 4
WISHES = {
    ConsentState.SUBSCRIBED: True,
    ConsentState.UNSUBSCRIBED: False,
    ConsentState.NOT_SUBSCRIBED: False,
}


class ConsentWriter:
    """Writes consents of customers."""

    def __init__(self, rest: Rest, customers: Customers) -> None:
        self._rest, self._customers = rest, customers

    def push(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        last = {change.id: change for change in changes}
        outcomes: dict[str, Outcome] = {}
        for start in range(0, len(last), BATCH):
            batch = list(last.values())[start : start + BATCH]
            rows = {str(row["id"]): row for row in self._customers.rows([change.id for change in batch])}
            with ThreadPoolExecutor(AT_ONCE) as pool:
                done = pool.map(self._one, batch, [rows.get(change.id) for change in batch])
            outcomes |= {outcome.id: outcome for outcome in done}
        return [outcomes[change.id] for change in changes]

    def _one(self, change: ConsentChange, row: Row | None) -> Outcome:
        wish = WISHES.get(change.consent.state)
        if wish is None:
            why = f"A Magento shop cannot hold the consent {change.consent.state}."
            return _refused(change, "consent_state_unwritable", why, "Nothing to do.")
        if row is None:
            return _refused(
                change, "customer_gone", "The customer is no longer in the shop.", "Nothing to do."
            )
        if (consent(row).state is ConsentState.SUBSCRIBED) is wish:
            return Outcome(change.id, Result.UNCHANGED, change.id)
        whole = row | {"extension_attributes": extension(row) | {"is_subscribed": wish}}
        try:
            self._rest.send("PUT", f"customers/{change.id}", {"customer": whole})
        except Rejected as refusal:
            return _refused(change, "consent_refused", refusal.why, refusal.remedy)
        return Outcome(change.id, Result.UPDATED, change.id)


def _refused(change: ConsentChange, code: str, why: str, remedy: str) -> Outcome:
    return Outcome(change.id, Result.REFUSED, change.id, code, why, remedy)
