"""The bars of performance, measured: `python -m bench` prints them side by side and writes docs/benchmarks.md."""
