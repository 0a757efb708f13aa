"""Sound tracks of their own in a master playlist."""

from __future__ import annotations

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.fragmented import clip, index
from videos.pipeline.playlist import PlaylistError, Variant, variant_of, write_master_playlist
from videos.pipeline.soundgroup import SoundTrack, names, sound_track, ts_sound_track

PICTURE = Variant("720p.m3u8", 3_000_000, 2_000_000, "avc1.64001f", 1280, 720)


def sound(number: int = 1, language: str = "en", title: str = "", is_default: bool = False) -> SoundTrack:
    """A stereo track of 128 kbit/s."""
    uri = f"sound-{number}.m3u8"
    return SoundTrack(uri, language, title, is_default, "mp4a.40.2", 130_000 + number, 128_000 + number)


def test_each_track_has_a_line_and_each_picture_is_heard_with_them() -> None:
    sounds = [sound(1, "zh", "国语", is_default=True), sound(2, "en"), sound(3, "en", 'The "cut"\nexplained')]
    text = write_master_playlist([PICTURE, Variant("360p.m3u8", 900, 800, "avc1.64001e", 640, 360)], sounds)
    master = m3u8.loads(text)
    fields = ("type", "group_id", "name", "language", "default", "autoselect", "channels", "uri")
    told = [tuple(getattr(media, field) for field in fields) for media in master.media]
    assert told == [
        ("AUDIO", "sound", "中文 – 国语", "zh", "YES", "YES", "2", "sound-1.m3u8"),
        ("AUDIO", "sound", "English", "en", "NO", "YES", "2", "sound-2.m3u8"),
        ("AUDIO", "sound", "English – The 'cut' explained", "en", "NO", "NO", "2", "sound-3.m3u8"),
    ]
    assert {variant.stream_info.audio for variant in master.playlists} == {"sound"}
    first = master.playlists[0].stream_info
    assert first.codecs == "avc1.64001f,mp4a.40.2"
    assert (first.bandwidth, first.average_bandwidth) == (3_130_003, 2_128_003)


def test_without_tracks_of_their_own_nothing_is_said_of_them() -> None:
    text = write_master_playlist([PICTURE])
    assert "AUDIO" not in text
    assert "EXT-X-MEDIA" not in text


def test_a_track_tells_what_was_measured() -> None:
    indexed = index(clip(has_picture=False))
    told = sound_track("sound-1.m3u8", indexed, language="en", title="", is_default=True)
    assert (told.codecs, told.peak_bps, told.average_bps) == ("mp4a.40.2", indexed.peak_bps, indexed.average_bps)
    stream = ts_sound_track("sound-1.ts.m3u8", indexed, language="en", title="", is_default=True)
    assert stream.peak_bps > told.peak_bps
    assert write_master_playlist([variant_of("720p.m3u8", index(clip()))], [told])


def test_exactly_one_track_is_the_default() -> None:
    for sounds in ([sound()], [sound(1, is_default=True), sound(2, is_default=True)]):
        with pytest.raises(PlaylistError):
            write_master_playlist([PICTURE], sounds)


def test_a_name_says_language_and_title_and_neither_twice() -> None:
    tracks = [
        sound(1, "en", "English (Stereo)"),
        sound(2, "fr", "Stereo"),
        sound(3, "", "Commentary"),
        sound(4, "", ""),
        sound(5, "fr", "Stereo"),
    ]
    assert names(tracks) == ["English (Stereo)", "Français – Stereo", "Commentary", "Sound 4", "Français – Stereo (5)"]


@given(st.lists(st.tuples(st.sampled_from(["", "en", "zh", "de"]), st.text(max_size=8)), min_size=1, max_size=8))
def test_whatever_tracks_are_called_lines_stay_lines_and_names_differ(told: list[tuple[str, str]]) -> None:
    sounds = [sound(number, language, title, number == 0) for number, (language, title) in enumerate(told)]
    text = write_master_playlist([PICTURE], sounds)
    assert [line for line in text.splitlines() if not line.startswith("#")] == ["720p.m3u8"]
    media = [line for line in text.splitlines() if line.startswith("#EXT-X-MEDIA:")]
    assert len(media) == len(sounds)
    assert all(line.count('"') == (10 if "LANGUAGE" in line else 8) for line in media)
    assert len(set(names(sounds))) == len(sounds)
    # of those that a player may take by itself, each has another language
    taken = [m.language for m in m3u8.loads(text).media if m.autoselect == "YES"]
    assert len(set(taken)) == len(taken)
