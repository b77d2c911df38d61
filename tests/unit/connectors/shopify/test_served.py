"""The same over sockets: the simulator as a server, reached under the shop's real name."""

from passerelle.connectors.shopify import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import Selection
from sandbox.server import serve
from sandbox.shopify import Shop
from sandbox.shopify.sample import catalogue


def test_a_served_shop_is_read_and_exported_under_its_real_name():
    shop = Shop("served.myshopify.com", bulk_polls=0)
    shop.load(catalogue(300, 20, 20))
    credentials = Credentials(
        shop="served.myshopify.com", access_token="shpat_sandbox", client_secret="shpss_sandbox"
    )
    with serve(shop) as server, Client(allow_private=True, routes={shop.address: server.url}) as client:
        connector = Connector(credentials, Settings(), client)
        assert connector.check().name == "Served"
        page = connector.index(Kind.PRODUCTS, Selection(), None)
        pulled = connector.pull(Kind.PRODUCTS, [entry.id for entry in page.entries]).objects
        export = connector.exported(connector.export(Kind.PRODUCTS, Selection()))
        exported = list(connector.read(Kind.PRODUCTS, export))
    assert len(exported) == 300
    assert exported[:250] == list(pulled)
