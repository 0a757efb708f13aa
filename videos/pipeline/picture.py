"""Filter text that turns any source's pictures into what every browser shows: progressive, 8-bit 4:2:0,
BT.709, square pixels. ffmpeg itself turns them upright. Pure; only numbers and names of our own enter it."""

from __future__ import annotations

from videos.pipeline.facts import VideoFacts

# The scale filter's names, the same in all versions; what is not here is left to it.
_MATRICES = {
    "bt709": "bt709", "bt470bg": "bt601", "smpte170m": "bt601", "smpte240m": "smpte240m", "fcc": "fcc",
    "bt2020nc": "bt2020", "bt2020c": "bt2020",
}  # fmt: skip
_LARGEST_OLD_TELEVISION = (1024, 576)
_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
_PEAK_OVER_WHITE = 10  # 1000 nits over 100; metadata that claims otherwise has turned pictures negative


def deinterlacing(video: VideoFacts) -> list[str]:
    """Before anything that counts or moves frames."""
    return ["bwdif=mode=send_frame:parity=auto:deint=interlaced"] if video.is_interlaced else []


def fitting(video: VideoFacts, width: int, height: int, *, has_tone_mapping: bool) -> list[str]:
    """Scales to width x height and converts colours."""
    is_mapped = video.is_hdr and has_tone_mapping
    chain = _tone_mapped(video, width, height) if is_mapped else [_scaled(video, width, height)]
    return [*chain, "format=yuv420p", _TAGS, "setsar=1"]


def scaling(width: int, height: int) -> list[str]:
    """From one of our own sizes to a smaller one."""
    return [f"scale={width}:{height}:flags=bicubic", "setsar=1"]


def _scaled(video: VideoFacts, width: int, height: int) -> str:
    matrix = _MATRICES.get(video.matrix or _guessed_matrix(video), "")
    options = f"scale={width}:{height}:flags=bicubic"
    if matrix != "bt709" or video.is_full_range or not video.pix_fmt.startswith("yuv"):
        options += (f":in_color_matrix={matrix}" if matrix else "") + ":out_color_matrix=bt709"
        options += ":in_range=pc:out_range=tv" if video.is_full_range else ":out_range=tv"
    return options


def _guessed_matrix(video: VideoFacts) -> str:
    """Untagged pictures: BT.601 in the sizes of old television, BT.709 above."""
    is_small = video.width <= _LARGEST_OLD_TELEVISION[0] and video.height <= _LARGEST_OLD_TELEVISION[1]
    return "smpte170m" if is_small else "bt709"


def _tone_mapped(video: VideoFacts, width: int, height: int) -> list[str]:
    """PQ or HLG to SDR: linear light at 100 nits, BT.709 primaries, rolled off highlights, BT.709 curve."""
    told = f"tin={video.transfer}:pin={video.primaries or 'bt2020'}:min={video.matrix or 'bt2020nc'}"
    range_in = "full" if video.is_full_range else "limited"
    return [
        f"zscale=w={width}:h={height}:filter=bicubic:{told}:rin={range_in}:t=linear:npl=100",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=tonemap=hable:desat=0:peak={_PEAK_OVER_WHITE}",
        "zscale=t=bt709:m=bt709:p=bt709:r=limited",
    ]
