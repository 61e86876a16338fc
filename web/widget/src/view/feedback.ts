// "Was this helpful?" with an optional line.

import type { Texts } from "../language";
import { button, element } from "./dom";

/** Rejects when the helpline could not be reached. */
export type GiveFeedback = (id: string, helpful: boolean, comment: string) => Promise<void>;

const COMMENT_LENGTH = 500;
let forms = 0;

export function feedbackForm(id: string, texts: Texts, give: GiveFeedback): HTMLElement {
  const status = element("p", { class: "small", role: "status" });
  const field = `comment-${forms++}`;
  const answers = [true, false].map((helpful) =>
    button(helpful ? texts.yes : texts.no, () => void rate(helpful), { "aria-pressed": "false" }),
  );
  const question = element("span", { class: "small", id: `${field}-question` }, texts.helpful);
  const ask = element(
    "div",
    { class: "row rate", role: "group", "aria-labelledby": question.id },
    question,
    ...answers,
  );
  const comment = element("input", { id: field, maxlength: COMMENT_LENGTH, autocomplete: "off" });
  const more = element(
    "form",
    { class: "row comment", hidden: true, onsubmit: (event: SubmitEvent) => void explain(event) },
    element("label", { for: field }, texts.comment),
    comment,
    element("button", { type: "submit" }, texts.sendComment),
  );

  async function send(helpful: boolean, words: string): Promise<boolean> {
    try {
      await give(id, helpful, words);
      status.textContent = texts.thanks;
      return true;
    } catch {
      status.textContent = texts.feedbackFailed;
      return false;
    }
  }

  async function rate(helpful: boolean): Promise<void> {
    if (!(await send(helpful, ""))) return;
    answers.forEach((one, index) => one.setAttribute("aria-pressed", String(!index === helpful)));
    more.hidden = helpful;
  }

  async function explain(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const words = comment.value.trim();
    if (!words) comment.focus();
    else if (await send(false, words)) {
      more.hidden = true;
      answers[1]?.focus();
    }
  }

  return element("div", { class: "feedback" }, ask, more, status);
}
