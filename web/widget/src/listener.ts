// What a conversation tells whoever shows it.

import type { Message, Question } from "./message";

/** Why a question is not answered yet: no network, a fault at the helpline, too many at once. */
export type Delay = "offline" | "fault" | "busy";

/** `expired`: the earlier conversation is gone; `unreachable`: it cannot be fetched just now. */
export type Notice = "expired" | "unreachable" | "erased" | "eraseLater";

export interface Listener {
  /** The server's greeting: the same words as ours, or newer ones. */
  greeted(greeting: Message): void;
  asked(question: Question): void;
  /** The visitor's question was answered; also called for a turn of another tab (question null). */
  answered(messages: Message[], question: Question | null): void;
  delayed(question: Question, why: Delay): void;
  /** The question cannot be sent as it is; it is no longer in the conversation. */
  refused(question: Question, detail: string): void;
  /** Everything that is to be seen, from the start. `undo`: what was there can be brought back. */
  shown(messages: Message[], undo: "erase" | "restart" | null): void;
  busy(waiting: boolean): void;
  told(notice: Notice): void;
}
