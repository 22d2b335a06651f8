import { KillRounds } from '../support/killRounds.ts';
import { printedSeed, randomFrom } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const KILLS = 10;

describe('an apply that is killed again and again', () => {
  const folder = temporaryFolder();

  it('has the old or the new file in every place, loses none, is finished by the next apply, and can be taken back', async function () {
    this.timeout(180_000);
    const rounds = new KillRounds(folder(), randomFrom(printedSeed('kills')));
    await rounds.makePlan({ each: 60, large: 2, largeBytes: 40_000_000 });
    for (let kill = 0; kill < KILLS; kill++) await rounds.kill();
    await rounds.finish();
    await rounds.undo();
  });
});
