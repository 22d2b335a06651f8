import type { Command } from 'commander';

import { formatCount } from '../base/format.ts';
import type { Brand } from '../protocol/studioValues.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { writeDocument } from './jsonDocument.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

const NO_BRANDS = 'There is no brand yet. Add one: lakeside brands add NAME\n';

export function addBrandsCommand(program: Command, run: RunCommand): void {
  const brands = program.command('brands').description('list or add brands: whom the images are for');

  brands
    .command('list')
    .description('list the brands by name')
    .option('--archived', 'list the archived ones too')
    .action(({ archived }: { archived?: boolean }) =>
      run({ runsJobs: false }, async (session) => {
        const listed = await session.call('brands.list', archived === undefined ? {} : { archived });
        return printBrands(session, listed.brands);
      }),
    );

  brands
    .command('add')
    .description('add a brand; its slug is made of its name')
    .argument('<name>')
    .option('--slug <slug>', 'another slug; one that is taken gets a number')
    .option('--voice <text>', 'how the brand speaks and looks: words that go into every prompt')
    .action((name: string, options: { slug?: string; voice?: string }) =>
      run({ runsJobs: false }, async (session) => {
        const { brand } = await session.call('brands.add', { name, ...options });
        if (!session.json) return printBrands(session, [brand]);
        await writeDocument(session.terminal, { brand: brandDocument(brand) });
        return EXIT.done;
      }),
    );
}

async function printBrands({ terminal, json }: Session, brands: readonly Brand[]): Promise<ExitCode> {
  if (json) await writeDocument(terminal, { brands: brands.map(brandDocument) });
  else if (brands.length === 0) await terminal.write(NO_BRANDS);
  else {
    const rows = brands.map(({ slug, name, projects, archived }) => [
      slug,
      printable(name),
      formatCount(projects),
      archived ? 'yes' : 'no',
    ]);
    const columns = [
      { title: 'BRAND' },
      { title: 'NAME' },
      { title: 'PROJECTS', align: 'right' },
      { title: 'ARCHIVED' },
    ] as const;
    await terminal.write(formatTable(columns, rows));
  }
  return EXIT.done;
}

function brandDocument({ id, slug, name, voice, projects, archived }: Brand): object {
  return { id, slug, name, voice, projects, archived };
}
