import { KillRounds } from '../support/killRounds.ts';
import { printedSeed, randomFrom } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const KILLS = 10;

describe('an apply that is killed again and again', () => {
  const folder = temporaryFolder();

  it('has the old or the new file in every place, loses none, is finished by the next apply, and can be taken back', async function () {
    this.timeout(600_000);
    const rounds = new KillRounds(folder(), randomFrom(printedSeed('kills')));
    for (let kills = 0; kills < KILLS;) {
      await rounds.makePlan({ each: 100, large: 2, largeBytes: 40_000_000 });
      while (kills < KILLS && (await rounds.kill())) kills++;
      await rounds.finish();
      await rounds.undo();
    }
  });
});
