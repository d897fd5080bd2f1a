"""HTTPS on the local network, to try a real phone: its camera and offline work need it."""

import ipaddress
import os
import socket
from datetime import timedelta
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.cli.environment import console
from backend.core import clock
from backend.core.files import keep
from backend.embedded.place import Place

DAYS = 365


def address() -> str:
    """This machine's address on its network; no packet is sent to find it.

    ``ONEMAP_LAN_ADDRESS`` names it on a machine that has several.
    """
    if named := os.environ.get("ONEMAP_LAN_ADDRESS"):
        return named
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # An address of the documentation range (RFC 5737): connecting UDP only picks a route.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        found: str = probe.getsockname()[0]
        return found


def certificate(place: Place, ip: str) -> tuple[Path, Path]:
    """A certificate and its key for this address, made on first use and again when it changes."""
    cert_file, key_file = place.root / f"lan-{ip}.crt", place.root / f"lan-{ip}.key"
    if cert_file.exists() and key_file.exists():
        return cert_file, key_file
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OneMap on this network")])
    now = clock.actual()
    names = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address(ip)),
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    keep(key_file, secret, mode=0o600)
    keep(cert_file, made.public_bytes(serialization.Encoding.PEM))
    return cert_file, key_file


def show(url: str) -> None:
    """The address as a QR code in the terminal."""
    console.print(f"  on a phone in the same network: [bold]{url}[/]")
    console.print("  (the phone warns once about the certificate: it is this machine's own)")
    segno.make(url, error="m").terminal(compact=True)
