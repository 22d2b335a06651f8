import { KillRounds } from '../support/killRounds.ts';
import { printedSeed, randomFrom } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const KILLS = 200;
const KILLS_A_PLAN = 8;

describe('mirrors that are killed two hundred times', () => {
  const folder = temporaryFolder();

  it('lose nothing, leave nothing over, and end with every file equal to its source', async function () {
    this.timeout(0);
    const random = randomFrom(printedSeed('kills'));
    const started = performance.now();
    for (let kill = 0; kill < KILLS;) {
      const rounds = new KillRounds(folder(), random);
      const each = 10 + Math.floor(random() * 250);
      const large = Math.floor(random() * 4);
      await rounds.makePlan({ each, large, largeBytes: 5_000_000 + Math.floor(random() * 60_000_000) });
      for (let round = 0; round < KILLS_A_PLAN && kill < KILLS && (await rounds.kill()); round++) {
        kill += 1;
        if (kill % 10 === 0) console.log(`      ${kill} kills, ${Math.round((performance.now() - started) / 1_000)} s`);
      }
      await rounds.finish();
      await rounds.undo();
    }
  });
});
