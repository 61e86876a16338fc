// A message's text is plain: paragraphs with a blank line between, and lists of lines that begin
// with "- ". Here it becomes data that the view turns into DOM nodes, never into an HTML string.

export type Block = { paragraph: string } | { list: string[] };

export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const part of text.replace(/\r\n?/g, "\n").split(/\n[ \t]*\n/)) {
    let open: Block | null = null;
    for (const raw of part.split("\n")) {
      const line = raw.trim();
      if (!line) continue;
      const item = /^[-•] +(.*)$/.exec(line)?.[1];
      if (item !== undefined) {
        if (open && "list" in open) open.list.push(item);
        else blocks.push((open = { list: [item] }));
      } else if (open && "paragraph" in open) open.paragraph += ` ${line}`;
      else if (open && "list" in open && /^\s/.test(raw))
        open.list.push(`${open.list.pop()} ${line}`);
      else blocks.push((open = { paragraph: line }));
    }
  }
  return blocks;
}

/** The text as it is spoken: a stop after each block, so that a screen reader pauses. */
export function spoken(text: string): string {
  return blocksOf(text)
    .flatMap((block) => ("list" in block ? block.list : [block.paragraph]))
    .map((line) => (/[.!?:…]$/.test(line) ? line : `${line}.`))
    .join(" ");
}

/** Address for a phone link, or null: "988, then press 1" dials 988, "1-800-…" gets its "+". */
export function dial(phone: string): string | null {
  const digits = (/^[\d\s()+-]+/.exec(phone)?.[0] ?? "").replace(/\D/g, "");
  if (!digits) return null;
  return `tel:${/^1[- ]/.test(phone) ? "+" : ""}${digits}`;
}

/** Whether an address may become a link: web pages only. */
export function isWebAddress(url: string | null): url is string {
  return url !== null && /^https?:\/\//i.test(url);
}
