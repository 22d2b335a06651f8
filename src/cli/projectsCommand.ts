import type { Command } from 'commander';

import { formatCount } from '../base/format.ts';
import type { Project } from '../protocol/studioValues.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { findNamed } from './findNamed.ts';
import { writeDocument } from './jsonDocument.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

const NO_PROJECTS = 'There is no project yet. Add one: lakeside projects add NAME\n';

export function addProjectsCommand(program: Command, run: RunCommand): void {
  const projects = program.command('projects').description('list or add projects');

  projects
    .command('list')
    .description('list the projects by name')
    .option('--brand <brand>', 'only those of this brand')
    .option('--archived', 'list the archived ones too')
    .action(({ brand, archived = false }: { brand?: string; archived?: boolean }) =>
      run({ runsJobs: false }, async (session) => {
        const ofBrand = brand === undefined ? {} : { brand: await brandNamed(session, brand) };
        const listed = await session.call('projects.list', { ...ofBrand, archived });
        return printProjects(session, listed.projects);
      }),
    );

  projects
    .command('add')
    .description('add a project; its slug, which names its folder, is made of its name')
    .argument('<name>')
    .option('--brand <brand>', 'the brand it is for; without it the only one, or a first one')
    .option('--slug <slug>', 'another slug; one that is taken gets a number')
    .option('--folder <dir>', 'a folder of its own for its images')
    .option('--currency <code>', 'what its costs are counted in, such as USD')
    .action((name: string, options: { brand?: string; slug?: string; folder?: string; currency?: string }) =>
      run({ runsJobs: false }, async (session) => {
        const { brand, slug, folder, currency } = options;
        const { project } = await session.call('projects.add', {
          name,
          ...(brand === undefined ? {} : { brand: await brandNamed(session, brand) }),
          ...(slug === undefined ? {} : { slug }),
          ...(folder === undefined ? {} : { storage: { kind: 'folder', path: session.absolutePath(folder) } }),
          ...(currency === undefined ? {} : { currency: currency.toUpperCase() }),
        });
        if (!session.json) return printProjects(session, [project]);
        await writeDocument(session.terminal, { project: projectDocument(project) });
        return EXIT.done;
      }),
    );
}

async function brandNamed({ call }: Session, typed: string): Promise<string> {
  return findNamed((await call('brands.list', { archived: true })).brands, typed, 'brand').id;
}

async function printProjects({ terminal, json }: Session, projects: readonly Project[]): Promise<ExitCode> {
  if (json) await writeDocument(terminal, { projects: projects.map(projectDocument) });
  else if (projects.length === 0) await terminal.write(NO_PROJECTS);
  else {
    const rows = projects.map(({ slug, name, brand, items, images, archived }) => [
      slug,
      printable(name),
      brand.slug,
      formatCount(items),
      formatCount(images),
      archived ? 'yes' : 'no',
    ]);
    const columns = [
      { title: 'PROJECT' },
      { title: 'NAME' },
      { title: 'BRAND' },
      { title: 'ITEMS', align: 'right' },
      { title: 'IMAGES', align: 'right' },
      { title: 'ARCHIVED' },
    ] as const;
    await terminal.write(formatTable(columns, rows));
  }
  return EXIT.done;
}

function projectDocument(project: Project): object {
  const { id, slug, name, brand, currency, imagesFolder, items, images, archived } = project;
  return { id, slug, name, brand: brand.slug, currency, imagesFolder, items, images, archived };
}
