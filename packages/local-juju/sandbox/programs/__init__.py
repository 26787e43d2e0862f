"""Programs of a real machine that the sandbox answers for by itself: packages, users, owners, and what must not reach
the host. Each module's function takes (machine, arguments) and returns the exit code."""
