// Stand-ins for what only a browser or a server has.

import { type Opened, Problem } from "../src/api";
import type { Api } from "../src/api";
import { Conversation } from "../src/conversation";
import type { Listener } from "../src/listener";
import { Memory, type StoredSession } from "../src/memory";
import type { Message, Question } from "../src/message";
import type { Surroundings } from "../src/surroundings";

export const SESSION: StoredSession = { id: "c1", token: "t1", expires_at: "2026-11-23", turn: 1 };

export class FakeStorage implements Storage {
  #values = new Map<string, string>();
  [name: string]: unknown;

  constructor(private readonly mood: "works" | "refuses" = "works") {}

  get length(): number {
    return this.#values.size;
  }

  get size(): number {
    return this.#values.size;
  }

  get names(): string[] {
    return [...this.#values.keys()];
  }

  getItem(name: string): string | null {
    this.#allow();
    return this.#values.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this.#allow();
    this.#values.set(name, value);
  }

  removeItem(name: string): void {
    this.#allow();
    this.#values.delete(name);
  }

  clear(): void {
    this.#values.clear();
  }

  key(index: number): string | null {
    return this.names[index] ?? null;
  }

  #allow(): void {
    if (this.mood === "refuses") throw new DOMException("no", "SecurityError");
  }
}

let ids = 0;

export function said(from: "bot" | "visitor", text: string, kind = "answer"): Message {
  const nothing = {
    links: [],
    sources: [],
    choices: [],
    checked_on: null,
    contact: null,
    topic: null,
  };
  return { ...nothing, id: `m${ids++}`, from, at: "2026-11-22T10:00:00Z", kind, text };
}

type Step = Problem | "hang";

/** A server that answers each key once; `faults` go first, one for each request for an answer. */
export class FakeServer {
  conversations = new Map<string, Message[]>();
  answered = new Map<string, Message[]>();
  sent: { token: string; key: string; body: string }[] = [];
  erased: string[] = [];
  faults: Step[] = [];
  offline = false;
  opened = 0;

  async open(): Promise<Opened> {
    this.#reach();
    const token = `t${++this.opened}`;
    const greeting = said("bot", "Welcome", "greeting");
    this.conversations.set(token, [greeting]);
    return { conversation: { id: `c${this.opened}`, token, expires_at: "" }, messages: [greeting] };
  }

  async send(
    token: string,
    { key, text, choice }: Question,
    signal?: AbortSignal,
  ): Promise<Message[]> {
    this.#reach();
    const fault = this.faults.shift();
    if (fault === "hang") {
      await new Promise((_, fail) =>
        signal?.addEventListener("abort", () => fail(new Problem(0, ""))),
      );
    }
    if (fault instanceof Problem) throw fault;
    const conversation = this.#find(token);
    const known = this.answered.get(key);
    if (known) return known;
    const body = choice ?? text;
    if (choice?.startsWith("old-")) throw new Problem(422, "unknown choice");
    this.sent.push({ token, key, body });
    const answer = said("bot", `On ${body}`);
    conversation.push(said("visitor", text), answer);
    this.answered.set(key, [answer]);
    return [answer];
  }

  async history(token: string): Promise<Message[]> {
    this.#reach();
    return [...this.#find(token)];
  }

  async feedback(): Promise<void> {}

  async erase(token: string): Promise<void> {
    this.#reach();
    this.#find(token);
    this.conversations.delete(token);
    this.erased.push(token);
  }

  #reach(): void {
    if (this.offline) throw new Problem(0, "");
  }

  #find(token: string): Message[] {
    const conversation = this.conversations.get(token);
    if (!conversation) throw new Problem(401, "ended");
    return conversation;
  }
}

/** Time that stands still until a test lets it go on. */
export class FakeTime {
  waits: { milliseconds: number; end: () => void }[] = [];

  wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const entry = { milliseconds, end: resolve };
      this.waits.push(entry);
      signal.addEventListener("abort", () => {
        this.waits = this.waits.filter((one) => one !== entry);
        resolve();
      });
    });

  /** End the wait that would end first; returns its length. */
  async pass(): Promise<number> {
    this.waits.sort((a, b) => a.milliseconds - b.milliseconds);
    const first = this.waits.shift();
    first?.end();
    await settle();
    return first?.milliseconds ?? 0;
  }
}

export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A tab of a browser with our conversation in it; `told` is all that its view heard. */
export function tab(server: FakeServer, local = new FakeStorage(), session = new FakeStorage()) {
  const told: string[] = [];
  const time = new FakeTime();
  let keys = 0;
  const texts = (messages: Message[]): string => messages.map(({ text }) => text).join("|");
  const listener: Listener = {
    greeted: ({ text }) => void told.push(`greeted ${text}`),
    asked: ({ text }) => void told.push(`asked ${text}`),
    answered: (messages, question) =>
      void told.push(`answered ${question?.text ?? "elsewhere"}: ${texts(messages)}`),
    delayed: ({ text }, why) => void told.push(`delayed ${text}: ${why}`),
    refused: ({ text }, detail) => void told.push(`refused ${text}: ${detail}`),
    shown: (messages, undo) =>
      void told.push(`shown [${texts(messages)}]${undo ? ` ${undo}` : ""}`),
    busy: () => undefined,
    told: (notice) => void told.push(notice),
  };
  const around: Surroundings = {
    wait: time.wait,
    online: () => !server.offline,
    newKey: () => `key-${++keys}-${Math.random()}`,
    alone: (_, work) => work(),
  };
  const memory = new Memory("https://help.example", { local, session });
  const conversation = new Conversation(server as unknown as Api, memory, listener, around);
  return { conversation, memory, told, time, local, session };
}
