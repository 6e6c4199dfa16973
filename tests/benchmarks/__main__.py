"""Everything that is measured and not tested: `make bench`."""

from tests.benchmarks import matching_scale, pages

if __name__ == "__main__":
    matching_scale.main()
    pages.main()
