"""Models of the analytics app; this package only re-exports."""

from analytics.models.clock import ViewerClock
from analytics.models.heartbeat import Heartbeat
from analytics.models.session import DeviceClass, PlaybackContext, PlaybackSession

__all__ = ["DeviceClass", "Heartbeat", "PlaybackContext", "PlaybackSession", "ViewerClock"]
