"""AAC's decoder configuration: AudioSpecificConfig out of an esds box (ISO/IEC 14496-1 §7.2.6, 14496-3
§1.6.2.1) and the ADTS header that says the same before every frame of a transport stream. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
ADTS_HEADER_BYTES = 7
_MOST_ADTS_FRAME_BYTES = (1 << 13) - 1
_ES, _DECODER_CONFIG, _DECODER_SPECIFIC = 3, 4, 5
_MPEG4_AUDIO = 0x40
_EXPLICIT_RATE = 15
_AAC_MAIN, _AAC_LTP = 1, 4


class AacConfigError(ValueError):
    """The descriptors are cut short, or they describe a stream that is not plain AAC."""


@dataclass(frozen=True, slots=True)
class AacConfig:
    """MPEG-4 audio object type (2 = AAC-LC), sampling rate in Hz, channel configuration 1 to 7."""

    object_type: int
    sample_rate: int
    channels: int

    @property
    def codec(self) -> str:
        """RFC 6381, e.g. `mp4a.40.2`."""
        return f"mp4a.40.{self.object_type}"

    def adts_header(self, frame_bytes: int) -> bytes:
        """The seven bytes before a raw frame of `frame_bytes`; ADTS without CRC, one raw block a frame."""
        size = frame_bytes + ADTS_HEADER_BYTES
        if size > _MOST_ADTS_FRAME_BYTES:
            raise AacConfigError(f"a frame of {frame_bytes} bytes does not fit ADTS")
        fixed = 0xFFF1 << 40 | (self.object_type - 1) << 38 | SAMPLE_RATES.index(self.sample_rate) << 34
        return (fixed | self.channels << 30 | size << 13 | 0x7FF << 2).to_bytes(ADTS_HEADER_BYTES, "big")


def parse_esds(body: bytes) -> AacConfig:
    """Reads an esds box's body, version and flags included. Raises AacConfigError."""
    es = _descriptor(body, 4, len(body), _ES)
    if es.start + 3 > es.stop:
        raise AacConfigError("an ES descriptor without fields")
    flags = body[es.start + 2]
    start = es.start + 3 + (2 if flags & 0x80 else 0)
    if flags & 0x40 and start < es.stop:
        start += 1 + body[start]
    start += 2 if flags & 0x20 else 0
    config = _descriptor(body, start, es.stop, _DECODER_CONFIG)
    if config.start + 13 > config.stop or body[config.start] != _MPEG4_AUDIO:
        raise AacConfigError("not MPEG-4 audio")
    specific = _descriptor(body, config.start + 13, config.stop, _DECODER_SPECIFIC)
    return parse_audio_specific_config(body[specific.start : specific.stop])


def _descriptor(body: bytes, offset: int, end: int, tag: int) -> range:
    """Where the content of the descriptor `tag` at `offset` lies."""
    if offset >= end or body[offset] != tag:
        raise AacConfigError(f"no descriptor {tag}")
    length = 0
    for position in range(offset + 1, min(offset + 5, end)):
        length = length << 7 | body[position] & 0x7F
        if not body[position] & 0x80:
            if position + 1 + length > end:
                raise AacConfigError(f"descriptor {tag} reaches beyond what holds it")
            return range(position + 1, position + 1 + length)
    raise AacConfigError(f"descriptor {tag} without a length")


def parse_audio_specific_config(config: bytes) -> AacConfig:
    """Reads an AudioSpecificConfig. Only what ADTS can say is accepted: AAC Main, LC, SSR or LTP, a listed
    rate, a channel configuration."""
    value, left = int.from_bytes(config, "big"), len(config) * 8

    def take(count: int) -> int:
        nonlocal left
        left -= count
        if left < 0:
            raise AacConfigError("AudioSpecificConfig is cut off")
        return (value >> left) & ((1 << count) - 1)

    object_type = take(5)
    index = take(4)
    rate = take(24) if index == _EXPLICIT_RATE else _rate_at(index)
    channels = take(4)
    if not _AAC_MAIN <= object_type <= _AAC_LTP:
        raise AacConfigError(f"audio object type {object_type} is not plain AAC")
    if rate not in SAMPLE_RATES:
        raise AacConfigError(f"{rate} Hz is not a rate of AAC")
    if not 1 <= channels <= 7:
        raise AacConfigError(f"channel configuration {channels}")
    return AacConfig(object_type, rate, channels)


def _rate_at(index: int) -> int:
    if index >= len(SAMPLE_RATES):
        raise AacConfigError(f"sampling rate index {index}")
    return SAMPLE_RATES[index]
