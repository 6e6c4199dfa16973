"""Database rows about media files; the files themselves are in the bucket."""

from media.models.captions import CaptionLine, Captions
from media.models.chunked_encoding import Chunk, Splitting
from media.models.uploads import Upload, UploadQuerySet
from media.models.videos import Video

__all__ = ["CaptionLine", "Captions", "Chunk", "Splitting", "Upload", "UploadQuerySet", "Video"]
