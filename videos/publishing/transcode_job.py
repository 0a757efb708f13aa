"""The steps of a transcode job: probe, poster, ladder, package, publish."""
