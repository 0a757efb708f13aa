"""Structured logging on stderr, one line per event, through the standard library's handlers. LOG_FORMAT says for whom:
`text` for a person who looks on, `json` for programs that collect."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final  # logging's own configuration is a dict of mixed values

import structlog

FORMATS: Final = ("text", "json")
_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# What a person at a console does not read; `json` has it.
_NOT_SHOWN: Final = ("timestamp", "level", "event", "logger", "request_id", "exception", "stack")


def readable(_logger: object, _name: str, event: structlog.typing.EventDict) -> str:
    """`15:46:41 step done  ladder  52.8 s  job=dgVz9sRbxmm`: the time by the site's clock, how bad it is unless it is
    only news, what happened, and its facts. A traceback follows on lines of its own."""
    moment = datetime.fromisoformat(event["timestamp"]).astimezone()
    level = str(event.get("level", "info")).upper()
    words = [f"{moment:%H:%M:%S} {'' if level == 'INFO' else f'{level} '}{event.get('event', '')}"]
    if (step := event.get("step")) is not None:
        words.append(str(step))
    if (seconds := event.get("seconds")) is not None:
        words.append(f"{seconds:.1f} s")
    shown = (name for name in event if name not in {*_NOT_SHOWN, "step", "seconds"})
    words.extend(f"{name}={event[name]}" for name in shown)
    return "\n".join(["  ".join(words), *(str(event[name]) for name in ("exception", "stack") if event.get(name))])


def configuration(level: str, form: str = "text") -> dict[str, Any]:
    """A LOGGING dict; structlog's own events and the libraries' records end in the same format."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str) if form == "json" else readable,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
            "django.request": {"level": "ERROR"},
            "uvicorn.access": {"level": "WARNING"},
            "celery": {"level": "WARNING"},  # that it is connected and ready is no news
            "celery.worker.request": {"level": "WARNING"},  # rings that came too late are not either
            "celery.beat": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "boto3": {"level": "WARNING"},
            "PIL": {"level": "WARNING"},
        },
    }
