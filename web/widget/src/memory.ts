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

// Where each thing is kept, and what it is while nothing is.
const KEPT: Record<string, [Shelf, nothing: unknown]> = {
  session: ["local", null],
  unsent: ["session", []],
  erasing: ["local", []],
  open: ["session", false],
  look: ["local", {}],
};

export class Memory {
  declare session: StoredSession | null;
  declare unsent: Question[];
  /** Tokens of conversations whose erasure the server has not confirmed yet. */
  declare erasing: string[];
  declare open: boolean;
  declare look: Partial<Look>;
  #prefix: string;
  #shelves: Shelves;
  #own = new Map<string, string>();

  /** `address`: origin of the chat server, since one site may embed two helplines. */
  constructor(address: string, shelves: Shelves) {
    this.#prefix = `spms-helpline ${address} `;
    this.#shelves = shelves;
    for (const [name, [shelf, nothing]] of Object.entries(KEPT)) {
      Object.defineProperty(this, name, {
        get: () => this.#read(shelf, name) ?? nothing,
        set: (value: unknown) => this.#write(shelf, name, value),
      });
    }
  }

  /** Name under which the session is stored: other tabs hear of its changes by this name. */
  get sessionName(): string {
    return `${this.#prefix}session`;
  }

  /** "Leave no trace": holds for this tab, and ends with it. */
  get traceless(): boolean {
    return !!this.#read("session", "traceless");
  }

  set traceless(value: boolean) {
    const kept = Object.keys(KEPT).map((name) => [name, this[name as keyof this]] as const);
    if (value) for (const [name, [shelf]] of Object.entries(KEPT)) this.#store(shelf, name, null);
    this.#write("session", "traceless", value);
    Object.assign(this, Object.fromEntries(kept));
  }

  #read(shelf: Shelf, name: string): unknown {
    try {
      const text = this.#own.get(name) ?? this.#shelves[shelf]?.getItem(this.#prefix + name);
      return text ? JSON.parse(text) : null;
    } catch {
      // Storage that is refused, or words of somebody else under our name.
      return null;
    }
  }

  /** Nothing, false and an empty list need not be kept. */
  #write(shelf: Shelf, name: string, value: unknown): void {
    const empty = !value || (Array.isArray(value) && !value.length);
    const text = empty ? null : JSON.stringify(value);
    const hidden = name !== "traceless" && this.traceless;
    if ((!hidden && this.#store(shelf, name, text)) || text === null) this.#own.delete(name);
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
