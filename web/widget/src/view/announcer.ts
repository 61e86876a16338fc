import { element } from "./dom";

// Sooner than 0.1 s and some screen readers miss it; much later and it is found when browsing.
const SPOKEN_MS = 1000;

/** Speaks to screen readers without adding to what is seen: a live region that empties itself. */
export class Announcer {
  readonly node = element("div", { class: "hidden", role: "status", "aria-atomic": "false" });

  say(text: string): void {
    const line = element("p", {}, text);
    this.node.append(line);
    setTimeout(() => line.remove(), SPOKEN_MS);
  }
}
