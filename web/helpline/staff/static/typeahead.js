// @ts-check
/**
 * Makes the list of topics one to search in by typing: labels and what each topic covers. Without
 * this script it stays the list that it is. The pattern is the ARIA combobox with a listbox.
 */

/** @param {HTMLSelectElement} select */
function enhance(select) {
  const options = [...select.options]
    .filter((option) => option.value)
    .map((option) => ({
      value: option.value,
      label: option.text,
      covers: option.dataset.covers ?? "",
    }));
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  /** @type {{ value: string, label: string, covers: string }[]} */
  let shown = [];
  let active = -1;

  input.id = `${select.id}-search`;
  input.autocomplete = "off";
  input.spellcheck = false;
  input.required = true;
  if (select.dataset.key) input.dataset.key = select.dataset.key;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", `${select.id}-list`);
  input.setAttribute("aria-autocomplete", "list");
  list.id = `${select.id}-list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  const label = document.querySelector(`label[for="${select.id}"]`);
  label?.setAttribute("for", input.id);
  list.setAttribute("aria-labelledby", label?.id ?? "");
  status.className = "hidden";
  status.setAttribute("role", "status");
  select.hidden = true;
  select.required = false;
  select.removeAttribute("data-key");
  select.after(input, list, status);

  /** @param {number} next */
  function activate(next) {
    active = next;
    [...list.children].forEach((item, number) => {
      item.setAttribute("aria-selected", String(number === active));
    });
    const item = list.children[active];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  /** @param {{ value: string, label: string }} option */
  function pick(option) {
    input.value = option.label;
    select.value = option.value;
    input.setCustomValidity("");
    close();
  }

  function search() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    /** @param {{ label: string, covers: string }} one */
    const rank = (one) => {
      const name = one.label.toLowerCase();
      if (words.every((word) => name.includes(word))) return 0;
      const all = `${name} ${one.covers.toLowerCase()}`;
      return words.every((word) => all.includes(word)) ? 1 : 2;
    };
    shown = options
      .map((one) => ({ one, place: rank(one) }))
      .filter(({ place }) => place < 2)
      .sort((a, b) => a.place - b.place)
      .map(({ one }) => one)
      .slice(0, 8);
    list.replaceChildren(
      ...shown.map((one, number) => {
        const item = document.createElement("li");
        const name = document.createElement("strong");
        const covers = document.createElement("span");
        item.id = `${list.id}-${number}`;
        item.setAttribute("role", "option");
        name.textContent = one.label;
        covers.textContent = one.covers ? ` ${one.covers}` : "";
        item.append(name, covers);
        // Before the field loses the focus, which would close the list.
        item.addEventListener("mousedown", (event) => event.preventDefault());
        item.addEventListener("click", () => pick(one));
        return item;
      }),
    );
    list.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(shown.length > 0));
    status.textContent = shown.length ? `${shown.length} topics` : "No topic fits";
    activate(-1);
  }

  input.addEventListener("input", () => {
    select.value = "";
    input.setCustomValidity("Choose a topic from the list.");
    search();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) search();
      const step = event.key === "ArrowDown" ? 1 : -1;
      activate((active + step + shown.length) % Math.max(shown.length, 1));
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && !list.hidden) {
      // With one topic left, or one marked, Enter means that one; it is sent by the next Enter.
      const meant = shown[active] ?? (shown.length === 1 ? shown[0] : undefined);
      event.preventDefault();
      if (meant) pick(meant);
    }
  });
}

document.querySelectorAll("select[data-typeahead]").forEach((select) => {
  if (select instanceof HTMLSelectElement) enhance(select);
});
