"""What a shop tells of itself: settings, currency, order statuses, versions.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#setting-options (recorded on 10.0.2), and
https://developer.wordpress.org/rest-api/extending-the-rest-api/routes-and-endpoints/ for the index of WordPress.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.woocommerce import query
from sandbox.woocommerce.refusal import RefusalError, no_route
from sandbox.woocommerce.state import Row, State
from sandbox.woocommerce.telling import Teller

OFFICE = ("settings", "data", "reports", "system_status")


class Office:
    """Tells of the shop itself."""

    def __init__(self, state: State, teller: Teller, home: str) -> None:
        self._state, self._teller, self._home = state, teller, home

    def told(self, path: str, named: Mapping[str, Any], fields: str) -> Any:
        """The answer to a read below one of OFFICE. Raises RefusalError."""
        if path.startswith("/wc/v3/settings"):
            return self._settings(named.get("group_id"), named.get("id"), fields)
        if path.endswith("/data/currencies/current"):
            return self._currency()
        if path.endswith("/reports/orders/totals"):
            return self._totals()
        if path.endswith("/system_status"):
            return self._status(fields)
        raise no_route()

    def about(self) -> Row:
        """`GET /wp-json/`: what WordPress tells everybody."""
        told = {"name": self._state.name, "description": "", "url": self._home, "home": self._home}
        return told | {
            "gmt_offset": "0",
            "timezone_string": self._state.zone,
            "namespaces": ["oembed/1.0", "wc/v3", "wp/v2"],
            "authentication": [],
        }

    def _settings(self, group: Any, id: Any, fields: str) -> Any:
        known = [name for name, one in self._state.settings.items() if one.group == group]
        if not known or (id and id not in known):
            raise RefusalError("rest_setting_setting_invalid", "Invalid setting.", 404)
        if id:
            return query.trimmed(self._setting(str(id)), fields)
        return [query.listed(self._setting(one), fields) for one in known]

    def _setting(self, id: str) -> Row:
        one = self._state.settings[id]
        told = {"id": id, "label": one.label, "description": one.description, "type": one.type}
        told |= {"default": one.default, "value": one.value, "group_id": one.group}
        allow = ["GET", "POST", "PUT", "PATCH"]
        return told | {"_links": self._teller.links(f"settings/{one.group}", id=id, allow=allow)}

    def _currency(self) -> Row:
        code = self._state.setting("currency")
        names = {"USD": ("United States (US) dollar", "&#36;"), "EUR": ("Euro", "&euro;")}
        name, symbol = names.get(code, (code, code))
        links = self._teller.links("data/currencies", id=code, allow=["GET"])
        return {"code": code, "name": name, "symbol": symbol, "_links": links}

    def _totals(self) -> list[Row]:
        orders = list(self._state.orders.values())
        return [
            {"slug": key, "name": name, "total": sum(one["status"] == key for one in orders)}
            for key, name in self._state.statuses.items()
        ]

    def _status(self, fields: str) -> Row:
        state = self._state
        environment = {"home_url": self._home, "site_url": self._home, "store_id": state.store_id}
        environment |= {"version": state.version, "wp_version": "6.8.3", "default_timezone": "UTC"}
        settings = {"api_enabled": False, "force_ssl": False, "currency": state.setting("currency")}
        settings |= {"number_of_decimals": int(state.setting("price_num_decimals"))}
        whole = {"environment": environment, "settings": settings, "active_plugins": []}
        return query.trimmed(whole, fields)
