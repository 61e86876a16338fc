// <spms-helpline>: launcher and panel, or with mode="page" the whole page.
//
// Attributes: address (origin of the chat server; else the one this file came from), language,
// position ("left", else right), theme ("light", "dark", else as on the device), mode ("page"),
// contact-page, retention-days and max-characters (where the server's settings are not the usual).

import { Api } from "./api";
import { isWebAddress } from "./blocks";
import contact from "./contact.json";
import { Conversation } from "./conversation";
import { chooseLanguage, count, english, fetchTexts, type Texts } from "./language";
import { browserShelves, type Look, Memory } from "./memory";
import styles from "./styles/index.css";
import { browser } from "./surroundings";
import { Announcer } from "./view/announcer";
import { Chat } from "./view/chat";
import { afterPaint, button, element, hidden, icon, ICONS } from "./view/dom";

/** Where this file came from. */
export const ORIGIN = new URL(import.meta.url).origin;
// Here the panel fills the screen, and what lies behind it cannot be reached.
const SMALL = "(max-width: 34em), (max-height: 30em)";
const DARK = "(prefers-color-scheme: dark)";
const CONTRAST = "(prefers-contrast: more)";
const STILL = "(prefers-reduced-motion: reduce)";

export class SpmsHelpline extends HTMLElement {
  #ends = new AbortController();
  #root = element("div", { class: "root" });
  #launcher: HTMLButtonElement | null = null;
  #badge = element("span", { class: "badge", hidden: true });
  #panel: HTMLDialogElement | null = null;
  #announcer = new Announcer();
  #chat: Chat | null = null;
  #conversation!: Conversation;
  #memory!: Memory;
  #look: Look = { size: "normal", colors: "auto", contrast: false, still: false };
  #texts: Texts = english;
  #unread = 0;

  connectedCallback(): void {
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    if (this.#chat) return this.#listen(signal);
    const language = chooseLanguage(this.getAttribute("language"), document.documentElement.lang);
    const start = (code: string, texts: Texts): void => {
      if (signal.aborted) return;
      this.#build(code, texts);
      this.#listen(signal);
    };
    if (language === "en") start(language, english);
    else void fetchTexts(language).then((found) => start(...found));
  }

  disconnectedCallback(): void {
    this.#ends.abort();
  }

  /** Open the chat, as a press on the launcher does. */
  open(): void {
    this.#show(true);
  }

  /** Close the chat; the conversation stays. */
  close(): void {
    const panel = this.#panel;
    if (!panel?.open) return;
    panel.close();
    this.#memory.open = false;
    this.#launcher?.removeAttribute("hidden");
    this.#launcher?.focus({ preventScroll: true });
  }

  #build(language: string, texts: Texts): void {
    const page = this.getAttribute("mode") === "page";
    const address = originOf(this.getAttribute("address"));
    const memory = new Memory(address, browserShelves());
    const look = Object.assign(this.#look, { colors: theme(this) }, memory.look);
    const chat = new Chat({
      texts,
      language,
      memory,
      page,
      look,
      contact,
      phone: contact.phone,
      contactPage: this.getAttribute("contact-page") || contact.url,
      retentionDays: this.#number("retention-days", 90),
      limit: this.#number("max-characters", 1000),
      changeLook: (change) => {
        Object.assign(look, change);
        memory.look = { ...memory.look, ...change };
        afterPaint(() => this.#dress());
      },
      close: () => this.close(),
      replied: (replies) => this.#replied(replies),
    });
    const conversation = new Conversation(new Api(address), memory, chat, browser);
    chat.conversation = conversation;
    this.#texts = texts;
    this.#chat = chat;
    this.#conversation = conversation;
    this.#memory = memory;
    this.#dress();
    this.#root.lang = language;
    this.#root.dir = "ltr";
    const shadow = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.#root);
    if (page) {
      this.#root.classList.add("page");
      this.#root.append(chat.node);
      const field = this.querySelector("textarea");
      if (field) chat.takeOver(field);
      void conversation.restore();
    } else {
      this.#root.classList.toggle("left", this.getAttribute("position") === "left");
      this.#buildPanel(chat, texts.launcher, texts.title);
      if (memory.open && !matchMedia(SMALL).matches) this.#show(false);
      else if (conversation.waitsForRestore) void conversation.restore();
    }
  }

  #buildPanel(chat: Chat, words: string, title: string): void {
    const open = (event: MouseEvent): void => {
      chat.touched = event.detail > 0 && matchMedia("(pointer: coarse)").matches;
      this.#show(true);
    };
    const opens = { class: "launcher", "aria-haspopup": "dialog" };
    this.#launcher = button(words, open, opens, icon(ICONS.ask));
    this.#launcher.append(this.#badge);
    const panel = {
      class: "panel",
      "aria-labelledby": "title",
      // Esc is ours: on a small screen it would close the chat from anywhere in it.
      oncancel: (event: Event) => event.preventDefault(),
    };
    this.#panel = element("dialog", panel, chat.node);
    this.#root.append(
      element("aside", { "aria-label": title }, this.#launcher, this.#panel, this.#announcer.node),
    );
  }

  /** `asked`: the visitor did it, so the focus follows; when a page opens, it stays where it is. */
  #show(asked: boolean): void {
    const panel = this.#panel;
    if (!panel || panel.open) return;
    const { classList } = this.#root;
    classList.add("first");
    afterPaint(() => classList.remove("first"));
    this.#place(panel);
    this.#launcher?.setAttribute("hidden", "");
    this.#memory.open = true;
    this.#unread = 0;
    this.#replied(0);
    void this.#conversation.restore();
    if (asked) this.#chat?.focus();
  }

  #place(panel: HTMLDialogElement): void {
    if (matchMedia(SMALL).matches) panel.showModal();
    else panel.setAttribute("open", "");
    this.#fit();
  }

  /** Small and large screens show the panel in different ways: change over, keep the focus. */
  #resized(): void {
    const panel = this.#panel;
    if (!panel?.open) return;
    const focused = this.shadowRoot?.activeElement;
    panel.close();
    this.#place(panel);
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    else (this.shadowRoot?.activeElement as HTMLElement | null)?.blur();
  }

  /** An on-screen keyboard covers the page without changing its size: keep to what is left. */
  #fit(): void {
    const view = visualViewport;
    const box = this.#panel ?? this.#root;
    const fills = box === this.#root || box.matches(":modal");
    // Who has zoomed in looks at a part on purpose.
    const fit = view && fills && view.scale < 1.01 ? view : null;
    box.style.height = fit ? `${fit.height}px` : "";
    box.style.top = fit ? `${fit.offsetTop}px` : "";
  }

  #listen(signal: AbortSignal): void {
    const conversation = this.#conversation;
    const options = { signal };
    for (const change of ["resize", "scroll"]) {
      visualViewport?.addEventListener(change, () => this.#fit(), options);
    }
    matchMedia(SMALL).addEventListener("change", () => this.#resized(), options);
    for (const query of [DARK, CONTRAST, STILL]) {
      matchMedia(query).addEventListener("change", () => this.#dress(), options);
    }
    addEventListener("online", () => conversation.retryNow(), options);
    addEventListener("pagehide", () => conversation.leave(), options);
    addEventListener(
      "storage",
      ({ key }) => {
        if (key === this.#memory.sessionName || key === null) void conversation.changedElsewhere();
      },
      options,
    );
  }

  #replied(replies: number): void {
    if (!this.#launcher) return;
    if (this.#panel?.open) replies = 0;
    this.#unread += replies;
    const words = count(this.#texts.unread, this.#unread);
    this.#badge.hidden = this.#unread === 0;
    this.#badge.replaceChildren(...(this.#unread ? [hidden(". "), words] : []));
    if (replies) this.#announcer.say(words);
  }

  /** What the visitor chose in the chat goes before what the device asks for. */
  #dress(): void {
    const { size, colors, contrast, still } = this.#look;
    const { dataset, classList } = this.#root;
    dataset["size"] = size;
    classList.toggle("dark", colors === "dark" || (colors === "auto" && matchMedia(DARK).matches));
    classList.toggle("strong", contrast || matchMedia(CONTRAST).matches);
    classList.toggle("still", still || matchMedia(STILL).matches);
  }

  #number(name: string, usual: number): number {
    const value = Number(this.getAttribute(name));
    return value > 0 ? value : usual;
  }
}

function theme(host: Element): Look["colors"] {
  const wish = host.getAttribute("theme");
  return wish === "light" || wish === "dark" ? wish : "auto";
}

function originOf(address: string | null): string {
  return isWebAddress(address) ? new URL(address).origin : ORIGIN;
}
