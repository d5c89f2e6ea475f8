"""The way to the service: certificates that are trusted, and proxies."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.client.running import Province
from tests.client.stub import SEND, Stub

PEOPLE = [{"external_id": "CB-1"}]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an intranet: nobody else's authority has signed it. Its key is in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=intranet")
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "intranet.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def secured(stub: Stub, stubbed: Province, certificate: Path) -> Province:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate)
    stub.server.socket = trust.wrap_socket(stub.server.socket, server_side=True)
    stubbed.url = stub.url.replace("http:", "https:")
    return stubbed


class Proxy:
    """Passes connections on, after CONNECT."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.asked: list[str] = []
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            first = near.recv(4096).decode()
            self.asked.append(first.split("\r\n")[0])
            host, _, port = first.split(" ")[1].partition(":")
            far = socket.create_connection((host, int(port)))
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for one, other in ((near, far), (far, near)):
                Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with one, suppress(OSError):  # the other side may be gone already
            while part := one.recv(65536):
                other.sendall(part)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.listening.close()


def test_an_unknown_certificate_is_not_trusted(stub: Stub, secured: Province):
    done = secured.runs(secured.file(PEOPLE), "--yes")
    assert done.code == 5
    assert "--ca-file" in done.noted
    assert stub.asked == []


def test_an_intranet_names_its_own_authority(stub: Stub, secured: Province, certificate: Path):
    done = secured.runs(secured.file(PEOPLE), "--yes", "--ca-file", str(certificate))
    assert done.code == 0, done
    assert len(stub.heard(SEND)) == 1


def test_the_environment_names_a_proxy(
    stub: Stub, secured: Province, certificate: Path, proxy: Proxy
):
    trusting = "--ca-file", str(certificate)
    done = secured.runs(secured.file(PEOPLE), "--yes", *trusting, HTTPS_PROXY=proxy.url)
    assert done.code == 0, done
    assert proxy.asked[0].startswith("CONNECT 127.0.0.1:")
