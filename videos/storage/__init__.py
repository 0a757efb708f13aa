"""Names and places of media files, on this machine's disk or in an S3 bucket. Nothing else in the site builds
a file's name, joins a path below the media root or talks to the bucket. `from videos import storage`;
docs/storage.md."""

from videos.storage.facts import FileFacts
from videos.storage.media import (
    delete_file,
    delete_folder,
    delete_item,
    exists,
    is_local,
    list_names,
    local_path,
    presigned_url,
    publish_folder,
    put_file,
    read,
    read_range,
    source_file,
    stat,
    take_in_source,
)
from videos.storage.names import (
    artwork_name,
    checked,
    item_folder,
    source_folder,
    source_name,
    version_folder,
)

__all__ = [
    "FileFacts",
    "artwork_name",
    "checked",
    "delete_file",
    "delete_folder",
    "delete_item",
    "exists",
    "is_local",
    "item_folder",
    "list_names",
    "local_path",
    "presigned_url",
    "publish_folder",
    "put_file",
    "read",
    "read_range",
    "source_file",
    "source_folder",
    "source_name",
    "stat",
    "take_in_source",
    "version_folder",
]
