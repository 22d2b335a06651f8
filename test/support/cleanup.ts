import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Closable {
  close?(): Promise<void>;
  stop?(): Promise<void>;
}

/** What a suite has opened, ended in reverse order, also when its set-up failed half-way. */
export class Cleanup {
  private readonly endings: (() => Promise<void>)[] = [];

  /** Takes over what has to be closed or stopped. */
  async own<T extends Closable>(opening: Promise<T>): Promise<T> {
    const opened = await opening;
    this.endings.push(async () => {
      await opened.close?.();
      await opened.stop?.();
    });
    return opened;
  }

  /** Makes a temporary folder of the suite's own. */
  async folder(prefix: string): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), prefix));
    this.endings.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    return folder;
  }

  /** Ends everything; the first failure is thrown after the rest has ended too. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.endings.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
