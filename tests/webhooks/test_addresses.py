"""Messages go nowhere that only this service can reach, whatever an address is disguised as."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.webhooks.addresses import NotAllowed, check, check_url
from app.webhooks.sending import Sender
from tests.webhooks.receiver import Receiver
from tests.world import World, problem

DISGUISED = [
    "http://hooks.example/",
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "//hooks.example/",
    "https:///changes",
    "https://user@hooks.example/",
    "https://user:password@hooks.example/",
    "https://@hooks.example/",
    "https://hooks.example:0/",
    "https://hooks.example:99999/",
    "https://hooks.example/#fragment",
    "https://hooks.example\\@127.0.0.1/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.01/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1:8443/",
    "https://100.64.0.1/",
    "https://100.100.100.200/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.0.0.192/",
    "https://168.63.129.16/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[2001:db8::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[v1.x]/",
    "https://[::1/",
    "https://ⅼocalhost/",
    "https://１２７.0.0.1/",
]

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.31.255.255", "192.168.0.1", "0.0.0.0"),
    *("169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.2.1", "240.0.0.1", "239.1.1.1"),
    *("192.88.99.1", "::1", "::", "fe80::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1"),
    *("64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "100::1", "2001:db8::1", "5f00::1"),
]


@pytest.mark.parametrize("url", DISGUISED)
async def test_what_is_no_public_address_is_refused_when_it_is_given(app, hanoi, url):
    refused = await hanoi.post("/webhook-endpoints", json={"url": url})
    assert problem(refused) in ((422, "webhook-url-not-allowed"), (422, "invalid-request"))


@pytest.fixture
async def world(app):
    """Of a service that allows no intranet."""
    async with World(app) as world:
        yield world


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/changes?a=b",
        "https://hooks.example:8443",
        "https://xn--hc-vin-ktb6d.example/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://[::ffff:8.8.8.8]/",
    ],
)
async def test_public_addresses_are_taken(hanoi, url):
    assert (await hanoi.post("/webhook-endpoints", json={"url": url})).status_code == 201


@pytest.mark.parametrize("address", PRIVATE)
def test_no_such_address_is_sent_to(address):
    with pytest.raises(NotAllowed):
        check(ip_address(address), (), secure=True)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "203.162.4.1", "2606:4700::1111", "64:ff9b::808:808"]
)
def test_public_ones_are_sent_to_by_tls_only(address):
    check(ip_address(address), (), secure=True)
    with pytest.raises(NotAllowed):
        check(ip_address(address), (ip_network("10.0.0.0/8"),), secure=False)


def test_what_the_operator_allows_is_allowed_however_it_is_written():
    intranet = (ip_network("10.20.0.0/16"),)
    for address in ("10.20.1.1", "::ffff:10.20.1.1"):
        check(ip_address(address), intranet, secure=False)
    check_url("http://hr.intranet/", intranet)
    for address in ("10.21.0.1", "127.0.0.1"):
        with pytest.raises(NotAllowed):
            check(ip_address(address), intranet, secure=True)


class Names:
    """A resolver that answers as it is told, in turn."""

    def __init__(self, monkeypatch, *answers):
        self._answers, self.asked = list(answers), 0
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)

    def _resolve(self, host, port, **_):
        addresses = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (families[ip_address(a).version], socket.SOCK_STREAM, 6, "", (a, port))
            for a in addresses
        ]


async def sent(url, *networks):
    async with Sender(tuple(map(ip_network, networks)), 4) as sender:
        return await sender.send(url, {}, b"{}")


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_of_such_an_address_is_not_sent_to(monkeypatch, address):
    Names(monkeypatch, [address])
    assert (await sent("https://hooks.example/")).error == "address_not_allowed"


async def test_one_bad_address_among_good_ones_is_enough_to_refuse(monkeypatch):
    Names(monkeypatch, ["8.8.8.8", "127.0.0.1"])
    assert (await sent("https://hooks.example/")).error == "address_not_allowed"


@pytest.mark.parametrize("name", ["localhost", "localhost.", "LOCALHOST"])
async def test_this_machine_by_name_is_not_sent_to(name):
    assert (await sent(f"https://{name}/")).error in ("address_not_allowed", "name_unknown")


async def test_a_name_that_nobody_has_is_told_as_that(monkeypatch):
    Names(monkeypatch, [])
    assert (await sent("https://hooks.example/")).error == "name_unknown"


async def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch):
    """A name that is another address a moment later gains nothing: it is asked for once."""
    async with Receiver() as judged, Receiver("127.0.0.2", judged.port) as other:
        names = Names(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        outcome = await sent(f"http://hooks.example:{judged.port}/", "127.0.0.1/32")
        assert outcome.taken
        assert (len(judged.messages), len(other.messages), names.asked) == (1, 0, 1)
        assert judged.messages[0].headers["host"] == f"hooks.example:{judged.port}"
        again = await sent(f"http://hooks.example:{judged.port}/", "127.0.0.1/32")
        assert again.error == "address_not_allowed"
        assert len(other.messages) == 0


async def test_the_next_address_is_tried_when_one_cannot_be_reached(monkeypatch):
    async with Receiver() as receiver:
        Names(monkeypatch, ["127.0.0.9", "127.0.0.1"])
        outcome = await sent(f"http://hooks.example:{receiver.port}/", "127.0.0.0/8")
        assert outcome.taken


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """A server's context for a name, by an authority that SSL_CERT_FILE names."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)

    def context(name):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = tmp_path / "certificate.pem"
        file.write_bytes(pem + private)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(file)
        server.asked_for = []
        server.sni_callback = lambda _socket, asked, _context: server.asked_for.append(asked)
        return server

    return context


async def test_by_tls_it_is_the_name_that_is_asked_for_and_verified(monkeypatch, certified):
    tls = certified("hooks.example")
    async with Receiver(tls=tls) as receiver:
        Names(monkeypatch, ["127.0.0.1"])
        outcome = await sent(f"https://hooks.example:{receiver.port}/", "127.0.0.1/32")
        assert outcome.taken
        assert tls.asked_for == ["hooks.example"]
        assert receiver.messages[0].headers["host"] == f"hooks.example:{receiver.port}"


async def test_a_certificate_of_another_name_is_refused(monkeypatch, certified):
    async with Receiver(tls=certified("other.example")) as receiver:
        Names(monkeypatch, ["127.0.0.1"])
        outcome = await sent(f"https://hooks.example:{receiver.port}/", "127.0.0.1/32")
        assert outcome == (None, "connection_failed")
        assert receiver.messages == []
