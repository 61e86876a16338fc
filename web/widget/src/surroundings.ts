// The browser as the conversation sees it.

export interface Surroundings {
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  online(): boolean;
  newKey(): string;
  /** Run `work` while no other tab does the same. */
  alone<Value>(name: string, work: () => Promise<Value>): Promise<Value>;
}

export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}

export const browser: Surroundings = {
  wait,
  online: () => navigator.onLine,
  // crypto.randomUUID exists in secure contexts only; this exists everywhere.
  newKey: () => crypto.getRandomValues(new Uint32Array(4)).join("-"),
  alone: (name, work) =>
    // The type says what TypeScript's own does not: outside secure contexts there are no locks.
    (navigator.locks as LockManager | undefined)?.request(name, work) ?? work(),
};
