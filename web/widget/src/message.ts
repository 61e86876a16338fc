// What the chat API sends and takes (its OpenAPI document: /openapi.json).

export interface Choice {
  id: string;
  label: string;
}

export interface Link {
  label: string;
  url: string;
}

export interface Source {
  title: string;
  publisher: string;
  url: string | null;
  published: string | null;
}

export interface Contact {
  name: string;
  phone: string | null;
  url: string | null;
  for: string;
  hours: string | null;
}

export interface Message {
  id: string;
  from: "bot" | "visitor";
  /** ISO 8601 */
  at: string;
  kind: string | null;
  topic: string | null;
  text: string;
  /** Of the text, where it is not English. */
  language?: string;
  links: Link[];
  sources: Source[];
  /** YYYY-MM-DD */
  checked_on: string | null;
  choices: Choice[];
  contact: Contact | null;
}

/** What the widget knows of a conversation; the token is the only key to it. */
export interface Session {
  id: string;
  token: string;
  expires_at: string;
}

/** A message of the visitor on its way. `key` makes a second try harmless. */
export interface Question {
  key: string;
  text: string;
  choice: string | null;
}

/** A message with nothing but what is given. */
export function messageOf(
  from: Message["from"],
  id: string,
  text: string,
  more: Partial<Message> = {},
): Message {
  const nothing = { kind: null, topic: null, checked_on: null, contact: null };
  const lists = { links: [], sources: [], choices: [] };
  return { id, from, at: new Date().toISOString(), text, ...nothing, ...lists, ...more };
}
