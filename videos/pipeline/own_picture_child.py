"""Reads a picture of unknown intent with Pillow; the body of the sandboxed child behind own_picture.py."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any  # JSON values

from PIL import Image, ImageCms, ImageOps

_FORMATS = ("JPEG", "PNG", "WEBP")
_PAPER = (255, 255, 255)  # behind what lets through
# What Pillow's decoders say of bytes that are no picture. Whatever else they raise ends this child: no picture either.
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, struct.error, zlib.error)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is {path, out, long_side, max_pixels, quality}; the answer {width, height}, or {refused: unreadable or
    too_large, detail}."""
    Image.MAX_IMAGE_PIXELS = request["max_pixels"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(Path(request["path"]), formats=_FORMATS) as opened:
            # The header says how large it is; nothing is decoded before that was looked at.
            if opened.width * opened.height > request["max_pixels"]:
                return _refused("too_large", f"{opened.width}x{opened.height}")
            upright = _plain(opened, request["long_side"])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        return _refused("too_large", str(error))
    except _UNREADABLE as error:
        return _refused("unreadable", f"{type(error).__name__}: {error}")
    upright.save(request["out"], "JPEG", quality=request["quality"], optimize=True, progressive=True)
    return {"width": upright.width, "height": upright.height}


def _refused(reason: str, detail: str) -> dict[str, Any]:
    return {"refused": reason, "detail": detail[:500]}


def _plain(opened: Image.Image, long_side: int) -> Image.Image:
    """Small, upright, in sRGB, with nothing but pixels."""
    opened.draft("RGB", (2 * long_side, 2 * long_side))  # a large JPEG is decoded at a fraction of its size
    opened.load()
    picture: Image.Image = ImageOps.exif_transpose(opened)
    profile = opened.info.get("icc_profile")
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256).convert("L")
    picture = _flat(_in_srgb(picture, profile))
    picture.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones write other colours than the web's; a profile that cannot be used is as if it were not there."""
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def _flat(picture: Image.Image) -> Image.Image:
    """RGB; what lets through lies on white."""
    if picture.mode == "P" or "A" in picture.getbands() or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        paper = Image.new("RGB", seen.size, _PAPER)
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper
    return picture if picture.mode == "RGB" else picture.convert("RGB")
