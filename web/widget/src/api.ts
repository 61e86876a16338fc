// The chat API over fetch: no cookie, no address with an id in it, every fault a Problem.

import type { Message, Question, Session } from "./message";

/** A request that did not succeed. `status` 0: no answer came (offline, time-out). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    /** Seconds that the server asks us to wait, if it said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }

  /** Whether the same request may succeed a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500 || [408, 409, 425, 429].includes(this.status);
  }

  /** Whether there is no such conversation, or no longer. */
  get ended(): boolean {
    return [401, 404, 410].includes(this.status);
  }
}

export interface Opened {
  conversation: Session;
  messages: Message[];
}

// Longer than the slowest answer that we have seen; then the same key asks again.
const PATIENCE_MS = 45_000;

type Body = Record<string, unknown>;

export class Api {
  #base: string;
  #fetch: typeof fetch;

  constructor(address: string, fetcher: typeof fetch = (...request) => fetch(...request)) {
    this.#base = `${address}/api/v1`;
    this.#fetch = fetcher;
  }

  open(signal?: AbortSignal): Promise<Opened> {
    return this.#json("POST", "/conversations", { body: {}, signal });
  }

  async send(token: string, question: Question, signal?: AbortSignal): Promise<Message[]> {
    const { key, choice, text } = question;
    const body: Body = choice ? { choice } : { text };
    return (
      await this.#json<{ messages: Message[] }>("POST", "/messages", { token, key, body, signal })
    ).messages;
  }

  async history(token: string): Promise<Message[]> {
    return (await this.#json<{ messages: Message[] }>("GET", "/messages", { token })).messages;
  }

  async feedback(token: string, id: string, helpful: boolean, comment: string): Promise<void> {
    const body: Body = { message_id: id, helpful };
    if (comment) body["comment"] = comment;
    await this.#request("POST", "/feedback", { token, body });
  }

  /** Erase the conversation. With `leaving` the request outlives the page. */
  async erase(token: string, leaving = false): Promise<void> {
    await this.#request("DELETE", "/conversations/current", { token, leaving });
  }

  async #json<Answer>(method: string, path: string, options: Options): Promise<Answer> {
    const response = await this.#request(method, path, options);
    try {
      return (await response.json()) as Answer;
    } catch {
      // A body cut off on its way is as good as none.
      throw new Problem(0, "");
    }
  }

  async #request(method: string, path: string, options: Options): Promise<Response> {
    const { token, key, body, leaving, signal } = options;
    const headers: Record<string, string> = { Accept: "application/json" };
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (key) headers["Idempotency-Key"] = key;
    if (body) headers["Content-Type"] = "application/json";
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    const stop = () => patience.abort();
    signal?.addEventListener("abort", stop);
    let response: Response;
    try {
      response = await this.#fetch(this.#base + path, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
        cache: "no-store",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        keepalive: leaving === true,
        signal: patience.signal,
      });
    } catch {
      throw new Problem(0, "");
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

interface Options {
  token?: string;
  key?: string;
  body?: Body;
  leaving?: boolean;
  signal?: AbortSignal | undefined;
}

async function problemOf(response: Response): Promise<Problem> {
  // A date, which servers may send as well, counts as nothing.
  const wait = Number(response.headers.get("Retry-After")) || null;
  let detail = "";
  try {
    const problem = (await response.json()) as { detail?: unknown; title?: unknown };
    detail = String(problem.detail ?? problem.title ?? "");
  } catch {
    // Not a problem document: the status alone has to do.
  }
  return new Problem(response.status, detail, wait);
}
