import { formatBytes, formatCount, formatQuantity } from '../base/format.ts';
import {
  applySummarySchema,
  generateReportSchema,
  hashReportSchema,
  type Job,
  scanReportSchema,
  trashReportSchema,
  verifyReportSchema,
} from './values.ts';

/** What a finished job did, from its own report; undefined when it has none. */
export function resultWords(job: Pick<Job, 'kind' | 'result' | 'parts'>): string | undefined {
  switch (job.kind) {
    case 'scan': {
      const report = scanReportSchema.safeParse(job.result).data;
      if (report === undefined) return undefined;
      return listed([
        formatQuantity(report.files, 'file'),
        counted(report.added, 'new'),
        counted(report.changed, 'changed'),
        counted(report.removed, 'gone'),
        counted(report.hashed, 'hashed'),
        report.problems.length === 0 ? undefined : formatQuantity(report.problems.length, 'problem'),
      ]);
    }
    case 'hash': {
      const report = hashReportSchema.safeParse(job.result).data;
      if (report === undefined) return undefined;
      return listed([
        `${formatQuantity(report.hashed, 'file')} hashed`,
        formatBytes(report.hashedBytes),
        report.problems.length === 0 ? undefined : formatQuantity(report.problems.length, 'problem'),
      ]);
    }
    case 'verify': {
      const report = verifyReportSchema.safeParse(job.result).data;
      if (report === undefined) return undefined;
      return listed([
        `${formatQuantity(report.verified, 'file')} well`,
        formatBytes(report.verifiedBytes),
        counted(report.rotten, 'damaged'),
        counted(report.changed, 'changed'),
        counted(report.unhashed, 'without a hash'),
      ]);
    }
    case 'apply': {
      const report = applySummarySchema.safeParse(job.result).data;
      if (report === undefined) return undefined;
      return listed([
        formatQuantity(report.done, 'step'),
        report.bytes === 0 ? undefined : `${formatBytes(report.bytes)} verified`,
        counted(report.already, 'done before'),
        counted(report.skipped - (report.undecided ?? 0), 'skipped'),
        counted(report.undecided ?? 0, 'left undecided'),
        counted(report.failed, 'failed'),
        counted(report.canceled, 'canceled'),
      ]);
    }
    case 'trash': {
      const report = trashReportSchema.safeParse(job.result).data;
      if (report === undefined) return undefined;
      return listed([
        formatQuantity(report.done, 'file'),
        report.done === 0 ? undefined : formatBytes(report.bytes),
        counted(report.kept, 'kept in the trash'),
      ]);
    }
    case 'generate': {
      const report = generateReportSchema.safeParse(job.result).data;
      return report === undefined ? undefined : formatQuantity(report.images, 'image');
    }
    case 'group':
      return job.parts === undefined ? undefined : formatQuantity(job.parts.total, 'part');
  }
}

/** Done, but a person should look: something was skipped, failed, is damaged or could not be read. */
export function hasFindings({ kind, result }: Pick<Job, 'kind' | 'result'>): boolean {
  switch (kind) {
    case 'apply': {
      const report = applySummarySchema.safeParse(result).data;
      // What a person left undecided they know of.
      return report !== undefined && report.skipped - (report.undecided ?? 0) + report.failed > 0;
    }
    case 'verify': {
      const report = verifyReportSchema.safeParse(result).data;
      return report !== undefined && report.rotten + report.problems.length > 0;
    }
    case 'trash':
      return (trashReportSchema.safeParse(result).data?.kept ?? 0) > 0;
    default:
      return (scanReportSchema.pick({ problems: true }).safeParse(result).data?.problems.length ?? 0) > 0;
  }
}

function counted(count: number, word: string): string | undefined {
  return count === 0 ? undefined : `${formatCount(count)} ${word}`;
}

function listed(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' · ');
}
