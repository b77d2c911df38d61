"""The catalogue's resources, field by field in the order in which PrestaShop 8.2.1 gives them."""

from sandbox.prestashop.fields import resource

PRODUCTS = resource(
    "products",
    "product",
    "Product",
    """
    id_manufacturer int >manufacturers isUnsignedId
    id_supplier int >suppliers isUnsignedId
    id_category_default int >categories isUnsignedId
    new str?
    cache_default_attribute int
    id_default_image int? >images nf
    id_default_combination int >combinations nf
    id_tax_rules_group int >tax_rule_groups isUnsignedId
    position_in_category int? nf
    manufacturer_name str? nf ro
    quantity int nf ro
    type str nf =simple
    id_shop_default int isUnsignedId =1
    reference str isReference max=64
    supplier_reference str isReference max=64
    location str isString max=255
    width dec6 isUnsignedFloat
    height dec6 isUnsignedFloat
    depth dec6 isUnsignedFloat
    weight dec6 isUnsignedFloat
    quantity_discount bool isBool
    ean13 str isEan13 max=13
    isbn str isIsbn max=32
    upc str isUpc max=12
    mpn str isMpn max=40
    cache_is_pack bool isBool
    cache_has_attachments bool isBool
    is_virtual bool isBool
    state int isUnsignedId
    additional_delivery_times int isUnsignedId
    delivery_in_stock str i18n isGenericName max=255
    delivery_out_stock str i18n isGenericName max=255
    product_type str isGenericName
    on_sale bool isBool
    online_only bool isBool
    ecotax dec6 isPrice
    minimal_quantity int isPositiveInt
    low_stock_threshold int? isInt
    low_stock_alert bool isBool
    price dec6 req isPrice
    wholesale_price dec6 isPrice
    unity str isString
    unit_price dec6 isPrice
    unit_price_ratio dec6
    additional_shipping_cost dec6 isPrice
    customizable int isUnsignedInt
    text_fields int isUnsignedInt
    uploadable_files int isUnsignedInt
    active bool isBool
    redirect_type str isString
    id_type_redirected int isUnsignedId
    available_for_order bool isBool
    available_date date isDateFormat
    show_condition bool isBool
    condition str isGenericName =new
    show_price bool isBool
    indexed bool isBool
    visibility str isProductVisibility =both
    advanced_stock_management bool isBool
    date_add datetime isDate
    date_upd datetime isDate
    pack_stock_type int isUnsignedInt
    meta_description str i18n isGenericName max=512
    meta_keywords str i18n isGenericName max=255
    meta_title str i18n isGenericName max=255
    link_rewrite str i18n isLinkRewrite max=128
    name str i18n isCatalogName max=128
    description str i18n isCleanHtml max=4194303
    description_short str i18n isCleanHtml max=4194303
    available_now str i18n isGenericName max=255
    available_later str i18n IsGenericName max=255
    * categories/category >categories: id!
    * images/image >images: id
    * combinations/combination >combinations: id!
    * product_option_values/product_option_value >product_option_values: id!
    * product_features/product_feature >product_features: id! id_feature_value>product_feature_values!
    * tags/tag >tags: id!
    * stock_availables/stock_available >stock_availables: id! id_product_attribute!
    * attachments/attachment >attachments: id!
    * accessories/product >products: id>products!
    * product_bundle/product >products: id! id_product_attribute quantity
    """,
)
COMBINATIONS = resource(
    "combinations",
    "combination",
    "Combination",
    """
    id_product int >products req isUnsignedId
    ean13 str isEan13 max=13
    isbn str isIsbn max=32
    upc str isUpc max=12
    mpn str isMpn max=40
    reference str max=64
    supplier_reference str max=64
    wholesale_price dec6 isNegativePrice
    price dec6 isNegativePrice
    ecotax dec6 isPrice
    weight dec6 isFloat
    unit_price_impact dec6 isNegativePrice
    minimal_quantity int req isUnsignedId
    low_stock_threshold int isInt
    low_stock_alert bool isBool
    default_on str isBool
    available_date date isDateFormat
    available_now str i18n isGenericName max=255
    available_later str i18n isGenericName max=255
    * product_option_values/product_option_value >product_option_values: id!
    * images/image >images/products: id
    """,
)
OPTIONS = resource(
    "product_options",
    "product_option",
    "AttributeGroup",
    """
    is_color_group bool isBool
    group_type str req
    position int isInt
    name str i18n isGenericName max=128
    public_name str i18n isGenericName max=64
    * product_option_values/product_option_value >product_option_values: id!
    """,
)
OPTION_VALUES = resource(
    "product_option_values",
    "product_option_value",
    "ProductAttribute",
    """
    id_attribute_group int >product_options req isUnsignedId
    color str isColor
    position int isInt
    name str i18n isGenericName max=128
    """,
)
STOCK = resource(
    "stock_availables",
    "stock_available",
    "StockAvailable",
    """
    id_product int >products req isUnsignedId
    id_product_attribute int >combinations req isUnsignedId
    id_shop int >shops isUnsignedId
    id_shop_group int >shop_groups isUnsignedId
    quantity int req isInt
    depends_on_stock bool req isBool
    out_of_stock int req isInt
    location str isString max=255
    """,
    forbidden="POST DELETE",
)
CATEGORIES = resource(
    "categories",
    "category",
    "Category",
    """
    id_parent int >categories isUnsignedInt
    level_depth int nf ro
    nb_products_recursive int nf ro
    active bool req isBool
    id_shop_default int isUnsignedId
    is_root_category bool isBool
    position int
    date_add datetime isDate
    date_upd datetime isDate
    name str i18n isCatalogName max=128
    link_rewrite str i18n isLinkRewrite max=128
    description str i18n isCleanHtml
    additional_description str i18n isCleanHtml
    meta_title str i18n isGenericName max=255
    meta_description str i18n isGenericName max=512
    meta_keywords str i18n isGenericName max=255
    * categories/category >categories: id!
    * products/product >products: id!
    """,
)
MANUFACTURERS = resource(
    "manufacturers",
    "manufacturer",
    "Manufacturer",
    """
    active bool
    link_rewrite str nf
    name str req isCatalogName max=64
    date_add datetime
    date_upd datetime
    description str i18n isCleanHtml
    short_description str i18n isCleanHtml
    meta_title str i18n isGenericName max=255
    meta_description str i18n isGenericName max=512
    meta_keywords str i18n isGenericName
    * addresses/address >addresses: id!
    """,
)
SPECIFIC_PRICES = resource(
    "specific_prices",
    "specific_price",
    "SpecificPrice",
    """
    id_shop_group int >shop_groups isUnsignedId
    id_shop int >shops req isUnsignedId
    id_cart int >carts req isUnsignedId
    id_product int >products req isUnsignedId
    id_product_attribute int >combinations isUnsignedId
    id_currency int >currencies req isUnsignedId
    id_country int >countries req isUnsignedId
    id_group int >groups req isUnsignedId
    id_customer int >customers req isUnsignedId
    id_specific_price_rule int isUnsignedId
    price dec6 req isNegativePrice
    from_quantity int req isUnsignedInt
    reduction dec6 req isPrice
    reduction_tax bool req isBool
    reduction_type str req isReductionType
    from datetime req isDateFormat
    to datetime req isDateFormat
    """,
)
TAXES = resource(
    "taxes",
    "tax",
    "Tax",
    """
    rate dec3 req isFloat
    active bool
    deleted bool
    name str i18n isGenericName max=32
    """,
)
TAGS = resource(
    "tags",
    "tag",
    "Tag",
    """
    id_lang int >languages req isUnsignedId
    name str req isGenericName max=32
    """,
)
TAX_RULE_GROUPS = resource(
    "tax_rule_groups",
    "tax_rule_group",
    "TaxRulesGroup",
    """
    name str req isGenericName max=64
    active bool isBool
    deleted bool isBool
    date_add datetime isDate
    date_upd datetime isDate
    """,
)
TAX_RULES = resource(
    "tax_rules",
    "tax_rule",
    "TaxRule",
    """
    id_tax_rules_group int >tax_rule_groups req isUnsignedId
    id_state int >states isUnsignedId
    id_country int >countries req isUnsignedId
    zipcode_from str isPostCode
    zipcode_to str isPostCode
    id_tax int >taxes req isUnsignedId
    behavior int isUnsignedInt
    description str isString
    """,
)
CUSTOMIZATION_FIELDS = resource(
    "product_customization_fields",
    "customization_field",
    "CustomizationField",
    """
    id_product int >products req isUnsignedId
    type int req isUnsignedId
    required bool req isBool
    is_module bool isBool
    is_deleted bool isBool
    name str i18n max=255
    """,
    plural="customization_fields",
)

RESOURCES = (
    PRODUCTS,
    COMBINATIONS,
    OPTIONS,
    OPTION_VALUES,
    STOCK,
    CATEGORIES,
    MANUFACTURERS,
    SPECIFIC_PRICES,
    TAXES,
    TAGS,
    TAX_RULE_GROUPS,
    TAX_RULES,
    CUSTOMIZATION_FIELDS,
)
