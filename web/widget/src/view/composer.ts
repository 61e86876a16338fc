// The field for a question: Enter sends, Shift+Enter begins a new line; nothing typed is ever lost.

import { fill, type Texts } from "../language";
import { element, icon, ICONS } from "./dom";

const COUNT_FROM = 0.85;

export interface ComposerContext {
  texts: Texts;
  /** Most characters that the server takes in one message. */
  limit: number;
  send(text: string): void;
  say(text: string): void;
}

export class Composer {
  readonly node: HTMLFormElement;
  readonly field = element("textarea", {
    id: "question",
    rows: 1,
    autocomplete: "off",
    enterkeyhint: "send",
    "aria-describedby": "left error",
    oninput: () => this.#changed(),
    onkeydown: (event: KeyboardEvent) => {
      // While an input method composes a character, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.node.requestSubmit();
    },
  });
  #left = element("p", { id: "left", class: "small" });
  #error = element("p", { id: "error", class: "error" });

  constructor(private readonly context: ComposerContext) {
    const { texts } = context;
    this.node = element(
      "form",
      { class: "composer", onsubmit: (event: SubmitEvent) => this.#submit(event) },
      element("label", { for: "question" }, texts.question),
      element(
        "div",
        { class: "row" },
        this.field,
        element("button", { type: "submit", class: "primary" }, texts.send, icon(ICONS.send)),
      ),
      this.#left,
      this.#error,
    );
  }

  get empty(): boolean {
    return !this.field.value;
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  /** Bring back words that were not sent, in front of what was typed since. */
  giveBack(text: string): void {
    this.field.value = [text, this.field.value].filter(Boolean).join("\n");
    this.#changed();
  }

  fail(text: string): void {
    this.#error.textContent = text;
    this.field.setAttribute("aria-invalid", String(!!text));
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) {
      const { empty } = this.context.texts;
      this.fail(empty);
      this.context.say(empty);
      return this.focus();
    }
    // One that is too long goes out too: the server answers whoever is in danger, whatever the
    // length, and gives everybody else the text back with a word about it.
    this.field.value = "";
    this.#changed();
    this.context.send(text);
  }

  #changed(): void {
    const room = this.#room(this.field.value);
    const near = room < this.context.limit * (1 - COUNT_FROM);
    const { texts } = this.context;
    this.#left.textContent = near && room >= 0 ? fill(texts.left, { count: room }) : "";
    this.fail(room < 0 ? fill(texts.tooLong, { count: -room }) : "");
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  /** Characters left, counted as the server counts them: an emoji is one. */
  #room(text: string): number {
    return this.context.limit - [...text].length;
  }
}
