"""What players are told of a film's sound: its tracks, and how loud each is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from tests.videos.factories import make_video
from videos.models import ContentMain, Rendition, RenditionKind

pytestmark = pytest.mark.django_db


def add_track(film: ContentMain, label: str, **fields: Any) -> None:
    """A track with a file of its own."""
    Rendition.objects.create(
        content=film, version=1, kind=RenditionKind.SOUND, label=label, codecs="mp4a.40.2", average_bps=128_000,
        peak_bps=130_000, duration_seconds=60, bytes=1_000_000, **fields,
    )  # fmt: skip


def told(api: APIClient, film: ContentMain) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/api/videos/{film.public_id}/playback/").json()
    return answer


def test_tracks_are_told_in_their_order_the_default_first(owner: User, api: APIClient) -> None:
    film = make_video(owner)
    for number in (10, 2, 1):
        add_track(film, f"sound-{number}", language="zh", title=f"{number}")
    body = told(api, film)
    assert [(sound["label"], sound["is_default"]) for sound in body["sounds"]] == [
        ("sound-1", True),
        ("sound-2", False),
        ("sound-10", False),
    ]
    assert (body["sounds"][0]["language"], body["sounds"][0]["title"]) == ("zh", "1")
    assert [file["height"] for file in body["mp4"]] == [720], "a track is no film to download"


def test_each_track_has_its_own_loudness(owner: User, api: APIClient) -> None:
    film = make_video(owner)
    add_track(film, "sound-1", language="en", loudness_lufs=-23.0, true_peak_dbtp=-8.0)
    add_track(film, "sound-2", language="de")
    first, second = told(api, film)["sounds"]
    assert first["loudness"] == {"integrated_lufs": -23.0, "true_peak_dbtp": -8.0, "gain_db": 7.0}
    assert second["loudness"] is None


def test_sound_that_lies_in_the_rungs_has_a_loudness_too(owner: User, api: APIClient) -> None:
    film = make_video(owner)
    assert told(api, film)["sounds"] == []
    film.renditions.update(loudness_lufs=-9.0, true_peak_dbtp=0.2)
    (sound,) = told(api, film)["sounds"]
    assert sound["is_default"]
    assert sound["loudness"]["gain_db"] == -7.0


def test_sounds_cost_no_query_more(owner: User, api: APIClient, django_assert_max_num_queries: Any) -> None:
    film = make_video(owner)
    told(api, film)
    with django_assert_max_num_queries(50) as without:
        told(api, film)
    assert isinstance(without, CaptureQueriesContext)
    for number in range(1, 9):
        add_track(film, f"sound-{number}", language="en", title=str(number))
    with django_assert_max_num_queries(len(without)):
        told(api, film)
