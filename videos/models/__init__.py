"""Models of the videos app, one noun a file; this package only re-exports."""

from videos.models.artwork import Artwork, ArtworkKind
from videos.models.caption import Caption, CaptionOrigin
from videos.models.chapter import Chapter
from videos.models.content import AuditStatus, ContentKind, ContentMain, ContentStatus, Visibility
from videos.models.film import VideoInfo
from videos.models.history import WatchPosition
from videos.models.job import Job, JobKind, JobState, Lane, LaneTurn, Standing, Step, StepState
from videos.models.rendition import Rendition, RenditionKind, RenditionPart
from videos.models.retired import RetiredFiles
from videos.models.source import ReplacedSource, Source
from videos.models.taxonomy import Category
from videos.models.upload import Upload, UploadState

__all__ = [
    "Artwork",
    "ArtworkKind",
    "AuditStatus",
    "Caption",
    "CaptionOrigin",
    "Category",
    "Chapter",
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
    "RenditionPart",
    "ReplacedSource",
    "RetiredFiles",
    "Source",
    "Standing",
    "Step",
    "StepState",
    "Upload",
    "UploadState",
    "VideoInfo",
    "Visibility",
    "WatchPosition",
]
