"""What has been read, in memory: runs, series, where blobs lie, problems; queries and change marks."""

from tbtui.store.run import Profile, Run, SessionMark
from tbtui.store.series import BlobSeries, Points, Reference, ScalarSeries, Series
from tbtui.store.store import Store

__all__ = ["BlobSeries", "Points", "Profile", "Reference", "Run", "ScalarSeries", "Series", "SessionMark", "Store"]
