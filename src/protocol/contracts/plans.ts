import * as z from 'zod';

import {
  evictRulesSchema,
  planHeaderSchema,
  planItemSchema,
  planSummarySchema,
  planTotalSchema,
  selectionSchema,
} from '../planFile.ts';
import { useCase } from '../useCase.ts';
import {
  applySummarySchema,
  byteCount,
  id,
  planOpSchema,
  problemSchema,
  relpath,
  rootName,
  stepResultSchema,
  stepStatusSchema,
} from '../values.ts';

const filter = z.strictObject({
  ops: z.array(planOpSchema).optional(),
  /** Only conflicts that are not decided (true), or all but those. */
  undecided: z.boolean().optional(),
  statuses: z.array(stepStatusSchema).optional(),
  /** Only steps whose path holds this text, whatever its case. */
  text: z.string().max(1_000).optional(),
});
export type PlanFilter = z.infer<typeof filter>;

const planSide = z.object({
  /** Steps that change this root, ticked or not. */
  steps: z.int(),
  /** What ticked steps copy to it. */
  copy: planTotalSchema,
  /** Files that ticked steps delete, and files they replace. */
  deletes: z.int(),
  replaces: z.int(),
});

const planInfo = z.object({
  plan: id,
  header: planHeaderSchema,
  /** Totals of all steps, ticked or not; the header's are those of the seal. */
  all: planSummarySchema.optional(),
  /** Totals of the ticked steps. */
  ticked: planSummarySchema,
  /** Steps that replace a file at the target. */
  replaces: z.int(),
  /** What the person must confirm before it is applied, since it is more than the setting `plan.maxDelete`. */
  confirmation: z
    .object({
      deletes: z.int(),
      replaces: z.int(),
      /** Files the index holds of the root that changes. */
      files: z.int(),
      /** The question, in words and numbers. */
      question: z.string(),
      /** What becomes of those files, as a sentence. */
      afterwards: z.string(),
    })
    .optional(),
  /** What changes in each root, of plans that may change both: `both` and `undo`. */
  sides: z.object({ from: planSide, to: planSide }).optional(),
  /** True when ticks differ from what the seal covers; saving or applying seals anew. */
  dirty: z.boolean(),
  /** The apply job that ran, or runs, this plan. */
  job: id.optional(),
  /** Steps by status of that job. */
  progress: applySummarySchema.optional(),
});

/** Files that the plan leaves out, since no plan may hold their names; absent where there are none. */
const problems = z.array(problemSchema).optional();

/** First hashes (as a job, awaited) files of one size and name that only one root has, to find those that moved. */
const findMoves = z.boolean().optional();

export const plansMirror = useCase({
  name: 'plans.mirror',
  version: 1,
  kind: 'command',
  summary: 'Makes the plan that makes *to* hold what *from* holds; `delete` also removes what only *to* has.',
  input: z.strictObject({
    from: rootName,
    to: rootName,
    delete: z.boolean().optional(),
    content: z.boolean().optional(),
    findMoves,
    select: selectionSchema.optional(),
    /** Absolute path of the plan file to write. */
    out: z.string().min(1).optional(),
  }),
  output: z.object({ plan: id, header: planHeaderSchema, problems }),
});

const pair = {
  from: rootName,
  to: rootName,
  content: z.boolean().optional(),
  select: selectionSchema.optional(),
  /** Absolute path of the plan file to write. */
  out: z.string().min(1).optional(),
};
const made = z.object({ plan: id, header: planHeaderSchema, problems });

export const plansUpdate = useCase({
  name: 'plans.update',
  version: 1,
  kind: 'command',
  summary: 'Makes the plan that adds to *to* what it lacks and replaces what differs; it moves and deletes nothing.',
  input: z.strictObject(pair),
  output: made,
});

export const plansBoth = useCase({
  name: 'plans.both',
  version: 1,
  kind: 'command',
  summary:
    'Makes the plan that copies both ways what the other root lacks. What both hold and is not the same, or has two names, is a conflict, for the person to decide.',
  input: z.strictObject({
    ...pair,
    findMoves,
    /** Decides every conflict at once: this side stays. Left out: the person decides them in the plan. */
    keep: z.enum(['from', 'to']).optional(),
  }),
  output: made,
});

export const plansEvict = useCase({
  name: 'plans.evict',
  version: 1,
  kind: 'command',
  summary:
    'Makes the plan that frees space on *root*: it removes outright files whose content `keptBy` (any other root, if none is named) holds verified.',
  input: z.strictObject({
    root: rootName,
    keptBy: rootName.optional(),
    rules: evictRulesSchema,
    select: selectionSchema.optional(),
    out: z.string().min(1).optional(),
  }),
  output: made.extend({
    /** What the person should know of how it came to be, as sentences: who keeps the files, why not all is freed. */
    notes: z.array(z.string()),
  }),
});

export const plansUndo = useCase({
  name: 'plans.undo',
  version: 1,
  kind: 'command',
  summary:
    'Makes the plan that takes back what an apply job did, as far as it can be; `problems` says of each step that cannot, why.',
  input: z.strictObject({
    job: id,
    /** Also what earlier applies of the same plan did, since it was last undone. */
    earlier: z.boolean().optional(),
  }),
  output: made,
});

export const plansResolve = useCase({
  name: 'plans.resolve',
  version: 1,
  kind: 'command',
  summary: 'Decides conflicts of a plan both ways: which side stays, or (`none`) that nothing is done.',
  input: z.strictObject({
    plan: id,
    keep: z.enum(['from', 'to', 'none']),
    steps: z.array(z.int().nonnegative()).max(100_000).optional(),
    filter: filter.optional(),
  }),
  output: planInfo,
});

export const plansNameLastCopies = useCase({
  name: 'plans.nameLastCopies',
  version: 1,
  kind: 'command',
  summary: 'Says of files of a plan, by name, that the last verified copy of their content may go; or takes that back.',
  input: z.strictObject({ plan: id, paths: z.array(relpath).min(1).max(1_000), allowed: z.boolean() }),
  output: planInfo,
});

export const plansCopy = useCase({
  name: 'plans.copy',
  version: 1,
  kind: 'command',
  summary:
    'Makes the plan that copies the given files and folders, with their companions, to the same place in *to*. Equal files are left out.',
  input: z.strictObject({ from: rootName, to: rootName, paths: z.array(relpath).min(1).max(10_000) }),
  output: z.object({ plan: id, header: planHeaderSchema, replaces: z.int(), problems }),
});

export const plansOpen = useCase({
  name: 'plans.open',
  version: 1,
  kind: 'command',
  summary: 'Reads a plan file, checks its seal and every path in it, and brings it into the store.',
  input: z.strictObject({ path: z.string().min(1) }),
  output: planInfo,
});

export const plansInfo = useCase({
  name: 'plans.info',
  version: 1,
  kind: 'query',
  summary: 'The header, the totals and the progress of a plan in the store.',
  input: z.strictObject({ plan: id }),
  output: planInfo,
});

export const plansPage = useCase({
  name: 'plans.page',
  version: 1,
  kind: 'query',
  summary: 'A page of the steps of a plan, filtered and sorted, with the status of each.',
  input: z.strictObject({
    plan: id,
    filter: filter.optional(),
    sort: z.enum(['path', 'op', 'size', 'status']).default('path'),
    descending: z.boolean().default(false),
    offset: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(2_000).default(200),
  }),
  output: z.object({
    /** Steps the filter lets through. */
    total: z.int(),
    /** How many of those are ticked. */
    tickedTotal: z.int().optional(),
    items: z.array(
      planItemSchema.extend({
        /** The step's number in the plan, from 0; stable. */
        step: z.int(),
        ticked: z.boolean(),
        /** Bytes the step moves or frees. */
        bytes: byteCount,
        status: stepStatusSchema.optional(),
        code: z.string().optional(),
        reason: z.string().optional(),
      }),
    ),
  }),
});
export type PlanRow = z.infer<typeof plansPage.output>['items'][number];

export const plansTick = useCase({
  name: 'plans.tick',
  version: 1,
  kind: 'command',
  summary: 'Ticks or unticks steps: those numbered, or all that a filter shows.',
  input: z.strictObject({
    plan: id,
    ticked: z.boolean(),
    steps: z.array(z.int().nonnegative()).max(100_000).optional(),
    filter: filter.optional(),
  }),
  output: planInfo,
});

export const plansSave = useCase({
  name: 'plans.save',
  version: 1,
  kind: 'command',
  summary: 'Writes the ticked steps as a sealed plan file.',
  input: z.strictObject({ plan: id, path: z.string().min(1) }),
  output: planInfo,
});

export const plansRevert = useCase({
  name: 'plans.revert',
  version: 1,
  kind: 'command',
  summary: 'Ticks every step again that the plan was opened with.',
  input: z.strictObject({ plan: id }),
  output: planInfo,
});

export const plansApply = useCase({
  name: 'plans.apply',
  version: 1,
  kind: 'command',
  summary: 'Queues the ticked steps of a plan as one job. Asking again while it runs gives the same job.',
  input: z.strictObject({
    plan: id,
    /** The numbers of `confirmation`, once the person has confirmed just these. */
    confirmed: z.strictObject({ deletes: z.int(), replaces: z.int() }).optional(),
  }),
  output: z.object({ job: id }),
});

export const plansResult = useCase({
  name: 'plans.result',
  version: 1,
  kind: 'query',
  summary: 'A page of what became of each step of an apply job.',
  input: z.strictObject({
    job: id,
    offset: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(50_000).default(10_000),
  }),
  output: applySummarySchema.extend({
    total: z.int(),
    items: z.array(stepResultSchema),
    /** The plan in the store that the job applies. */
    plan: id.optional(),
  }),
});
