"""Admin of the videos app, one noun a file; this package only imports them so that they register."""

from videos.admin import content, film, job, targets, taxonomy

__all__ = ["content", "film", "job", "targets", "taxonomy"]
