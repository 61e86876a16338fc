// The chat itself: header, log, field, options. The same in a panel and as a full page.

import type { Conversation } from "../conversation";
import { fill } from "../language";
import type { Delay, Listener, Notice } from "../listener";
import type { Look, Memory } from "../memory";
import { type Choice, type Contact, type Message, messageOf, type Question } from "../message";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { afterPaint, button, element, icon, ICONS } from "./dom";
import { header, type HeaderContext } from "./header";
import { Log, notice } from "./log";
import { announcement, botMessage, calls, markChosen, visitorMessage } from "./message";
import type { MessageContext } from "./message";
import { optionsView } from "./options";
import { print, save, transcriptText } from "./transcript";
import { Typing } from "./typing";

export interface ChatContext extends HeaderContext {
  language: string;
  memory: Memory;
  look: Look;
  contact: Contact;
  retentionDays: number;
  /** Most characters that the server takes in one message. */
  limit: number;
  changeLook(change: Partial<Look>): void;
  /** Replies came; the launcher counts those that nobody has seen. */
  replied(count: number): void;
}

export class Chat implements Listener {
  readonly node: HTMLElement;
  /** Whether the visitor last touched the screen: then no field is focused, no keyboard pops up. */
  touched = false;
  conversation!: Conversation;
  #announcer = new Announcer();
  #log: Log;
  #typing: Typing;
  #composer: Composer;
  #options: HTMLElement;
  #optionsButton: HTMLButtonElement;
  #messageContext: MessageContext;
  #items = new Map<string, HTMLElement>();
  #greeting: HTMLElement | null = null;
  #running = false;

  constructor(private readonly context: ChatContext) {
    const { texts } = context;
    this.#messageContext = {
      ...context,
      choose: (choice, event) => this.#choose(choice, event),
      feedback: (id, helpful, comment) => this.conversation.feedback(id, helpful, comment),
    };
    this.#log = new Log(texts, this.#announcer);
    const dots = [1, 2, 3].map(() => element("i"));
    const sign = element("div", { class: "typing", hidden: true }, texts.waiting, ...dots);
    this.#typing = new Typing(
      (visible) => {
        sign.hidden = !visible;
        if (!visible) return;
        this.#log.show(this.#log.last);
        this.#announcer.say(texts.waiting);
      },
      () => {
        this.#log.tell(this.#filled(texts.slow));
        this.#log.notice?.classList.add("passing");
      },
    );
    this.#composer = new Composer({
      ...context,
      send: (text) => this.conversation.ask(text, null),
      say: (text) => this.#announcer.say(text),
    });
    const closed = { "aria-expanded": "false" };
    const toggle = (): void => this.#toggleOptions(!this.#optionsOpen);
    this.#optionsButton = button(texts.options, toggle, closed, icon(ICONS.options));
    this.#options = optionsView({
      ...context,
      traceless: context.memory.traceless,
      setTraceless: (value) => (this.conversation.traceless = value),
      restart: () => this.#leaveOptions(() => this.conversation.startAgain()),
      save: () => save(this.#transcript, texts.fileName),
      print: () => print(this.#transcript, texts.title, this.node),
      erase: () => this.#leaveOptions(() => void this.conversation.erase()),
      back: () => this.#toggleOptions(false),
    });
    this.node = element(
      "div",
      {
        class: "frame",
        onpointerdown: ({ pointerType }: PointerEvent) => {
          this.touched = pointerType === "touch";
        },
        onkeydown: (event: KeyboardEvent) => {
          this.touched = false;
          this.#keyPressed(event);
        },
      },
      header(context, this.#optionsButton),
      element(
        context.page ? "main" : "div",
        { class: "main" },
        element("div", { class: "body" }, this.#log.more, this.#log.node, sign),
        this.#options,
        this.#composer.node,
        this.#announcer.node,
      ),
    );
    // A hand that trembles presses twice where it meant once.
    this.node.addEventListener(
      "click",
      (event) => {
        if (event.detail < 2) return;
        event.preventDefault();
        event.stopPropagation();
      },
      true,
    );
    this.shown([], null);
  }

  /** After the visitor opened the chat. */
  focus(): void {
    if (this.touched) this.node.querySelector<HTMLElement>("#title")?.focus();
    else this.#composer.focus();
  }

  /** Take over what the visitor wrote in the field of the page before this chat replaced it. */
  takeOver(field: HTMLTextAreaElement): void {
    const focused = field === document.activeElement;
    this.#composer.giveBack(field.value);
    if (focused) requestAnimationFrame(() => this.#composer.focus());
  }

  // --- what the conversation tells -------------------------------------------------------------

  greeted(greeting: Message): void {
    // Newer words than ours replace ours; in another language ours stay.
    if (this.context.language !== "en" || this.#greetingText === greeting.text) return;
    this.#greet(greeting);
    const first = this.conversation.messages.find(({ from }) => from === "visitor");
    if (first) markChosen(this.#greeting, first.text, this.context.texts);
  }

  asked(question: Question): void {
    const item = this.#item(messageOf("visitor", question.key, question.text));
    this.#log.next(() => {
      this.#log.notice?.remove();
      this.#log.node.append(item);
      this.#log.show(item);
    });
  }

  answered(messages: Message[], question: Question | null): void {
    this.#log.next(async () => {
      if (question) {
        this.#calm(question);
        await this.#typing.stop();
        if (this.#running) this.#typing.start();
      }
      const readingAbove = !question && !this.#log.atEnd;
      const items = messages.map((message) => this.#item(message));
      this.#log.node.append(...items);
      if (readingAbove) this.#log.more.hidden = false;
      else this.#log.show((question && this.#items.get(question.key)) ?? items[0]);
      const replies = messages.filter(({ from }) => from === "bot");
      for (const reply of replies) this.#announcer.say(announcement(reply, this.context.texts));
      this.context.replied(replies.length);
    });
  }

  delayed(question: Question, why: Delay): void {
    const { texts } = this.context;
    void this.#typing.stop();
    const item = this.#items.get(question.key);
    if (!item || item.querySelector(`[data-why="${why}"]`)) return;
    this.#calm(question);
    const words = this.#filled(texts[why]);
    const line = notice(
      words,
      button(texts.retry, () => this.conversation.retryNow()),
      button(texts.withdraw, () => this.#withdraw(question)),
    );
    line.dataset["why"] = why;
    item.append(line);
    this.#log.show(item);
    this.#announcer.say(words.textContent ?? "");
  }

  refused(question: Question, detail: string): void {
    void this.#typing.stop();
    this.#items.get(question.key)?.remove();
    const words = detail ? element("p", {}, detail) : this.#filled(this.context.texts.refused);
    this.#composer.giveBack(question.text);
    this.#composer.fail(words.textContent ?? "");
    this.#log.tell(words);
  }

  shown(messages: Message[], undo: "erase" | "restart" | null): void {
    const { texts } = this.context;
    this.#log.next(() => {
      this.#log.clear();
      this.#greeting = null;
      if (messages[0]?.kind !== "greeting") this.#greet(null);
      let last: HTMLElement | null = null;
      for (const message of messages) {
        const item = this.#item(message);
        if (message.from === "visitor") {
          markChosen(this.#log.last, message.text, texts);
          last = item;
        }
        this.#log.node.append(item);
      }
      this.#log.show(last, false);
      if (!undo) return;
      const back = button(texts.undo, () =>
        afterPaint(() => {
          this.conversation.undo();
          this.#composer.focus();
        }),
      );
      const words = undo === "erase" ? texts.erasing : texts.restarted;
      this.#log.tell(element("p", {}, words), back);
      back.focus({ preventScroll: true });
    });
  }

  busy(waiting: boolean): void {
    this.#running = waiting;
    if (waiting) this.#typing.start();
    else void this.#typing.stop();
  }

  told(name: Notice): void {
    const { texts } = this.context;
    const focused = this.#log.notice?.contains(this.#focused);
    const retry = button(texts.retry, () => this.conversation.retryNow());
    this.#log.tell(this.#filled(texts[name]), name === "unreachable" ? retry : undefined);
    if (focused) this.#composer.focus();
  }

  // --- parts -----------------------------------------------------------------------------------

  /** Made once: what comes back after an undo is there at once, as it was left. */
  #item(message: Message): HTMLElement {
    const known = this.#items.get(message.id);
    if (known) return known;
    const item =
      message.from === "bot"
        ? botMessage(message, this.#messageContext)
        : visitorMessage(message.text, this.context.texts);
    this.#items.set(message.id, item);
    return item;
  }

  get #greetingText(): string {
    return fill(this.context.texts.greeting.text, { retention_days: this.context.retentionDays });
  }

  #greet(theirs: Message | null): void {
    const { choices } = this.context.texts.greeting;
    const contact = { ...this.context.contact, url: this.context.contactPage };
    const more = { kind: "greeting", choices, contact };
    const ours = messageOf("bot", "greeting", this.#greetingText, more);
    const item = botMessage(theirs ?? ours, this.#messageContext, !theirs);
    if (this.#greeting) this.#greeting.replaceWith(item);
    else this.#log.node.prepend(item);
    this.#greeting = item;
  }

  #choose(choice: Choice, event: MouseEvent): void {
    const item = (event.currentTarget as Element).closest(".item");
    markChosen(item, choice.label, this.context.texts);
    this.conversation.ask(choice.label, choice.id);
    if (this.touched) this.#log.focus();
    else this.#composer.focus();
  }

  #withdraw(question: Question): void {
    this.conversation.withdraw(question.key);
    this.#items.get(question.key)?.remove();
    this.#composer.giveBack(question.text);
    this.#composer.focus();
  }

  /** Take away what was said about a delay. */
  #calm(question: Question): void {
    const line = this.#items.get(question.key)?.querySelector(".notice");
    if (line?.contains(this.#focused)) this.#composer.focus();
    line?.remove();
    if (this.#log.notice?.matches(".passing")) this.#log.notice.remove();
  }

  get #focused(): Element | null {
    return (this.node.getRootNode() as ShadowRoot).activeElement;
  }

  /** A sentence whose "{phone}" is a link. */
  #filled(sentence: string): HTMLParagraphElement {
    return element("p", {}, ...calls(fill(sentence, this.context)));
  }

  get #transcript(): string {
    const { texts, language } = this.context;
    return transcriptText(this.conversation.messages, texts, language);
  }

  // --- options and keys ------------------------------------------------------------------------

  get #optionsOpen(): boolean {
    return !this.#options.hidden;
  }

  /** `then` fills the log anew and has the focus: the old one would be laid out in vain. */
  #leaveOptions(then: () => void): void {
    afterPaint(() => {
      this.#log.clear();
      this.#showOptions(false);
      then();
    });
  }

  #showOptions(open: boolean): void {
    this.#options.hidden = !open;
    this.node.classList.toggle("at-options", open);
    this.#optionsButton.setAttribute("aria-expanded", String(open));
  }

  #toggleOptions(open: boolean): void {
    this.#showOptions(open);
    if (open) this.#options.querySelector("button")?.focus();
    else this.#optionsButton.focus();
  }

  #keyPressed(event: KeyboardEvent): void {
    const { key } = event;
    const atField = event.target === this.#composer.field;
    if (key === "Escape" && !event.isComposing) {
      event.preventDefault();
      if (this.#optionsOpen) this.#toggleOptions(false);
      else if (atField) this.context.close();
      else this.#composer.focus();
    } else if (/^Page(Up|Down)$/.test(key) && atField && this.#composer.empty) {
      event.preventDefault();
      this.#log.turn(key === "PageUp" ? -1 : 1);
    }
  }
}
