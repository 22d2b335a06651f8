import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FileLog, redact } from '../../src/base/log.ts';
import { ManualClock } from '../support/manualClock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the log', () => {
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'logs', 'lakeside.log');
  const log = (level: 'error' | 'debug' = 'debug'): FileLog =>
    new FileLog(join(folder(), 'logs'), new ManualClock(1_700_000_000_000), () => level);

  it('is one JSON object a line, with time, level and process', () => {
    log().write({ level: 'info', message: 'Scanned.', data: { files: 3 } });
    log().write({ level: 'warn', message: 'Slow.' });
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      [
        { time: '2023-11-14T22:13:20.000Z', level: 'info', pid: process.pid, message: 'Scanned.', data: { files: 3 } },
        { time: '2023-11-14T22:13:20.000Z', level: 'warn', pid: process.pid, message: 'Slow.' },
      ],
    );
  });

  it('leaves out what is below its level', () => {
    log('error').write({ level: 'info', message: 'Not wanted.' });
    log('error').write({ level: 'error', message: 'Wanted.' });
    assert.equal(readFileSync(file(), 'utf8').split('\n').length, 2);
  });

  it('never holds a secret', () => {
    const redacted = JSON.stringify(
      redact({
        apiKey: 'k1',
        headers: { Authorization: 'Bearer k2' },
        url: 'https://host/x?token=k3&size=1',
        list: ['Authorization: Bearer k4'],
        error: new Error('failed with ?api_key=k5'),
      }),
    );
    for (const secret of ['k1', 'k2', 'k3', 'k4', 'k5']) assert.equal(redacted.includes(secret), false, secret);
    assert.match(redacted, /size=1/);
  });

  it('starts a new file at five megabytes and keeps five old ones', () => {
    mkdirSync(join(folder(), 'logs'));
    for (let round = 0; round < 8; round++) {
      writeFileSync(file(), 'x'.repeat(5 * 1024 * 1024));
      log().write({ level: 'info', message: `Round ${round}.` });
    }
    assert.deepEqual(readdirSync(join(folder(), 'logs')).sort(), [
      'lakeside.log',
      ...[1, 2, 3, 4, 5].map((number) => `lakeside.log.${number}`),
    ]);
  });

  it('is no reason to fail when it cannot be written', () => {
    writeFileSync(join(folder(), 'logs'), 'a file is in the way');
    const write = process.stderr.write.bind(process.stderr);
    const said: string[] = [];
    process.stderr.write = (text: string | Uint8Array) => said.push(String(text)) > 0;
    try {
      log().write({ level: 'info', message: 'Lost.' });
    } finally {
      process.stderr.write = write;
    }
    assert.match(said.join(''), /cannot write its log/);
  });
});
