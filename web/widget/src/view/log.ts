// The log: what was said from the start, where it is scrolled to, and lines of the widget's own.

import type { Texts } from "../language";
import type { Announcer } from "./announcer";
import { button, element, icon, ICONS } from "./dom";

// Nearer to the end than this counts as being there, in px.
const END = 48;

export class Log {
  readonly node: HTMLElement;
  /** Leads to a reply that came while the visitor was reading further up. */
  readonly more: HTMLButtonElement;
  #notice: HTMLElement | null = null;
  #order: Promise<void> = Promise.resolve();

  constructor(
    texts: Texts,
    private readonly announcer: Announcer,
  ) {
    this.node = element("div", {
      class: "log",
      role: "log",
      // The announcer speaks, in fewer words than the log shows.
      "aria-live": "off",
      "aria-label": texts.log,
      tabindex: 0,
      onscroll: () => this.atEnd && (this.more.hidden = true),
    });
    const hidden = { class: "more", hidden: true };
    this.more = button(texts.newMessages, () => this.#showLast(), hidden, icon(ICONS.down));
  }

  /** One change after the other, also when an answer waits for the sign of waiting to fade. */
  next(change: () => void | Promise<void>): void {
    this.#order = this.#order.then(change).catch(reportError);
  }

  get last(): Element | null {
    return this.node.lastElementChild;
  }

  get notice(): HTMLElement | null {
    return this.#notice;
  }

  clear(): void {
    this.node.replaceChildren();
    this.more.hidden = true;
  }

  /** A line of the widget's own, seen and spoken; the next one takes its place. */
  tell(words: HTMLElement, action?: HTMLElement): void {
    this.#notice?.remove();
    this.#notice = notice(words, action);
    this.node.append(this.#notice);
    this.show(this.#notice);
    this.announcer.say(words.textContent ?? "");
  }

  focus(): void {
    this.node.focus({ preventScroll: true });
  }

  /** Bring an item to the top, so that it is read from its beginning. */
  show(item: Element | null | undefined, smoothly = true): void {
    if (!item) return;
    // The line to a person stays at the top while everything else scrolls.
    const help = this.#frame?.querySelector(".help") as Element;
    const top = item.getBoundingClientRect().top - help.getBoundingClientRect().bottom - 8;
    this.#scroller.scrollBy({ top, behavior: smoothly ? this.#behavior : "auto" });
  }

  /** Scroll by nearly a page; -1 is up. */
  turn(direction: 1 | -1): void {
    const top = this.#scroller.clientHeight * 0.85 * direction;
    this.#scroller.scrollBy({ top, behavior: this.#behavior });
  }

  get atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < END;
  }

  #showLast(): void {
    this.show(this.last);
    this.focus();
    this.more.hidden = true;
  }

  get #frame(): Element | null {
    return this.node.closest(".frame");
  }

  /** In a very low window the whole frame scrolls, else only the log. */
  get #scroller(): Element {
    const { node } = this;
    return (getComputedStyle(node).overflowY === "visible" && this.#frame) || node;
  }

  get #behavior(): ScrollBehavior {
    return this.node.closest(".still") ? "auto" : "smooth";
  }
}

export function notice(words: HTMLElement, ...actions: (HTMLElement | undefined)[]): HTMLElement {
  const row = actions[0] && element("p", { class: "row" }, ...actions);
  return element("div", { class: "notice" }, words, row);
}
