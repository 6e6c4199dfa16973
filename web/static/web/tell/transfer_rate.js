// @ts-check

const WINDOW_MS = 10_000;
const MIN_SPAN_MS = 1_000;

// Average rate over the last ten seconds.
export class TransferRate {
    /** @type {{ at: number, bytes: number }[]} */
    #samples = [];

    /**
     * Adds a sample and returns bytes per second; 0 until the samples span a second.
     * @param {number} bytes sent in total
     */
    sample(bytes) {
        const at = Date.now();
        this.#samples = [...this.#samples.filter((sample) => at - sample.at < WINDOW_MS), { at, bytes }];
        const [first] = this.#samples;
        const span = at - first.at;
        return span < MIN_SPAN_MS ? 0 : Math.max(0, ((bytes - first.bytes) * 1_000) / span);
    }

    reset() {
        this.#samples = [];
    }
}
