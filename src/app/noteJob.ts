import { retryWhileBusy } from '../store/busyRetry.ts';
import type { Core } from './core.ts';

/** Notes in a job's log what a person did to it, and where: `Paused in a window (process 4711).` */
export function noteJob(core: Core, id: string, what: string): void {
  const line = { at: core.clock.now(), level: 'info', message: `${what} in ${core.who}.` } as const;
  retryWhileBusy(() => core.store.jobHistory.note(id, line), core.clock).catch((error: unknown) => {
    core.log.write({ level: 'warn', message: `The log of a job could not be written: ${String(error)}` });
  });
}
