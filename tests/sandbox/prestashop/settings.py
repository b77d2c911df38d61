"""The resources of the shop itself and of its places, in the order in which PrestaShop 8.2.1 gives them."""

from sandbox.prestashop.fields import resource

COUNTRIES = resource(
    "countries",
    "country",
    "Country",
    """
    id_zone int >zones req isUnsignedId
    id_currency int >currencies isUnsignedId
    call_prefix int isInt
    iso_code str req isLanguageIsoCode max=3
    active bool isBool
    contains_states bool req isBool
    need_identification_number bool req isBool
    need_zip_code bool isBool
    zip_code_format str isZipCodeFormat
    display_tax_label bool req isBool
    name str i18n isGenericName max=64
    """,
)
STATES = resource(
    "states",
    "state",
    "State",
    """
    id_zone int >zones req isUnsignedId
    id_country int >countries req isUnsignedId
    iso_code str req isStateIsoCode max=7
    name str req isGenericName max=32
    active bool isBool
    """,
)
LANGUAGES = resource(
    "languages",
    "language",
    "Language",
    """
    name str req isGenericName max=32
    iso_code str req isLanguageIsoCode max=2
    locale str isLocale max=5
    language_code str isLanguageCode max=5
    active bool isBool
    is_rtl bool isBool
    date_format_lite str req isPhpDateFormat max=32
    date_format_full str req isPhpDateFormat max=32
    """,
)
CURRENCIES = resource(
    "currencies",
    "currency",
    "Currency",
    """
    names str i18n
    name str isGenericName max=255
    symbol str i18n isGenericName
    iso_code str req isLanguageIsoCode max=3
    numeric_iso_code str isNumericIsoCode max=3
    precision int isInt
    conversion_rate dec6 req isUnsignedFloat
    deleted bool isBool
    active bool isBool
    unofficial bool isBool
    modified bool isBool
    pattern str i18n
    """,
)
SHOPS = resource(
    "shops",
    "shop",
    "Shop",
    """
    id_shop_group int >shop_groups req
    id_category int req
    active bool isBool
    deleted bool isBool
    name str req isGenericName max=64
    color str isColor
    theme_name str isThemeName
    """,
)
CONFIGURATIONS = resource(
    "configurations",
    "configuration",
    "Configuration",
    """
    value str
    name str req isConfigName max=254
    id_shop_group int isUnsignedId
    id_shop int isUnsignedId
    date_add datetime isDate
    date_upd datetime isDate
    """,
)

RESOURCES = (
    COUNTRIES,
    STATES,
    LANGUAGES,
    CURRENCIES,
    SHOPS,
    CONFIGURATIONS,
)
