import type { Command } from 'commander';

import { formatCount } from '../base/format.ts';
import type { WorkItem } from '../protocol/studioValues.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { findNamed } from './findNamed.ts';
import { writeDocument } from './jsonDocument.ts';
import { formatTable, printable } from './table.ts';
import type { RunCommand, Session } from './session.ts';

const NO_ITEMS = 'There is no work item yet. Add one: lakeside items add NAME --project PROJECT\n';

export function addItemsCommand(program: Command, run: RunCommand): void {
  const items = program.command('items').description('list or add work items: the images to be made');

  items
    .command('list')
    .description('list the work items by name')
    .option('--project <project>', 'only those of this project')
    .option('--archived', 'list the archived ones too')
    .action(({ project, archived = false }: { project?: string; archived?: boolean }) =>
      run({ runsJobs: false }, async (session) => {
        const ofProject = project === undefined ? {} : { project: await projectNamed(session, project) };
        const listed = await session.call('items.list', { ...ofProject, archived });
        return printItems(session, listed.items);
      }),
    );

  items
    .command('add')
    .description('add a work item to a project; its slug, which names its folder, is made of its name')
    .argument('<name>')
    .requiredOption('--project <project>', 'the project it belongs to')
    .option('--slug <slug>', 'another slug; one that is taken gets a number')
    .option('--brief <text>', 'what is to be made')
    .action((name: string, { project, ...options }: { project: string; slug?: string; brief?: string }) =>
      run({ runsJobs: false }, async (session) => {
        const { item } = await session.call('items.add', {
          name,
          project: await projectNamed(session, project),
          ...options,
        });
        if (!session.json) return printItems(session, [item]);
        await writeDocument(session.terminal, { item: itemDocument(item) });
        return EXIT.done;
      }),
    );
}

async function projectNamed({ call }: Session, typed: string): Promise<string> {
  return findNamed((await call('projects.list', { archived: true })).projects, typed, 'project').id;
}

async function printItems({ terminal, json }: Session, items: readonly WorkItem[]): Promise<ExitCode> {
  if (json) await writeDocument(terminal, { items: items.map(itemDocument) });
  else if (items.length === 0) await terminal.write(NO_ITEMS);
  else {
    const rows = items.map(({ slug, name, project, runs, images, picked, archived }) => [
      slug,
      printable(name),
      project.slug,
      formatCount(runs),
      formatCount(images),
      formatCount(picked),
      archived ? 'yes' : 'no',
    ]);
    const columns = [
      { title: 'ITEM' },
      { title: 'NAME' },
      { title: 'PROJECT' },
      { title: 'RUNS', align: 'right' },
      { title: 'IMAGES', align: 'right' },
      { title: 'PICKED', align: 'right' },
      { title: 'ARCHIVED' },
    ] as const;
    await terminal.write(formatTable(columns, rows));
  }
  return EXIT.done;
}

function itemDocument({ id, slug, name, project, brief, runs, images, picked, archived }: WorkItem): object {
  return { id, slug, name, project: project.slug, brief, runs, images, picked, archived };
}
