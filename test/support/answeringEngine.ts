import type { Disposable } from '../../src/base/disposables.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import type { EngineClient, EngineEvents, EngineState } from '../../src/host/engineClient.ts';
import type {
  CallUseCase,
  ParsedInput,
  UseCaseInput,
  UseCaseName,
  UseCaseOutput,
} from '../../src/protocol/useCases.ts';
import { USE_CASES } from '../../src/protocol/useCases.ts';

type Answers = { readonly [K in UseCaseName]?: (input: ParsedInput<K>) => UseCaseOutput<K> };

/** An engine made of the answers a test gives; notes every call. */
export class AnsweringEngine implements EngineClient {
  readonly calls: { readonly name: UseCaseName; readonly input: unknown }[] = [];
  readonly changed = new Emitter<EngineEvents['changed']>();
  readonly progress = new Emitter<EngineEvents['progress']>();
  readonly #states = new Emitter<EngineState>();
  readonly #answers: Answers;
  state: EngineState = { kind: 'ready' };

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  readonly call: CallUseCase = <K extends UseCaseName>(name: K, input: UseCaseInput<K>): Promise<UseCaseOutput<K>> => {
    this.calls.push({ name, input });
    const answer = this.#answers[name];
    if (answer === undefined) return Promise.reject(new LakesideError('UNKNOWN_REQUEST', 'unknown', name));
    // Parsed as the engine would, so that a test cannot pass with input the engine refuses.
    const parsed = USE_CASES[name].input.parse(input) as ParsedInput<K>;
    return Promise.resolve().then(() => answer(parsed));
  };

  setState(state: EngineState): void {
    this.state = state;
    this.#states.fire(state);
  }

  onStateChange(listener: (state: EngineState) => void): Disposable {
    return this.#states.event(listener);
  }

  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): Disposable {
    const emitters: { [E in keyof EngineEvents]: Emitter<EngineEvents[E]> } = {
      changed: this.changed,
      progress: this.progress,
      preview: new Emitter<EngineEvents['preview']>(),
      notice: new Emitter<EngineEvents['notice']>(),
      log: new Emitter<EngineEvents['log']>(),
    };
    return emitters[event].event(listener);
  }

  restart(): Promise<void> {
    return Promise.resolve();
  }
}
