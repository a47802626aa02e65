"""IPv4 and IPv6 addresses; versions of software and numbers of sections are not addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from corpus.privacy.candidates.definition import IPV6
from corpus.privacy.windows import Finding, Window

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![0-9A-Za-z_.]){_OCTET}(?:\.{_OCTET}){{3}}(?!\.?[0-9A-Za-z_])")
_NOT_AN_ADDRESS = re.compile(
    r"(?:\bv|version|versión|versione|versão|versie|версия|release|build|firmware|driver|update|"
    r"section|chapter|kapitel|abschnitt|article|artikel|clause|rule|figure|table|§|oid|"
    r"chrome/|firefox/|mozilla/|\w/)\W{0,3}\Z"
)
_ADDRESS = re.compile(r"\bips?\b|ipv4|address|adresse|server|host|ping|subnet|gateway|dns|client")


def find_ip_addresses(window: Window) -> Iterator[Finding]:
    """Yield the IP addresses of a candidate."""
    if window.kind == IPV6:
        yield from _ipv6(window)
        return
    for found in _IPV4.finditer(window.plain, window.begin, window.end):
        octets = [int(octet) for octet in found[0].split(".")]
        before = window.before + window.plain[window.begin : found.start()]
        is_version = _NOT_AN_ADDRESS.search(before)
        is_short = max(octets) < 10 and not _ADDRESS.search(before)
        is_whole = _IPV4.match(window.plain, found.start())  # nothing follows the candidate
        if is_whole and not is_version and not is_short and _names_a_machine(octets):
            yield Finding("ip", *found.span())


def _names_a_machine(octets: list[int]) -> bool:
    """Return whether an address is not this machine, any machine, or a mask of a network."""
    return octets[0] not in (0, 127) and octets[:2] != [255, 255] and octets[0] != 255


def _ipv6(window: Window) -> Iterator[Finding]:
    core = window.core.rstrip(".")
    core = core[:-1] if core.endswith(":") and not core.endswith("::") else core
    begin = window.begin
    if core.startswith(":") and not core.startswith("::"):
        core, begin = core[1:], begin + 1
    end = begin + len(core)
    if not any(map(str.isdigit, core)) or window.previous(begin).isalnum():
        return
    if window.following(end).isalnum() or core.count(":") < 2:
        return
    try:
        address = ipaddress.IPv6Address(core)
    except ValueError:
        return
    if not address.is_loopback and not address.is_unspecified:
        yield Finding("ip", begin, end)
