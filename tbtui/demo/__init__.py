"""A small real training run that writes its own logs, so that there is something true to look at.

`process.Training` trains in a process of its own while the app runs; `training.train` does it here and now, after
`process.prepare` has made the directory. This module itself loads nothing.
"""
