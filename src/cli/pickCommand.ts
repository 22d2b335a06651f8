import path from 'node:path';
import type { Command } from 'commander';

import { LakesideError } from '../base/errors.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import type { RunCommand, Session } from './session.ts';
import { formatTable } from './table.ts';

interface PickOptions {
  readonly reject?: boolean;
  readonly clear?: boolean;
  readonly rating?: string;
}

const RUN_FOLDER = /^run-([0-9a-z]{16})$/;

export function addPickCommand(program: Command, run: RunCommand): void {
  program
    .command('pick')
    .description('pick images, or reject or rate them')
    .argument('<image...>', 'files, or ids as `runs show` gives them')
    .option('--reject', 'reject them instead')
    .option('--clear', 'neither pick nor reject them')
    .option('--rating <n>', 'rate them from 0 to 5; alone it picks nothing')
    .action((images: string[], options: PickOptions) =>
      run({ runsJobs: false }, (session) => pick(session, images, options)),
    );
}

async function pick(session: Session, typed: readonly string[], options: PickOptions): Promise<ExitCode> {
  const { call, terminal, json } = session;
  const ids: string[] = [];
  for (const each of typed) ids.push(await imageId(session, each));
  const { images } = await call('images.judge', { images: ids, ...judgementOf(options) });
  if (json) {
    await writeDocument(terminal, {
      images: images.map(({ id, path: file, rating, pick: state }) => ({ id, path: file, rating, pick: state })),
    });
    return EXIT.done;
  }
  const columns = [{ title: 'IMAGE' }, { title: 'RATING' }, { title: 'PICK' }, { title: 'FILE' }];
  const rows = images.map(({ id, rating, pick: state, path: file }) => [id, String(rating), state, file]);
  await terminal.write(formatTable(columns, rows));
  return EXIT.done;
}

function judgementOf({ reject, clear, rating }: PickOptions): {
  pick?: 'picked' | 'rejected' | 'none';
  rating?: number;
} {
  if (reject === true && clear === true) {
    throw new LakesideError('OPTION_INVALID', 'validation', 'Say --reject or --clear, not both.');
  }
  if (rating !== undefined && !/^[0-5]$/.test(rating)) {
    throw new LakesideError('OPTION_INVALID', 'validation', `--rating is from 0 to 5, not ${JSON.stringify(rating)}.`);
  }
  const state = reject === true ? 'rejected' : clear === true ? 'none' : 'picked';
  const rates = rating !== undefined;
  const onlyRates = rates && reject !== true && clear !== true;
  return { ...(rates ? { rating: Number(rating) } : {}), ...(onlyRates ? {} : { pick: state }) };
}

/** An id stands for itself; of a file its run's folder says which run it is of. */
async function imageId(session: Session, typed: string): Promise<string> {
  if (!/[\\/.]/.test(typed)) return typed;
  const file = session.absolutePath(typed);
  const [, run] = RUN_FOLDER.exec(path.basename(path.dirname(file))) ?? [];
  if (run !== undefined) {
    const { images } = await session.call('runs.get', { id: run });
    const image = images.find((each) => path.basename(each.path) === path.basename(file));
    if (image !== undefined) return image.id;
  }
  throw new LakesideError('IMAGE_UNKNOWN', 'validation', `${file} is no image of a run.`, { context: { path: file } });
}
