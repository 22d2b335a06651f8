import type { ErrorShape } from '../../base/errors.ts';
import type { ImageTaskInput, ImageTaskName, ImageTaskOutput } from './imageTasks.ts';

/** What the pool and its thread say to each other; several tasks may be under way. Both come from one build. */

export interface ToImageWorker<K extends ImageTaskName = ImageTaskName> {
  readonly id: number;
  readonly task: K;
  readonly input: ImageTaskInput<K>;
}

export type FromImageWorker<K extends ImageTaskName = ImageTaskName> =
  | { readonly id: number; readonly type: 'done'; readonly output: ImageTaskOutput<K> }
  | { readonly id: number; readonly type: 'failed'; readonly error: ErrorShape };
