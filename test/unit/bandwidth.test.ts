import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { settingsSchema } from '../../src/protocol/settings.ts';
import { bandwidthAt, type BandwidthSetting, type WallTime, wallTime } from '../../src/transfer/bandwidth.ts';
import { BandwidthLimit } from '../../src/transfer/bandwidthLimit.ts';
import { Pacer, type PacerTime } from '../../src/transfer/pacer.ts';
import { ManualClock } from '../support/manualClock.ts';

function setting(megabytesPerSecond: number, ...timetable: unknown[]): BandwidthSetting {
  return settingsSchema.shape['transfer.bandwidth'].parse({ megabytesPerSecond, timetable });
}

function at(weekday: WallTime['weekday'], time: string): WallTime {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return { weekday, minutes: hours * 60 + minutes };
}

describe('the bandwidth of copies', () => {
  it('is what the setting says, in millions of bytes, and without limit at 0', () => {
    assert.equal(bandwidthAt(setting(12.5), at('mon', '12:00')), 12_500_000);
    assert.equal(bandwidthAt(setting(0), at('mon', '12:00')), 0);
  });

  it('is at any time what a plain number says', () => {
    const plain = settingsSchema.parse({ 'transfer.bandwidth': 6 })['transfer.bandwidth'];
    assert.equal(bandwidthAt(plain, at('mon', '12:00')), 6_000_000);
    assert.equal(bandwidthAt(plain, at('sun', '00:00')), 6_000_000);
    assert.equal(settingsSchema.safeParse({ 'transfer.bandwidth': -1 }).success, false);
  });

  it('follows a row from its first minute to the one before its last', () => {
    const office = setting(0, { from: '08:00', to: '18:00', megabytesPerSecond: 5 });
    const mega = (time: string): number => bandwidthAt(office, at('wed', time)) / 1_000_000;
    assert.deepEqual(['07:59', '08:00', '17:59', '18:00'].map(mega), [0, 5, 5, 0]);
  });

  it('counts a row over midnight to the day it begins on', () => {
    const night = setting(5, { days: ['fri'], from: '22:00', to: '06:00', megabytesPerSecond: 0 });
    const limited = (day: WallTime['weekday'], time: string): boolean => bandwidthAt(night, at(day, time)) > 0;
    assert.deepEqual(
      [limited('fri', '21:59'), limited('fri', '22:00'), limited('sat', '05:59'), limited('sat', '06:00')],
      [true, false, false, true],
    );
    assert.ok(limited('fri', '05:00'), 'that night began on Thursday');
    const sunday = setting(5, { days: ['sun'], from: '22:00', to: '06:00', megabytesPerSecond: 0 });
    assert.equal(bandwidthAt(sunday, at('mon', '05:00')), 0);
  });

  it('is of the whole day where a row ends as it begins', () => {
    const day = setting(5, { days: ['sat'], from: '09:00', to: '09:00', megabytesPerSecond: 1 });
    assert.equal(bandwidthAt(day, at('sat', '09:00')), 1_000_000);
    assert.equal(bandwidthAt(day, at('sun', '08:59')), 1_000_000);
    assert.equal(bandwidthAt(day, at('sun', '09:00')), 5_000_000);
  });

  it('is that of the first row that holds', () => {
    const rows = setting(
      1,
      { from: '10:00', to: '12:00', megabytesPerSecond: 2 },
      { from: '08:00', to: '18:00', megabytesPerSecond: 3 },
    );
    assert.equal(bandwidthAt(rows, at('mon', '11:00')), 2_000_000);
    assert.equal(bandwidthAt(rows, at('mon', '12:00')), 3_000_000);
  });

  it('goes by the clock on the wall, also when clocks are put on or back', () => {
    const before = process.env.TZ;
    try {
      process.env.TZ = 'Europe/Berlin';
      // 29 March 2026 has no hour from two to three; 25 October has it twice.
      assert.deepEqual(wallTime(new Date('2026-03-29T00:59:00Z')), at('sun', '01:59'));
      assert.deepEqual(wallTime(new Date('2026-03-29T01:00:00Z')), at('sun', '03:00'));
      assert.deepEqual(wallTime(new Date('2026-10-25T00:30:00Z')), at('sun', '02:30'));
      assert.deepEqual(wallTime(new Date('2026-10-25T01:30:00Z')), at('sun', '02:30'));
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });

  it('follows the timetable and the setting within a second while somebody copies', async () => {
    const clock = new ManualClock();
    let current = setting(7);
    let processes = 0;
    const pacer = new Pacer();
    const limit = new BandwidthLimit({ clock, setting: () => current, processes: () => processes, pacer });
    assert.equal(pacer.bytesPerSecond, 0);
    const [first, second] = [limit.follow(), limit.follow()];
    assert.equal(pacer.bytesPerSecond, 7_000_000);
    current = setting(3);
    await clock.advance(1_000);
    assert.equal(pacer.bytesPerSecond, 3_000_000);
    processes = 2;
    await clock.advance(1_000);
    assert.equal(pacer.bytesPerSecond, 1_500_000, 'each of two processes takes half');
    first.dispose();
    first.dispose();
    current = setting(0);
    await clock.advance(1_000);
    assert.equal(pacer.bytesPerSecond, 0);
    second.dispose();
    current = setting(9);
    await clock.advance(10_000);
    assert.equal(pacer.bytesPerSecond, 0, 'nobody copies');
  });
});

/** Time that passes only by pauses. */
class PausedTime implements PacerTime {
  #now = 1_000_000_000_000n;
  pauses = 0;
  onPause: () => void = () => undefined;
  now = (): bigint => this.#now;
  pause(ms: number): void {
    this.pauses += 1;
    this.#now += BigInt(Math.ceil(ms * 1_000_000));
    this.onPause();
  }
}

describe('a pacer', () => {
  const BLOCK = 256 * 1024;

  function milliseconds(time: PausedTime, run: () => void): number {
    const before = time.now();
    run();
    return Number(time.now() - before) / 1_000_000;
  }

  it('lets through what its rate allows, whoever asks', () => {
    const time = new PausedTime();
    const pacer = new Pacer(undefined, time);
    const ofAnotherThread = new Pacer(pacer.shared, time);
    pacer.bytesPerSecond = 10_000_000;
    const took = milliseconds(time, () => {
      for (let block = 0; block < 100; block++)
        (block % 2 === 0 ? pacer : ofAnotherThread).take('copy', BLOCK, () => false);
    });
    const expected = (100 * BLOCK) / 10_000;
    assert.ok(took > expected * 0.9 && took < expected * 1.02, `${took} ms for ${expected} ms`);
  });

  it('keeps the two directions apart, since a network does', () => {
    const time = new PausedTime();
    const pacer = new Pacer(undefined, time);
    pacer.bytesPerSecond = 1_000_000;
    const both = milliseconds(time, () => {
      for (let block = 0; block < 10; block++) {
        pacer.take('copy', BLOCK, () => false);
        pacer.take('check', BLOCK, () => false);
      }
    });
    assert.ok(both < ((10 * BLOCK) / 1_000) * 1.1, `${both} ms`);
  });

  it('waits for nothing without a limit', () => {
    const time = new PausedTime();
    new Pacer(undefined, time).take('copy', 1_000_000_000, () => false);
    assert.equal(time.pauses, 0);
  });

  it('does not save up what was not used', () => {
    const time = new PausedTime();
    const pacer = new Pacer(undefined, time);
    pacer.bytesPerSecond = 1_000_000;
    pacer.take('copy', 1, () => false);
    time.pause(60_000);
    const took = milliseconds(time, () => {
      for (let block = 0; block < 10; block++) pacer.take('copy', 100_000, () => false);
    });
    assert.ok(took >= 750, `${took} ms for a second's worth`);
  });

  it('lets what waits go on at once when the limit is lifted', () => {
    const time = new PausedTime();
    const pacer = new Pacer(undefined, time);
    pacer.bytesPerSecond = 1_000;
    pacer.take('copy', 1_000_000, () => false);
    time.onPause = () => (pacer.bytesPerSecond = 0);
    assert.ok(milliseconds(time, () => pacer.take('copy', 1_000_000, () => false)) <= 50);
  });

  it('waits less when the limit grows', () => {
    const time = new PausedTime();
    const pacer = new Pacer(undefined, time);
    pacer.bytesPerSecond = 1_000;
    pacer.take('copy', 1_000_000, () => false);
    time.onPause = () => (pacer.bytesPerSecond = 1_000_000);
    const took = milliseconds(time, () => {
      for (let block = 0; block < 10; block++) pacer.take('copy', 100_000, () => false);
    });
    assert.ok(took < 1_100, `${took} ms`);
  });

  it('hears of a cancellation while it waits', () => {
    const time = new PausedTime();
    const pacer = new Pacer(undefined, time);
    pacer.bytesPerSecond = 1_000;
    pacer.take('copy', 1_000_000, () => false);
    const took = milliseconds(time, () =>
      assert.throws(
        () => pacer.take('copy', 1, () => time.pauses > 3),
        (error) => error instanceof LakesideError && error.code === 'CANCELED',
      ),
    );
    assert.ok(took <= 250, `${took} ms`);
  });
});
