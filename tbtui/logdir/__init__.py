"""Files -> runs: finds event files below log directories, follows them as they grow, notices every change.

`roots` reads the command line's `NAME=PATH`. `discover` walks a log directory (`listing`: one directory of it) and
keeps watch over its directories. `follow` drives everything: it looks at files in `rounds`, and its `loader` reads
those that moved (`files`: what is known of each; `identity`: is it still the same file?; `reading`: bytes to chunks;
`pool` and `worker`: help of other processes; `diagnose`: what a file is that is no event file). `watch` hints that
something changed, `mounts` knows the file systems that are not to be believed. `updates` is what comes out.
"""
