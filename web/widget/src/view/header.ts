// Title, options and close, and the line to a person: the same in every state.

import { dial, isWebAddress } from "../blocks";
import type { Texts } from "../language";
import { button, element, icon, ICONS } from "./dom";
import { webLink } from "./message";

export interface HeaderContext {
  texts: Texts;
  page: boolean;
  phone: string;
  contactPage: string;
  close(): void;
}

export function header(context: HeaderContext, options: HTMLButtonElement): HTMLElement {
  const { texts, page, phone, contactPage } = context;
  const bar = element(
    "div",
    { class: "bar" },
    element(page ? "h1" : "h2", { id: "title", tabindex: -1 }, texts.title),
    element(
      "div",
      { class: "row" },
      options,
      !page && button(texts.close, () => context.close(), {}, icon(ICONS.close)),
    ),
  );
  const help = element(
    "p",
    { class: "help" },
    element("span", {}, texts.person),
    element("a", { href: dial(phone) }, icon(ICONS.phone), phone),
    isWebAddress(contactPage) && webLink(texts.contactPage, contactPage, texts),
  );
  return element("header", {}, bar, help);
}
