import { LakesideError } from '../base/errors.ts';
import type { IoPool } from '../library/ioPool.ts';
import type { TransferRunner } from './applyOptions.ts';
import type { TransferAnswer, TransferKind } from './transferTasks.ts';

/**
 * Runs transfer tasks in the threads of the I/O pool.
 * @param bandwidth the memory of the process's pacer
 */
export function pooledTransfers(pool: Pick<IoPool, 'run'>, bandwidth?: SharedArrayBuffer): TransferRunner {
  return {
    async run(kind, place, input, options) {
      const answer = await pool.run('transfer', { kind, place, input, bandwidth }, options);
      if (isAnswerTo(kind, answer)) return answer.output;
      throw new LakesideError('INTERNAL', 'unknown', `A thread answered ${answer.kind} where ${kind} was asked.`);
    },
  };
}

function isAnswerTo<K extends TransferKind>(
  kind: K,
  answer: { readonly kind: TransferKind; readonly output: unknown },
): answer is TransferAnswer<K> {
  return answer.kind === kind;
}
