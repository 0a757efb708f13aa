"""Where a bucket is, for its client and for browsers, which fetch films from it by a redirect. Pure; a test compares
the origin with the addresses that the client really makes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

DEFAULT_REGION = "us-east-1"
_IN_A_HOST_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", re.ASCII)


def addressing_style(*, bucket: str, endpoint_url: str) -> str:
    """`virtual` (bucket in the host's name) at Amazon, else `path`. Left to itself the client would sign addresses of
    Amazon's first region, which redirect where the signature is worth nothing. A certificate covers one label: a
    bucket with a dot in its name stands in the path."""
    return "path" if endpoint_url or not _IN_A_HOST_NAME.fullmatch(bucket) else "virtual"


def origin(*, bucket: str, endpoint_url: str, region: str) -> str:
    """Scheme, host and port of the bucket's presigned addresses, as a Content-Security-Policy names them. Raises
    ValueError for an endpoint that is no address."""
    if endpoint_url:
        parts = urlsplit(endpoint_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"not an address: {endpoint_url!r}")
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    host = f"s3.{domain}" if region == DEFAULT_REGION else f"s3.{region}.{domain}"  # the first one is not named
    return f"https://{host if addressing_style(bucket=bucket, endpoint_url='') == 'path' else f'{bucket}.{host}'}"
