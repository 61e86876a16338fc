// Elements from data. Text becomes text nodes: nothing here reads HTML.

/** For what takes long to draw: first the screen shows that the touch was felt. */
export const afterPaint = (work: () => void): unknown => setTimeout(work, 30);

type Value = string | number | boolean | null | undefined | ((event: never) => void);
export type Child = Node | string | null | undefined | false;

/** An element with attributes; a function under "onclick" and the like listens to that event. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) node.setAttribute(name, "");
    else if (value != null && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child): child is Node | string => !!child));
  return node;
}

/** A button of words, with a drawing before them if wanted. */
export function button(
  label: string,
  onclick: (event: MouseEvent) => void,
  attributes: Record<string, Value> = {},
  drawing?: SVGSVGElement,
): HTMLButtonElement {
  const words = element("span", {}, label);
  return element("button", { type: "button", ...attributes, onclick }, drawing, words);
}

/** Words for screen readers only. */
export function hidden(text: string): HTMLSpanElement {
  return element("span", { class: "hidden" }, text);
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing of strokes on a 24 × 24 grid; it says nothing that the words beside it do not. */
export function icon(path: string): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const strokes = document.createElementNS(SVG, "path");
  strokes.setAttribute("d", path);
  drawing.append(strokes);
  return drawing;
}

export const ICONS = {
  ask: "M4 5h16v11H11l-5 4v-4H4zM8 9h8M8 12.5h5",
  phone: "M7 3l3 5-2 2c1 2.6 3.4 5 6 6l2-2 5 3c0 3-2 4.5-4 4C10 20 4 14 3 7c-.3-2 1-4 4-4z",
  options: "M4 7h9M19 7h1M4 17h1M11 17h9M13 4.5v5h4v-5zM5 14.5v5h4v-5z",
  close: "M6 6l12 12M18 6L6 18",
  back: "M19 12H5M11 6l-6 6 6 6",
  done: "M5 13l4.5 4.5L19 7",
  send: "M4 12h15M13 6l6 6-6 6",
  down: "M12 5v14M6 13l6 6 6-6",
} as const;
