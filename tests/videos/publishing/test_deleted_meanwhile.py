"""An item that somebody deletes between a question and its answer: the answer says so, and no file stays behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.models import User
from config.errors import STATUS_BY_CODE
from tests.videos.factories import make_video
from videos.errors import DeletedMeanwhile
from videos.models import Caption, ContentMain
from videos.pipeline.poster import PosterFacts
from videos.publishing import posters, review, withdrawing, words

pytestmark = pytest.mark.django_db

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"
Service = Callable[[ContentMain, User, Path], object]


def put_picture(content: ContentMain, _actor: User, file: Path) -> object:
    return posters.put(content=content, picture=file, made=PosterFacts(1, 1, 1))


SERVICES: dict[str, Service] = {
    "captions": lambda content, _actor, _file: words.add_captions(content=content, file=SRT, language="en"),
    "chapters": lambda content, _actor, _file: words.set_chapters(content=content, chapters=[(0, "Rain")]),
    "chapters of the file": lambda content, _actor, _file: words.reset_chapters(content=content),
    "poster": put_picture,
    "withdraw": lambda content, actor, _file: withdrawing.withdraw(content=content, actor=actor),
    "restore": lambda content, actor, _file: withdrawing.restore(content=content, actor=actor),
    "approve": lambda content, actor, _file: review.approve(content=content, moderator=actor),
}


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_it_is_said_and_nothing_stays_behind(
    service: Service, owner: User, admin: User, tmp_path: Path, settings: LazySettings
) -> None:
    content = make_video(owner)
    ContentMain.objects.filter(pk=content.pk).delete()
    file = tmp_path / "picture"
    file.write_bytes(b"x")
    with pytest.raises(DeletedMeanwhile) as refusal:
        service(content, admin, file)
    assert STATUS_BY_CODE[refusal.value.code] == 404
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_captions_that_are_gone_are_not_changed(owner: User) -> None:
    content = make_video(owner)
    caption = words.add_captions(content=content, file=SRT, language="en")
    Caption.objects.all().delete()
    for changes in ({"label": "English"}, {}):
        with pytest.raises(DeletedMeanwhile):
            words.change_captions(caption=caption, changes=changes)
    words.remove_captions(caption=caption)
