// @ts-check
/**
 * Keys of the staff console. An element names its key in `data-key`; everything works without it.
 * Single letters can be switched off on the account page: whoever speaks to the computer would set
 * them off by chance (WCAG 2.1.4).
 */

const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog#keys"));

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof Element && target.closest("input, select, textarea, [contenteditable]");
}

/**
 * Move the focus from row to row of a list.
 * @param {1 | -1} step
 */
function moveRow(step) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-row]")]);
  const whole = rows.map((row) => row.closest("[data-rows] > *") ?? row);
  const present = whole.findIndex((row) => row.contains(document.activeElement));
  const next = present < 0 ? (step > 0 ? 0 : rows.length - 1) : present + step;
  rows[next]?.focus();
  // With its buttons
  whole[next]?.scrollIntoView({ block: "nearest" });
}

/**
 * What a key stands for. In a list whose rows have keys of their own it is that of the row with the
 * focus, or of the first row.
 * @param {string} key
 * @returns {HTMLElement | null}
 */
function meantBy(key) {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const row =
    document.activeElement?.closest("[data-rows] > *") ?? document.querySelector("[data-rows] > *");
  return (
    row?.querySelector(selector) ?? document.querySelector(`${selector}:not([data-rows] *)`)
  );
}

/** @param {HTMLElement} element */
function isInSight(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}

/** @param {HTMLElement} target */
function press(target) {
  // What decides about words must not happen unseen: the first press shows them.
  if (target.closest(".correcting, [data-rows]") && !isInSight(target)) {
    target.scrollIntoView({ block: "center" });
    target.focus();
  } else target.click();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || dialog?.open) return;
  if (event.key === "?" && dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const target = meantBy(event.key);
  if (target) {
    event.preventDefault();
    if (target.matches("input, select, textarea")) target.focus();
    else press(target);
  } else if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    moveRow(event.key === "j" ? 1 : -1);
  }
}

if (document.body.dataset.keys === "on") document.addEventListener("keydown", onKey);

document.querySelector("[data-opens-keys]")?.addEventListener("click", (event) => {
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});

const said = document.createElement("p");
said.className = "hidden";
said.setAttribute("role", "status");
document.querySelector("main")?.append(said);

/**
 * A link that is for passing on copies its address; where that is not possible it stays a link.
 * @param {HTMLAnchorElement} link
 */
function copyInstead(link) {
  const words = /** @type {HTMLElement} */ (link.cloneNode(true));
  link.addEventListener("click", async (event) => {
    if (!navigator.clipboard) return;
    event.preventDefault();
    await navigator.clipboard.writeText(link.href);
    said.textContent = "The link is copied.";
    link.textContent = "Copied";
    setTimeout(() => link.replaceChildren(...words.cloneNode(true).childNodes), 3000);
  });
}

for (const link of document.querySelectorAll("a[data-copy]")) {
  copyInstead(/** @type {HTMLAnchorElement} */ (link));
}
