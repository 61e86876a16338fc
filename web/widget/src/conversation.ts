// One conversation, without its looks: what was said, what is on its way, and the promise that no
// message gets lost or is sent twice. The view listens.

import { type Api, Problem } from "./api";
import { Erasing } from "./erasing";
import type { Memory } from "./memory";
import type { Listener } from "./listener";
import { type Message, messageOf, type Question, type Session } from "./message";
import type { Surroundings } from "./surroundings";

export const UNDO_MS = 10_000;
const DELAYS_S = [1, 2, 4, 8, 15];
const LONGEST_DELAY_S = 30;

interface Removed {
  session: Session | null;
  messages: Message[];
  /** Ends the wait before the server is asked to erase; null after "start again". */
  timer: AbortController | null;
}

export class Conversation {
  #messages: Message[] = [];
  #session: Session | null = null;
  #queue: Question[] = [];
  #life = new AbortController();
  #pause: AbortController | null = null;
  #running = false;
  #restored: Promise<void> | null = null;
  // What was said before could not be fetched yet.
  #missing = false;
  // Another tab changed the conversation, and this one has not looked yet.
  #behind = false;
  #removed: Removed | null = null;
  #erasing: Erasing;

  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
    private readonly listener: Listener,
    private readonly around: Surroundings,
  ) {
    this.#erasing = new Erasing(api, memory);
  }

  /** What was said so far, the visitor's own words included. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** Whether there is something to come back to: an earlier conversation or an unsent message. */
  get waitsForRestore(): boolean {
    return this.#restored === null && this.memory.unsent.length > 0;
  }

  /** Fetch the earlier conversation, once, and go on with what was not sent. */
  restore(): Promise<void> {
    this.#restored ??= this.#restore();
    return this.#restored;
  }

  async #restore(): Promise<void> {
    void this.#erase();
    const stored = this.memory.session;
    const unsent = this.memory.unsent;
    if (stored) {
      try {
        this.#take(await this.api.history(stored.token), unsent.length > 0);
        this.#session = stored;
        this.#missing = false;
        this.listener.shown([...this.#messages], null);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.passing) {
          this.#missing = true;
          this.#restored = null;
          if (!unsent.length) this.listener.told("unreachable");
        } else {
          this.memory.session = null;
          this.listener.told("expired");
        }
      }
    }
    const known = new Set(this.#queue.map(({ key }) => key));
    for (const question of unsent) {
      if (!known.has(question.key)) this.#enqueue(question);
    }
    void this.#run();
  }

  /** Another tab of the site changed the conversation. */
  async changedElsewhere(): Promise<void> {
    const stored = this.memory.session;
    if (!stored) {
      if (this.#session) this.#reset(null);
      return;
    }
    // What is on its way from here comes first.
    this.#behind = this.#queue.length > 0;
    if (this.#behind || this.#removed?.timer || (!this.#session && !this.#restored)) return;
    try {
      const history = await this.api.history(stored.token);
      if (this.#session?.token !== stored.token) {
        this.#session = stored;
        this.#messages = history;
        this.listener.shown(history, null);
        return;
      }
      for (const turn of unknownTurns(history, this.#messages)) {
        this.#messages.push(...turn);
        this.listener.answered(turn, null);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** Send a typed message, or a choice with its label as the text. */
  ask(text: string, choice: string | null): void {
    this.commit();
    this.#enqueue({ key: this.around.newKey(), text, choice });
    void this.#run();
  }

  /** Try at once instead of waiting for the next try. */
  retryNow(): void {
    this.#pause?.abort();
    if (!this.#session && !this.#queue.length) void this.restore();
    void this.#erase();
  }

  /** Take back a question that is not answered yet. */
  withdraw(key: string): void {
    const first = this.#queue[0]?.key === key;
    this.#queue = this.#queue.filter((question) => question.key !== key);
    this.#messages = this.#messages.filter((message) => message.id !== key);
    this.memory.unsent = this.#queue;
    if (first) this.#renewLife();
    if (!this.#queue.length) this.listener.busy(false);
  }

  feedback(id: string, helpful: boolean, comment: string): Promise<void> {
    if (!this.#session) return Promise.reject(new Problem(401, ""));
    return this.api.feedback(this.#session.token, id, helpful, comment);
  }

  /** Begin a new conversation; the old one stays with the helpline for its retention time. */
  startAgain(): void {
    this.commit();
    this.#remove(null);
  }

  /** Erase the conversation, after ten seconds in which it can be brought back. */
  async erase(): Promise<void> {
    this.commit();
    const timer = new AbortController();
    const { token } = this.#session ?? this.memory.session ?? {};
    if (token) this.#erasing.add(token);
    this.#remove(timer);
    await this.around.wait(UNDO_MS, timer.signal);
    if (timer.signal.aborted) return;
    this.#removed = null;
    this.listener.told((await this.#erase()) ? "erased" : "eraseLater");
  }

  undo(): void {
    const removed = this.#removed;
    if (!removed) return;
    removed.timer?.abort();
    this.#removed = null;
    const { session } = removed;
    if (session) this.#erasing.remove(session.token);
    this.#session = session;
    this.#messages = removed.messages;
    this.#remember();
    this.listener.shown([...this.#messages], null);
  }

  /** Give up the chance of an undo: what was to be erased is erased now. */
  commit(): void {
    const removed = this.#removed;
    this.#removed = null;
    removed?.timer?.abort();
    if (removed?.timer) void this.#erase();
  }

  /** The page goes away: erase what has to be erased. */
  leave(): void {
    const traceless = this.memory.traceless && this.#session;
    if (traceless) this.#erasing.add(traceless.token);
    this.#erasing.leave();
    if (traceless) this.#reset(null);
    if (!this.#removed?.timer) return;
    this.#removed.timer.abort();
    this.#removed = null;
    // Seen only when the browser brings the page back as it was.
    this.listener.told(this.around.online() ? "erased" : "eraseLater");
  }

  set traceless(value: boolean) {
    this.memory.traceless = value;
  }

  #enqueue(question: Question): void {
    this.#queue.push(question);
    this.memory.unsent = this.#queue;
    this.#messages.push(messageOf("visitor", question.key, question.text));
    this.listener.asked(question);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      if (!this.#session && !this.#missing && this.memory.session) await this.restore();
      for (let next = this.#queue[0]; next; next = this.#queue[0]) await this.#deliver(next);
      if (this.#behind) void this.changedElsewhere();
    } finally {
      this.#running = false;
      this.listener.busy(false);
    }
  }

  async #deliver(question: Question): Promise<void> {
    const life = this.#life;
    this.listener.busy(true);
    let reopened = false;
    for (let tries = 0; !life.signal.aborted; tries++) {
      try {
        const session = await this.#open(life.signal);
        const answer = await this.api.send(session.token, question, life.signal);
        if (!life.signal.aborted) this.#finish(question, answer);
        return;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (life.signal.aborted) return;
        if (error.ended && !reopened) {
          // The conversation has ended: ask again in a new one, where old choices are unknown.
          reopened = true;
          this.#session = null;
          this.memory.session = null;
          question.choice = null;
          this.listener.told("expired");
        } else if (error.passing) {
          await this.#hold(question, error, tries);
        } else if (question.choice) {
          // The choice is no longer on offer; its words still say what is meant.
          question.choice = null;
          question.key = this.#renewKey(question.key);
        } else {
          this.#drop(question);
          this.listener.refused(question, error.message);
          return;
        }
      }
    }
  }

  #finish(question: Question, answer: Message[]): void {
    const known = new Set(this.#messages.map(({ id }) => id));
    const replies = answer.filter(({ from, id }) => from === "bot" && !known.has(id));
    this.#queue.shift();
    this.memory.unsent = this.#queue;
    this.#remember();
    this.listener.busy(this.#queue.length > 0);
    if (replies.length) {
      this.#messages.push(...replies);
      this.listener.answered(replies, question);
    } else {
      // It had been answered before this page began: the history shows it already.
      this.#messages = this.#messages.filter(({ id }) => id !== question.key);
      this.listener.shown([...this.#messages], null);
    }
    // What could not be fetched before can be now.
    if (this.#missing) void this.restore();
  }

  #drop(question: Question): void {
    this.#queue.shift();
    this.#messages = this.#messages.filter(({ id }) => id !== question.key);
    this.memory.unsent = this.#queue;
  }

  #renewKey(old: string): string {
    const key = this.around.newKey();
    const asked = this.#messages.find(({ id }) => id === old);
    if (asked) asked.id = key;
    this.memory.unsent = this.#queue;
    return key;
  }

  /** Wait before the next try; says why once it is more than a hiccup. */
  async #hold(question: Question, { status, retryAfter }: Problem, tries: number): Promise<void> {
    const busy = status === 429;
    if (tries > 0 || !this.around.online() || busy) {
      this.listener.delayed(question, busy ? "busy" : status ? "fault" : "offline");
    }
    const seconds = retryAfter ?? DELAYS_S[tries] ?? LONGEST_DELAY_S;
    this.#pause = new AbortController();
    await this.around.wait(seconds * 1000, this.#pause.signal);
  }

  #open(signal: AbortSignal): Promise<Session> {
    if (this.#session) return Promise.resolve(this.#session);
    return this.around.alone(this.memory.sessionName, async () => {
      const stored = this.memory.session;
      if (stored) {
        this.#session = stored;
        return stored;
      }
      const { conversation, messages } = await this.api.open(signal);
      if (signal.aborted) return conversation;
      this.#session = conversation;
      const [greeting] = messages;
      if (greeting) {
        this.#messages.unshift(greeting);
        this.listener.greeted(greeting);
      }
      this.#remember();
      return conversation;
    });
  }

  #remember(): void {
    const turn = (this.memory.session?.turn ?? 0) + 1;
    this.memory.session = this.#session && { ...this.#session, turn };
  }

  /** Take over what the server has. A question still on its way is shown by the queue instead. */
  #take(history: Message[], onItsWay: boolean): void {
    const unanswered = onItsWay && history.at(-1)?.from === "visitor";
    const queued = this.#messages.filter(({ id }) => this.#queue.some(({ key }) => key === id));
    this.#messages = [...(unanswered ? history.slice(0, -1) : history), ...queued];
  }

  #remove(timer: AbortController | null): void {
    const messages = this.#messages.filter(({ id }) => !this.#queue.some(({ key }) => key === id));
    this.#removed = { session: this.#session, messages, timer };
    this.#reset(timer ? "erase" : "restart");
  }

  #reset(undo: "erase" | "restart" | null): void {
    this.#renewLife();
    this.#session = null;
    this.#messages = [];
    this.#queue = [];
    this.memory.unsent = [];
    this.memory.session = null;
    this.listener.busy(false);
    this.listener.shown([], undo);
  }

  /** Erase what is due; what can still be brought back is not. */
  #erase(): Promise<boolean> {
    return this.#erasing.finish(this.#removed?.timer ? this.#removed.session?.token : undefined);
  }

  #renewLife(): void {
    this.#life.abort();
    this.#pause?.abort();
    this.#life = new AbortController();
  }
}

/** The turns of `history` (a question and its replies) whose replies are not among `messages`. */
function unknownTurns(history: Message[], messages: Message[]): Message[][] {
  const known = new Set(messages.map(({ id }) => id));
  const turns: Message[][] = [];
  for (const message of history) {
    if (message.from === "visitor") turns.push([]);
    turns.at(-1)?.push(message);
  }
  return turns.filter((turn) => {
    const replies = turn.filter(({ from }) => from === "bot");
    return replies.length > 0 && !replies.some(({ id }) => known.has(id));
  });
}
