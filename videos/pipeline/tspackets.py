"""Transport stream packets (ISO/IEC 13818-1 §2.4.3, §2.4.4): cutting PES packets into 188-byte packets, and
the two tables that name the streams. Pure, and fast: whole columns at a time, never byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

PACKET_BYTES = 188
BODY_BYTES = 184
_PMT_PID = 0x1000
_CRC_POLYNOMIAL = 0x04C11DB7
_HEADER = b"\x47\x00\x00\x00"  # the other three bytes are written a column at a time
_HAS_PAYLOAD, _HAS_ADAPTATION = 0x10, 0x20
_COUNTERS = 16

# An adaptation field of exactly n bytes that says nothing: how a short body is filled.
_FILLING = (b"", b"\x00", *(bytes((n - 1, 0)) + b"\xff" * (n - 2) for n in range(2, BODY_BYTES)))
_PAYLOAD_COUNTERS = bytes(_HAS_PAYLOAD | counter for counter in range(_COUNTERS))


@dataclass(slots=True)
class PacketWriter:
    """Collects the packets of one segment. Continuity counters start at 0 on every PID of a stream."""

    _bodies: list[bytes] = field(default_factory=list)
    _high: list[bytes] = field(default_factory=list)  # second header byte of every packet: unit start, PID's high bits
    _low: list[bytes] = field(default_factory=list)  # third: PID's low bits
    _control: list[bytes] = field(default_factory=list)  # fourth: what the packet holds, counter
    _counts: dict[int, int] = field(default_factory=dict)

    def write_table(self, pid: int, section: bytes, counter: int) -> None:
        """One packet with a PSI section; its counter is given, because one segment holds one of them."""
        body = b"\x00" + section
        self._bodies.append(body + b"\xff" * (BODY_BYTES - len(body)))
        self._mark(pid, bytes((_HAS_PAYLOAD | counter % _COUNTERS,)))

    def write_pes(self, pid: int, pes: bytes, adaptation: bytes = b"", *, is_last: bool = False) -> None:
        """The packets of one PES packet. `adaptation` is the first one's adaptation field without its length.
        The last PES of a PID in a segment ends in as many one-byte packets as make the PID's number of
        packets a multiple of 16, so that the next segment's counters, which begin at 0 again, go on where
        these end."""
        count = self._counts.get(pid, 0)
        singles = _singles(len(pes), adaptation, count) if is_last else 0
        control = bytearray()
        self._cut(pes[: len(pes) - singles], adaptation, count, control)
        for byte in pes[len(pes) - singles :]:
            self._bodies.append(_FILLING[BODY_BYTES - 1] + bytes((byte,)))
            control.append(_HAS_ADAPTATION | _HAS_PAYLOAD | (count + len(control)) % _COUNTERS)
        self._counts[pid] = count + len(control)
        self._mark(pid, bytes(control))

    def _cut(self, pes: bytes, adaptation: bytes, count: int, control: bytearray) -> None:
        """Appends bodies of `pes`: full ones, and before what is left over a filling."""
        packets = packets_of(len(pes), adaptation)
        first = count % _COUNTERS
        laps = _PAYLOAD_COUNTERS[first:] + _PAYLOAD_COUNTERS * (packets // _COUNTERS + 1)
        control += laps[:packets]
        if packets == 1:
            filling = BODY_BYTES - len(pes)
            if adaptation:
                spare = filling - 1 - len(adaptation)
                self._bodies += (bytes((filling - 1,)), adaptation, b"\xff" * spare, pes)
            else:
                self._bodies += (_FILLING[filling], pes)
            control[0] |= _HAS_ADAPTATION if filling else 0
            return
        if adaptation:
            self._bodies += (bytes((len(adaptation),)), adaptation)
            control[0] |= _HAS_ADAPTATION
        rest = (len(pes) + (len(adaptation) + 1 if adaptation else 0)) % BODY_BYTES
        if rest:
            self._bodies += (pes[:-rest], _FILLING[BODY_BYTES - rest], pes[-rest:])
            control[-1] |= _HAS_ADAPTATION
        else:
            self._bodies.append(pes)

    def _mark(self, pid: int, control: bytes) -> None:
        high = pid >> 8
        self._high.append(bytes((high | 0x40,)) + bytes((high,)) * (len(control) - 1))
        self._low.append(bytes((pid & 0xFF,)) * len(control))
        self._control.append(control)

    def getvalue(self) -> bytes:
        """All packets."""
        bodies = b"".join(self._bodies)
        cuts = [bodies[at : at + BODY_BYTES] for at in range(0, len(bodies), BODY_BYTES)]
        stream = bytearray(_HEADER + _HEADER.join(cuts))
        stream[1::PACKET_BYTES] = b"".join(self._high)
        stream[2::PACKET_BYTES] = b"".join(self._low)
        stream[3::PACKET_BYTES] = b"".join(self._control)
        return bytes(stream)


def packets_of(pes_bytes: int, adaptation: bytes = b"") -> int:
    """How many packets a PES packet takes."""
    return -(-(pes_bytes + (len(adaptation) + 1 if adaptation else 0)) // BODY_BYTES)


def _singles(pes_bytes: int, adaptation: bytes, count: int) -> int:
    """How many of the last bytes get a packet of their own to bring `count` up to a multiple of 16."""
    for singles in range(min(pes_bytes, 2 * _COUNTERS)):
        if (count + packets_of(pes_bytes - singles, adaptation) + singles) % _COUNTERS == 0:
            return singles
    raise ValueError(f"a PES packet of {pes_bytes} bytes is too short")


def _crc(section: bytes) -> int:
    """CRC-32 of annex A; sections are a few dozen bytes and cached."""
    crc = 0xFFFFFFFF
    for byte in section:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (_CRC_POLYNOMIAL if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


def _section(table: int, identifier: int, content: bytes) -> bytes:
    head = bytes((table,)) + (0xB000 | len(content) + 9).to_bytes(2, "big") + identifier.to_bytes(2, "big")
    section = head + b"\xc1\x00\x00" + content  # version 0, current, section 0 of 0
    return section + _crc(section).to_bytes(4, "big")


@lru_cache(maxsize=16)
def program_tables(streams: tuple[tuple[int, int], ...], pcr_pid: int) -> tuple[tuple[int, bytes], ...]:
    """(PID, section) of the PAT and the PMT of one programme. `streams` are (stream type, PID)."""
    association = _section(0, 1, b"\x00\x01" + (0xE000 | _PMT_PID).to_bytes(2, "big"))
    entries = b"".join(bytes((kind,)) + (0xE000 | pid).to_bytes(2, "big") + b"\xf0\x00" for kind, pid in streams)
    programme = _section(2, 1, (0xE000 | pcr_pid).to_bytes(2, "big") + b"\xf0\x00" + entries)
    return ((0, association), (_PMT_PID, programme))


def stamp(prefix: int, ticks: int) -> bytes:
    """A PTS or DTS of a PES header: 33 bits between marker bits."""
    return (
        prefix << 36
        | (ticks >> 30 & 7) << 33
        | 1 << 32
        | (ticks >> 15 & 0x7FFF) << 17
        | 1 << 16
        | (ticks & 0x7FFF) << 1
        | 1
    ).to_bytes(5, "big")


def clock_reference(ticks: int, *, is_random_access: bool) -> bytes:
    """An adaptation field without its length: PCR at `ticks` of 90 kHz."""
    flags = 0x50 if is_random_access else 0x10
    return bytes((flags,)) + ((ticks & 0x1FFFFFFFF) << 15 | 0x3F << 9).to_bytes(6, "big")


def total_packets(pes_packets: Sequence[tuple[int, bytes]]) -> int:
    """At most how many packets one PID takes in a segment: (bytes, adaptation) of its PES packets."""
    count = sum(packets_of(size, adaptation) for size, adaptation in pes_packets)
    return -(-count // _COUNTERS) * _COUNTERS
