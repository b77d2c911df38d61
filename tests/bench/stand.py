"""A main Shopify shop with goods and an empty dependent one, served by a process of their own.

python -m bench.stand PORT_OF_MAIN PORT_OF_DEPENDENT PRODUCTS
"""

import sys
import threading

from sandbox.outlets import OUTLETS
from sandbox.server import serve
from sandbox.world import Clock

from bench.twins import goods

NAMES = ("shop-0", "shop-1")


def main(main_port: int, dependent_port: int, products: int) -> None:
    """Serve until the process is ended."""
    clock = Clock()
    first, second = (OUTLETS["shopify"](clock, f"https://{name}.example") for name in NAMES)
    first.shop.load(goods(products, pictures=1))
    with serve(first.shop, main_port), serve(second.shop, dependent_port):
        print("ready", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
