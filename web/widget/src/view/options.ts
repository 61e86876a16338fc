// Options: how the chat looks, and what happens to the conversation.

import { fill, type Texts } from "../language";
import type { Look } from "../memory";
import { button, element, icon, ICONS } from "./dom";

export interface OptionsContext {
  texts: Texts;
  retentionDays: number;
  look: Look;
  traceless: boolean;
  changeLook(change: Partial<Look>): void;
  setTraceless(value: boolean): void;
  restart(): void;
  save(): void;
  print(): void;
  erase(): void;
  back(): void;
}

export function optionsView(context: OptionsContext): HTMLElement {
  const { texts, look, changeLook } = context;
  return element(
    "div",
    { class: "options", role: "region", "aria-label": texts.options, hidden: true },
    button(texts.back, context.back, { class: "plain back" }, icon(ICONS.back)),
    element("h3", {}, texts.looks),
    radios("size", texts.size, texts.sizes, look.size, (size) => changeLook({ size })),
    radios("colors", texts.colors, texts.colorChoices, look.colors, (colors) =>
      changeLook({ colors }),
    ),
    checkbox(texts.contrast, look.contrast, (contrast) => changeLook({ contrast })),
    checkbox(texts.still, look.still, (still) => changeLook({ still })),
    element("h3", {}, texts.conversation),
    element(
      "div",
      { class: "row" },
      button(texts.restart, context.restart),
      button(texts.save, context.save),
      button(texts.print, context.print),
      button(texts.erase, context.erase),
    ),
    element("h3", {}, texts.shared),
    checkbox(texts.leaveNoTrace, context.traceless, context.setTraceless, texts.leaveNoTraceHelp),
    element("p", { class: "small" }, fill(texts.kept, { days: context.retentionDays })),
  );
}

function radios<Name extends string>(
  group: string,
  legend: string,
  labels: Record<Name, string>,
  chosen: Name,
  change: (name: Name) => void,
): HTMLElement {
  const names = Object.keys(labels) as Name[];
  return element(
    "fieldset",
    {},
    element("legend", {}, legend),
    element(
      "div",
      { class: "row" },
      ...names.map((name) => {
        const input = {
          type: "radio",
          name: group,
          checked: name === chosen,
          onchange: () => change(name),
        };
        return element("label", { class: "pick" }, element("input", input), labels[name]);
      }),
    ),
  );
}

function checkbox(
  label: string,
  checked: boolean,
  change: (value: boolean) => void,
  help?: string,
): HTMLElement {
  const input = element("input", {
    type: "checkbox",
    checked,
    "aria-describedby": help && "hint",
    onchange: () => change(input.checked),
  });
  const line = element("label", { class: "pick" }, input, label);
  if (!help) return line;
  return element("div", {}, line, element("p", { class: "small", id: "hint" }, help));
}
