"""How a served account reaches the addresses of its webhooks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from sandbox.mailchimp.hooks import Delivery

PATIENCE = 10.0
"""Seconds that Mailchimp waits for an answer."""
TRIES = 3


class Outside:
    """Visits addresses at once (GET) and delivers in the background (POST), a few times if it must.

    Give it to an account: `account.hooks.reach = Outside()`. `failed` counts deliveries that were given up.
    """

    def __init__(self) -> None:
        self.failed = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mailchimp-hooks")

    def __call__(self, method: str, url: str, delivery: Delivery | None) -> int:
        if delivery is None:
            return _status(lambda: httpx.request(method, url, timeout=PATIENCE))
        self._pool.submit(self._deliver, delivery)
        return 200

    def _deliver(self, delivery: Delivery) -> None:
        for _ in range(TRIES):
            answer = _status(
                lambda: httpx.post(
                    delivery.url, content=delivery.body, headers=delivery.headers, timeout=PATIENCE
                )
            )
            if 200 <= answer < 300:
                return
        self.failed += 1


def _status(ask: Callable[[], httpx.Response]) -> int:
    try:
        return ask().status_code
    except httpx.HTTPError:
        return 0
