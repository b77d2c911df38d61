"""The guard against addresses inside our own network (G-9)."""

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from passerelle.http import Client, check_address
from passerelle.http.address import GuardedBackend, GuardedTransport, check_routable
from passerelle.port import AddressRefused, Unavailable

PUBLIC = "93.184.215.14"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104  # an address to refuse, not one to bind
    "10.0.0.8",
    "172.16.3.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
]


class Sockets(httpcore.NetworkBackend):
    """Opens every socket to one port on loopback, and keeps where it should have gone."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self._port = port

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.asked.append(host)
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self._port, timeout)


class Names:
    """A name server that answers by a script."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    def __call__(self, host: str, port: int) -> list[str]:
        return self._answers.pop(0)


def guarded(names: Names, sockets: httpcore.NetworkBackend | None = None) -> Client:
    transport = GuardedTransport(GuardedBackend(names, sockets))
    return Client(transport, sleep=lambda _: None)


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_our_network_is_routable(address):  # G-9
    with pytest.raises(AddressRefused):
        check_routable("shop.example", [address])


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_public_addresses_are_routable(address):
    check_routable("shop.example", [address])


@given(st.ip_addresses(v=4).filter(lambda address: not address.is_global))
def test_wrapping_a_private_address_in_ipv6_does_not_help(inner):  # G-9
    for wrapped in (f"::ffff:{inner}", f"64:ff9b::{inner}"):
        with pytest.raises(AddressRefused):
            check_routable("shop.example", [wrapped])


def test_one_private_address_among_public_ones_refuses_the_host():  # G-9
    with pytest.raises(AddressRefused):
        check_routable("shop.example", [PUBLIC, "10.0.0.8"])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/",
        "file:///etc/passwd",
        "//shop.example",
        "shop.example",
        "",
        "http://",
        "http://[::1",
        "http://sh op.example/",
        "http://[shop.example/",
        "http://shop%2eexample/",
        "https://shop.example:22/",
        "https://shop.example:6379/",
        "https://user:hunter2@shop.example/",
        "http://127.0.0.1/",
        "http://[::1]:8080/",
        "http://[::ffff:169.254.169.254]/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_what_is_no_plain_public_web_address_is_refused_at_setup_and_at_every_call(url):  # G-9
    with pytest.raises(AddressRefused) as at_setup:
        check_address(url, resolve=Names([PUBLIC]))
    never = Client(httpx.MockTransport(lambda _: pytest.fail("a call went out")))
    with pytest.raises(AddressRefused) as at_call:
        never.request("GET", url)
    assert "hunter2" not in str(at_setup.value) + str(at_call.value)
    assert never.calls == 0


@pytest.mark.parametrize(
    "url", ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"]
)
def test_numbers_that_the_system_reads_as_loopback_are_refused(url):  # G-9
    with pytest.raises(AddressRefused):
        check_address(url)


def test_a_name_is_looked_up_at_setup():  # G-9
    check_address("https://shop.example", resolve=Names([PUBLIC]))
    with pytest.raises(AddressRefused, match="not an address on the public internet"):
        check_address("https://shop.example", resolve=Names(["10.0.0.8"]))


def test_a_name_that_does_not_exist_is_told_at_setup():
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(AddressRefused, match="does not exist"):
        check_address("https://shop.example", resolve=unknown)


def test_in_local_development_private_addresses_are_allowed_but_not_any_scheme():
    check_address("http://127.0.0.1:9001", allow_private=True)
    with pytest.raises(AddressRefused):
        check_address("file:///etc/passwd", allow_private=True)


def test_a_name_for_loopback_is_refused_before_a_socket_opens(serve):  # G-9
    server = serve(ANSWER)
    sockets = Sockets(server.port)
    with guarded(Names(["127.0.0.1"]), sockets) as client, pytest.raises(AddressRefused):
        client.request("GET", "http://shop.example/")
    assert sockets.asked == []
    assert server.requests == []


def test_the_real_name_of_loopback_is_refused_by_the_clients_own_transport(serve):  # G-9
    with Client(sleep=lambda _: None) as client, pytest.raises(AddressRefused):
        client.request("GET", "http://localhost:8080/")


def test_the_socket_goes_to_the_address_that_was_checked(serve):  # G-9
    server = serve(ANSWER)
    sockets = Sockets(server.port)
    rebinding = Names([PUBLIC], ["127.0.0.1"])
    with guarded(rebinding, sockets) as client:
        assert client.request("GET", "http://shop.example/a").json() == {}
    assert sockets.asked == [PUBLIC]
    assert b"Host: shop.example\r\n" in server.requests[0]


def test_a_name_that_moves_inside_between_two_calls_is_refused(serve):  # G-9
    sockets = Sockets(serve(ANSWER).port)
    with guarded(Names([PUBLIC], ["169.254.169.254"]), sockets) as client:
        client.request("GET", "http://shop.example/")
        with pytest.raises(AddressRefused):
            client.request("GET", "http://shop.example/")
    assert sockets.asked == [PUBLIC]


def test_the_next_address_is_tried_where_the_first_does_not_answer(serve):
    class FirstIsDeaf(Sockets):
        def connect_tcp(self, host, *args, **options):
            if host == "2606:4700::1111":
                raise httpcore.ConnectError
            return super().connect_tcp(host, *args, **options)

    sockets = FirstIsDeaf(serve(ANSWER).port)
    with guarded(Names(["2606:4700::1111", PUBLIC]), sockets) as client:
        assert client.request("GET", "http://shop.example/").status_code == 200


def test_tls_names_the_shop_and_checks_its_certificate(tmp_path, serve_tls):  # G-9
    sockets = Sockets(serve_tls.port)
    with guarded(Names(*[[PUBLIC]] * 3), sockets) as client, pytest.raises(Unavailable):
        client.request("GET", "https://shop.example/")
    assert serve_tls.named[0] == "shop.example"
    assert sockets.asked[0] == PUBLIC


def test_a_redirect_to_the_inside_is_refused(serve):  # G-9
    server = serve(
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
    )
    sockets = Sockets(server.port)
    with guarded(Names([PUBLIC]), sockets) as client, pytest.raises(AddressRefused):
        client.request("GET", "http://shop.example/")
    assert sockets.asked == [PUBLIC]


def test_a_redirect_to_a_name_for_the_inside_is_refused(serve):  # G-9
    server = serve(b"HTTP/1.1 302 Found\r\nLocation: http://inside.example/\r\nContent-Length: 0\r\n\r\n")
    with (
        guarded(Names([PUBLIC], ["10.0.0.8"]), Sockets(server.port)) as client,
        pytest.raises(AddressRefused),
    ):
        client.request("GET", "http://shop.example/")


@given(st.text(max_size=60))
def test_no_text_breaks_the_check(text):
    with suppress(AddressRefused):
        check_address("http://" + text, resolve=Names([PUBLIC]))


class NamedTls:
    """A TLS server that keeps the names it is asked for; nobody signed its certificate."""

    def __init__(self, context: ssl.SSLContext, serve) -> None:
        self.named: list[str | None] = []
        context.sni_callback = lambda _, name, __: self.named.append(name)
        self.port = serve(ANSWER, context=context).port


@pytest.fixture
def serve_tls(tmp_path, serve) -> NamedTls:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    bundle = tmp_path / "shop.pem"
    bundle.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    return NamedTls(context, serve)
