import { homedir } from 'node:os';

import { runCommandLine } from './runCommandLine.ts';
import type { StartedThreads } from '../engine.ts';
import type { OpenEngine } from './session.ts';
import { StreamTerminal } from './terminal.ts';

/** Signals that end a command cleanly, with the exit code each has by custom. */
const STOP_SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** A timer's longest time; the core's own timers do not keep a process alive. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The command line as a process: its arguments, its streams, its signals, its exit code. */
export async function runProcess(startedThreads: StartedThreads): Promise<void> {
  const stop = new AbortController();
  for (const [name, code] of Object.entries(STOP_SIGNALS)) {
    process.on(name, () => {
      // Asked twice, it does not wait for anything: the queue takes up what was left, as after a crash.
      if (stop.signal.aborted) process.exit(code);
      stop.abort();
    });
  }
  const keepAlive = setInterval(() => undefined, LONGEST_TIMER_MS);
  try {
    process.exitCode = await runCommandLine({
      args: process.argv.slice(2),
      environment: process.env,
      platform: process.platform,
      homeDir: homedir(),
      workingDir: process.cwd(),
      terminal: new StreamTerminal(process.stdout, process.stderr),
      signal: stop.signal,
      openEngine: (options) => openEngine({ ...options, startedThreads }),
    });
  } finally {
    clearInterval(keepAlive);
  }
}

/** The core in this process; loaded when a command needs it, so that `--help` is quick. */
const openEngine: OpenEngine = async (options) => {
  const { createEngine } = await import('../engine.ts');
  const engine = await createEngine(options);
  return {
    call: engine.call,
    onProgress: (listener) => engine.on('progress')(listener),
    close: () => engine.close(),
  };
};
