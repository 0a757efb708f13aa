"""Models of the analytics app; this package only re-exports."""

from analytics.models.clock import ViewerClock
from analytics.models.heartbeat import Heartbeat
from analytics.models.session import DeviceClass, PlaybackSession

__all__ = ["DeviceClass", "Heartbeat", "PlaybackSession", "ViewerClock"]
