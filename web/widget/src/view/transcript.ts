// The conversation to take along: as a text file, or printed.

import { isWebAddress } from "../blocks";
import { fill, spellDate, type Texts } from "../language";
import type { Message } from "../message";
import { element } from "./dom";
import { paragraphs } from "./message";

export function transcriptText(
  messages: readonly Message[],
  texts: Texts,
  language: string,
): string {
  return messages
    .map((message) => {
      const { from, at, text, links, sources, contact, checked_on } = message;
      const time = new Date(at).toLocaleString(language, {
        dateStyle: "medium",
        timeStyle: "short",
      });
      const who = from === "visitor" ? texts.you : texts.helpline;
      const checked =
        checked_on && fill(texts.checkedOn, { date: spellDate(checked_on, language) });
      const more = [
        ...links.map(({ label, url }) => `${label}: ${url}`),
        contact && [contact.name, contact.phone, contact.url].filter(Boolean).join(", "),
        ...sources.map(({ title, publisher, url }) =>
          [`* ${title}`, publisher, isWebAddress(url) && url].filter(Boolean).join(", "),
        ),
        checked,
      ].filter(Boolean);
      return [`${who} (${time})`, text, ...more].join("\n");
    })
    .join("\n\n");
}

export function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Print the conversation alone, not the page around it: from a frame that nobody sees. */
export function print(text: string, title: string, root: ParentNode): void {
  const frame = element("iframe", { class: "printed", "aria-hidden": "true", tabindex: -1 });
  root.append(frame);
  const page = frame.contentWindow;
  if (!page) return;
  page.document.title = title;
  page.document.body.append(element("h1", {}, title), ...paragraphs(text.replace(/\n/g, "\n\n")));
  page.addEventListener("afterprint", () => frame.remove());
  page.print();
}
