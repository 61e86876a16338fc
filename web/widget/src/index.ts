// What the script tag runs. A page that has no <spms-helpline> gets one; a browser too old for the
// chat (no constructed stylesheets: before 2023) gets a link to the page that needs no script.

import { ORIGIN, SpmsHelpline } from "./element";
import { english } from "./language";

const NAME = "spms-helpline";

function start(): void {
  const able = "adoptedStyleSheets" in Document.prototype;
  if (able && !customElements.get(NAME)) customElements.define(NAME, SpmsHelpline);
  let host = document.querySelector(NAME);
  if (!host) document.body.append((host = document.createElement(NAME)));
  if (able || host.hasChildNodes()) return;
  const link = document.createElement("a");
  link.href = host.getAttribute("address") ?? ORIGIN;
  link.textContent = english.launcher;
  host.append(link);
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", start, { once: true });
else start();
