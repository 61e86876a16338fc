// What the browser remembers. localStorage: the conversation's token (so that it goes on in other
// pages and tabs) and how the chat looks. sessionStorage: this tab's unsent messages, and whether
// the chat is open. With "leave no trace" nothing but that wish itself is kept; where a browser refuses
// storage, memory does until the page closes.

import type { Question, Session } from "./message";

export interface Look {
  size: "normal" | "large" | "largest";
  colors: "auto" | "light" | "dark";
  contrast: boolean;
  still: boolean;
}

type Shelf = "local" | "session";

export type Shelves = Record<Shelf, Storage | null>;

export function browserShelves(): Shelves {
  const open = (name: "localStorage" | "sessionStorage"): Storage | null => {
    try {
      return window[name];
    } catch {
      return null;
    }
  };
  return { local: open("localStorage"), session: open("sessionStorage") };
}

/** A session as it is stored; `turn` grows with each answer, so that other tabs notice. */
export type StoredSession = Session & { turn: number };

export class Memory {
  #prefix: string;
  #shelves: Shelves;
  #own = new Map<string, string>();

  /** `address`: origin of the chat server, since one site may embed two helplines. */
  constructor(address: string, shelves: Shelves) {
    this.#prefix = `spms-helpline ${address} `;
    this.#shelves = shelves;
  }

  get session(): StoredSession | null {
    return this.#read<StoredSession>("local", "session");
  }

  set session(value: StoredSession | null) {
    this.#write("local", "session", value);
  }

  /** Name under which the session is stored: other tabs hear of its changes by this name. */
  get sessionName(): string {
    return `${this.#prefix}session`;
  }

  get unsent(): Question[] {
    return this.#read<Question[]>("session", "unsent") ?? [];
  }

  set unsent(value: Question[]) {
    this.#write("session", "unsent", value.length ? value : null);
  }

  /** Tokens of conversations whose erasure the server has not confirmed yet. */
  get erasing(): string[] {
    return this.#read<string[]>("local", "erasing") ?? [];
  }

  set erasing(value: string[]) {
    this.#write("local", "erasing", value.length ? value : null);
  }

  get open(): boolean {
    return this.#read<boolean>("session", "open") ?? false;
  }

  set open(value: boolean) {
    this.#write("session", "open", value || null);
  }

  get look(): Partial<Look> {
    return this.#read<Partial<Look>>("local", "look") ?? {};
  }

  set look(value: Partial<Look>) {
    this.#write("local", "look", value);
  }

  /** "Leave no trace": holds for this tab, and ends with it. */
  get traceless(): boolean {
    return this.#read<boolean>("session", "traceless") ?? false;
  }

  set traceless(value: boolean) {
    const { session, unsent, open, look, erasing } = this;
    const kept: Shelf[] = ["local", "session"];
    if (value) {
      for (const shelf of kept) {
        for (const name of ["session", "unsent", "open", "look", "erasing"]) {
          this.#store(shelf, name, null);
        }
      }
    }
    this.#write("session", "traceless", value || null);
    Object.assign(this, { session, unsent, open, look, erasing });
  }

  #read<Value>(shelf: Shelf, name: string): Value | null {
    let text = this.#own.get(name) ?? null;
    if (text === null) {
      try {
        text = this.#shelves[shelf]?.getItem(this.#prefix + name) ?? null;
      } catch {
        return null;
      }
    }
    try {
      return text === null ? null : (JSON.parse(text) as Value);
    } catch {
      return null;
    }
  }

  #write(shelf: Shelf, name: string, value: unknown): void {
    const text = value === null ? null : JSON.stringify(value);
    const hidden = name !== "traceless" && this.traceless;
    if (!hidden && this.#store(shelf, name, text)) this.#own.delete(name);
    else if (text === null) this.#own.delete(name);
    else this.#own.set(name, text);
  }

  #store(shelf: Shelf, name: string, text: string | null): boolean {
    const storage = this.#shelves[shelf];
    try {
      if (!storage) return false;
      if (text === null) storage.removeItem(this.#prefix + name);
      else storage.setItem(this.#prefix + name, text);
      return true;
    } catch {
      return false;
    }
  }
}
