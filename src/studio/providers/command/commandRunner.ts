import { spawn } from 'node:child_process';

import { writeFileAtomic } from '../../../base/atomicFile.ts';
import { createOnce } from '../../../base/binaryFile.ts';
import { processStart, signalGroup } from '../../../base/processIdentity.ts';
import { type CommandExit, type CommandTask, readCommandFile, taskSchema } from './commandFiles.ts';

/** As much as a person reads of what went wrong. */
const KEPT_CHARACTERS = 16_000;
/** What the program gets to put its things away. */
const GRACE_MS = 3_000;

/**
 * A process of its own between Lakeside and a program that makes an image: it outlives us, and leaves how the program ended
 * in a file. It leads a group that holds the program and all it starts, so that one signal ends them.
 */
function run(task: CommandTask): void {
  const me = { pid: process.pid, start: processStart(process.pid) ?? '' };
  // Of all that may try, one starts the program, or sees to it that nobody does.
  if (!createOnce(task.started, JSON.stringify(me))) return;
  const [program = '', ...args] = task.argv;
  const env = { ...process.env };
  // It was for us alone: without it Electron's own program would not run as Node.
  delete env.ELECTRON_RUN_AS_NODE;
  const tails = { stdout: '', stderr: '' };
  let timedOut = false;
  let over = false;

  function end(exit: Pick<CommandExit, 'code' | 'signal' | 'startError'>): void {
    if (over) return;
    over = true;
    const said = tails.stderr.trim() === '' ? tails.stdout : tails.stderr;
    writeFileAtomic(task.exit, JSON.stringify({ ...exit, timedOut, said } satisfies CommandExit));
  }
  /** Asks the group to end; who does not is ended, we among them. */
  function stop(): void {
    setTimeout(() => {
      end({ code: null, signal: 'SIGKILL' });
      signalGroup(me, 'SIGKILL');
    }, GRACE_MS);
  }

  process.on('SIGTERM', stop);
  const notStarted = (error: unknown): void => {
    end({ code: null, signal: null, startError: error instanceof Error ? error.message : String(error) });
    process.exit();
  };
  let child;
  try {
    child = spawn(program, args, { cwd: task.cwd, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  } catch (error) {
    // Some errors come at once, such as words that are too long.
    notStarted(error);
    return;
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      tails[name] = (tails[name] + text).slice(-KEPT_CHARACTERS);
    });
  }
  const limit = setTimeout(() => {
    timedOut = true;
    // Windows has no gentle way; we would end with it and leave no word.
    if (process.platform === 'win32') end({ code: null, signal: 'SIGKILL' });
    signalGroup(me, 'SIGTERM');
  }, task.timeLimitMs);
  child.on('error', (error) => {
    clearTimeout(limit);
    notStarted(error);
  });
  child.on('exit', (code, signal) => {
    clearTimeout(limit);
    // What it has written may still be on its way here; what its own children hold open is not waited for.
    setTimeout(() => {
      end({ code, signal });
      process.exit();
    }, 50);
  });
}

const task = readCommandFile(process.argv[2] ?? '', taskSchema);
if (task !== undefined) run(task);
