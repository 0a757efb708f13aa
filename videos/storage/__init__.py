"""Names and places of media files, on this machine's disk or in an S3 bucket. Nothing else in the site builds
a file's name, joins a path below the media root or talks to the bucket. `from videos import storage`;
docs/storage.md."""

from videos.storage.facts import FileFacts, ListedFile
from videos.storage.media import (
    delete_file,
    delete_folder,
    delete_item,
    exists,
    is_local,
    list_files,
    list_names,
    list_unfinished,
    local_path,
    presigned_url,
    publish_folder,
    put_file,
    read,
    read_range,
    remove_unfinished,
    source_file,
    stat,
    take_in_source,
)
from videos.storage.names import (
    ITEMS,
    artwork_name,
    checked,
    item_folder,
    source_folder,
    source_name,
    version_folder,
    words_name,
)
from videos.storage.room import free_bytes, is_short

__all__ = [
    "ITEMS",
    "FileFacts",
    "ListedFile",
    "artwork_name",
    "checked",
    "delete_file",
    "delete_folder",
    "delete_item",
    "exists",
    "free_bytes",
    "is_local",
    "is_short",
    "item_folder",
    "list_files",
    "list_names",
    "list_unfinished",
    "local_path",
    "presigned_url",
    "publish_folder",
    "put_file",
    "read",
    "read_range",
    "remove_unfinished",
    "source_file",
    "source_folder",
    "source_name",
    "stat",
    "take_in_source",
    "version_folder",
    "words_name",
]
