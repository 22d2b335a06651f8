import { LakesideError } from '../../../base/errors.ts';
import type { CommandExit } from './commandFiles.ts';

interface Command {
  readonly name: string;
  readonly program: string;
  readonly limitMs: number;
}

const SHOWN_LINES = 8;
const SHOWN_CHARACTERS = 1_000;

/** Why a program made no image, by how it ended; undefined where it says that it did. */
export function failureOf(exit: CommandExit, { name, program, limitMs }: Command): LakesideError | undefined {
  const options = { context: { provider: name, program } };
  if (exit.timedOut) {
    const sentence = `${program} was ended after ${limitMs / 1_000} s, its time limit. Give it more time in the setting lakeside.studio.commands, or look why it takes so long.`;
    return new LakesideError('PROVIDER_TIMEOUT', 'provider', sentence + saidBy(exit), options);
  }
  if (exit.startError !== undefined) {
    const tooLong = exit.startError.includes('E2BIG');
    const hint = tooLong
      ? 'The prompt is longer than a word of a command may be: use {promptFile} in its place.'
      : 'Correct the setting lakeside.studio.commands.';
    const sentence = `${program} could not be started: ${exit.startError}. ${hint}`;
    return new LakesideError('COMMAND_NOT_STARTED', 'provider', sentence, options);
  }
  if (exit.code === 0) return undefined;
  const how = exit.code === null ? `was ended by ${exit.signal ?? 'a signal'}` : `ended with code ${exit.code}`;
  const sentence = `${program} ${how}.${saidBy(exit) || ' It gave no reason.'}`;
  return new LakesideError('COMMAND_FAILED', 'provider', sentence, {
    context: { ...options.context, ...(exit.code === null ? {} : { code: exit.code }) },
  });
}

/** The program was at work, and nobody can say what came of it. */
export function outcomeUnknown(name: string, program: string): LakesideError {
  return new LakesideError(
    'OUTCOME_UNKNOWN',
    'provider',
    `${program} was cut off before it could say whether it had made an image. Look whether it did, or charged for one; Retry runs it again.`,
    { context: { provider: name, program } },
  );
}

/** The last lines of what it said, without what would move a terminal's cursor. */
function saidBy({ said }: CommandExit): string {
  const plain = said
    // The escape sequences of terminals (ECMA-48), then all other control characters but line ends.
    .replaceAll(new RegExp('\\u001b\\[[0-9;?]*[ -/]*[@-~]', 'g'), '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(new RegExp('[\\u0000-\\u0009\\u000b-\\u001f\\u007f]', 'g'), ' ');
  const lines = plain.split('\n').filter((line) => line.trim() !== '');
  const text = lines.slice(-SHOWN_LINES).join('\n').slice(-SHOWN_CHARACTERS).trim();
  return text === '' ? '' : ` It said: ${text}`;
}
