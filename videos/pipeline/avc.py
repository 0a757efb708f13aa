"""What a player must know before the first H.264 frame: the avcC record (ISO/IEC 14496-15 §5.3.3) and, from
the sequence parameter set (H.264 §7.3.2.1, annex E), how far frames are reordered. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SPS_EXTENSION_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_PARAMETER_SETS = frozenset({7, 8})
_MOST_REORDERED_FRAMES = 16  # no level of the standard holds more decoded pictures
_EXTENDED_ASPECT_RATIO = 255


class AvcConfigError(ValueError):
    """The record or the parameter set is cut short or contradicts itself."""


@dataclass(frozen=True, slots=True)
class AvcConfig:
    """Parameter sets without start codes, and the size of the length before each NAL unit in a sample."""

    profile: int
    compatibility: int
    level: int
    nal_length_bytes: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @property
    def codec(self) -> str:
        """RFC 6381, e.g. `avc1.64001f`."""
        return f"avc1.{self.profile:02x}{self.compatibility:02x}{self.level:02x}"


def parse_avc_config(record: bytes) -> AvcConfig:
    """Reads an avcC record. Raises AvcConfigError."""
    if len(record) < 7 or record[0] != 1:
        raise AvcConfigError("not an avcC record")
    sps, offset = _parameter_sets(record, 6, record[5] & 0x1F)
    if offset >= len(record):
        raise AvcConfigError("no picture parameter sets")
    pps, _ = _parameter_sets(record, offset + 1, record[offset])
    if not sps or not pps:
        raise AvcConfigError("no parameter sets")
    return AvcConfig(record[1], record[2], record[3], (record[4] & 3) + 1, sps, pps)


def _parameter_sets(record: bytes, offset: int, count: int) -> tuple[tuple[bytes, ...], int]:
    sets = []
    for _ in range(count):
        end = offset + 2 + int.from_bytes(record[offset : offset + 2], "big")
        if end > len(record) or end <= offset + 2:
            raise AvcConfigError("a parameter set is cut off")
        sets.append(record[offset + 2 : end])
        offset = end
    return tuple(sets), offset


def parameter_sets_within(sample: bytes, nal_length_bytes: int) -> frozenset[bytes]:
    """The sequence and picture parameter sets that stand in a frame. Before its NAL units stand lengths of so many
    bytes, or start codes where that is 0 (H.264 annex B)."""
    units = _with_lengths(sample, nal_length_bytes) if nal_length_bytes else sample.split(b"\0\0\1")
    return frozenset(unit.rstrip(b"\0") for unit in units if unit and unit[0] & 0x1F in _PARAMETER_SETS)


def _with_lengths(sample: bytes, length_bytes: int) -> Iterator[bytes]:
    offset = 0
    while offset + length_bytes < len(sample):
        begin = offset + length_bytes
        offset = begin + int.from_bytes(sample[offset:begin], "big")
        yield sample[begin:offset]


class _Bits:
    """Reads a NAL unit's payload bit by bit, without its emulation prevention bytes."""

    def __init__(self, unit: bytes) -> None:
        payload = unit[1:].replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise AvcConfigError("the sequence parameter set is cut off")
        return (self._value >> self._left) & ((1 << count) - 1)

    def skip(self, count: int) -> None:
        self.take(count)

    def unsigned(self) -> int:
        """An Exp-Golomb code, H.264 §9.1."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise AvcConfigError("an Exp-Golomb code without end")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def reordered_frames(sps: bytes) -> int:
    """How many frames may precede a frame in decoding and follow it on screen: max_num_reorder_frames where
    the stream says it, 0 where its picture order forbids reordering, else the most the standard allows."""
    bits = _Bits(sps)
    profile = bits.take(8)
    bits.skip(16)  # constraint flags, level
    bits.unsigned()  # seq_parameter_set_id
    if profile in _SPS_EXTENSION_PROFILES:
        _skip_chroma(bits)
    bits.unsigned()  # log2_max_frame_num_minus4
    order_type = _skip_picture_order(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.skip(1)  # gaps_in_frame_num_value_allowed_flag
    bits.unsigned()  # pic_width_in_mbs_minus1
    bits.unsigned()  # pic_height_in_map_units_minus1
    if not bits.take(1):  # frame_mbs_only_flag
        bits.skip(1)
    bits.skip(1)  # direct_8x8_inference_flag
    if bits.take(1):  # frame_cropping_flag
        for _ in range(4):
            bits.unsigned()
    told = _told_reordering(bits) if bits.take(1) else None
    if told is not None:
        return min(told, _MOST_REORDERED_FRAMES)
    return 0 if order_type == 2 else _MOST_REORDERED_FRAMES


def _skip_chroma(bits: _Bits) -> None:
    chroma_format = bits.unsigned()
    if chroma_format == 3:
        bits.skip(1)
    bits.unsigned()  # bit_depth_luma_minus8
    bits.unsigned()  # bit_depth_chroma_minus8
    bits.skip(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.take(1):  # seq_scaling_matrix_present_flag
        for index in range(12 if chroma_format == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_picture_order(bits: _Bits) -> int:
    order_type = bits.unsigned()
    if order_type == 0:
        bits.unsigned()  # log2_max_pic_order_cnt_lsb_minus4
    elif order_type == 1:
        bits.skip(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()
    return order_type


def _told_reordering(bits: _Bits) -> int | None:
    """max_num_reorder_frames of the VUI, or None where it is not told."""
    _skip_picture(bits)
    if bits.take(1):  # timing
        bits.skip(65)
    has_nal_hrd = bits.take(1)
    if has_nal_hrd:
        _skip_hrd(bits)
    has_vcl_hrd = bits.take(1)
    if has_vcl_hrd:
        _skip_hrd(bits)
    if has_nal_hrd or has_vcl_hrd:
        bits.skip(1)
    bits.skip(1)  # pic_struct_present_flag
    if not bits.take(1):  # bitstream_restriction_flag
        return None
    bits.skip(1)
    for _ in range(4):
        bits.unsigned()
    return bits.unsigned()


def _skip_picture(bits: _Bits) -> None:
    """Aspect ratio, overscan, colours, chroma location."""
    if bits.take(1) and bits.take(8) == _EXTENDED_ASPECT_RATIO:
        bits.skip(32)
    if bits.take(1):
        bits.skip(1)
    if bits.take(1):
        bits.skip(4)
        if bits.take(1):
            bits.skip(24)
    if bits.take(1):
        bits.unsigned()
        bits.unsigned()


def _skip_hrd(bits: _Bits) -> None:
    count = bits.unsigned() + 1
    bits.skip(8)
    for _ in range(min(count, 32)):
        bits.unsigned()
        bits.unsigned()
        bits.skip(1)
    bits.skip(20)
