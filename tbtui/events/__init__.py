"""Bytes of event files -> events: record framing, checksums, protobuf messages, the vectorised scalar path."""
