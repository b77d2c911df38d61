"""What is true of the whole shop: zone, currencies, languages, places, states; each read once a connector."""

import threading
from collections.abc import Iterable
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.settings import Settings
from passerelle.connectors.prestashop.webservice import RIGHTS_WHERE, Row, Webservice
from passerelle.port import Incomplete, PermissionMissing, Rejected

WANTED = (
    "PS_TIMEZONE",
    "PS_CURRENCY_DEFAULT",
    "PS_LANG_DEFAULT",
    "PS_WEIGHT_UNIT",
    "PS_OS_CANCELED",
    "PS_OS_REFUND",
    "PS_COUNTRY_DEFAULT",
    "PS_HOME_CATEGORY",
    "PS_LIMIT_UPLOAD_IMAGE_VALUE",
    "PS_STOCK_MANAGEMENT",
    "PS_TAX",
)
HOME = "2"
"""The category that PrestaShop installs all others under."""


class Facts:
    """Facts of one shop, each read when first asked for."""

    def __init__(self, service: Webservice, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._names: dict[tuple[str, str], dict[str, Row]] = {}
        self._reading = threading.Lock()

    @cached_property
    def configuration(self) -> dict[str, str]:
        """Name → value of the settings we need; empty where the key may not read them."""
        wanted = f"[{'|'.join(WANTED)}]"
        try:
            rows = self._service.rows("configurations", "id,name,value,id_shop", {"name": wanted})
        except PermissionMissing:
            return {}
        mine = str(self._settings.shop or "")
        # A shop's own value outranks that of all shops, which names none.
        rows.sort(key=lambda row: (text(row.get("id_shop")) == mine, text(row.get("id_shop")) in {"", "0"}))
        return {text(row.get("name")): text(row.get("value")) for row in rows}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of every time in the shop. Raises PermissionMissing where nobody tells it."""
        name = self._settings.timezone or self.configuration.get("PS_TIMEZONE", "")
        if not name:
            why = "The shop's time zone is not known: the right GET configurations is missing on the webservice key."
            raise PermissionMissing(why, f"{RIGHTS_WHERE} Or set the time zone on the link.")
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise Rejected(f"{name} is no time zone.", "Correct the time zone.", "bad_timezone") from None

    @cached_property
    def currencies(self) -> dict[str, str]:
        """Currency id → ISO code."""
        return {str(row["id"]): text(row.get("iso_code")).upper() for row in self._currencies}

    @cached_property
    def currency(self) -> str:
        """The shop's own: the default, or else the one whose rate is 1."""
        default = self.configuration.get("PS_CURRENCY_DEFAULT", "")
        if default in self.currencies:
            return self.currencies[default]
        ones = [row for row in self._currencies if text(row.get("conversion_rate")).rstrip("0") == "1."]
        return text((ones or self._currencies)[0].get("iso_code")).upper()

    @cached_property
    def _currencies(self) -> list[Row]:
        return list(self._table("currencies", "id,iso_code,conversion_rate").values())

    @cached_property
    def languages(self) -> dict[str, str]:
        """Language id → ISO 639-1."""
        return {
            id: text(row.get("iso_code")).lower()
            for id, row in self._table("languages", "id,iso_code").items()
        }

    @cached_property
    def language(self) -> str:
        """Id of the language of titles; empty where the shop does not tell its default."""
        wanted = self._settings.language.lower()
        if not wanted:
            return self.configuration.get("PS_LANG_DEFAULT", "")
        found = next((id for id, iso in self.languages.items() if iso == wanted), "")
        if not found:
            raise Rejected(
                f"The shop has no language {wanted}.", "Choose one of its languages.", "no_language"
            )
        return found

    @cached_property
    def in_language(self) -> dict[str, str]:
        """The parameter that asks for one language only."""
        return {"language": self.language} if self.language else {}

    @cached_property
    def countries(self) -> dict[str, str]:
        """Country id → ISO 3166-1 alpha-2."""
        return {
            id: text(row.get("iso_code")).upper()
            for id, row in self._table("countries", "id,iso_code").items()
        }

    @cached_property
    def prices(self) -> dict[str, str]:
        """The parameters that make the shop calculate what a buyer pays, and what it would be unreduced."""
        # Without `decimals` the shop takes its rounding mode for their number (WebserviceRequest.php).
        asked = {"price[regular][use_reduction]": "0"}
        for name in ("final", "regular"):
            asked |= {f"price[{name}][use_tax]": "1", f"price[{name}][decimals]": "2"}
        wanted = self._settings.country.upper()
        if wanted:
            id = next((id for id, iso in self.countries.items() if iso == wanted), "")
            if not id:
                raise Rejected(
                    f"The shop has no country {wanted}.", "Choose one of its countries.", "no_country"
                )
            asked |= {"price[final][country]": id, "price[regular][country]": id}
        return asked

    @cached_property
    def country(self) -> str:
        """Id of the country whose taxes prices hold; empty where the shop does not tell its default."""
        return self.prices.get("price[final][country]") or self.configuration.get("PS_COUNTRY_DEFAULT", "")

    @cached_property
    def tax_included(self) -> bool:
        """Whether the shop calculates what a buyer pays, as its products are then told; else they are without tax."""
        rows = self._service.rows("products", "full", {"state": "[1]"}, limit="1", **self.prices)
        return not rows or "final" in rows[0]

    @property
    def counts_stock(self) -> bool:
        """Whether the shop manages stock at all; where it does not, nothing is tracked."""
        return self.configuration.get("PS_STOCK_MANAGEMENT") != "0"

    @property
    def home(self) -> str:
        """Id of the category under which new ones are made."""
        return self.configuration.get("PS_HOME_CATEGORY") or HOME

    @cached_property
    def written_language(self) -> str:
        """Id of the language that is written: that of titles, or else the shop's first."""
        return self.language or min(self.languages, key=int)

    @cached_property
    def states(self) -> dict[str, Row]:
        """Order state id → row with name, template and the flags paid, shipped, deleted."""
        return self._table("order_states", "id,shipped,paid,deleted,name,template")

    def _table(self, resource: str, display: str) -> dict[str, Row]:
        """A whole small table by id. No shop is without one of these, so an empty answer is a mistake."""
        rows = self._service.rows(resource, display)
        if not rows:
            raise Incomplete(
                f"The shop says that it has no {resource}.", "Nothing to do: they are read again."
            )
        return {str(row["id"]): row for row in rows}

    def named(self, resource: str, ids: Iterable[str], display: str) -> dict[str, Row]:
        """Rows of a small table by id, each read once (option values, groups, categories, regions)."""
        # Batches are read side by side: one that asks while another reads must not find a name half known.
        with self._reading:
            known = self._names.setdefault((resource, display), {})
            wanted = [id for id in dict.fromkeys(ids) if id not in known and id not in {"", "0"}]
            rows = self._service.entities(resource, wanted, display, **self.in_language) if wanted else ()
            known |= {id: {} for id in wanted} | {str(row["id"]): row for row in rows}
            return dict(known)
