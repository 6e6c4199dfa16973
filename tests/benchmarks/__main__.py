"""Everything that is measured and not tested: `make bench`."""

from tests.benchmarks import matching_latency, page_costs

if __name__ == "__main__":
    matching_latency.main()
    page_costs.main()
