// Conversations that the visitor erased, until the server has confirmed it.

import { type Api, Problem } from "./api";
import type { Memory } from "./memory";

export class Erasing {
  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
  ) {}

  /** Keep in mind that this conversation is to be erased, even if the page goes away. */
  add(token: string): void {
    this.memory.erasing = [...this.memory.erasing, token];
  }

  remove(token: string): void {
    this.memory.erasing = this.memory.erasing.filter((one) => one !== token);
  }

  /** Have all of them erased but `except`; returns whether nothing is left to erase. */
  async finish(except?: string): Promise<boolean> {
    for (const token of this.memory.erasing) {
      if (token === except) continue;
      try {
        await this.api.erase(token);
      } catch (error) {
        // Anything but a passing fault says that it is gone already.
        if (!(error instanceof Problem) || error.passing) return false;
      }
      this.remove(token);
    }
    return true;
  }

  /** The page goes away: ask at once. What is not confirmed is asked again by the next page. */
  leave(): void {
    for (const token of this.memory.erasing) this.api.erase(token, true).catch(() => undefined);
  }
}
