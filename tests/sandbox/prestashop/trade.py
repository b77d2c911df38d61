"""The resources of people, carts and orders, in the order in which PrestaShop 8.2.1 gives them."""

from sandbox.prestashop.fields import resource

CUSTOMERS = resource(
    "customers",
    "customer",
    "Customer",
    """
    id_default_group int >groups
    id_lang int >languages isUnsignedId
    newsletter_date_add datetime
    ip_registration_newsletter str
    last_passwd_gen datetime ro
    secure_key str ro isMd5
    deleted bool isBool
    passwd str req isHashedPassword max=255
    lastname str req isCustomerName max=255
    firstname str req isCustomerName max=255
    email str req isEmail max=255
    id_gender int isUnsignedId
    birthday date isBirthDate
    newsletter bool isBool
    optin bool isBool
    website str isUrl
    company str isGenericName
    siret str isGenericName
    ape str isApe
    outstanding_allow_amount dec6 isFloat
    show_public_prices bool isBool
    id_risk int isUnsignedInt
    max_payment_days int isUnsignedInt
    active bool isBool
    note str isCleanHtml max=65000
    is_guest bool isBool
    id_shop int isUnsignedId
    id_shop_group int isUnsignedId
    date_add datetime isDate
    date_upd datetime isDate
    reset_password_token str isSha1 max=40
    reset_password_validity datetime isDateOrNull
    * groups/group >groups: id!
    """,
)
ADDRESSES = resource(
    "addresses",
    "address",
    "Address",
    """
    id_customer int >customers isNullOrUnsignedId
    id_manufacturer int >manufacturers isNullOrUnsignedId
    id_supplier int >suppliers isNullOrUnsignedId
    id_warehouse int >warehouse isNullOrUnsignedId
    id_country int >countries req isUnsignedId
    id_state int >states isNullOrUnsignedId
    alias str req isGenericName max=32
    company str isGenericName max=255
    lastname str req isName max=255
    firstname str req isName max=255
    vat_number str isGenericName
    address1 str req isAddress max=128
    address2 str isAddress max=128
    postcode str isPostCode max=12
    city str req isCityName max=64
    other str isMessage max=300
    phone str isPhoneNumber max=32
    phone_mobile str isPhoneNumber max=32
    dni str isDniLite max=16
    deleted bool isBool
    date_add datetime isDate
    date_upd datetime isDate
    """,
)
CARTS = resource(
    "carts",
    "cart",
    "Cart",
    """
    id_address_delivery int >addresses isUnsignedId
    id_address_invoice int >addresses isUnsignedId
    id_currency int >currencies req isUnsignedId
    id_customer int >customers isUnsignedId
    id_guest int >guests isUnsignedId
    id_lang int >languages req isUnsignedId
    id_shop_group int >shop_groups isUnsignedId
    id_shop int >shops isUnsignedId
    id_carrier int >carriers isUnsignedId
    recyclable bool isBool
    gift bool isBool
    gift_message str isCleanHtml
    mobile_theme bool isBool
    delivery_option str
    secure_key str max=32
    allow_seperated_package bool isBool
    date_add datetime isDate
    date_upd datetime isDate
    * cart_rows/cart_row virtual unlinked: id_product>products! id_product_attribute>combinations! \
    id_address_delivery>addresses! id_customization>customizations quantity!
    """,
)
ORDERS = resource(
    "orders",
    "order",
    "Order",
    """
    id_address_delivery int >addresses req isUnsignedId
    id_address_invoice int >addresses req isUnsignedId
    id_cart int >carts req isUnsignedId
    id_currency int >currencies req isUnsignedId
    id_lang int >languages req isUnsignedId
    id_customer int >customers req isUnsignedId
    id_carrier int >carriers req isUnsignedId
    current_state int >order_states isUnsignedId
    module str req isModuleName
    invoice_number int
    invoice_date datetime
    delivery_number int
    delivery_date datetime
    valid bool
    date_add datetime isDate
    date_upd datetime isDate
    shipping_number str nf
    note str
    id_shop_group int isUnsignedId
    id_shop int isUnsignedId
    secure_key str isMd5
    payment str req isGenericName
    recyclable bool isBool
    gift bool isBool
    gift_message str isCleanHtml
    mobile_theme bool isBool
    total_discounts dec6 isPrice
    total_discounts_tax_incl dec6 isPrice
    total_discounts_tax_excl dec6 isPrice
    total_paid dec6 req isPrice
    total_paid_tax_incl dec6 isPrice
    total_paid_tax_excl dec6 isPrice
    total_paid_real dec6 req isPrice
    total_products dec6 req isPrice
    total_products_wt dec6 req isPrice
    total_shipping dec6 isPrice
    total_shipping_tax_incl dec6 isPrice
    total_shipping_tax_excl dec6 isPrice
    carrier_tax_rate dec3 isFloat
    total_wrapping dec6 isPrice
    total_wrapping_tax_incl dec6 isPrice
    total_wrapping_tax_excl dec6 isPrice
    round_mode int isUnsignedId
    round_type int isUnsignedId
    conversion_rate dec6 req isFloat
    reference str
    * order_rows/order_row virtual unlinked: id product_id>products! product_attribute_id! product_quantity! \
    product_name product_reference product_ean13 product_isbn product_upc product_price \
    id_customization>customizations unit_price_tax_incl unit_price_tax_excl
    """,
)
ORDER_DETAILS = resource(
    "order_details",
    "order_detail",
    "OrderDetail",
    """
    id_order int >orders req isUnsignedId
    product_id int >products isUnsignedId
    product_attribute_id int >combinations isUnsignedId
    product_quantity_reinjected int isUnsignedInt
    group_reduction dec2 isFloat
    discount_quantity_applied int isInt
    download_hash str isGenericName
    download_deadline datetime isDateFormat
    id_order_invoice int isUnsignedId
    id_warehouse int req isUnsignedId
    id_shop int req isUnsignedId
    id_customization int >customizations isUnsignedId
    product_name str req isGenericName
    product_quantity int req isInt
    product_quantity_in_stock int isInt
    product_quantity_return int isUnsignedInt
    product_quantity_refunded int isUnsignedInt
    product_price dec6 req isPrice
    reduction_percent dec2 isFloat
    reduction_amount dec6 isPrice
    reduction_amount_tax_incl dec6 isPrice
    reduction_amount_tax_excl dec6 isPrice
    product_quantity_discount dec6 isFloat
    product_ean13 str isEan13
    product_isbn str isIsbn
    product_upc str isUpc
    product_mpn str isMpn
    product_reference str isReference
    product_supplier_reference str isReference
    product_weight dec6 isFloat
    tax_computation_method int isUnsignedId
    id_tax_rules_group int isInt
    ecotax dec6 isFloat
    ecotax_tax_rate dec3 isFloat
    download_nb int isInt
    unit_price_tax_incl dec6 isPrice
    unit_price_tax_excl dec6 isPrice
    total_price_tax_incl dec6 isPrice
    total_price_tax_excl dec6 isPrice
    total_shipping_price_tax_excl dec6 isPrice
    total_shipping_price_tax_incl dec6 isPrice
    purchase_supplier_price dec6 isPrice
    original_product_price dec6 isPrice
    original_wholesale_price dec6 isPrice
    total_refunded_tax_excl dec6 isPrice
    total_refunded_tax_incl dec6 isPrice
    """,
)
ORDER_STATES = resource(
    "order_states",
    "order_state",
    "OrderState",
    """
    unremovable bool
    delivery bool isBool
    hidden bool isBool
    send_email bool isBool
    module_name str isModuleName
    invoice bool isBool
    color str isColor
    logable bool isBool
    shipped bool isBool
    paid bool isBool
    pdf_delivery bool isBool
    pdf_invoice bool isBool
    deleted bool isBool
    name str i18n isGenericName max=64
    template str i18n isTplName max=64
    """,
)
ORDER_HISTORIES = resource(
    "order_histories",
    "order_history",
    "OrderHistory",
    """
    id_employee int >employees isUnsignedId
    id_order_state int >order_states req isUnsignedId
    id_order int >orders req isUnsignedId
    date_add datetime isDate
    """,
)
ORDER_CARRIERS = resource(
    "order_carriers",
    "order_carrier",
    "OrderCarrier",
    """
    id_order int >orders req isUnsignedId
    id_carrier int >carriers req isUnsignedId
    id_order_invoice int >order_invoices isUnsignedId
    weight dec6 isFloat
    shipping_cost_tax_excl dec6 isFloat
    shipping_cost_tax_incl dec6 isFloat
    tracking_number str isTrackingNumber
    date_add datetime isDate
    """,
)
ORDER_CART_RULES = resource(
    "order_cart_rules",
    "order_cart_rule",
    "OrderCartRule",
    """
    id_order int >orders req isUnsignedId
    id_cart_rule int >cart_rules req isUnsignedId
    id_order_invoice int isUnsignedId
    name str req isCleanHtml
    value dec6 req isFloat
    value_tax_excl dec6 req isFloat
    free_shipping bool isBool
    deleted bool isBool
    """,
)
CART_RULES = resource(
    "cart_rules",
    "cart_rule",
    "CartRule",
    """
    id_customer int >customers isUnsignedId
    date_from datetime req isDate
    date_to datetime req isDate
    description str isCleanHtml max=65534
    quantity int isUnsignedInt
    quantity_per_user int isUnsignedInt
    priority int isUnsignedInt
    partial_use bool isBool
    code str isCleanHtml max=254
    minimum_amount dec6 isFloat
    minimum_amount_tax bool isBool
    minimum_amount_currency int isInt
    minimum_amount_shipping bool isBool
    country_restriction bool isBool
    carrier_restriction bool isBool
    group_restriction bool isBool
    cart_rule_restriction bool isBool
    product_restriction bool isBool
    shop_restriction bool isBool
    free_shipping bool isBool
    reduction_percent dec2 isPercentage
    reduction_amount dec6 isFloat
    reduction_tax bool isBool
    reduction_currency int isUnsignedId
    reduction_product int isInt
    reduction_exclude_special bool isBool
    gift_product int isUnsignedId
    gift_product_attribute int isUnsignedId
    highlight bool isBool
    active bool isBool
    date_add datetime isDate
    date_upd datetime isDate
    name str i18n isCleanHtml max=254
    """,
)

RESOURCES = (
    CUSTOMERS,
    ADDRESSES,
    CARTS,
    ORDERS,
    ORDER_DETAILS,
    ORDER_STATES,
    ORDER_HISTORIES,
    ORDER_CARRIERS,
    ORDER_CART_RULES,
    CART_RULES,
)
