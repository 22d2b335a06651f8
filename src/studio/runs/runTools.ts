import type { BinarySource } from '../../base/binaryFile.ts';
import type { Clock } from '../../base/clock.ts';
import type { LakesideError } from '../../base/errors.ts';
import type { RunSnapshot } from '../../protocol/studioValues.ts';
import type { JobContext } from '../../queue/jobHandlers.ts';
import { retryWhileBusy } from '../../store/busyRetry.ts';
import type { RunStore } from '../../store/runStore.ts';
import type { ImagePool } from '../imagePool.ts';
import type { Provider } from '../providers/provider.ts';

/** What a run works with; tests pass disks that are full and clocks of their own. */
export interface RunTools {
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly images: Pick<ImagePool, 'inspect'>;
  /** Writes a file durably, whole or not at all. */
  readonly storeFile: (path: string, source: BinarySource) => Promise<void>;
  /** An id for an image. */
  readonly newId: () => string;
  /** A lower-case UUID. */
  readonly newSubmission: () => string;
  /** Absolute path of a folder in which runs work; each in one of its own. */
  readonly scratchDir: string;
  /** Absolute path of a folder for pictures of what is being made. */
  readonly previewsDir: string;
  readonly onPreview: (preview: { readonly part: number; readonly path: string }) => void;
  /** The run, or its images, are others now. */
  readonly onChange: () => void;
  /** Takes out of an error what nobody may read. */
  readonly hideSecrets: (error: LakesideError) => LakesideError;
  /** What went wrong without anybody having to act. */
  readonly onProblem: (error: LakesideError) => void;
}

/** One run in the hands of this process. */
export interface RunUnderWay {
  readonly tools: RunTools;
  readonly provider: Provider;
  readonly snapshot: RunSnapshot;
  readonly job: { readonly id: string; readonly createdAt: number };
  readonly context: JobContext;
}

/** A write of whoever holds the run; another process may hold the database for a while. */
export function write<T>({ tools }: RunUnderWay, work: () => T): Promise<T> {
  return retryWhileBusy(work, tools.clock);
}
