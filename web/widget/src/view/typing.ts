// "Looking for an answer": shown only when the answer takes a moment, then long enough to be read.

const BEFORE_MS = 500;
const AT_LEAST_MS = 700;
const SLOW_MS = 10_000;

export class Typing {
  #timers: ReturnType<typeof setTimeout>[] = [];
  #since: number | null = null;
  #on = false;

  constructor(
    private readonly show: (visible: boolean) => void,
    private readonly slow: () => void,
  ) {}

  start(): void {
    if (this.#on) return;
    this.#on = true;
    const begin = () => {
      this.#since = Date.now();
      this.show(true);
    };
    this.#timers = [setTimeout(begin, BEFORE_MS), setTimeout(this.slow, SLOW_MS)];
  }

  /** Resolves when the sign is gone; the answer is shown then. */
  async stop(): Promise<void> {
    this.#on = false;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#since === null) return;
    const left = this.#since + AT_LEAST_MS - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    if (this.#on) return;
    this.#since = null;
    this.show(false);
  }
}
