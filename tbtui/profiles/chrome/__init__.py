"""Chrome traces: of PyTorch and any other program (`trace`), and those written for a trace viewer (`viewer`)."""
