import { type Clock, systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';

/** Typing settles before it is worth an answer. */
const TYPING_MS = 350;

/** Answers what is being typed, once it rests; a newer text takes the place of an older question. */
export class TypedEstimate<Answer> implements Disposable {
  readonly #ask: (text: string, signal: AbortSignal) => Promise<Answer>;
  readonly #onAnswer: (text: string, answer: Answer | Error | undefined) => void;
  readonly #clock: Clock;
  #current: { readonly text: string; readonly abort: AbortController; answer?: Promise<Answer> } | undefined;
  #timer: Disposable | undefined;

  /** @param onAnswer told the answer, why there is none, or undefined while it is on its way; never of an older text */
  constructor(
    ask: (text: string, signal: AbortSignal) => Promise<Answer>,
    onAnswer: (text: string, answer: Answer | Error | undefined) => void,
    clock: Clock = systemClock,
  ) {
    this.#ask = ask;
    this.#onAnswer = onAnswer;
    this.#clock = clock;
  }

  /** Asks for the answer to this text, soon. */
  type(text: string): void {
    this.#begin(text);
    this.#onAnswer(text, undefined);
    this.#timer = this.#clock.after(TYPING_MS, () => void this.answer(text).catch(() => undefined));
  }

  /** The answer to this text, asked for at once unless it was already. */
  answer(text: string): Promise<Answer> {
    if (this.#current?.text !== text) this.#begin(text);
    const current = this.#current;
    if (current === undefined) throw new Error('Nothing was typed.');
    current.answer ??= this.#ask(text, current.abort.signal).then(
      (answer) => {
        if (this.#current === current) this.#onAnswer(text, answer);
        return answer;
      },
      (error: unknown) => {
        if (this.#current === current) this.#onAnswer(text, error instanceof Error ? error : new Error(String(error)));
        throw error;
      },
    );
    return current.answer;
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#current?.abort.abort();
    this.#current = undefined;
  }

  #begin(text: string): void {
    this.dispose();
    this.#current = { text, abort: new AbortController() };
  }
}
