// How one message looks.

import { blocksOf, dial, isWebAddress, spoken } from "../blocks";
import { ANSWER_LANGUAGE, count, fill, spellDate, type Texts } from "../language";
import type { Choice, Contact, Link, Message, Source } from "../message";
import { button, type Child, element, hidden, icon, ICONS } from "./dom";
import { feedbackForm, type GiveFeedback } from "./feedback";

export interface MessageContext {
  texts: Texts;
  language: string;
  choose(choice: Choice, by: MouseEvent): void;
  feedback: GiveFeedback;
}

// As the page without JavaScript has them: 911 and 988 stand for other things in other answers.
const PHONES = /\b(1-\d{3}-\d{3}-\d{4})\b/;
const URGENT_PHONES = /\b(1-\d{3}-\d{3}-\d{4}|988|911)\b/;
const URGENT = ["crisis", "emergency", "abuse"];
const RATED = ["answer", "personal_advice"];

export const isUrgent = ({ kind }: Message): boolean => URGENT.includes(kind ?? "");

/** The bot's words; a greeting of ours is in the language of the interface. */
export function botMessage(message: Message, context: MessageContext, own = false): HTMLElement {
  const { texts } = context;
  const { kind, contact, choices, sources } = message;
  const greeting = kind === "greeting";
  const card = contact && contactCard(contact, texts);
  const checked = message.checked_on && spellDate(message.checked_on, context.language);
  return element(
    "div",
    { class: `item bot ${isUrgent(message) ? "urgent" : ""}`, "data-kind": kind },
    hidden(texts.answered),
    element(
      "div",
      { class: "words" },
      element(
        "div",
        { class: "text", lang: own ? null : (message.language ?? ANSWER_LANGUAGE) },
        ...paragraphs(message.text, isUrgent(message) ? URGENT_PHONES : PHONES),
        message.links.length > 0 &&
          element(
            "ul",
            { class: "links", role: "list" },
            ...message.links.map((one) => linkLine(one, texts)),
          ),
      ),
      (sources.length > 0 || checked) &&
        element(
          "div",
          { class: "basis" },
          sources.length > 0 && sourceList(sources, context),
          checked && element("p", { class: "small" }, fill(texts.checkedOn, { date: checked })),
        ),
    ),
    !greeting && card,
    choices.length > 0 && choiceList(choices, context, own),
    // When the conversation begins, the questions to start with come before the number, which
    // stands in the header, too.
    greeting && card,
    RATED.includes(kind ?? "") && feedbackForm(message.id, texts, context.feedback),
  );
}

export function visitorMessage(text: string, texts: Texts): HTMLElement {
  const words = element("div", { class: "words text" }, ...paragraphs(text));
  return element("div", { class: "item visitor" }, hidden(texts.youAsked), words);
}

/** What a screen reader says when the message arrives. */
export function announcement(message: Message, texts: Texts): string {
  const { contact, choices } = message;
  const phone = contact?.phone ? `${contact.name}: ${contact.phone}.` : "";
  const replies = choices.length ? `${count(texts.suggested, choices.length)}.` : "";
  return [texts.answered, spoken(message.text), phone, replies].filter(Boolean).join(" ");
}

/** `phones`: which numbers in the text call when they are pressed. */
export function paragraphs(text: string, phones?: RegExp): HTMLElement[] {
  return blocksOf(text).map((block) =>
    "list" in block
      ? element("ul", {}, ...block.list.map((line) => element("li", {}, ...calls(line, phones))))
      : element("p", {}, ...calls(block.paragraph, phones)),
  );
}

/** The line, with phone numbers of ours as links. */
export function calls(line: string, phones = PHONES): Child[] {
  return line
    .split(phones)
    .map((part, index) => (index % 2 ? element("a", { href: dial(part) }, part) : part));
}

/** A link that keeps the conversation where it is. */
export function webLink(
  label: string,
  url: string,
  texts: Texts,
  looks?: string,
): HTMLAnchorElement {
  const target = { class: looks, href: url, target: "_blank", rel: "noopener noreferrer" };
  return element("a", target, label, hidden(` ${texts.newTab}`));
}

function linkLine({ label, url }: Link, texts: Texts): HTMLElement {
  return element("li", {}, isWebAddress(url) ? webLink(label, url, texts) : label);
}

function contactCard(contact: Contact, texts: Texts): HTMLElement {
  const { name, phone, url, hours } = contact;
  const call = phone && dial(phone);
  return element(
    "div",
    { class: "card" },
    element("p", { lang: ANSWER_LANGUAGE }, element("strong", {}, name)),
    element("p", { lang: ANSWER_LANGUAGE }, [contact.for, hours].filter(Boolean).join(" · ")),
    element(
      "p",
      { class: "row" },
      call &&
        element(
          "a",
          { class: "button primary", href: call },
          icon(ICONS.phone),
          fill(texts.call, { phone }),
        ),
      isWebAddress(url) && webLink(texts.website, url, texts, "button"),
    ),
  );
}

function sourceList(sources: Source[], { texts, language }: MessageContext): HTMLElement {
  const lines = sources.map(({ title, publisher, url, published }) => {
    const about = [publisher, published && spellDate(published, language)]
      .filter(Boolean)
      .join(", ");
    return element(
      "li",
      { lang: ANSWER_LANGUAGE },
      isWebAddress(url) ? webLink(title, url, texts) : title,
      about && element("div", { class: "small" }, about),
    );
  });
  const summary = element("summary", {}, count(texts.sources, sources.length));
  return element("details", {}, summary, element("ul", { class: "links", role: "list" }, ...lines));
}

function choiceList(choices: Choice[], context: MessageContext, own: boolean): HTMLElement {
  const label = count(context.texts.suggested, choices.length);
  return element(
    "ul",
    { class: "row choices", role: "list", "aria-label": label },
    ...choices.map((choice) => {
      const one = button(choice.label, (event) => context.choose(choice, event), {
        lang: own ? null : ANSWER_LANGUAGE,
        "data-label": choice.label,
      });
      return element("li", {}, one);
    }),
  );
}

/** Mark the choice that was taken; the others stay, for whoever hit the wrong one. */
export function markChosen(item: Element | null | undefined, label: string, texts: Texts): void {
  for (const one of item?.querySelectorAll<HTMLElement>(".choices button") ?? []) {
    if (one.dataset["label"] !== label || one.querySelector("svg")) continue;
    one.prepend(icon(ICONS.done), hidden(`${texts.chosen}: `));
  }
}
