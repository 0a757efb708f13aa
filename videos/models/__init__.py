"""Models of the videos app, one noun a file; this package only re-exports."""

from videos.models.artwork import Artwork
from videos.models.content import AuditStatus, ContentKind, ContentMain, ContentStatus, Visibility
from videos.models.film import VideoInfo
from videos.models.history import WatchPosition
from videos.models.job import Job, JobKind, JobState, Lane, LaneTurn, Step, StepState
from videos.models.rendition import Rendition, RenditionKind
from videos.models.source import Source
from videos.models.taxonomy import Category
from videos.models.upload import Upload, UploadState

__all__ = [
    "Artwork",
    "AuditStatus",
    "Category",
    "ContentKind",
    "ContentMain",
    "ContentStatus",
    "Job",
    "JobKind",
    "JobState",
    "Lane",
    "LaneTurn",
    "Rendition",
    "RenditionKind",
    "Source",
    "Step",
    "StepState",
    "Upload",
    "UploadState",
    "VideoInfo",
    "Visibility",
    "WatchPosition",
]
