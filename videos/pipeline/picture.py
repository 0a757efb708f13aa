"""Filter text that turns any source's pictures into what every browser shows: progressive, 8-bit 4:2:0,
BT.709, square pixels. ffmpeg itself turns them upright. Pure; only numbers and names of our own enter it."""

from __future__ import annotations

from videos.pipeline.facts import VideoFacts

# The scale filter's names, the same in all versions; what is not here is left to it.
_MATRICES = {
    "bt709": "bt709", "bt470bg": "bt601", "smpte170m": "bt601", "smpte240m": "smpte240m", "fcc": "fcc",
    "bt2020nc": "bt2020", "bt2020c": "bt2020",
}  # fmt: skip
# zscale's names.
_LINEAR_MATRICES = {
    "bt709": "bt709", "bt470bg": "bt470bg", "smpte170m": "smpte170m", "bt2020nc": "bt2020nc", "bt2020c": "bt2020c",
    "rgb": "gbr",
}  # fmt: skip
_OTHER_CURVES = frozenset({"smpte2084", "arib-std-b67", "iec61966-2-1", "linear"})
_WIDE = frozenset({"bt2020", "smpte431", "smpte432"})
_LARGEST_OLD_TELEVISION = (1024, 576)
_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
_PEAK_OVER_WHITE = 10  # 1000 nits over 100; metadata that claims otherwise has turned pictures negative


def deinterlacing(video: VideoFacts) -> list[str]:
    """Before anything that counts or moves frames."""
    return ["bwdif=mode=send_frame:parity=auto:deint=interlaced"] if video.is_interlaced else []


def fitting(video: VideoFacts, width: int, height: int, *, has_tone_mapping: bool) -> list[str]:
    """Scales to width x height and converts colours. `has_tone_mapping` tells whether ffmpeg has zscale and tonemap;
    without them what is HDR or of a wide gamut comes out pale."""
    is_wide = video.is_hdr or video.primaries in _WIDE
    chain = _narrowed(video, width, height) if is_wide and has_tone_mapping else [_scaled(video, width, height)]
    return [*chain, "format=yuv420p", _TAGS, "setsar=1"]


def scaling(width: int, height: int) -> list[str]:
    """From one of our own sizes to a smaller one."""
    return [f"scale={width}:{height}:flags=bicubic", "setsar=1"]


def _scaled(video: VideoFacts, width: int, height: int) -> str:
    matrix = _MATRICES.get(video.matrix or _guessed_matrix(video), "")
    options = f"scale={width}:{height}:flags=bicubic"
    if matrix != "bt709" or video.is_full_range or not video.pix_fmt.startswith("yuv"):
        options += (f":in_color_matrix={matrix}" if matrix else "") + ":out_color_matrix=bt709"
        options += _ranges(video)
    return options


def _ranges(video: VideoFacts) -> str:
    if video.is_full_range:
        return ":in_range=pc:out_range=tv"
    # The scaler takes grey for full range whatever it is told, so it is told to leave the range alone.
    return ":out_range=pc" if video.pix_fmt.startswith("gray") else ":out_range=tv"


def _guessed_matrix(video: VideoFacts) -> str:
    """Untagged pictures: BT.601 in the sizes of old television, BT.709 above."""
    is_small = video.width <= _LARGEST_OLD_TELEVISION[0] and video.height <= _LARGEST_OLD_TELEVISION[1]
    return "smpte170m" if is_small else "bt709"


def _narrowed(video: VideoFacts, width: int, height: int) -> list[str]:
    """To BT.709 by way of linear light. PQ and HLG count from 100 nits, and their highlights are rolled off."""
    matrix = _LINEAR_MATRICES.get(video.matrix, "bt2020nc")
    transfer = video.transfer if video.transfer in _OTHER_CURVES else "bt709"  # which BT.601 and BT.2020 share
    told = f"tin={transfer}:pin={video.primaries or 'bt2020'}:min={matrix}"
    range_in = "full" if video.is_full_range else "limited"
    has_halves = video.width % 2 or video.height % 2  # of colour samples: zscale refuses them
    tone = [f"tonemap=tonemap=hable:desat=0:peak={_PEAK_OVER_WHITE}"] if video.is_hdr else []
    return [
        *(["format=yuv444p10le"] if has_halves and matrix != "gbr" else []),
        f"zscale=w={width}:h={height}:filter=bicubic:{told}:rin={range_in}:t=linear:npl=100",
        "format=gbrpf32le",
        "zscale=p=bt709",
        *tone,
        "zscale=t=bt709:m=bt709:p=bt709:r=limited",
    ]
