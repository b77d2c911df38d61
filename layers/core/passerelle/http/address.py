"""The guard against addresses inside our own network, checked where the socket is opened."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from passerelle.port import AddressRefused

PORTS = frozenset({80, 443, 8080, 8443})
NAME = re.compile(rb"[A-Za-z0-9._:-]+")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
REMEDY = "Give the public address of the shop, such as https://shop.example.com."

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, in the system's order of preference. Raises OSError where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def check_address(url: str, *, allow_private: bool = False, resolve: Resolve = resolve) -> None:
    """Refuse a URL that we would not call, at setup. Raises AddressRefused.

    With `allow_private` only its form is checked: in development names may exist nowhere.
    """
    parsed = parse(url)
    check_form(parsed, allow_private=allow_private)
    if allow_private:
        return
    try:
        addresses = resolve(parsed.host, port_of(parsed))
    except (OSError, UnicodeError):
        raise AddressRefused(f"The name {parsed.host} does not exist.", REMEDY) from None
    check_routable(parsed.host, addresses)


def parse(url: str) -> httpx.URL:
    """Read a URL. Raises AddressRefused (whose text holds nothing of it: it may hold a secret)."""
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise AddressRefused("This is not a web address.", REMEDY) from None


def check_form(url: httpx.URL, *, allow_private: bool) -> None:
    """Refuse a URL for what can be seen without asking the network. Raises AddressRefused."""
    if url.scheme not in ("http", "https") or not url.host:
        raise AddressRefused("Only http and https addresses can be called.", REMEDY)
    if not NAME.fullmatch(url.raw_host):
        raise AddressRefused("The name in this address is not one of a host.", REMEDY)
    if url.userinfo:
        raise AddressRefused(f"The address of {url.host} holds a user name or a password.", REMEDY)
    if allow_private:
        return
    if port_of(url) not in PORTS:
        raise AddressRefused(f"Port {port_of(url)} of {url.host} is not one that a shop answers on.", REMEDY)
    try:
        ipaddress.ip_address(url.host)
    except ValueError:
        return
    check_routable(url.host, [url.host])


def port_of(url: httpx.URL) -> int:
    """The port, given or implied."""
    return url.port or (443 if url.scheme == "https" else 80)


def check_routable(host: str, addresses: Iterable[str]) -> None:
    """Refuse a host unless every one of its addresses is on the public internet. Raises AddressRefused."""
    parsed = [ipaddress.ip_address(address) for address in addresses]
    if not parsed or not all(is_public(address) for address in parsed):
        raise AddressRefused(f"{host} is not an address on the public internet.", REMEDY)


def is_public(address: Address) -> bool:
    """Whether an address can be reached from anywhere; one that wraps an IPv4 address is judged by it too."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = wrapped_ipv4(address)
        if wrapped:
            return all(is_public(inner) for inner in wrapped)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def wrapped_ipv4(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses inside an IPv4-mapped, NAT64, 6to4 or Teredo address."""
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)]
    if address.sixtofour:
        return [address.sixtofour]
    return list(address.teredo or ())


class GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets only to public addresses.

    The name is resolved once, each of its addresses is checked, and the socket goes to a checked address: no
    second look-up could answer otherwise. TLS still uses the name, for SNI and for the certificate.
    """

    def __init__(self, resolve: Resolve = resolve, sockets: httpcore.NetworkBackend | None = None) -> None:
        self._resolve = resolve
        self._sockets = sockets or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers. Raises AddressRefused, or httpcore's ConnectError."""
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("the name could not be resolved") from None
        check_routable(host, addresses)
        for address in addresses[:-1]:
            try:
                return self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._sockets.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)


class GuardedTransport(httpx.HTTPTransport):
    """httpx's transport with the guard where it opens its sockets."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        super().__init__(verify=trust(), trust_env=False)
        # httpx offers no parameter for the network backend; a unit test over a real socket watches this seam.
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust(),
            max_connections=64,
            max_keepalive_connections=32,
            keepalive_expiry=30.0,
            network_backend=backend,
        )


@cache
def trust() -> SSLContext:
    """The certificates we trust; loading them takes long enough to do it once a process."""
    return httpx.create_ssl_context()
