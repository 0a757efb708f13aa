"""Pages of the videos app."""

from __future__ import annotations

from django.urls import URLPattern, path

from videos.pages.browse import browse
from videos.pages.edit import delete_video, edit_video
from videos.pages.home import home
from videos.pages.mine import my_videos
from videos.pages.upload import upload
from videos.pages.watch import watch

app_name = "videos"
urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("browse/", browse, name="browse"),
    path("watch/<str:public_id>/", watch, name="watch"),
    path("upload/", upload, name="upload"),
    path("me/videos/", my_videos, name="my-videos"),
    path("me/videos/<str:public_id>/", edit_video, name="edit-video"),
    path("me/videos/<str:public_id>/delete/", delete_video, name="delete-video"),
]
