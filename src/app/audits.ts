import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';

export function auditUseCases(core: Core): AreaImplementations<'audits'> {
  return {
    'audits.list': ({ subject, id, limit }) => ({ audits: core.store.audits.list(subject, id, limit) }),
  };
}
