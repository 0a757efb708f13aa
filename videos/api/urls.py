"""JSON API of the videos app."""

from __future__ import annotations

from django.urls import path

from videos.api import captions, chapters, jobs, posters, uploads, videos, withdrawal

app_name = "videos-api"
urlpatterns = [
    path("jobs/", jobs.JobListView.as_view(), name="job-list"),
    path("jobs/<slug:public_id>/", jobs.JobView.as_view(), name="job"),
    path("jobs/<slug:public_id>/pause/", jobs.PauseView.as_view(), name="job-pause"),
    path("jobs/<slug:public_id>/resume/", jobs.ResumeView.as_view(), name="job-resume"),
    path("jobs/<slug:public_id>/cancel/", jobs.CancelView.as_view(), name="job-cancel"),
    path("jobs/<slug:public_id>/retry/", jobs.RetryView.as_view(), name="job-retry"),
    path("uploads/", uploads.UploadListView.as_view(), name="upload-list"),
    path("uploads/<slug:public_id>/", uploads.UploadView.as_view(), name="upload"),
    path("videos/", videos.VideoListView.as_view(), name="video-list"),
    path("videos/<slug:public_id>/", videos.VideoView.as_view(), name="video"),
    path("videos/<slug:public_id>/captions/", captions.CaptionListView.as_view(), name="video-captions"),
    path("videos/<slug:public_id>/captions/<slug:token>/", captions.CaptionView.as_view(), name="video-caption"),
    path("videos/<slug:public_id>/chapters/", chapters.ChaptersView.as_view(), name="video-chapters"),
    path("videos/<slug:public_id>/playback/", videos.PlaybackView.as_view(), name="video-playback"),
    path("videos/<slug:public_id>/poster/", posters.PosterView.as_view(), name="video-poster"),
    path("videos/<slug:public_id>/progress/", videos.ProgressView.as_view(), name="video-progress"),
    path("videos/<slug:public_id>/withdraw/", withdrawal.WithdrawView.as_view(), name="video-withdraw"),
    path("videos/<slug:public_id>/restore/", withdrawal.RestoreView.as_view(), name="video-restore"),
]
