"""Opens a file of unknown intent with PyAV: known demuxers and decoders, one local file, limits. Runs in
sandboxed children only; no other process ever lets libav touch what somebody sent."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.codec import CodecContext
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from videos.pipeline import containers
from videos.pipeline.errors import LimitError, SourceError
from videos.pipeline.whitelist import AUDIO_DECODERS, DECODERS, DEMUXERS, VIDEO_DECODERS

MICROSECONDS = 1_000_000
_NOT_A_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_MOST_STREAMS_TO_COUNT = 512  # above what is accepted, so that the reason can be told


def open_source(path: Path) -> InputContainer:
    """The file, opened. Raises SourceError (not_a_video, unsupported_container, truncated, corrupt,
    too_many_streams)."""
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(DEMUXERS),
        "codec_whitelist": ",".join(DECODERS),
        "max_streams": str(_MOST_STREAMS_TO_COUNT),
    }
    with path.open("rb") as file:
        head = file.read(1024)
    if containers.is_refused(head):
        raise SourceError("unsupported_container", detail="a playlist, a manifest or a picture")
    try:
        return av.open(f"file:{path}", "r", options=options, metadata_errors="replace")
    except av.error.ArgumentError as error:  # the format is known and not on the list
        raise SourceError("unsupported_container", detail=str(error)) from error
    except MemoryError as error:  # libav's answer to one stream too many
        raise SourceError("too_many_streams", detail=str(error)) from error
    except FFmpegError as error:
        raise SourceError(_reason(path, head), detail=str(error)) from error


def _reason(path: Path, head: bytes) -> str:
    """Why libav could not open it."""
    if not containers.is_mp4(head):
        return "not_a_video"
    with path.open("rb") as file:
        has_moov = containers.has_moov(reader_of(file), path.stat().st_size)
    return "corrupt" if has_moov else "truncated"


def reader_of(file: BinaryIO) -> containers.Reader:
    """(offset, length) -> bytes, over an open file."""

    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return read


def choose_video(container: InputContainer) -> VideoStream | None:
    """The picture to show: the one marked as default, else the largest; covers are no film. Raises
    SourceError where it cannot be decoded."""
    films = [stream for stream in container.streams.video if not stream.disposition & _NOT_A_FILM]
    if not films:
        return None
    film = max(films, key=lambda stream: (_is_default(stream), _pixels(stream), -stream.index))
    require_decoder(film, VIDEO_DECODERS)
    return film


def choose_audio(container: InputContainer) -> list[AudioStream]:
    """Every sound track that can be decoded, in the file's order."""
    return [stream for stream in container.streams.audio if decoder_of(stream) in AUDIO_DECODERS]


def require_decoder(stream: Stream, allowed: tuple[str, ...]) -> None:
    """Raises SourceError(unsupported_codec) unless the stream's decoder is allowed."""
    name = decoder_of(stream)
    if name not in allowed:
        raise SourceError("unsupported_codec", detail=name or "unknown codec")


def decoder_of(stream: Stream) -> str:
    """The decoder libav would take, or an empty string."""
    context: CodecContext | None = getattr(stream, "codec_context", None)  # None where libav knows no decoder
    return "" if context is None else context.codec.name


def codec_of(stream: Stream) -> str:
    """The codec by its one name, whatever decodes it; an empty string where nothing does."""
    return stream.codec_context.codec.canonical_name if decoder_of(stream) else ""


def limit_decoder(stream: VideoStream, max_pixels: int) -> None:
    """Makes the decoder refuse pictures larger than the header admitted; one thread keeps memory small."""
    context = stream.codec_context
    if not context.is_open:
        context.options = {"max_pixels": str(max_pixels)}
        context.thread_count = 1


def require_pixels(width: int, height: int, max_pixels: int) -> None:
    """Raises SourceError for a picture that is too large, or none."""
    if width < 1 or height < 1:
        raise SourceError("dimensions_unsupported", detail=f"{width}x{height}")
    if width * height > max_pixels:
        raise SourceError("dimensions_too_large", detail=f"{width}x{height}")


def decoding_failed(error: Exception) -> SourceError | LimitError:
    """What an error of a decoder means."""
    if isinstance(error, MemoryError):
        return LimitError("out_of_memory", detail=str(error))
    if isinstance(error, av.error.ArgumentError):
        return SourceError("decode_limit", detail=str(error))
    return SourceError("corrupt", detail=str(error))


def _is_default(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.default)


def _pixels(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height if decoder_of(stream) else 0
